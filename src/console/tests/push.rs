//! Repair, push and rotation: what the plan shows, and what happens when there is nothing to do.

use super::fixtures::*;
use crate::console::message::{Ask, Effect};
use crate::console::model::{Overlay, Tone};
use crate::registration::fixtures::{APP_ID, TENANT, failure, in_days};
use crate::registration::observed::FailureKind;

#[test]
fn a_push_shows_what_the_portal_holds_beside_what_it_will_hold() {
    let mut console = Console::new();
    console.go_to("ump-bare.contoso.net");
    let effects = console.drive("p");
    assert!(matches!(&effects[..], [Effect::Plan(_, Ask::Push, _)]));
    let side = console.plan_screen().portal.clone().unwrap();
    let rows: Vec<(&str, &str)> = side
        .rows
        .iter()
        .map(|(_, now, will_be)| (now.as_str(), will_be.as_str()))
        .collect();
    let client_id = APP_ID.to_string();
    assert_eq!(
        rows,
        [
            ("(empty)", client_id.as_str()),
            ("(empty)", "a new one of this run"),
            (
                "(empty)",
                "https://ump-bare.contoso.net/authenticate/OAuth2Callback"
            ),
        ]
    );
    for words in ["PORTAL NOW", "WILL BE", &client_id, "portal read just now"] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
}

#[test]
fn a_portal_that_has_the_secret_keeps_it() {
    let mut console = Console::new();
    let mut world = named("ump-fine.finebak.com", TENANT);
    world.portal().redirect_uri = "https://ump-fine.finebak.com/old".into();
    console.rows_changed(&[world]);
    console.go_to("ump-fine.finebak.com");
    console.drive("p");
    let side = console.plan_screen().portal.clone().unwrap();
    assert_eq!(side.rows[1].1, "(one is set)");
    assert_eq!(side.rows[1].2, "stays as it is");
    assert_eq!(side.rows[2].1, "https://ump-fine.finebak.com/old");
}

#[test]
fn what_a_later_push_has_overtaken_is_not_shown_as_what_the_portal_holds_now() {
    let mut world = named("ump-fine.finebak.com", TENANT);
    world.portal().client_id = "of an earlier registration".into();
    world.portal().redirect_uri = "https://ump-fine.finebak.com/old".into();
    world.facts.portal.failure = Some(failure(FailureKind::Unreachable));
    world.facts.portal.at = Some(in_days(-2));
    world.record().at = in_days(-1);
    let mut console = Console::over(vec![world]);
    console.drive("R");
    let side = console.plan_screen().portal.clone().unwrap();
    assert!(
        side.rows.iter().all(|(_, now, _)| now == "(not known)"),
        "{side:?}"
    );
    assert_eq!(side.read_at, None);
}

#[test]
fn nothing_to_do_is_a_toast_and_no_plan() {
    let mut console = Console::new();
    console.go_to("ump-fine.finebak.com");
    console.drive("f");
    assert!(console.model.screens.is_empty());
    assert_eq!(
        console.toast(),
        "nothing to do: ump-fine.finebak.com is as the blueprint wants it"
    );
    assert_eq!(console.model.toasts[0].tone, Tone::Good);
    console.wait(4_000);
    assert!(console.model.toasts.is_empty(), "it goes after 4 s");
}

#[test]
fn nothing_to_do_says_what_is_left_alone() {
    let mut console = Console::new();
    let mut world = named("ump-fine.finebak.com", TENANT);
    world
        .app()
        .required_resource_access
        .push(extra_permission());
    console.rows_changed(&[world]);
    console.go_to("ump-fine.finebak.com");
    console.drive("f");
    assert!(console.model.screens.is_empty());
    assert!(console.toast().starts_with("nothing to do; not changed: "));
}

#[test]
fn two_presses_of_a_key_lead_to_one_plan() {
    for key in ["f", "R", "p"] {
        let mut console = Console::new();
        console.go_to("ump-drift.finebak.com");
        let effects = console.press(&format!("{key} {key}"));
        console.answer(effects);
        assert_eq!(console.model.screens.len(), 1, "{key}");
        console.press("esc");
        assert!(console.model.screens.is_empty(), "{key}");
    }
}

#[test]
fn a_plan_that_comes_late_does_not_cover_a_run_that_is_beginning() {
    let mut console = Console::new();
    console.go_to("ump-drift.finebak.com");
    let first = console.press("f");
    let again = console.press("f");
    console.answer(again);
    console.press("enter");
    console.answer(first);
    assert!(console.plan_screen().applying);
    assert_eq!(console.model.screens.len(), 1);
}

#[test]
fn no_plan_is_a_card_that_says_why() {
    let mut console = Console::new();
    let asked = console.press("p");
    console.refuse(asked);
    let Some(Overlay::Card(card)) = console.model.overlays.last() else {
        panic!("no card");
    };
    assert!(card.failure);
    assert_eq!(card.title, trouble().what);
    assert_eq!(card.paragraphs, [trouble().why, trouble().next]);
}

#[test]
fn d_shows_and_hides_the_bodies() {
    let mut console = Console::new();
    console.go_to("ump-drift.finebak.com");
    console.drive("f");
    assert!(!console.shows("\"isFallbackPublicClient\": true"));
    console.press("d");
    assert!(console.shows("\"isFallbackPublicClient\": true"));
    console.press("d");
    assert!(!console.shows("\"isFallbackPublicClient\": true"));
}

#[test]
fn a_plan_scrolls_to_its_last_line_and_no_further() {
    let mut console = Console::new();
    console.go_to("ump-new.contoso.net");
    console.drive("c ctrl-n");
    console.resize(80, 14);
    console.press("G");
    let lines = crate::console::panes::plan::count(console.plan_screen(), 80);
    let page = crate::console::geometry::card_page(&console.model);
    assert!(lines > page, "the plan is longer than the screen");
    assert_eq!(console.plan_screen().list.offset, lines - page);
    console.press("j j j");
    assert_eq!(console.plan_screen().list.offset, lines - page);
    console.resize(200, 50);
    assert_eq!(
        console.plan_screen().list.offset,
        0,
        "all of it fits on the larger terminal"
    );
}

#[test]
fn a_rotation_adds_before_it_removes() {
    let mut console = Console::new();
    console.go_to("ump-soon.finebak.com");
    let effects = console.drive("R");
    assert!(matches!(&effects[..], [Effect::Plan(_, Ask::Rotate, _)]));
    let text = console.text();
    let add = text.find("add a client secret").unwrap();
    let prove = text.find("prove the secret").unwrap();
    let remove = text.find("remove the earlier secret").unwrap();
    assert!(add < prove && prove < remove, "{text}");
}
