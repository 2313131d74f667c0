//! Every pane and overlay at three sizes: in colour, without colours, in ASCII.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::fixtures::*;
use super::{audit, bulk, inventory, secrets};
use crate::console::message::Message;
use crate::console::model::FirstRun;
use crate::desk::event::{DeskEvent, RunEnd, RunEvent};
use crate::desk::examination::Finding;
use crate::desk::file::{RunOutcome, RunSummary};
use crate::registration::fixtures::TENANT;

/// The screen at three sizes, one below the other: its text, then what a text can't show. A run of cells that is not
/// plain is `column+length` and its style in letters: the colour in small ones, Bold, Dim, Reverse, Underlined.
fn at_three_sizes(console: &mut Console) -> String {
    let (colour, plain, poor) = (theme("default"), theme("no-colour"), ascii("no-colour"));
    let mut all = String::new();
    for (columns, rows) in [(80, 24), (120, 36), (200, 50)] {
        console.resize(columns, rows);
        console.wait(0);
        let (colour, plain, poor) = (
            console.buffer_with(&colour),
            console.buffer_with(&plain),
            console.buffer_with(&poor),
        );
        let words = text(&colour);
        assert_eq!(text(&plain), words, "no word and no mark hangs on a colour");
        for cell in &plain.content {
            let reset = ratatui::style::Color::Reset;
            assert_eq!(
                (cell.fg, cell.bg),
                (reset, reset),
                "without colours there are none"
            );
        }
        all.push_str(&format!("== {columns}x{rows} ==\n{}\n", words.trim_end()));
        all.push_str(&format!("-- colour --\n{}", runs(&colour)));
        all.push_str(&format!("-- no colour --\n{}", runs(&plain)));
        all.push_str("-- ASCII, where it differs --\n");
        for (row, (line, other)) in text(&poor).lines().zip(words.lines()).enumerate() {
            assert!(line.is_ascii(), "{line}");
            if line != other {
                all.push_str(&format!("{row:02}|{line}\n"));
            }
        }
    }
    all
}

/// The cells of each line that are not plain, in runs of one style.
fn runs(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width.max(1));
    let mut text = String::new();
    for (row, line) in buffer.content.chunks(width).enumerate() {
        let mut runs: Vec<(usize, usize, String)> = Vec::new();
        for (column, cell) in line.iter().enumerate() {
            let letters = letters(cell);
            match runs.last_mut() {
                Some((_, length, before)) if *before == letters => *length += 1,
                _ => runs.push((column, 1, letters)),
            }
        }
        runs.retain(|(.., letters)| !letters.is_empty());
        if !runs.is_empty() {
            let runs: Vec<String> = runs
                .into_iter()
                .map(|(column, length, letters)| format!("{column}+{length}{letters}"))
                .collect();
            text.push_str(&format!("{row:02} {}\n", runs.join(" ")));
        }
    }
    text
}

/// A cell's style in letters; plain is none.
fn letters(cell: &Cell) -> String {
    let mut letters = String::new();
    if cell.fg != Color::Reset {
        letters.push_str(&format!("{:?}", cell.fg).to_lowercase()[..1]);
    }
    for (modifier, letter) in [
        (Modifier::BOLD, 'B'),
        (Modifier::DIM, 'D'),
        (Modifier::REVERSED, 'R'),
        (Modifier::UNDERLINED, 'U'),
    ] {
        if cell.modifier.contains(modifier) {
            letters.push(letter);
        }
    }
    letters
}

fn after(device: &str, keys: &str) -> Console {
    let mut console = Console::new();
    console.go_to(device);
    console.wait(1_000);
    console.drive(keys);
    console
}

const DRIFT: &str = "ump-drift.finebak.com";

macro_rules! snapshot {
    ($name:ident, $console:expr) => {
        #[test]
        fn $name() {
            let mut console = $console;
            insta::assert_snapshot!(stringify!($name), at_three_sizes(&mut console));
        }
    };
}

snapshot!(fleet, after(DRIFT, ""));
snapshot!(fleet_narrowed, {
    let mut console = after(DRIFT, "tab !");
    console.send(Message::Paste("ump".into()));
    console
});
snapshot!(fleet_empty, Console::over(vec![]));
snapshot!(adopt, {
    let mut console = super::adopt::to_choose();
    console.drive("A j");
    console
});
snapshot!(contact_form, {
    let mut console = super::contact::empty();
    console.press("N");
    console.type_text("finebak.com");
    console
});
snapshot!(contact_made, super::contact::made());
snapshot!(no_tenant, super::contact::empty());
snapshot!(device_checklist, after(DRIFT, "enter j"));
snapshot!(device_permissions, after(DRIFT, "enter 2 G space"));
snapshot!(device_values, {
    let mut console = Console::new();
    console.hold_secret(DRIFT);
    console.go_to(DRIFT);
    console.drive("enter 3");
    console
});
snapshot!(device_portal, after("ump-bare.contoso.net", "enter 4"));
snapshot!(device_portal_that_contradicts, super::decide::told_all());
snapshot!(decision, super::decide::asked());
snapshot!(device_customers, after("ump-wait.finebak.com", "enter 5"));
snapshot!(device_history, {
    let mut console = Console::new();
    let file = console.files.get_mut(&fqdn(DRIFT)).unwrap();
    let run = |number, outcome, note: &str| RunSummary {
        id: run_id(number),
        device: fqdn(DRIFT),
        tenant: TENANT,
        intent: "repair".into(),
        plan: serde_json::Value::Null,
        owner: "ana@noc-2".into(),
        began: crate::registration::fixtures::in_days(-i64::from(number)),
        heartbeat: crate::registration::fixtures::in_days(-i64::from(number)),
        ended: None,
        outcome,
        note: note.into(),
    };
    file.runs = vec![
        run(1, None, ""),
        run(2, Some(RunOutcome::Done), ""),
        run(3, Some(RunOutcome::Failed), "Graph answered 403"),
    ];
    console.go_to(DRIFT);
    console.drive("enter 6");
    console
});
snapshot!(device_secrets, {
    let mut console = secrets::with_old_secrets();
    console.go_to(secrets::DEVICE);
    console.drive("enter 7 j");
    console.wait(10_000);
    console
});
snapshot!(device_history_of_a_dead_run, {
    let mut console = Console::new();
    secrets::leave_dead_run(&mut console, DRIFT);
    console.go_to(DRIFT);
    console.drive("enter 6");
    console
});
snapshot!(secrets_of_the_fleet, {
    let mut console = secrets::with_old_secrets();
    console.drive("E j j");
    console
});
snapshot!(secrets_due, {
    let mut console = secrets::with_old_secrets();
    console.drive("E d j");
    console
});
snapshot!(plan_retire, {
    let mut console = secrets::with_old_secrets();
    console.go_to(secrets::DEVICE);
    console.drive("enter 7 j j X");
    console.wait(10_000);
    console
});
snapshot!(audit, {
    let mut console = audit::with_a_trail();
    console.drive("L j");
    console
});
snapshot!(overlay_consent, {
    let mut console = Console::new();
    console.model.secret_leaving = crate::console::model::SecretLeaving::Ask;
    console.hold_secret(DRIFT);
    console.go_to(DRIFT);
    console.drive("enter x");
    console
});
snapshot!(bulk_plan, bulk::push_planned());
snapshot!(bulk_run, bulk::half_way());
snapshot!(
    fleet_marked,
    after("ump-expired.finebak.com", "space j space")
);
snapshot!(form_device, inventory::with_a_customer());
snapshot!(form_tenant, after(DRIFT, "t"));
snapshot!(change, inventory::edited());
snapshot!(create, after("ump-new.contoso.net", "c"));
snapshot!(create_with_an_error, {
    let mut console = after("ump-new.contoso.net", "c tab");
    console.type_text(" b");
    console
});
snapshot!(plan_create, after("ump-new.contoso.net", "c ctrl-n"));
snapshot!(plan_repair_with_bodies, after(DRIFT, "f d"));
snapshot!(plan_push, after("ump-bare.contoso.net", "p"));
snapshot!(run_under_way, {
    let mut console = after(DRIFT, "f enter");
    let at = console.now;
    console.run_event(DRIFT, RunEvent::Started { step: 0, at });
    console.wait(7_000);
    console
});
snapshot!(run_result, {
    let mut console = after(DRIFT, "f enter");
    for step in 0..console.run_screen().file.plan.steps.len() {
        console.step_done(DRIFT, step, "as planned");
    }
    console.rows_changed(&[named(DRIFT, TENANT)]);
    console.run_event(DRIFT, RunEvent::Anchored(anchor(Some(Ok(())))));
    console.run_event(DRIFT, RunEvent::Ended(RunEnd::Done));
    console.wait(10_000);
    console
});
snapshot!(run_failed, {
    let mut console = after(DRIFT, "f enter");
    let why = trouble();
    console.run_event(DRIFT, RunEvent::Failed { step: 0, why });
    console.run_event(DRIFT, RunEvent::Ended(RunEnd::Failed));
    console.wait(10_000);
    console
});
snapshot!(handoff_at_the_beginning, {
    let mut console = Console::over(vec![by_hand("ump-hand.finebak.com")]);
    console.drive("p");
    console
});
snapshot!(handoff_your_turn, {
    let mut console = Console::over(vec![by_hand("ump-hand.finebak.com")]);
    console.drive("p enter");
    let device = "ump-hand.finebak.com";
    console.step_done(device, 0, "added");
    console.hold_secret(device);
    console.run_event(device, RunEvent::YourTurn { step: 1 });
    console.drive("enter");
    console.wait(130_000);
    console
});
snapshot!(overlay_filter, {
    let mut console = after(DRIFT, "/");
    console.type_text("secret<30");
    console
});
snapshot!(overlay_palette, {
    let mut console = after(DRIFT, ":");
    console.type_text("re");
    console
});
snapshot!(overlay_filter_with_an_error, {
    let mut console = after(DRIFT, "/");
    console.type_text("status:drfit ump");
    console
});
snapshot!(overlay_messages, {
    let mut console = after(DRIFT, "");
    console.send(Message::Told("Client ID: sent by OSC 52".into()));
    console.send(Message::Failed(trouble()));
    console.drive("esc M");
    console
});
snapshot!(overlay_doctor, {
    let mut console = after(DRIFT, "I");
    console.send(Message::Examined(vec![
        Finding::good("umpdeck", "0.1.0"),
        Finding::unknown(
            "Finebak: sign-in",
            "nobody is signed in",
            "umpdeck signin asks for a code.",
        ),
        Finding::bad(
            "clock",
            "600 s behind the sign-in service",
            "Set this machine's clock.",
        ),
    ]));
    console
});
snapshot!(fleet_first_run, {
    let mut console = Console::over(vec![]);
    console.model.tenants.clear();
    console.model.first_run = Some(FirstRun {
        settings_file: "/home/ana/.config/umpdeck/settings.toml".into(),
        exists: false,
    });
    console
});
snapshot!(overlay_copy_menu, after(DRIFT, "y j"));
snapshot!(overlay_help, after(DRIFT, "?"));
snapshot!(overlay_explanation, after(DRIFT, "enter enter"));
snapshot!(overlay_failure, {
    let mut console = after(DRIFT, "");
    console.send(Message::Failed(trouble()));
    console
});
snapshot!(overlay_bare_line, after(DRIFT, "enter 3 G k b"));
snapshot!(overlay_sign_in, {
    let mut console = after(DRIFT, "");
    console.desk(DeskEvent::SignInAsked {
        tenant: TENANT,
        prompt: prompt(),
    });
    console.wait(2_000);
    console
});

#[test]
fn a_terminal_that_is_too_small_says_what_is_needed() {
    let mut console = Console::new();
    for (columns, rows) in [(39, 24), (80, 7), (20, 5)] {
        console.resize(columns, rows);
        let words = format!("umpdeck needs 40x8, not {columns}x{rows}");
        let shown = &words[..words.len().min(usize::from(columns))];
        assert_eq!(console.text().trim(), shown.trim());
    }
    for (columns, rows) in [(1, 1), (0, 0), (3, 1)] {
        console.resize(columns, rows);
        console.text();
    }
}
