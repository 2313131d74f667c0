//! The palette: found by typing, done by Enter, and why not where it can't be.

use super::fixtures::*;
use crate::console::keymap::Context;
use crate::console::message::Effect;
use crate::console::model::{Overlay, PaletteItem, Screen};
use crate::registration::fixtures::TENANT;

fn palette_over(device: &str, keys: &str, text: &str) -> Console {
    let mut console = Console::new();
    console.go_to(device);
    console.drive(keys);
    console.press(":");
    console.type_text(text);
    console
}

fn first(console: &Console) -> PaletteItem {
    match console.model.overlays.last() {
        Some(Overlay::Palette(palette)) => palette.found[0].clone(),
        other => panic!("no palette: {other:?}"),
    }
}

#[test]
fn a_device_is_found_by_a_few_of_its_letters_and_opened() {
    let mut console = palette_over("ump-fine.finebak.com", "", "drft");
    assert_eq!(
        first(&console),
        PaletteItem::Device(fqdn("ump-drift.finebak.com"))
    );
    console.drive("enter");
    assert_eq!(console.device_screen().fqdn, fqdn("ump-drift.finebak.com"));
    // From one device to another: there is only one on the way back.
    console.press(":");
    console.type_text("ump-wait");
    console.drive("enter");
    assert_eq!(console.device_screen().fqdn, fqdn("ump-wait.finebak.com"));
    assert_eq!(console.model.screens.len(), 1);
}

#[test]
fn an_action_is_found_by_its_words_and_done_for_the_device_under_the_cursor() {
    let mut console = palette_over("ump-drift.finebak.com", "", "only what differs");
    assert!(console.shows("repair") && console.shows("Plan a repair"));
    console.drive("enter");
    assert_eq!(
        console.plan_screen().file.plan.device,
        fqdn("ump-drift.finebak.com")
    );
}

#[test]
fn a_tenant_narrows_the_list() {
    let mut console = palette_over("ump-drift.finebak.com", "enter", "tenant fineb");
    assert_eq!(first(&console), PaletteItem::Tenant(Some(TENANT)));
    console.press("enter");
    assert_eq!(console.model.context(), Context::Fleet);
    assert_eq!(console.model.fleet.tenant, Some(TENANT));
}

#[test]
fn what_cannot_be_done_now_is_there_with_the_reason_and_stays_undone() {
    let mut console = palette_over("ump-new.contoso.net", "", "rotate the secret");
    let reason = "ump-new has no registration yet";
    assert!(console.shows(reason), "{}", console.text());
    let effects = console.press("enter");
    assert!(effects.is_empty() && console.toast().contains(reason));
    assert_eq!(console.model.context(), Context::Palette);
    // What works elsewhere says where.
    let console = palette_over("ump-new.contoso.net", "", "body of each request");
    assert!(console.shows("works in Plan"), "{}", console.text());
}

#[test]
fn an_empty_palette_offers_what_can_be_done_here_and_esc_leaves_everything_as_it_was() {
    let mut console = palette_over("ump-drift.finebak.com", "enter", "");
    assert!(console.shows("Explain the line under the cursor"));
    console.press("esc");
    assert_eq!(console.model.context(), Context::Device);
    console.press(":");
    console.type_text("zzzzqq");
    assert!(console.shows("has that in its name"));
    assert!(console.press("enter").is_empty());
}

#[test]
fn nothing_typed_and_no_handoff_is_lost_by_going_elsewhere() {
    let mut console = Console::over(vec![
        by_hand("ump-hand.finebak.com"),
        named("ump-fine.finebak.com", TENANT),
    ]);
    console.go_to("ump-hand.finebak.com");
    console.drive("p j enter");
    assert!(matches!(
        console.model.screens.last(),
        Some(Screen::Handoff(_))
    ));
    console.press(":");
    console.type_text("ump-fine");
    console.press("enter");
    assert!(
        console.toast().contains("the handoff is under way"),
        "{}",
        console.toast()
    );
    assert!(matches!(
        console.model.screens.last(),
        Some(Screen::Handoff(_))
    ));
}

#[test]
fn leaving_asks_only_while_a_run_is_under_way_and_says_of_which_device() {
    let mut console = Console::new();
    assert!(quits(&console.press("q")));
    let mut console = Console::new();
    console.go_to("ump-drift.finebak.com");
    console.drive("f enter esc");
    assert!(!quits(&console.press("q")));
    assert!(
        console
            .toast()
            .contains("a run on ump-drift is under way; q again leaves")
    );
    // Any other key in between takes the question back.
    console.press("j");
    assert!(!quits(&console.press("q")));
    assert!(quits(&console.press("q")));
}

#[test]
fn a_read_only_console_says_so_and_refuses_every_key_that_changes_something() {
    let mut console = Console::new();
    console.model.read_only.everywhere = true;
    console.go_to("ump-drift.finebak.com");
    assert!(console.shows("READ-ONLY"));
    for key in ["f", "p", "R", "c", "n", "e", "x", "t"] {
        console.model.toasts.clear();
        assert!(console.drive(key).is_empty(), "{key}");
        assert!(
            console.toast().contains("started with --read-only"),
            "{key}: {}",
            console.toast()
        );
    }
    console.drive("enter y esc");
    console.model.toasts.clear();
    console.press("S");
    assert!(console.toast().contains("started with --read-only"));
    assert!(!console.press("r").is_empty(), "reading goes on");
}

#[test]
fn a_read_only_tenant_binds_its_own_devices_alone() {
    let mut console = Console::new();
    console.model.read_only.tenants.insert(CONTOSO);
    console.go_to("ump-bare.contoso.net");
    console.wait(10_000);
    assert!(console.shows("not from here, since this console is read-only"));
    assert!(console.drive("p").is_empty());
    assert!(console.toast().contains("the settings say read_only"));
    console.drive("enter");
    assert!(console.shows("READ-ONLY"));
    console.press("esc");
    console.go_to("ump-drift.finebak.com");
    console.wait(10_000);
    assert!(console.shows("Next   f  repair"), "{}", console.text());
    assert!(matches!(console.press("f")[..], [Effect::Plan(..)]));
    assert!(!console.shows("READ-ONLY"));
}

#[test]
fn the_inventory_of_a_read_only_tenant_stays_too_and_what_it_says_of_the_tenant_may_be_edited() {
    let mut console = Console::new();
    console.model.read_only.tenants.insert(CONTOSO);
    console.go_to("ump-bare.contoso.net");
    for key in ["e", "x"] {
        console.model.toasts.clear();
        assert!(console.drive(key).is_empty(), "{key}");
        assert!(
            console.toast().contains("the settings say read_only"),
            "{key}: {}",
            console.toast()
        );
    }
    for key in ["n", "t"] {
        assert!(
            matches!(console.press(key)[..], [Effect::ReadInventory(_)]),
            "{key}"
        );
    }
    // Marked, it holds the others back, wherever the cursor is.
    console.drive("space");
    console.go_to("ump-drift.finebak.com");
    assert!(console.drive("x").is_empty());
    assert!(matches!(console.press("e")[..], [Effect::ReadInventory(_)]));
}

#[test]
fn a_key_of_the_sites_own_works_and_every_word_names_it() {
    let own = [("repair".to_string(), vec!["f6".to_string()])];
    let mut console = Console::new();
    console.model.keys = crate::console::keys::Keys::with(&own.into()).unwrap();
    console.go_to("ump-drift.finebak.com");
    console.wait(1_000);
    let text = console.text();
    assert!(
        text.contains("F6 repair") && text.contains("F6  repair"),
        "{text}"
    );
    assert!(console.press("f").is_empty());
    assert!(matches!(console.press("f6")[..], [Effect::Plan(..)]));
    console.press("?");
    assert!(console.shows("F6"));
}

#[test]
fn a_list_that_is_narrowed_names_the_keys_of_the_sites_own() {
    let own = [
        ("problems-only".to_string(), vec!["f8".to_string()]),
        ("filter".to_string(), vec!["f9".to_string()]),
    ];
    let mut console = Console::new();
    console.model.keys = crate::console::keys::Keys::with(&own.into()).unwrap();
    console.press("f9");
    console.type_text("ump");
    console.press("enter f8");
    for pane in ["fleet", "secrets"] {
        assert!(
            console.shows("F8 problems only"),
            "{pane}:\n{}",
            console.text()
        );
        assert!(console.shows("F9 ump"), "{pane}:\n{}", console.text());
        console.drive("E f8");
    }
}
