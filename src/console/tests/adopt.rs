//! Choosing the application that is a device's registration.

use super::fixtures::*;
use crate::console::keymap::Context;
use crate::console::message::{Ask, Effect};
use crate::registration::fixtures::{World, application, in_days};
use crate::registration::observed::{Application, Candidate};
use uuid::Uuid;

const NEW: &str = "ump-new.contoso.net";

/// A device without a registration, for which two applications were made by hand, and one lies in the bin.
pub(super) fn choosing(name: &str) -> World {
    let mut world = named(name, CONTOSO);
    let uris = world.app().web_redirect_uris.clone();
    let app = |id: u128, name: &str, unique_name: Option<String>| Application {
        object_id: Uuid::from_u128(id),
        app_id: Uuid::from_u128(id << 8),
        display_name: name.into(),
        unique_name,
        web_redirect_uris: uris.clone(),
        ..application()
    };
    let own_name = Some(world.device.unique_name());
    let candidates = vec![
        Candidate::of(
            app(1, "Contoso background registration", None),
            "redirect URI",
            None,
        ),
        Candidate::of(app(2, "Contoso test", None), "redirect URI", None),
        Candidate::of(
            app(3, "UMP Sync ump-new", own_name),
            "unique name",
            Some(in_days(-4)),
        ),
    ];
    world.facts = World::unregistered().facts;
    world.facts.candidates = candidates;
    world
}

pub(super) fn to_choose() -> Console {
    let mut console = Console::over(vec![choosing(NEW)]);
    console.go_to(NEW);
    console
}

#[test]
fn the_chooser_tells_the_applications_apart_and_enter_plans_for_the_one_under_the_cursor() {
    let mut console = to_choose();
    console.drive("A");
    assert_eq!(console.model.context(), Context::Adopt);
    for words in [
        "Contoso background registration",
        "Contoso test",
        "deleted 4d ago",
    ] {
        assert!(console.shows(words), "{words}:\n{}", console.text());
    }
    let effects = console.drive("j enter");
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Plan(_, Ask::Adopt(id), _) => Some(*id),
        _ => None,
    });
    assert_eq!(asked, Some(Uuid::from_u128(2)));
    assert_eq!(console.model.context(), Context::Plan);
    assert!(console.shows("uniqueName"), "{}", console.text());
    console.drive("esc");
    assert_eq!(
        console.model.context(),
        Context::Adopt,
        "back to the choice"
    );
}

#[test]
fn one_in_the_bin_is_planned_to_be_restored() {
    let mut console = to_choose();
    console.drive("A G enter");
    assert!(
        console.shows("restore the deleted application"),
        "{}",
        console.text()
    );
}

#[test]
fn a_create_leads_to_the_choice_first() {
    let mut console = to_choose();
    console.drive("c");
    assert_eq!(console.model.context(), Context::Adopt);
}

#[test]
fn where_nothing_was_found_a_says_so_and_a_registration_of_ones_own_needs_no_choice() {
    let mut console = Console::new();
    console.go_to("ump-new.contoso.net");
    console.drive("A");
    assert!(
        console.shows("deleted ones included, has the redirect URI"),
        "{}",
        console.text()
    );
    console.go_to("ump-fine.finebak.com");
    let effects = console.drive("A");
    assert!(effects.iter().any(|one| matches!(one, Effect::Plan(..))));
    assert!(console.shows("already"), "{}", console.text());
}

#[test]
fn what_was_found_meanwhile_is_shown_and_the_cursor_stays_in_the_list() {
    let mut console = to_choose();
    console.drive("A G");
    let file = console.files.get_mut(&fqdn(NEW)).unwrap();
    file.facts.candidates.truncate(1);
    let row = row(file);
    let effects = console.desk(crate::desk::event::DeskEvent::RowsChanged(vec![row]));
    console.answer(effects);
    assert!(!console.shows("Contoso test"), "{}", console.text());
    let effects = console.drive("enter");
    assert!(
        effects
            .iter()
            .any(|one| matches!(one, Effect::Plan(_, Ask::Adopt(_), _)))
    );
}
