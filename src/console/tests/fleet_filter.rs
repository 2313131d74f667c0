//! Narrowing the fleet: the filter's line, problems only, and the way back out of both.

use super::fixtures::*;
use crate::console::chord::Chord;
use crate::console::message::{Effect, Message};
use crate::console::model::Overlay;
use crate::registration::fixtures::TENANT;

#[test]
fn the_filter_works_while_it_is_typed_and_stays_after_enter() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("status:dr");
    assert_eq!(console.listed(), ["ump-drift"]);
    console.press("backspace backspace");
    assert_eq!(console.model.fleet.len(), 8, "\"status:\" excludes nothing");
    console.press("ctrl-u");
    console.type_text("secret<30 !expired");
    assert_eq!(console.listed(), ["ump-soon"]);
    console.press("enter");
    assert!(console.model.overlays.is_empty());
    assert_eq!(console.listed(), ["ump-soon"]);
}

#[test]
fn keys_of_the_fleet_are_letters_while_the_filter_is_typed() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("qcfpR!");
    assert_eq!(console.model.fleet.filter, "qcfpR!");
    assert!(!console.model.leaving);
}

#[test]
fn esc_takes_back_the_filter_then_the_problems_then_the_tenant_then_nothing() {
    let mut console = Console::new();
    console.press("tab ! /");
    console.type_text("ump");
    console.press("enter");
    console.press("esc");
    assert_eq!(console.model.fleet.filter, "");
    assert!(console.model.fleet.problems_only);
    console.press("esc");
    assert!(!console.model.fleet.problems_only);
    assert_eq!(console.model.fleet.tenant, Some(TENANT));
    console.press("esc");
    assert_eq!(console.model.fleet.tenant, None);
    let effects = console.press("esc");
    assert!(effects.is_empty() && !console.model.leaving);
}

#[test]
fn esc_in_the_filters_line_clears_it() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("drift");
    console.press("esc");
    assert!(console.model.overlays.is_empty());
    assert_eq!(console.model.fleet.len(), 8);
}

#[test]
fn problems_only_hides_what_is_in_order() {
    let mut console = Console::new();
    console.press("!");
    assert_eq!(console.model.fleet.len(), 7);
    assert!(console.listed().iter().all(|name| name != "ump-fine"));
    console.press("!");
    assert_eq!(console.model.fleet.len(), 8);
}

#[test]
fn what_is_pasted_over_the_list_becomes_the_filter_and_never_keys() {
    let mut console = Console::new();
    let effects = console.send(Message::Paste("ump-soon\n".into()));
    assert!(effects.is_empty());
    assert_eq!(console.model.fleet.filter, "ump-soon");
    assert_eq!(console.listed(), ["ump-soon"]);
    console.press("esc");
    let effects = console.send(Message::Paste("q".into()));
    assert!(effects.is_empty() && !console.model.leaving);
}

#[test]
fn the_filters_line_has_the_filter_of_before() {
    let mut console = Console::new();
    console.send(Message::Paste("drift".into()));
    console.press("/");
    match console.model.overlays.last() {
        Some(Overlay::Filter(input)) => assert_eq!(input.value(), "drift"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_filter_that_goes_leaves_the_cursor_on_screen() {
    let worlds = (0..40).map(|at| named(&format!("ump-{at:02}.finebak.com"), TENANT));
    let mut console = Console::over(worlds.collect());
    console.resize(80, 24);
    console.press("G /");
    console.type_text("ump-39");
    console.press("esc");
    let (list, page) = (
        console.model.fleet.list,
        crate::console::geometry::fleet_page(&console.model),
    );
    assert_eq!(console.selected(), "ump-39.finebak.com");
    assert!(list.cursor < list.offset + page, "{list:?} of {page}");
}

#[test]
fn a_filter_for_customers_asks_for_their_names_once_and_then_fits() {
    let mut console = Console::new();
    console.press("/");
    let mut asked = 0;
    for letter in "customer:ac".chars() {
        let effects = console.send(Message::Key(Chord::char(letter)));
        asked += effects
            .iter()
            .filter(|one| matches!(one, Effect::LoadCustomers(_)))
            .count();
    }
    assert!(asked > 0 && console.listed().is_empty());
    let names = [(fqdn("ump-wait.finebak.com"), "acme\nacme inc\n".to_string())];
    let question = console.model.questions.ask();
    console.send(Message::Customers(names.into(), question));
    assert_eq!(console.listed(), ["ump-wait"]);
    console.press("ctrl-u");
    console.type_text("!customer:acme");
    assert!(!console.listed().contains(&"ump-wait".to_string()));
    assert_eq!(console.listed().len(), 7);
}

#[test]
fn tab_completes_the_last_word_of_a_filter() {
    let mut console = Console::new();
    console.press("/");
    console.type_text("status:dr");
    console.press("tab");
    assert_eq!(console.model.fleet.filter, "status:drift");
    assert_eq!(console.listed(), ["ump-drift"]);
}

#[test]
fn what_is_typed_into_the_filter_has_no_colour_of_the_reason_below_it() {
    let mut console = Console::new();
    console.go_to("ump-expired.finebak.com");
    console.wait(1_000);
    console.press("/");
    console.type_text("expired");
    console.wait(1_000);
    let buffer = console.buffer();
    let y = crate::console::geometry::fleet(console.model.size).status.y;
    let typed = (1..10).map(|x| buffer[(x, y)].fg);
    assert!(
        typed
            .clone()
            .all(|colour| colour == ratatui::style::Color::Reset),
        "{:?}",
        typed.collect::<Vec<_>>()
    );
}
