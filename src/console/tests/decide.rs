//! Portal and Entra contradict each other: the operator chooses, and sees both plans before.

use super::fixtures::*;
use crate::console::message::{Effect, Message};
use crate::console::model::{Screen, SideBySide};
use crate::desk::decide::Decision;
use crate::desk::file::PlanFile;
use crate::registration::fixtures::{APP_ID, TENANT, World, now, uri};
use crate::registration::observed::{Microsoft365, Reading};
use crate::registration::plan::Intent;

const DEVICE: &str = "ump-two.finebak.com";
const OTHER: &str = "https://ump-two.finebak.com/authenticate/other";

fn world() -> World {
    let mut world = named(DEVICE, TENANT);
    world.portal().redirect_uri = OTHER.into();
    world
}

fn planned(world: &World, intent: Intent) -> PlanFile {
    let plan = world.plan(intent).unwrap();
    let requests = plan.steps.iter().map(|_| vec![]).collect();
    PlanFile {
        plan,
        requests,
        seen: None,
    }
}

/// The portal's tab of a device whose portal contradicts Entra and tells all that it makes of its settings.
pub(super) fn told_all() -> Console {
    let mut world = world();
    let account = Microsoft365 {
        connected_account: Some("sync@finebak.com".into()),
        application_id: Some(APP_ID.to_string()),
        secret_expiry: Some("2020-01-01".into()),
        days_left: Some(0),
        roles: Some(vec![]),
        last_status: Some("Failed: AADSTS7000222".into()),
        last_status_at: Some("2026-11-20 03:12".into()),
    };
    world.facts.account = Reading::of(account, now());
    let mut console = Console::over(vec![world]);
    console.drive("enter 4");
    console
}

/// The question, as the answer to the key that asks for it.
pub(super) fn asked() -> Console {
    let world = world();
    let mut console = Console::over(vec![named(DEVICE, TENANT)]);
    console.change(&world);
    console.drive("enter");
    let effects = console.press("w");
    let [Effect::Decide(device, question)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(device.as_str(), DEVICE);
    let push = Intent::Push {
        secret_in_hand: None,
    };
    let follow = Intent::Follow {
        redirect_uri: uri(OTHER),
    };
    let decision = Decision {
        file: file(&world),
        entra_is_right: Ok(planned(&world, push)),
        portal_is_right: Ok(planned(&world, follow)),
        afterwards: None,
    };
    console.send(Message::Decided(Ok(Some(Box::new(decision))), *question));
    console
}

#[test]
fn both_sides_and_both_plans_are_shown_before_anything_is_chosen() {
    let console = asked();
    for words in [
        "Which is right for ump-two.finebak.com: Entra or the portal?",
        OTHER,
        "Entra is right: push its values to the portal",
        "write client ID and redirect URI to the portal",
        "The portal is right: change Entra",
        "update the registration",
        "from now on",
    ] {
        assert!(
            console
                .text()
                .to_lowercase()
                .contains(&words.to_lowercase()),
            "{words}:\n{}",
            console.text()
        );
    }
    assert!(console.model.running.is_empty());
}

#[test]
fn enter_opens_the_chosen_plan_in_place_of_the_question() {
    for (keys, word) in [
        ("enter", "push"),
        ("j enter", "follow"),
        ("j k enter", "push"),
    ] {
        let mut console = asked();
        assert!(console.press(keys).is_empty(), "nothing is done yet");
        let [Screen::Device(_), Screen::Plan(screen)] = &console.model.screens[..] else {
            panic!("{:?}", console.model.screens);
        };
        assert_eq!(screen.file.plan.intent.word(), word);
        let side: &Option<SideBySide> = &screen.portal;
        assert_eq!(side.is_some(), word == "push");
    }
}

#[test]
fn at_80x24_both_sides_stand_there_whole_and_the_chosen_plan_is_in_sight() {
    let mut console = asked();
    console.resize(80, 24);
    let whole = |console: &Console| {
        let text = console.text();
        let cells = text.lines().map(|line| line.chars().skip(27).take(25));
        cells
            .map(String::from_iter)
            .map(|cells| cells.trim_end().to_string())
            .collect::<String>()
    };
    assert!(whole(&console).contains(OTHER), "{}", console.text());
    console.press("j");
    for words in ["The portal is right: change Entra", "web.redirectUris"] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
    assert!(console.shows("from now on"), "{}", console.text());
}

#[test]
fn at_80x24_the_portals_tab_moves_until_its_last_line_and_says_which_part_is_shown() {
    let mut console = told_all();
    console.resize(80, 24);
    assert!(
        console.shows("They contradict each other"),
        "{}",
        console.text()
    );
    assert!(!console.shows("Last authentication"), "{}", console.text());
    assert!(console.shows(" 1-"), "{}", console.text());
    console.press("G");
    assert!(console.shows("Last authentication"), "{}", console.text());
    assert!(console.shows("2026-11-20 03:12"), "{}", console.text());
    console.press("g j");
    assert!(console.shows(" 2-"), "{}", console.text());
    // Where all has room nothing is scrolled away.
    console.resize(120, 50);
    assert!(console.shows("MICROSOFT 365") && console.shows("PORTAL"));
}

#[test]
fn who_has_left_the_device_meanwhile_is_not_called_back() {
    let mut console = asked();
    console.press("esc");
    let asked = console.press("w");
    console.press("esc");
    assert!(console.model.screens.is_empty());
    console.answer(asked);
    assert!(console.model.screens.is_empty());
    assert!(console.toast().contains("ask for it again"));
}

#[test]
fn where_nothing_contradicts_it_is_said() {
    let mut console = asked();
    let effects = console.press("esc w");
    let [Effect::Decide(_, question)] = &effects[..] else {
        panic!("{effects:?}");
    };
    console.send(Message::Decided(Ok(None), *question));
    assert!(
        console.toast().contains("nothing to decide"),
        "{}",
        console.toast()
    );
}

#[test]
fn a_way_that_is_closed_says_why_and_opens_nothing() {
    let mut console = asked();
    let Some(Screen::Decision(screen)) = console.model.screens.last_mut() else {
        panic!("no question");
    };
    screen.decision.portal_is_right = Err(trouble());
    console.press("j enter");
    assert!(matches!(
        console.model.screens.last(),
        Some(Screen::Decision(_))
    ));
    assert!(console.toast().contains("Insufficient privileges"));
    console.press("esc");
    assert!(matches!(console.model.screens[..], [Screen::Device(_)]));
}
