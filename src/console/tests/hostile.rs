//! Text from servers that wants to break the screen.

use ratatui::buffer::Buffer;

use super::fixtures::*;
use crate::console::message::Message;
use crate::desk::event::{DeskEvent, RunEvent, SignInPrompt, Trouble};
use crate::registration::fixtures::{TENANT, World, customer_facts};
use crate::registration::observed::{CustomerConsent, Identity, VerifiedPublisher};

fn hostile() -> Vec<String> {
    vec![
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred\r\nnext\ttab\u{9b}1m".into(),
        "gnp\u{202e}exe.\u{2066}iso\u{2069}\u{200f}\u{61c}\u{200b}\u{feff}z\u{200d}w".into(),
        "日本語テナント名前がとても長い場合です".repeat(4),
        "👩‍👩‍👧‍👦🇩🇪é\u{301}\u{301}\u{301}\u{0}".into(),
        "4k ".repeat(1400),
        "x".repeat(4096),
    ]
}

/// Every cell shows one harmless symbol that is no wider than its place.
fn check(buffer: &Buffer, what: &str) {
    for (at, cell) in buffer.content.iter().enumerate() {
        let symbol = cell.symbol();
        assert!(
            !symbol.chars().any(char::is_control) && crate::text::is_harmless(symbol),
            "{what}: {symbol:?} in cell {at}"
        );
        let column = at % usize::from(buffer.area.width);
        assert!(
            column + crate::text::width(symbol) <= usize::from(buffer.area.width),
            "{what}: {symbol:?} stands over the edge"
        );
    }
}

fn world(text: &str) -> World {
    let mut world = named("ump-fine.finebak.com", TENANT);
    world.app().display_name = text.into();
    world.app().notes = text.into();
    world.app().sign_in_audience = text.into();
    world.app().web_redirect_uris.push(text.into());
    world.app().password_credentials[0].display_name = text.into();
    world.app().verified_publisher = Some(VerifiedPublisher {
        id: text.into(),
        display_name: text.into(),
    });
    world.portal().client_id = text.into();
    world.portal().redirect_uri = text.into();
    world.record().by = text.into();
    let mut customer = customer_facts(text, CustomerConsent::Unknown(text.into()));
    customer.full_name = text.into();
    customer.admin_roles = Some(vec![text.into()]);
    world.customers().push(customer);
    world.device.notes = text.into();
    world.device.portal_url = text.into();
    world
}

fn look_everywhere(console: &mut Console, text: &str, what: &str) {
    for (columns, rows) in [(40, 8), (80, 24), (200, 50)] {
        console.resize(columns, rows);
        check(
            &console.buffer(),
            &format!("{what}, {columns}x{rows}, {:.20}", text),
        );
    }
}

#[test]
fn no_text_of_a_registration_breaks_the_frame() {
    for text in hostile() {
        let mut console = Console::new();
        console.rows_changed(&[world(&text)]);
        for state in &mut console.model.tenants {
            state.tenant.name = text.clone();
        }
        console.go_to("ump-fine.finebak.com");
        look_everywhere(&mut console, &text, "fleet");
        console.drive("enter");
        for tab in 1..=6 {
            console.press(&tab.to_string());
            look_everywhere(&mut console, &text, &format!("tab {tab}"));
        }
        console.press("1");
        for line in 0..console.checklist_lines().len() {
            console.press("enter");
            check(&console.buffer(), &format!("card {line}, {text:.20}"));
            console.press("esc j");
        }
        for key in ["y", "3 G b", "esc R", "d", "enter"] {
            console.drive(key);
            look_everywhere(&mut console, &text, key);
        }
    }
}

#[test]
fn no_text_of_the_desk_breaks_the_frame() {
    for text in hostile() {
        let mut console = Console::new();
        console.desk(DeskEvent::SignedIn {
            tenant: TENANT,
            identity: Identity {
                name: text.clone(),
                ..identity()
            },
        });
        console.press("tab");
        look_everywhere(&mut console, &text, "identity");
        console.send(Message::Told(text.clone()));
        look_everywhere(&mut console, &text, "toast");
        console.send(Message::Failed(Trouble::new(&text, &text, &text)));
        look_everywhere(&mut console, &text, "failure");
        console.press("esc");
        console.go_to("ump-drift.finebak.com");
        console.drive("f enter");
        console.step_done("ump-drift.finebak.com", 0, &text);
        let on = text.clone();
        let since = console.now;
        console.run_event(
            "ump-drift.finebak.com",
            RunEvent::Waiting { step: 1, on, since },
        );
        look_everywhere(&mut console, &text, "run");
        let why = Trouble::new(&text, &text, &text);
        console.run_event("ump-drift.finebak.com", RunEvent::Failed { step: 1, why });
        look_everywhere(&mut console, &text, "failed run");
        console.desk(DeskEvent::SignInAsked {
            tenant: TENANT,
            prompt: SignInPrompt {
                user_code: text.clone(),
                verification_uri: text.clone(),
                expires_at: console.now,
            },
        });
        console.wait(2_000);
        look_everywhere(&mut console, &text, "sign-in");
    }
}

#[test]
fn typed_and_pasted_text_does_not_break_the_frame() {
    for text in hostile() {
        let mut console = Console::new();
        console.press("/");
        console.send(Message::Paste(text.clone()));
        look_everywhere(&mut console, &text, "filter");
        console.press("esc");
        console.go_to("ump-new.contoso.net");
        console.drive("c");
        for _ in 0..7 {
            console.send(Message::Paste(text.clone()));
            look_everywhere(&mut console, &text, "form");
            console.press("tab");
        }
    }
}
