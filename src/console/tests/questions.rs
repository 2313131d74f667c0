//! Answers that come late, in another order than they were asked for, or to nobody who waits.

use super::fixtures::*;
use crate::console::message::{Effect, Message, Then};
use crate::console::model::{Screen, Tone};
use crate::registration::fixtures::TENANT;

const DRIFT: &str = "ump-drift.finebak.com";
const SOON: &str = "ump-soon.finebak.com";

/// The question of a device's file, as the effects ask it.
fn shown(effects: Vec<Effect>) -> Effect {
    let load = |one: &Effect| matches!(one, Effect::Load(_, Then::Show, _));
    effects.into_iter().find(load).expect("a file is asked for")
}

#[test]
fn enter_on_another_device_never_meets_the_plan_of_the_one_before() {
    let mut console = Console::new();
    console.go_to(DRIFT);
    console.drive("enter");
    let plan = console.press("f");
    console.press("esc");
    console.go_to(SOON);
    console.answer(plan);
    assert!(console.model.screens.is_empty(), "nothing is opened here");
    assert_eq!(
        console.toast(),
        "ump-drift: no plan is opened, since you went on; ask for it again"
    );
    assert_eq!(starts(&console.press("enter")), 0);
    assert_eq!(console.device_screen().fqdn.as_str(), SOON);
}

#[test]
fn a_form_or_a_choice_is_not_opened_over_what_the_operator_went_on_to() {
    for (device, key) in [("ump-new.contoso.net", "c"), (DRIFT, "A")] {
        let mut console = Console::new();
        console.go_to(device);
        let asked = console.press(key);
        console.press("E");
        console.answer(asked);
        assert!(
            matches!(console.model.screens[..], [Screen::Secrets(_)]),
            "{key}: {:?}",
            console.model.screens
        );
    }
}

#[test]
fn the_plan_of_a_form_is_dropped_when_the_form_is_edited_meanwhile() {
    let mut console = Console::new();
    console.go_to("ump-new.contoso.net");
    console.drive("c");
    let plan = console.press("ctrl-n");
    console.type_text("x");
    console.answer(plan);
    assert!(matches!(
        console.model.screens.last(),
        Some(Screen::Create(_))
    ));
    console.drive("ctrl-n");
    console.plan_screen();
}

#[test]
fn of_two_plans_the_later_question_is_shown_whichever_comes_last() {
    for (first_comes, last_comes) in [("f", "R"), ("R", "f")] {
        let mut console = Console::new();
        console.go_to(DRIFT);
        let repair = console.press("f");
        let rotate = console.press("R");
        let (one, other) = match first_comes {
            "f" => (repair, rotate),
            _ => (rotate, repair),
        };
        console.answer(one);
        console.answer(other);
        let word = console.plan_screen().file.plan.intent.word();
        assert_eq!(word, "rotate", "{first_comes}, {last_comes}");
        assert_eq!(console.model.screens.len(), 1);
    }
}

#[test]
fn looking_on_at_the_same_place_does_not_drop_the_plan() {
    let mut console = Console::new();
    console.go_to(DRIFT);
    console.drive("enter");
    let plan = console.press("f");
    console.press("j j ? esc");
    console.answer(plan);
    console.plan_screen();
}

#[test]
fn a_plan_that_fails_after_the_operator_went_on_is_said_without_a_card() {
    let mut console = Console::new();
    console.go_to(DRIFT);
    let asked = console.press("f");
    console.press("E");
    console.refuse(asked);
    assert!(console.model.overlays.is_empty());
    assert_eq!(console.toast(), trouble().to_string());
    assert_eq!(console.model.toasts[0].tone, Tone::Bad);
}

#[test]
fn an_older_file_of_a_device_does_not_take_the_place_of_a_newer() {
    let mut console = Console::new();
    console.go_to(DRIFT);
    let older = shown(console.press("enter"));
    let Effect::Load(device, then, question) = older else {
        panic!("{older:?}");
    };
    let as_it_was = Box::new(console.files[&device].clone());
    // It is repaired meanwhile, and read again.
    console.rows_changed(&[named(DRIFT, TENANT)]);
    let verdict = |console: &Console| {
        console
            .device_screen()
            .judged
            .as_ref()
            .unwrap()
            .verdict
            .status
    };
    let newer = verdict(&console);
    console.send(Message::Loaded(as_it_was, then, question));
    assert_eq!(verdict(&console), newer);
}

#[test]
fn older_client_secrets_do_not_take_the_place_of_newer() {
    let mut console = Console::new();
    let mut older = console.press("E");
    let Some(Effect::LoadSecrets(question)) = older.pop() else {
        panic!("{older:?}");
    };
    let newer = console.press("r");
    console.answer(newer);
    let listed = console.text();
    console.send(Message::Secrets(Box::default(), question));
    assert_eq!(console.text(), listed);
}
