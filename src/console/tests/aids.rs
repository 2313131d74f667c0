//! What helps when something is unclear: messages, the doctor, trying again, the first visit, the mouse.

use super::fixtures::*;
use crate::console::keymap::Context;
use crate::console::message::{Ask, Effect, Message, Mouse};
use crate::console::model::{FirstRun, Overlay};
use crate::desk::examination::Finding;
use crate::registration::fixtures::TENANT;

#[test]
fn every_message_can_be_read_again_the_newest_first() {
    let mut console = Console::new();
    console.send(Message::Told("the first one".into()));
    console.wait(60_000);
    console.send(Message::Failed(trouble()));
    console.press("esc");
    console.wait(60_000);
    console.press("M");
    let text = console.text();
    let place = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}:\n{text}"))
    };
    assert!(
        place("1m ago: the registration could not be updated") < place("2m ago: the first one")
    );
    console.press("esc");
    assert_eq!(console.model.context(), Context::Fleet);
}

#[test]
fn the_doctor_examines_and_says_what_mends() {
    let mut console = Console::new();
    console.go_to("ump-fine.finebak.com");
    console.drive("enter");
    assert!(matches!(console.press("I")[..], [Effect::Examine]));
    assert!(console.shows("Examining"));
    console.send(Message::Examined(vec![
        Finding::good("store", "it is whole"),
        Finding::bad(
            "clock",
            "600 s behind the sign-in service",
            "Set this machine's clock.",
        ),
    ]));
    assert!(console.shows("store: it is whole"));
    assert!(console.shows("clock: 600 s behind the sign-in service. Set this machine's clock."));
    console.press("G k esc");
    assert_eq!(console.model.context(), Context::Device);
}

#[test]
fn a_failure_offers_to_try_the_same_again_and_the_doctor() {
    let mut console = Console::new();
    console.go_to("ump-drift.finebak.com");
    let asked = console.press("R");
    console.refuse(asked);
    assert!(
        console.shows("r try again") && console.shows("I doctor"),
        "{}",
        console.text()
    );
    let effects = console.press("r");
    assert!(
        matches!(&effects[..], [Effect::Plan(device, Ask::Rotate, _)] if *device == fqdn("ump-drift.finebak.com"))
    );
    assert!(console.model.overlays.is_empty());
    // A card that tells of no failure offers nothing of the kind.
    console.press("?");
    assert!(!console.shows("r try again"));
}

#[test]
fn an_empty_console_teaches_how_to_fill_it_and_offers_the_training_ground() {
    let mut console = Console::over(vec![]);
    console.model.tenants.clear();
    console.model.first_run = Some(FirstRun {
        settings_file: "/home/ana/.config/umpdeck/settings.toml".into(),
        exists: false,
    });
    let text = console.text();
    for words in [
        "w writes a settings file with comments",
        "/home/ana/.config",
        "tenants add",
        "T opens the sandbox",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(matches!(console.press("w")[..], [Effect::WriteSettings]));
    console.send(Message::SettingsWritten(Ok("it is written".into())));
    assert!(console.shows("listed in /home/ana"));
    assert!(
        console.press("w").is_empty()
            && console.toast().contains("there is a settings file already")
    );
    assert!(matches!(console.press("T")[..], [Effect::ToSandbox]));
}

#[test]
fn the_training_ground_offers_neither() {
    let mut console = Console::new();
    assert!(console.press("w").is_empty() && console.toast().contains("sandbox"));
    assert!(console.press("T").is_empty() && console.toast().contains("sandbox"));
}

#[test]
fn a_filter_that_fits_nothing_says_why_if_it_is_mistaken() {
    let mut console = Console::new();
    console.send(Message::Paste("status:drfit".into()));
    assert!(
        console.shows("No status has \"drfit\" in it"),
        "{}",
        console.text()
    );
    assert!(console.shows("Esc clears it."));
}

#[test]
fn the_mouse_is_the_terminals_until_a_key_takes_it() {
    let mut console = Console::new();
    assert!(!console.model.mouse);
    assert!(matches!(console.press("W")[..], [Effect::Mouse(true)]));
    assert!(matches!(console.press("W")[..], [Effect::Mouse(false)]));
}

#[test]
fn a_click_selects_a_second_one_opens_and_the_wheel_scrolls() {
    let mut console = Console::new();
    let before = console.selected();
    console.send(Message::Mouse(Mouse::WheelDown, 40, 10));
    assert_eq!(console.selected(), before, "the mouse is the terminal's");
    console.model.mouse = true;
    let lines: Vec<String> = console.text().lines().map(str::to_string).collect();
    let row = |name: &str| lines.iter().position(|line| line.contains(name)).unwrap() as u16;
    let click = |console: &mut Console, x, y| {
        let effects = console.send(Message::Mouse(Mouse::Click, x, y));
        console.answer(effects)
    };
    click(&mut console, 40, row("ump-wait"));
    assert_eq!(console.selected(), "ump-wait.finebak.com");
    click(&mut console, 5, row("Finebak"));
    assert_eq!(console.model.fleet.tenant, Some(TENANT));
    console.press("esc");
    console.send(Message::Mouse(Mouse::WheelUp, 40, 10));
    let before = console.selected();
    console.send(Message::Mouse(Mouse::WheelDown, 40, 10));
    assert_ne!(console.selected(), before);
    console.go_to("ump-wait.finebak.com");
    click(&mut console, 40, row("ump-wait"));
    assert_eq!(console.device_screen().fqdn, fqdn("ump-wait.finebak.com"));
    let lines: Vec<String> = console.text().lines().map(str::to_string).collect();
    let name = lines
        .iter()
        .position(|line| line.contains("Redirect URI"))
        .unwrap() as u16;
    click(&mut console, 20, name);
    click(&mut console, 20, name);
    assert!(
        matches!(console.model.overlays.last(), Some(Overlay::Card(_))),
        "{}",
        console.text()
    );
    // Outside of every line nothing happens, and under a card neither.
    assert!(click(&mut console, 0, 0).is_empty());
}
