//! A device: tabs, explanations, copies, and the extra permissions that a repair takes away.

use secrecy::ExposeSecret;

use super::fixtures::*;
use crate::console::message::{Ask, Effect, Message, Then};
use crate::console::model::{DeviceTab, Overlay};
use crate::desk::event::DeskEvent;
use crate::desk::file::Scope;
use crate::registration::fixtures::{APP_ID, OBJECT_ID, TENANT};
use crate::registration::plan::Action;

fn opened(device: &str) -> Console {
    let mut console = Console::new();
    console.go_to(device);
    console.drive("enter");
    console
}

#[test]
fn opening_shows_what_is_stored_and_reads_the_device() {
    let mut console = Console::new();
    console.go_to("ump-drift.finebak.com");
    let effects = console.press("enter");
    assert!(matches!(
        &effects[..],
        [Effect::Load(load, Then::Show, _), Effect::Refresh(Scope::Device(read))]
            if load == read && load.short() == "ump-drift"
    ));
    assert!(console.shows("Reading"));
    console.answer(effects);
    assert!(console.shows("Checklist"));
}

#[test]
fn numbers_and_tab_choose_the_tab_and_each_keeps_its_cursor() {
    let mut console = opened("ump-drift.finebak.com");
    console.press("g j j");
    for (at, tab) in DeviceTab::ALL.into_iter().enumerate() {
        console.press(&(at + 1).to_string());
        assert_eq!(console.device_screen().tab, tab);
    }
    console.press("tab");
    assert_eq!(console.device_screen().tab, DeviceTab::Checklist);
    assert_eq!(console.device_screen().lists[0].cursor, 2);
    console.press("shift-tab");
    assert_eq!(console.device_screen().tab, DeviceTab::Secrets);
}

#[test]
fn the_devices_of_the_list_follow_each_other_at_the_same_tab() {
    let mut console = opened("ump-new.contoso.net");
    let listed = console.listed();
    assert_eq!(listed[..3], ["ump-expired", "ump-new", "ump-drift"]);
    console.press("3");
    let effects = console.press(".");
    assert!(
        matches!(
            &effects[..],
            [Effect::Load(load, Then::Show, _), Effect::Refresh(Scope::Device(read))]
                if load == read && load.short() == "ump-drift"
        ),
        "{effects:?}"
    );
    console.answer(effects);
    assert_eq!(console.device_screen().tab, DeviceTab::Values);
    assert_eq!(
        console.model.screens.len(),
        1,
        "one step back leads to the list"
    );
    console.drive(", ,");
    assert_eq!(console.device_screen().fqdn.short(), "ump-expired");
    assert!(console.press(",").is_empty());
    assert!(console.toast().contains("first of the list"));
    console.press("esc");
    assert_eq!(console.selected(), "ump-expired.finebak.com");
    console.drive("G enter");
    assert!(console.press(".").is_empty());
    assert!(console.toast().contains("last of the list"));
}

#[test]
fn a_device_that_left_the_list_is_followed_by_the_one_that_took_its_place() {
    let mut console = Console::new();
    console.press("!");
    console.go_to("ump-drift.finebak.com");
    console.drive("enter");
    console.rows_changed(&[named("ump-drift.finebak.com", TENANT)]);
    let listed = console.listed();
    assert_eq!(listed[..3], ["ump-expired", "ump-new", "ump-bare"]);
    console.drive(".");
    assert_eq!(console.device_screen().fqdn.short(), "ump-bare");
    console.drive(",");
    assert_eq!(console.device_screen().fqdn.short(), "ump-new");
}

#[test]
fn while_something_is_read_the_devices_passed_by_are_not() {
    let mut console = opened("ump-new.contoso.net");
    console.desk(DeskEvent::RefreshStarted { tenant: TENANT });
    let effects = console.press(".");
    assert!(
        matches!(&effects[..], [Effect::Load(_, Then::Show, _)]),
        "{effects:?}"
    );
}

#[test]
fn enter_explains_a_line_of_the_checklist_with_what_is_wanted_and_found() {
    let mut console = opened("ump-drift.finebak.com");
    let items = console.checklist_lines();
    let at = items
        .iter()
        .position(|item| item.outcome.status().is_some())
        .unwrap();
    let explain = items[at].check.explain;
    console.press("g");
    for _ in 0..at {
        console.press("j");
    }
    console.press("enter");
    let Some(Overlay::Card(card)) = console.model.overlays.last() else {
        panic!("no card");
    };
    assert!(!card.failure);
    assert_eq!(card.paragraphs[0], explain);
    assert!(card.paragraphs[1].starts_with("Wanted: "));
    assert!(card.paragraphs[2].starts_with("Found: "));
    console.press("esc");
    assert!(console.model.overlays.is_empty());
    assert_eq!(console.model.screens.len(), 1);
}

#[test]
fn copy_keys_copy_exactly_the_value() {
    let mut console = opened("ump-fine.finebak.com");
    let cases = [
        ("i", APP_ID.to_string()),
        ("o", OBJECT_ID.to_string()),
        ("t", TENANT.to_string()),
        (
            "u",
            "https://ump-fine.finebak.com/authenticate/OAuth2Callback".into(),
        ),
        ("m", "https://ump-fine.finebak.com/tenantui".into()),
    ];
    for (key, text) in cases {
        let effects = console.press(key);
        let [(_, copied, secret)] = &copies(&effects)[..] else {
            panic!("{key}: {effects:?}");
        };
        assert_eq!((copied, *secret), (&text, false), "{key}");
    }
    let url = &copies(&console.press("n"))[0].1;
    assert!(url.starts_with("https://login.microsoftonline.com/organizations/v2.0/adminconsent?"));
}

#[test]
fn a_value_that_is_not_there_is_not_copied_and_says_why() {
    let mut console = opened("ump-new.contoso.net");
    assert!(console.press("i").is_empty());
    assert!(console.toast().contains("no registration yet"));
    let mut console = opened("ump-fine.finebak.com");
    assert!(console.press("x").is_empty());
    assert!(console.toast().contains("shown only once"));
}

#[test]
fn the_secret_is_copied_as_one_while_it_is_in_memory() {
    let mut console = Console::new();
    console.hold_secret("ump-fine.finebak.com");
    console.go_to("ump-fine.finebak.com");
    console.drive("enter");
    let copied = copies(&console.press("x"));
    assert_eq!(copied[0].1, SECRET);
    assert!(copied[0].2, "it is copied as a secret");
}

#[test]
fn the_secret_is_on_screen_only_after_v_and_until_v() {
    let mut console = Console::new();
    console.hold_secret("ump-fine.finebak.com");
    console.go_to("ump-fine.finebak.com");
    console.drive("enter 3");
    assert!(!console.shows(SECRET));
    console.press("v");
    assert!(console.shows(SECRET));
    console.press("v");
    assert!(!console.shows(SECRET));
}

#[test]
fn no_debug_output_has_the_secret() {
    let mut console = Console::new();
    console.hold_secret("ump-fine.finebak.com");
    console.go_to("ump-fine.finebak.com");
    let load = console.press("enter");
    let file = console.files[&fqdn("ump-fine.finebak.com")].clone();
    let question = console.model.questions.ask();
    let message = Message::Loaded(Box::new(file), Then::Show, question);
    assert!(!format!("{message:?}").contains(SECRET));
    console.answer(load);
    let copied = console.press("x");
    assert_eq!(copies(&copied).len(), 1);
    console.press("3 v j b");
    let Some(Overlay::BareLine(line)) = console.model.overlays.last() else {
        panic!("no bare line");
    };
    assert_eq!(line.text.expose_secret(), SECRET);
    for output in [format!("{copied:?}"), format!("{:?}", console.model)] {
        assert!(!output.contains(SECRET));
    }
}

#[test]
fn the_bare_line_has_the_value_from_the_first_column_on() {
    let mut console = opened("ump-fine.finebak.com");
    console.press("3 j j b");
    let text = console.text();
    assert!(
        text.lines()
            .any(|line| line == "https://ump-fine.finebak.com/authenticate/OAuth2Callback"),
        "{text}"
    );
}

#[test]
fn an_extra_permission_goes_only_when_it_is_marked() {
    let mut console = opened("ump-drift.finebak.com");
    assert!(matches!(
        &console.press("f")[..],
        [Effect::Plan(_, Ask::Repair(remove), _)] if remove.is_empty()
    ));
    console.press("2 space");
    assert!(
        console.device_screen().remove_extra.is_empty(),
        "a wanted permission can't be marked"
    );
    let lines = console
        .device_screen()
        .judged
        .as_ref()
        .unwrap()
        .file
        .permissions();
    let at = lines.iter().position(|line| line.extra()).unwrap();
    console.press("g");
    for _ in 0..at {
        console.press("j");
    }
    console.press("space");
    assert_eq!(console.device_screen().remove_extra, [extra_permission()]);
    console.press("space");
    assert!(console.device_screen().remove_extra.is_empty());
    console.press("space");
    let effects = console.press("f");
    assert!(matches!(
        &effects[..],
        [Effect::Plan(_, Ask::Repair(remove), _)] if *remove == [extra_permission()]
    ));
    console.answer(effects);
    let steps = &console.plan_screen().file.plan.steps;
    let Action::UpdateApplication { properties } = &steps[0].action else {
        panic!("{steps:?}");
    };
    let access = properties.required_resource_access.as_ref().unwrap();
    assert!(!access.contains(&extra_permission()));
}

#[test]
fn a_device_on_screen_is_loaded_again_when_its_row_changes() {
    let mut console = opened("ump-drift.finebak.com");
    console.press("g j j j");
    let effects = console.rows_changed(&[named("ump-drift.finebak.com", TENANT)]);
    assert!(
        matches!(&effects[..], [Effect::Load(fqdn, Then::Show, _)] if fqdn.short() == "ump-drift")
    );
    let verdict = &console.device_screen().judged.as_ref().unwrap().verdict;
    assert_eq!(verdict.status, crate::registration::status::Status::Ok);
    assert_eq!(console.device_screen().lists[0].cursor, 3);
    assert!(
        console
            .rows_changed(&[named("ump-soon.finebak.com", TENANT)])
            .is_empty(),
        "another device's row concerns it not"
    );
}

#[test]
fn a_list_that_became_shorter_keeps_the_cursor_in_it() {
    let mut console = opened("ump-drift.finebak.com");
    console.press("2 G");
    let last = console.device_screen().lists[1].cursor;
    console.rows_changed(&[named("ump-drift.finebak.com", TENANT)]);
    assert!(console.device_screen().lists[1].cursor < last);
}

#[test]
fn a_lower_terminal_keeps_the_line_under_the_cursor_on_screen() {
    let mut console = opened("ump-drift.finebak.com");
    console.press("G");
    console.resize(80, 12);
    let last = console.checklist_lines().len() - 1;
    let list = console.device_screen().lists[0];
    let page = crate::console::geometry::device_page(&console.model);
    assert_eq!(list.cursor, last);
    assert!(list.offset <= last && last < list.offset + page, "{list:?}");
}

#[test]
fn the_statement_is_asked_for_by_its_key() {
    let mut console = opened("ump-fine.finebak.com");
    assert!(console.press("S").is_empty(), "it asks first");
    assert!(console.toast().contains("S again"));
    assert!(
        console.press("j S").is_empty(),
        "another key takes the question back"
    );
    assert!(matches!(&console.press("S")[..], [Effect::State(fqdn)] if fqdn.short() == "ump-fine"));
}

#[test]
fn what_the_portals_tab_has_to_cut_stands_whole_behind_enter() {
    let mut console = Console::new();
    console.resize(80, 24);
    console.go_to("ump-fine.finebak.com");
    console.drive("enter 4");
    let uri = "https://ump-fine.finebak.com/authenticate/OAuth2Callback";
    assert!(!console.shows(uri), "{}", console.text());
    assert!(console.drive("enter").is_empty(), "nothing is asked");
    let Some(Overlay::Card(card)) = console.model.overlays.last() else {
        panic!("a card: {}", console.text());
    };
    let both = format!("{uri}, on both sides");
    assert!(
        card.paragraphs.iter().any(|line| line.ends_with(&both)),
        "{:#?}",
        card.paragraphs
    );
}

#[test]
fn the_checklist_opens_where_something_is_not_in_order() {
    let console = opened("ump-drift.finebak.com");
    let screen = console.device_screen();
    let first = console
        .checklist_lines()
        .iter()
        .position(|item| item.outcome.status().is_some());
    assert!(first.is_some_and(|at| at > 0));
    assert_eq!(Some(screen.lists[0].cursor), first);
    assert_eq!(
        opened("ump-fine.finebak.com").device_screen().lists[0].cursor,
        0
    );
}

#[test]
fn the_way_back_names_what_was_opened_in_its_order() {
    let mut console = super::bulk::half_way();
    console.drive("enter");
    let device = console.model.device().unwrap().clone();
    let shown = format!("Bulk run › {device}");
    assert!(console.shows(&shown), "{shown}:\n{}", console.text());
}
