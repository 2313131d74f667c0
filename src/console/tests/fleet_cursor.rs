//! Where the fleet's cursor is, and what follows it.

use super::fixtures::*;
use crate::desk::event::{DeskEvent, FleetRow};
use crate::registration::fixtures::{TENANT, in_days};

#[test]
fn before_it_is_moved_the_cursor_stays_on_the_worst_device() {
    let mut console = Console::new();
    let mut worse = named("ump-fine.finebak.com", TENANT);
    worse.app().password_credentials[0].end = Some(in_days(-40));
    console.rows_changed(&[worse]);
    assert_eq!(console.listed()[0], "ump-fine");
    assert_eq!(console.selected(), "ump-fine.finebak.com");
}

#[test]
fn once_moved_the_cursor_stays_on_its_device() {
    let mut console = Console::new();
    console.press("j j");
    assert_eq!(console.selected(), "ump-drift.finebak.com");
    let mut worse = named("ump-fine.finebak.com", TENANT);
    worse.app().password_credentials[0].end = Some(in_days(-40));
    console.rows_changed(&[worse]);
    assert_eq!(console.listed()[0], "ump-fine");
    assert_eq!(console.selected(), "ump-drift.finebak.com");
    console.press("s");
    assert_eq!(console.selected(), "ump-drift.finebak.com");
}

#[test]
fn the_reason_follows_the_cursor_once_it_rests() {
    let mut console = Console::new();
    console.press("j");
    assert!(!console.shows("create the registration"));
    console.wait(150);
    assert!(console.shows("create the registration"));
}

#[test]
fn the_cursor_is_where_the_work_was() {
    let mut console = Console::new();
    console.press("j");
    let here = console.selected();
    // A device that was found by its name is the one to come back to.
    console.drive(":");
    console.type_text("ump-fine");
    console.drive("enter");
    console.press("esc");
    assert_eq!(console.selected(), "ump-fine.finebak.com");
    assert_ne!(here, console.selected());
    console.press("k");
    let (gone, next) = (console.selected(), {
        console.press("j");
        let next = console.selected();
        console.press("k");
        next
    });
    let mut rows: Vec<_> = console.files.values().map(row).collect();
    rows.retain(|row| row.fqdn.as_str() != gone);
    let change = DeskEvent::InventoryChanged {
        tenants: tenants(),
        rows,
    };
    console.desk(change);
    assert_eq!(console.selected(), next, "the one that came after it");
}

#[test]
fn the_cursor_goes_to_a_device_that_was_added_whenever_it_is_listed() {
    let added = "ump-77.finebak.com";
    let change = |console: &Console| {
        let mut rows: Vec<_> = console.files.values().map(row).collect();
        rows.push(FleetRow {
            fqdn: fqdn(added),
            tenant: TENANT,
            verdict: None,
        });
        DeskEvent::InventoryChanged {
            tenants: tenants(),
            rows,
        }
    };
    let mut before = Console::new();
    before.model.fleet.follow(&fqdn(added));
    let event = change(&before);
    before.desk(event);
    assert_eq!(before.selected(), added, "it was written first");
    let mut after = Console::new();
    let event = change(&after);
    after.desk(event);
    assert_ne!(after.selected(), added);
    after.model.fleet.follow(&fqdn(added));
    assert_eq!(after.selected(), added, "it was listed first");
}
