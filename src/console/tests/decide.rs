//! Portal and Entra contradict each other: the operator chooses, and sees both plans before.

use super::fixtures::*;
use crate::console::message::{Effect, Message};
use crate::console::model::{Screen, SideBySide};
use crate::desk::decide::Decision;
use crate::desk::file::PlanFile;
use crate::registration::fixtures::{TENANT, World, uri};
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

fn asked() -> Console {
    let world = world();
    let mut console = Console::over(vec![named(DEVICE, TENANT)]);
    console.change(&world);
    console.drive("enter");
    let effects = console.press("w");
    assert!(matches!(&effects[..], [Effect::Decide(fqdn)] if fqdn.as_str() == DEVICE));
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
    console.send(Message::Decided(Ok(Box::new(decision))));
    console
}

#[test]
fn both_sides_and_both_plans_are_shown_before_anything_is_chosen() {
    let console = asked();
    for words in [
        "Which one is right for ump-two.finebak.com?",
        OTHER,
        "Entra is right: the portal is given what Entra has",
        "write client ID and redirect URI to the portal",
        "The portal is right: Entra follows it",
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
