//! The handoff: the secret is added when its field is reached, once; the operator says when the values are applied.

use super::fixtures::*;
use crate::console::message::{Effect, Message, Mouse, Sent};
use crate::console::model::{StepState, Tone};
use crate::desk::event::{RunEnd, RunEvent};
use crate::registration::fixtures::{APP_ID, record, uri};
use crate::registration::observed::RecordSource;
use crate::registration::redirect::device_redirect_uri;

const DEVICE: &str = "ump-hand.finebak.com";

fn opened() -> Console {
    let mut console = Console::over(vec![by_hand("ump-hand.finebak.com")]);
    console.drive("p");
    console.handoff_screen();
    console
}

/// The secret is added, and the run waits for the operator.
fn minted() -> Console {
    let mut console = opened();
    console.drive("enter");
    console.step_done(DEVICE, 0, "added");
    console.hold_secret(DEVICE);
    let turn = 1;
    console.run_event(
        DEVICE,
        RunEvent::Started {
            step: turn,
            at: console.now,
        },
    );
    console.run_event(DEVICE, RunEvent::YourTurn { step: turn });
    console
}

#[test]
fn the_page_is_named_and_nothing_is_begun() {
    let console = opened();
    let text = console.text();
    for words in [
        "Security › Auth Tokens",
        "Client secret",
        "Enter adds a new one here",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(console.model.running.is_empty());
}

#[test]
fn the_secret_is_asked_for_when_its_field_is_reached_and_only_once() {
    let mut console = opened();
    assert_eq!(starts(&console.press("up k v b esc")), 0);
    let effects = console.press("enter");
    let copied = copies(&effects);
    assert_eq!(copied[0].1, APP_ID.to_string());
    assert_eq!(
        starts(&effects),
        1,
        "Enter copied the client ID and went on"
    );
    assert_eq!(console.handoff_screen().field, 1);
    assert_eq!(starts(&console.press("enter j j k k j tab enter")), 0);
    console.answer(effects);
    assert_eq!(starts(&console.press("k j enter")), 0);
}

#[test]
fn enter_on_the_secret_before_it_is_there_copies_nothing() {
    let mut console = opened();
    assert!(console.press("j").is_empty(), "moving adds nothing");
    console.drive("enter");
    assert!(console.press("enter").is_empty());
    assert!(console.toast().contains("being added"));
    assert!(console.handoff_screen().copied.is_empty());
}

#[test]
fn where_only_redirect_uris_are_new_the_secret_is_left_alone() {
    const OWN: &str = "https://acme.example.com/authenticate/cb";
    let mut world = by_hand(DEVICE);
    world.facts.record = Some(record(RecordSource::Stated));
    let device_uri = device_redirect_uri(&world.blueprint, &world.device).unwrap();
    world.record().redirect_uri = device_uri.to_string();
    world.device.customers[0].redirect_uri = Some(uri(OWN));
    let mut console = Console::over(vec![world]);
    console.drive("p");
    let text = console.text();
    assert!(text.contains("leave it as it is"), "{text}");
    assert!(!text.contains("adds a new one"), "{text}");
    // The first copy begins the run, which has no secret to add and waits for the operator's word.
    let mut effects = console.press("enter");
    assert_eq!(starts(&effects), 1);
    effects.extend(console.press("enter"));
    effects.extend(console.press("enter"));
    let copied: Vec<String> = copies(&effects)
        .into_iter()
        .map(|(_, text, _)| text)
        .collect();
    assert_eq!(
        copied,
        [APP_ID.to_string(), device_uri.to_string(), OWN.to_string()]
    );
}

#[test]
fn a_run_that_cant_begin_can_be_begun_again() {
    let mut console = opened();
    assert_eq!(starts(&console.press("j enter")), 1);
    console.send(Message::RunBegan(fqdn(DEVICE), Err(trouble())));
    console.press("esc k");
    assert_eq!(starts(&console.press("j enter")), 1);
}

#[test]
fn a_says_applied_only_when_it_is_the_operators_turn_and_once() {
    let mut console = opened();
    assert!(console.press("a").is_empty());
    assert!(console.toast().contains("copy the values first"));
    console.drive("enter");
    assert!(console.press("a").is_empty(), "the secret is not there yet");

    let mut console = minted();
    let steps = &console.handoff_screen().progress.as_ref().unwrap().steps;
    assert_eq!(steps[1], StepState::YourTurn);
    assert!(console.press("a").is_empty(), "not all fields were copied");
    assert!(console.toast().contains("of 3 fields"));
    let effects = console.press("a a");
    assert!(matches!(&effects[..], [Effect::Applied(run)] if *run == run_id(1)));
}

#[test]
fn three_times_enter_copies_the_three_values_in_the_pages_order() {
    let mut console = opened();
    let mut copied = copies(&console.drive("enter"));
    console.step_done(DEVICE, 0, "added");
    console.hold_secret(DEVICE);
    console.run_event(DEVICE, RunEvent::YourTurn { step: 1 });
    copied.extend(copies(&console.drive("enter enter")));
    let texts: Vec<_> = copied
        .iter()
        .map(|(_, text, secret)| (text.as_str(), *secret))
        .collect();
    let client_id = APP_ID.to_string();
    assert_eq!(
        texts,
        [
            (client_id.as_str(), false),
            (SECRET, true),
            (
                "https://ump-hand.finebak.com/authenticate/OAuth2Callback",
                false
            ),
        ]
    );
    assert_eq!(console.handoff_screen().copied.len(), 3);
    assert!(console.shows("copied just now"));
    assert!(!console.shows(SECRET));
    console.press("v");
    assert!(console.shows(SECRET));
}

#[test]
fn a_value_that_went_nowhere_is_not_counted_as_copied() {
    let mut console = opened();
    let mut effects = console.press("enter");
    let Effect::Copy { label, field, .. } = effects.remove(0) else {
        panic!("{effects:?}");
    };
    assert!(console.handoff_screen().copied.is_empty(), "not sent yet");
    let words = format!("{label}: not sent: the clipboard is off in the settings");
    let left = false;
    let after = console.send(Message::Sent(Sent { words, left, field }));
    assert!(after.is_empty(), "nothing to remember");
    assert!(console.handoff_screen().copied.is_empty());
    assert_eq!(console.model.toasts[0].tone, Tone::Bad);
    // By the mouse from a line of its own it can be copied all the same.
    let effects = console.press("k b");
    assert!(matches!(&effects[..], [Effect::MarkCopied(_)]));
    assert_eq!(console.handoff_screen().copied.len(), 1);
}

#[test]
fn esc_in_the_middle_stops_the_run() {
    let mut console = minted();
    let effects = console.press("esc");
    assert!(matches!(&effects[..], [Effect::StopRun(run)] if *run == run_id(1)));
    assert!(console.model.screens.is_empty());
    assert!(console.toast().contains("not stated"));
}

#[test]
fn esc_while_the_run_is_beginning_stops_it_as_soon_as_it_began() {
    let mut console = opened();
    let starting = console.press("j enter");
    console.press("esc");
    assert!(console.model.screens.is_empty());
    let seen = console.answer(starting);
    assert!(
        seen.iter()
            .any(|effect| matches!(effect, Effect::StopRun(run) if *run == run_id(1))),
        "{seen:?}"
    );
}

#[test]
fn esc_before_anything_is_begun_just_leaves() {
    let mut console = opened();
    assert!(console.press("esc").is_empty());
    assert!(console.model.screens.is_empty());
}

#[test]
fn done_shows_the_new_status_and_enter_leaves() {
    let mut console = minted();
    console.press("a");
    let mut world = by_hand("ump-hand.finebak.com");
    world.facts.record = Some(crate::registration::observed::PortalRecord {
        at: console.now,
        redirect_uri: "https://ump-hand.finebak.com/authenticate/OAuth2Callback".into(),
        ..record(RecordSource::Stated)
    });
    console.rows_changed(&[world]);
    console.step_done(DEVICE, 1, "stated");
    console.step_done(DEVICE, 2, "accepted");
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    assert_eq!(console.toast(), "ump-hand: done");
    let verdict = &console.handoff_screen().judged.verdict;
    assert_eq!(verdict.status, crate::registration::status::Status::Ok);
    assert!(console.press("a").is_empty());
    assert!(console.press("enter").is_empty());
    assert!(console.model.screens.is_empty());
}

#[test]
fn a_click_goes_to_a_field_and_a_second_one_copies_it() {
    for rows in [24, 12] {
        let mut console = opened();
        console.resize(80, rows);
        console.model.mouse = true;
        let row_of = |console: &Console, name: &str| {
            let text = console.text();
            let mut lines = text.lines();
            let row = lines.position(|line| line.contains(name));
            row.unwrap_or_else(|| panic!("{name}: {text}")) as u16
        };
        let click = |console: &mut Console, name| {
            let row = row_of(console, name);
            console.send(Message::Mouse(Mouse::Click, 20, row))
        };
        assert!(copies(&click(&mut console, "Redirect URI")).is_empty());
        let copied = click(&mut console, "Redirect URI");
        let expected = "https://ump-hand.finebak.com/authenticate/OAuth2Callback";
        assert_eq!(copies(&copied)[0].1, expected, "{rows} rows");
        // Beside the fields it does nothing.
        assert!(console.send(Message::Mouse(Mouse::Click, 20, 0)).is_empty());
    }
}
