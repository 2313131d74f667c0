//! Many devices: marks in the list, one combined plan, and the bulk run with what it leaves.

use super::fixtures::*;
use crate::console::message::Effect;
use crate::console::model::{BulkState, Screen};
use crate::desk::bulk::{BulkIntent, Pace};
use crate::desk::event::{BulkEvent, BulkOutcome, DeskEvent, RunEnd, RunEvent};
use crate::registration::fleet::Fqdn;

const DRIFT: &str = "ump-drift.finebak.com";
const FINE: &str = "ump-fine.finebak.com";
const SOON: &str = "ump-soon.finebak.com";

fn bulk(console: &mut Console, event: BulkEvent) -> Vec<Effect> {
    console.desk(DeskEvent::Bulk(event))
}

fn planned(effects: &[Effect]) -> Vec<(Vec<String>, BulkIntent)> {
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::PlanBulk(devices, intent) => {
            Some((devices.iter().map(Fqdn::to_string).collect(), *intent))
        }
        _ => None,
    });
    all.collect()
}

/// The bulk run over three devices that rotate; none has begun.
pub(super) fn rotating() -> Console {
    let mut console = Console::new();
    for device in [DRIFT, SOON, FINE] {
        console.go_to(device);
        console.press("space");
    }
    console.drive("R enter");
    console
}

/// The combined plan of a push for three devices: one can be pushed to, one is done by hand, one has nothing to push.
pub(super) fn push_planned() -> Console {
    let mut worlds = worlds();
    worlds.push(by_hand("ump-hand.finebak.com"));
    let mut console = Console::over(worlds);
    for device in [DRIFT, "ump-new.contoso.net", "ump-hand.finebak.com"] {
        console.go_to(device);
        console.press("space");
    }
    console.drive("p");
    console.wait(9_000);
    console
}

/// One is done, one failed, one is in the midst of a step.
pub(super) fn half_way() -> Console {
    let mut console = rotating();
    for (number, device) in [DRIFT, SOON, FINE].into_iter().enumerate() {
        bulk(&mut console, BulkEvent::Began(fqdn(device)));
        let run = run_id(40 + number as u32);
        let steps = vec!["Add a client secret".to_string(), "Push it".to_string()];
        let device = fqdn(device);
        bulk(
            &mut console,
            BulkEvent::Run {
                device: device.clone(),
                run,
                steps,
            },
        );
        let at = console.now;
        let event = RunEvent::Started { step: 1, at };
        console.desk(DeskEvent::Run { run, device, event });
    }
    let done = BulkOutcome::Done(None);
    bulk(&mut console, BulkEvent::Ended(fqdn(DRIFT), done));
    let failed = BulkOutcome::Failed(trouble());
    bulk(&mut console, BulkEvent::Ended(fqdn(SOON), failed));
    console
}

#[test]
fn space_marks_and_goes_down_and_the_header_counts() {
    let mut console = Console::new();
    console.press("g");
    let first = console.selected();
    console.press("space");
    assert_ne!(console.selected(), first);
    assert!(console.shows("1 marked"), "{}", console.text());
    assert!(console.shows(&format!("•{first}")), "{}", console.text());
    console.press("k space");
    assert!(!console.shows("marked"), "{}", console.text());
}

#[test]
fn all_none_and_invert_are_about_what_the_list_shows() {
    let mut console = Console::new();
    console.press("g space tab");
    let shown = console.listed().len();
    console.press("a");
    assert_eq!(console.model.fleet.marked(), shown);
    console.press("tab i");
    let elsewhere = console.listed().len();
    assert_eq!(console.model.fleet.marked(), shown + elsewhere);
    console.press("i");
    assert_eq!(console.model.fleet.marked(), shown);
    console.press("u");
    assert_eq!(console.model.fleet.marked(), 0);
    console.press("a esc");
    assert!(
        console.model.fleet.marked() > 0,
        "first the tenant is cleared"
    );
    console.press("esc");
    assert_eq!(console.model.fleet.marked(), 0);
}

#[test]
fn marks_stay_on_their_devices_whatever_the_order_becomes() {
    let mut console = Console::new();
    console.go_to(SOON);
    console.press("space s s");
    console.rows_changed(&worlds());
    assert_eq!(console.model.fleet.marked_devices(), [fqdn(SOON)]);
}

#[test]
fn the_keys_act_on_the_marked_devices_when_there_are_any() {
    let mut console = Console::new();
    console.go_to(SOON);
    console.press("space");
    console.go_to(FINE);
    console.press("space");
    // The device under the cursor plays no part, nor whether it could be done there.
    console.go_to("ump-new.contoso.net");
    let both = vec![SOON.to_string(), FINE.to_string()];
    for (key, intent) in [
        ("c", BulkIntent::Create),
        ("f", BulkIntent::Repair),
        ("p", BulkIntent::Push),
        ("R", BulkIntent::Rotate),
    ] {
        assert_eq!(planned(&console.press(key)), [(both.clone(), intent)]);
    }
    console.press("u");
    console.go_to(SOON);
    let effects = console.press("R");
    assert!(
        matches!(effects.as_slice(), [Effect::Plan(..)]),
        "{effects:?}"
    );
}

#[test]
fn the_combined_plan_says_what_is_done_and_who_is_left_out_and_why() {
    let mut console = push_planned();
    for words in [
        "Plan: push 3 devices: 1 ready, 1 by hand, 1 not possible",
        "its portal's page is filled in by hand",
        "Bulk plan: push",
    ] {
        assert!(console.shows(words), "{words}: {}", console.text());
    }
    let effects = console.press("enter enter");
    assert!(
        matches!(effects.as_slice(), [Effect::StartBulk(_)]),
        "once: {effects:?}"
    );
}

#[test]
fn a_plan_without_anything_to_do_does_not_begin() {
    let mut console = Console::new();
    console.go_to(FINE);
    console.press("space");
    console.drive("f");
    let effects = console.press("enter");
    assert!(effects.is_empty(), "{effects:?}");
    assert!(
        console
            .toast()
            .contains("nothing can be done for any of these devices"),
        "{}",
        console.toast()
    );
    console.press("esc");
    assert!(console.model.screens.is_empty());
    assert_eq!(
        console.model.fleet.marked(),
        1,
        "nothing was done, so marks stay"
    );
}

#[test]
fn each_device_and_all_of_them_show_how_far_they_are() {
    let console = half_way();
    for words in [
        "Bulk rotate: 1 of 3",
        "1 done · 1 failed · 1 under way",
        "step 2 of 2: Push it",
        "Graph answered 403",
    ] {
        assert!(console.shows(words), "{words}: {}", console.text());
    }
    assert_eq!(console.model.fleet.marked(), 0);
}

#[test]
fn a_run_of_many_says_nothing_beside_and_its_device_is_busy() {
    let mut console = half_way();
    let toasts = console.model.toasts.len();
    let event = DeskEvent::Run {
        run: run_id(42),
        device: fqdn(FINE),
        event: RunEvent::Ended(RunEnd::Done),
    };
    assert!(console.desk(event).is_empty());
    assert_eq!(console.model.toasts.len(), toasts);
    console.press("esc");
    console.go_to(FINE);
    assert!(console.press("R").is_empty());
    assert!(
        console.toast().contains("is under way"),
        "{}",
        console.toast()
    );
}

#[test]
fn it_pauses_goes_on_and_is_stopped_by_ctrl_c_which_leaves_the_second_time() {
    let paced = |effects: Vec<Effect>| match effects.as_slice() {
        [Effect::PaceBulk(pace)] => *pace,
        other => panic!("{other:?}"),
    };
    let mut console = half_way();
    assert_eq!(paced(console.press("space")), Pace::Paused);
    assert!(console.shows("paused"), "{}", console.text());
    assert_eq!(paced(console.press("space")), Pace::Going);
    assert_eq!(paced(console.press("ctrl-c")), Pace::Stopping);
    assert!(console.shows("no other begins"), "{}", console.text());
    assert!(
        console.press("space").is_empty(),
        "a stop is not taken back"
    );
    let effects = console.press("ctrl-c");
    assert!(matches!(effects.as_slice(), [Effect::Quit]), "{effects:?}");
}

#[test]
fn it_goes_on_when_nobody_looks_and_b_shows_it_again() {
    let mut console = half_way();
    console.press("esc");
    assert!(console.toast().contains("goes on"), "{}", console.toast());
    console.press("a");
    assert!(console.press("R").is_empty(), "one at a time");
    assert!(
        console.toast().contains("a bulk run is under way"),
        "{}",
        console.toast()
    );
    let done = BulkOutcome::Done(None);
    bulk(&mut console, BulkEvent::Ended(fqdn(FINE), done));
    bulk(&mut console, BulkEvent::Over);
    assert!(
        console.toast().contains("2 done, 1 left"),
        "{}",
        console.toast()
    );
    console.press("b");
    assert!(
        console.shows("r plans again what is left"),
        "{}",
        console.text()
    );
}

#[test]
fn what_failed_stands_first_with_its_reason_and_is_planned_again_alone() {
    let mut console = half_way();
    assert!(console.press("r").is_empty(), "not while it goes on");
    bulk(
        &mut console,
        BulkEvent::Ended(fqdn(FINE), BulkOutcome::Stopped),
    );
    bulk(&mut console, BulkEvent::Over);
    let first = console.model.bulk.as_ref().unwrap().line(0).unwrap();
    assert!(matches!(first.state, BulkState::Failed(_)), "{first:?}");
    assert!(
        console.shows("Sign in as somebody who may change applications"),
        "{}",
        console.text()
    );
    let effects = console.drive("r");
    let left = [SOON.to_string(), FINE.to_string()];
    let [(mut devices, intent)] = <[_; 1]>::try_from(planned(&effects)).unwrap();
    devices.sort();
    let mut left = left.to_vec();
    left.sort();
    assert_eq!((devices, intent), (left, BulkIntent::Rotate));
    assert!(matches!(
        console.model.screens.last(),
        Some(Screen::BulkPlan(_))
    ));
    console.drive("enter");
    assert_eq!(console.model.bulk.as_ref().unwrap().counts().waiting, 2);
    console.press("esc");
    assert!(console.model.screens.is_empty(), "one bulk run, one screen");
}

#[test]
fn enter_opens_a_device_of_the_bulk_run_and_esc_comes_back() {
    let mut console = half_way();
    console.drive("enter");
    assert_eq!(console.device_screen().fqdn, fqdn(FINE));
    console.press("esc");
    assert!(matches!(
        console.model.screens.last(),
        Some(Screen::BulkRun)
    ));
}

#[test]
fn leaving_asks_while_a_bulk_run_is_not_over_be_it_paused() {
    for (keys, said) in [("esc", "goes on"), ("space esc", "is paused")] {
        let mut console = half_way();
        console.drive(keys);
        assert!(console.toast().contains(said), "{}", console.toast());
        assert!(console.model.screens.is_empty());
        assert!(!quits(&console.press("q")), "after {keys}");
        assert!(
            console.toast().contains("bulk run: 1 under way"),
            "{}",
            console.toast()
        );
        assert!(quits(&console.press("q")), "the second time it leaves");
    }
    let mut console = half_way();
    bulk(&mut console, BulkEvent::Over);
    console.press("esc");
    assert!(quits(&console.press("q")), "there is nothing to lose");
}
