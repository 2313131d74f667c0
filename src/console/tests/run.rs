//! A run on screen, and one that goes on behind it.

use super::fixtures::*;
use crate::console::message::{Effect, Message};
use crate::console::model::{Screen, StepState, Tone};
use crate::desk::event::{RunEnd, RunEvent};

const DEVICE: &str = "ump-drift.finebak.com";

fn running() -> Console {
    let mut console = Console::new();
    console.go_to(DEVICE);
    console.drive("f enter");
    console
}

#[test]
fn a_failed_step_says_what_why_and_what_to_do() {
    let mut console = running();
    let why = trouble();
    console.run_event(DEVICE, RunEvent::Failed { step: 0, why });
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Failed));
    let text = console.text();
    for words in [
        "failed",
        "Insufficient privileges",
        "Sign in as somebody",
        "not done",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert_eq!(console.model.toasts.last().unwrap().tone, Tone::Bad);
}

#[test]
fn a_run_that_cant_begin_leaves_the_plan_of_another_device_as_it_is() {
    let hand = "ump-hand.finebak.com";
    let mut all = worlds();
    all.push(by_hand(hand));
    let mut console = Console::over(all);
    console.go_to(hand);
    console.drive("p");
    assert_eq!(starts(&console.press("enter")), 1);
    console.press("esc");
    console.go_to(DEVICE);
    console.drive("f");
    assert_eq!(starts(&console.press("enter")), 1);
    console.send(Message::RunBegan(fqdn(hand), Err(trouble())));
    console.press("esc");
    assert!(console.plan_screen().applying);
    assert_eq!(starts(&console.press("enter")), 0, "it is beginning");
    console.send(Message::RunBegan(fqdn(DEVICE), Err(trouble())));
    console.press("esc");
    assert_eq!(starts(&console.press("enter")), 1, "it may be begun again");
}

#[test]
fn esc_leaves_a_run_that_goes_on_and_its_device_stays_locked_until_it_ends() {
    let mut console = running();
    console.press("esc");
    assert!(console.model.screens.is_empty());
    assert!(console.toast().contains("goes on"));
    assert!(console.press("f").is_empty());
    assert_eq!(
        console.toast(),
        format!("a run on {DEVICE} is under way; b shows it")
    );
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    assert_eq!(console.toast(), "repair ump-drift: done");
    assert_eq!(console.press("f").len(), 1);
}

#[test]
fn a_run_that_one_has_left_stands_in_its_row_and_its_key_brings_it_back() {
    let mut console = running();
    console.press("esc");
    assert!(console.toast().contains("b shows it again"));
    let since = console.now;
    let waits = RunEvent::Waiting {
        step: 0,
        on: "Entra to accept it".into(),
        since,
    };
    console.run_event(DEVICE, waits);
    console.wait(10_000);
    for words in [
        "◐ repair",
        "Repair under way",
        "waiting for Entra to accept it",
        "b  show",
    ] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
    console.press("b");
    let steps = &console.run_screen().progress.steps;
    assert!(matches!(&steps[0], StepState::Waiting(..)), "{steps:?}");
    console.press("esc");
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    assert!(!console.shows("Repair under way"), "{}", console.text());
    let effects = console.press("b");
    assert!(
        matches!(&effects[..], [Effect::Load(..)]),
        "its values are read"
    );
    assert_eq!(console.run_screen().progress.end, Some(RunEnd::Done));
    console.press("esc");
    assert!(
        console.model.runs.is_empty(),
        "a result that was looked at is done with"
    );
}

#[test]
fn a_run_is_found_again_after_going_elsewhere_by_the_palette() {
    let mut console = running();
    console.press(":");
    console.type_text("drift");
    console.press("enter");
    assert!(matches!(console.model.screens[..], [Screen::Device(_)]));
    console.press("B");
    assert_eq!(console.run_screen().file.plan.device, fqdn(DEVICE));
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    assert_eq!(console.run_screen().progress.end, Some(RunEnd::Done));
    console.press("esc");
    assert!(console.model.runs.is_empty());
    assert!(matches!(console.model.screens[..], [Screen::Device(_)]));
}

#[test]
fn values_are_not_offered_before_the_run_is_over() {
    let mut console = running();
    assert!(copies(&console.press("i")).is_empty());
    assert!(console.toast().contains("when the run is over"));
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Stopped));
    assert_eq!(copies(&console.press("i")).len(), 1);
}

#[test]
fn a_step_that_a_stop_broke_off_is_not_drawn_as_going_on() {
    let mut console = running();
    let waits = RunEvent::Waiting {
        step: 0,
        on: "Entra to accept it".into(),
        since: console.now,
    };
    console.run_event(DEVICE, waits);
    assert!(
        console.shows("waiting for Entra to accept it"),
        "{}",
        console.text()
    );
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Stopped));
    assert!(!console.shows("waiting for"), "{}", console.text());
    assert!(console.shows("interrupted"));
}

#[test]
fn events_of_another_run_leave_this_one_alone() {
    let mut console = running();
    console.desk(crate::desk::event::DeskEvent::Run {
        run: run_id(77),
        device: fqdn(DEVICE),
        event: RunEvent::YourTurn { step: 0 },
    });
    assert_eq!(console.run_screen().progress.steps[0], StepState::Planned);
    console.run_event(DEVICE, RunEvent::YourTurn { step: 99 });
    assert!(
        console
            .run_screen()
            .progress
            .steps
            .iter()
            .all(|step| *step == StepState::Planned),
        "a step that the plan has not is ignored"
    );
}

#[test]
fn a_head_that_syslog_did_not_take_is_said_and_the_run_is_done_all_the_same() {
    let device = "ump-drift.finebak.com";
    let mut console = Console::new();
    console.go_to(device);
    console.drive("f enter");
    let why = "syslog at /dev/log did not take it: no such file";
    console.run_event(device, RunEvent::Anchored(anchor(Some(Err(why.into())))));
    assert!(console.toast().contains(why), "{}", console.toast());
    console.run_event(device, RunEvent::Ended(RunEnd::Done));
    assert_eq!(console.run_screen().progress.end, Some(RunEnd::Done));
    assert!(console.shows("audit head 41:9f8e7d6c"));
}

/// A run that is over, on a screen that has no room for all that came of it.
fn over_on_a_low_screen() -> Console {
    let mut console = running();
    for step in 0..console.run_screen().file.plan.steps.len() {
        console.step_done(DEVICE, step, "as planned");
    }
    console.run_event(DEVICE, RunEvent::Anchored(anchor(Some(Ok(())))));
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    console.wait(10_000);
    console.resize(80, 18);
    console
}

#[test]
fn a_result_that_has_no_room_is_moved_through_and_says_which_part_is_shown() {
    let mut console = over_on_a_low_screen();
    let first = console.text();
    assert!(first.contains(" 1-") && first.contains(" of "), "{first}");
    // What still holds stands above the values, and whole.
    for words in [
        "it has to consent again",
        "the blueprint does not ask for it.",
    ] {
        assert!(first.contains(words), "{words}:\n{first}");
    }
    assert!(!first.contains("audit head"), "{first}");
    console.press("G");
    assert!(console.shows("audit head"), "{}", console.text());
    assert!(console.shows("the head was sent to syslog"));
    assert!(!console.shows(" 1  update the registration"));
    console.press("g");
    assert_eq!(console.text(), first);
}

#[test]
fn the_steps_of_a_low_screen_are_reached_though_the_cursor_is_below_them() {
    let mut console = over_on_a_low_screen();
    console.resize(80, 12);
    assert!(
        console.shows("Application (client) ID"),
        "{}",
        console.text()
    );
    assert!(!console.shows(" 1  update the registration"));
    console.press("k");
    assert!(
        console.shows(" 1  update the registration"),
        "{}",
        console.text()
    );
    console.press("j");
    assert!(console.shows("Client secret value"), "{}", console.text());
}

#[test]
fn times_stand_below_each_other_and_a_failed_step_is_not_named_twice() {
    let mut console = running();
    console.step_done(DEVICE, 0, "as planned");
    console.step_done(
        DEVICE,
        1,
        "an outcome that is much longer than that of the first",
    );
    for size in [(80, 24), (120, 36)] {
        console.resize(size.0, size.1);
        let text = console.text();
        let times = text.lines().filter(|line| line.ends_with(" 0.8 s"));
        let ends: Vec<usize> = times.map(|line| line.chars().count()).collect();
        assert_eq!(ends, [usize::from(size.0) - 1; 2], "{text}");
    }
    let mut console = running();
    let title = console.run_screen().file.plan.steps[0].action.title();
    let why = crate::desk::event::Trouble {
        what: title.clone(),
        ..trouble()
    };
    console.run_event(DEVICE, RunEvent::Failed { step: 0, why });
    let text = console.text().to_lowercase();
    assert_eq!(text.matches(&title).count(), 1, "{text}");
    assert!(text.contains("graph answered 403"), "{text}");
}

#[test]
fn the_keys_that_a_result_names_lead_to_its_next_step() {
    use crate::console::keymap::Context;
    use crate::console::panes::verdict::action_of;
    use crate::registration::status::NextStep;
    let steps = [
        NextStep::Create,
        NextStep::Adopt,
        NextStep::Repair,
        NextStep::Push,
        NextStep::HandOff,
        NextStep::Rotate,
        NextStep::Consent,
        NextStep::Refresh,
        NextStep::Decide,
    ];
    for (next, from_device) in steps
        .into_iter()
        .flat_map(|one| [(one, false), (one, true)])
    {
        let mut console = Console::new();
        console.go_to(DEVICE);
        console.drive(if from_device {
            "enter f enter"
        } else {
            "f enter"
        });
        console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
        let run = console.model.runs.values_mut().next().unwrap();
        run.judged.as_mut().unwrap().verdict.next = next;
        let text = console.text();
        let line = text.lines().find(|line| line.contains(" Next "));
        let line = line.unwrap_or_else(|| panic!("{next:?}:\n{text}"));
        let words = line.split(" Next ").nth(1).unwrap().trim();
        let (keys, _) = words.split_once("  ").unwrap();
        let (back, own) = keys.rsplit_once(", then ").unwrap_or(("", keys));
        for key in back.split(", then ").filter(|key| !key.is_empty()) {
            console.press(&key.to_lowercase());
        }
        let action = action_of(next).unwrap();
        let pane = console.model.pane();
        assert_eq!(
            console.model.keys.key(pane, action),
            own,
            "{next:?}: {line}"
        );
        assert!(pane != Context::Plan && !own.is_empty(), "{next:?}: {line}");
    }
}

#[test]
fn of_the_keys_that_plan_another_run_a_result_offers_only_the_one_that_helps() {
    use crate::registration::status::NextStep;
    let mut console = running();
    console.run_event(DEVICE, RunEvent::Ended(RunEnd::Done));
    for (next, first) in [
        (NextStep::Push, "p push"),
        (NextStep::Rotate, "R rotate"),
        (NextStep::Repair, "f repair"),
        (NextStep::Nothing, "y copy"),
    ] {
        let run = console.model.runs.values_mut().next().unwrap();
        run.judged.as_mut().unwrap().verdict.next = next;
        let text = console.text();
        let footer = text.lines().last().unwrap().trim();
        assert!(footer.starts_with(first), "{next:?}: {footer}");
        for other in ["p push", "R rotate", "f repair"] {
            assert!(
                other == first || !footer.contains(other),
                "{next:?}: {footer}"
            );
        }
    }
}
