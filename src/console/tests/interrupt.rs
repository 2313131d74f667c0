//! Leaving: Ctrl-C, q, Esc.

use super::fixtures::*;
use crate::console::message::{Effect, Message};
use crate::desk::event::{DeskEvent, RunEnd, RunEvent};

const DRIFT: &str = "ump-drift.finebak.com";

fn running() -> Console {
    let mut console = Console::new();
    console.go_to(DRIFT);
    console.drive("f enter");
    console
}

fn stops(effects: &[Effect]) -> bool {
    matches!(effects, [Effect::StopRun(run)] if *run == run_id(1))
}

#[test]
fn ctrl_c_without_a_run_leaves_from_everywhere() {
    for way in ["", "enter", "/", "y", "?", "enter 2", "enter 3 b", "f"] {
        let mut console = Console::new();
        console.go_to(DRIFT);
        console.drive(way);
        assert!(quits(&console.press("ctrl-c")), "after {way:?}");
        assert!(console.model.leaving);
    }
    let mut console = Console::new();
    console.go_to("ump-new.contoso.net");
    console.drive("c");
    assert!(quits(&console.press("ctrl-c")));
}

#[test]
fn ctrl_c_stops_the_run_first_and_leaves_the_second_time() {
    let mut console = running();
    assert!(stops(&console.press("ctrl-c")));
    assert!(console.shows("stopping after this step"));
    assert!(quits(&console.press("ctrl-c")));
}

#[test]
fn ctrl_c_stops_a_run_that_goes_on_behind_the_screen() {
    let mut console = running();
    console.press("esc");
    assert!(stops(&console.press("ctrl-c")));
    assert!(quits(&console.press("ctrl-c")));
}

#[test]
fn ctrl_c_after_the_run_leaves() {
    let mut console = running();
    console.run_event(DRIFT, RunEvent::Ended(RunEnd::Done));
    assert!(quits(&console.press("ctrl-c")));
}

#[test]
fn q_leaves_on_the_fleet_and_is_one_step_back_elsewhere() {
    let mut console = Console::new();
    console.go_to(DRIFT);
    console.drive("enter 3 b");
    for left in [(1, 0), (0, 0)] {
        assert!(!quits(&console.press("q")));
        assert_eq!(
            (console.model.screens.len(), console.model.overlays.len()),
            left
        );
    }
    assert!(quits(&console.press("q")));
}

#[test]
fn esc_is_always_one_step_back() {
    let ways = [
        ("ump-drift.finebak.com", "enter"),
        ("ump-drift.finebak.com", "enter enter"),
        ("ump-drift.finebak.com", "enter 3 b"),
        ("ump-drift.finebak.com", "enter y"),
        ("ump-drift.finebak.com", "enter f"),
        ("ump-drift.finebak.com", "enter f ?"),
        ("ump-drift.finebak.com", "enter f enter"),
        ("ump-new.contoso.net", "enter c"),
        ("ump-new.contoso.net", "c ctrl-n"),
        ("ump-drift.finebak.com", "y b"),
        ("ump-drift.finebak.com", "?"),
    ];
    for (device, way) in ways {
        let mut console = Console::new();
        console.go_to(device);
        console.drive(way);
        let mut depth = console.model.screens.len() + console.model.overlays.len();
        assert!(depth > 0, "{way} leads nowhere");
        while depth > 0 {
            let effects = console.drive("esc");
            assert!(!quits(&effects), "{way}");
            let now = console.model.screens.len() + console.model.overlays.len();
            assert_eq!(now, depth - 1, "{way}");
            depth = now;
        }
        assert_eq!(console.selected(), device);
    }
}

#[test]
fn ctrl_z_suspends() {
    let mut console = Console::new();
    assert!(matches!(console.press("ctrl-z")[..], [Effect::Suspend]));
}

#[test]
fn a_new_secret_that_is_in_no_portal_yet_is_not_left_behind_unasked() {
    for key in ["q", "ctrl-c"] {
        let mut console = Console::new();
        let waits = |waits| {
            Message::Desk(DeskEvent::SecretWaits {
                device: fqdn(DRIFT),
                waits,
            })
        };
        console.send(waits(true));
        assert!(!quits(&console.press(key)), "{key}");
        assert!(console.shows("the new secret of ump-drift is in no portal yet"));
        console.press("j");
        assert!(
            !quits(&console.press(key)),
            "{key}: another key lay between"
        );
        assert!(quits(&console.press(key)), "{key} twice");
        let mut console = Console::new();
        console.send(waits(true));
        console.send(waits(false));
        assert!(quits(&console.press(key)), "{key}: it is in its portal now");
    }
}
