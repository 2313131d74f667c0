//! The inventory's forms: what may be typed, what a change comes to, and the list that takes it up.

use super::fixtures::*;
use crate::console::message::{Effect, Message};
use crate::console::model::{InventoryWish, Screen};
use crate::desk::event::{DeskEvent, FleetRow, Trouble};
use crate::desk::file::Scope;
use crate::desk::inventory::Order;
use crate::inventory::{Change, CustomerEntry, CustomerField, Entry, Field};
use crate::registration::fixtures::TENANT;

const FINE: &str = "ump-fine.finebak.com";
const SOON: &str = "ump-soon.finebak.com";

/// A device with other notes, before it is written.
pub(super) fn edited() -> Console {
    let mut console = Console::new();
    console.go_to(FINE);
    console.drive("e backtab backtab");
    console.type_text("rack 4, row 2");
    console.drive("ctrl-n");
    console
}

/// A device's form in which a customer is being typed, wrong so far.
pub(super) fn with_a_customer() -> Console {
    let mut console = Console::new();
    console.go_to(FINE);
    console.drive("e backtab");
    console.type_text("velden");
    console.drive("tab tab");
    console.type_text("no guid");
    console
}

fn written(effects: &[Effect]) -> Vec<(Order, u64)> {
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::WriteInventory(order, mark) => Some((order.clone(), *mark)),
        _ => None,
    });
    all.collect()
}

#[test]
fn a_new_device_is_typed_shown_and_written_from_what_was_read() {
    let mut console = Console::new();
    console.drive("n");
    console.type_text("10.0.0.1");
    assert!(
        console.shows("an IP address is not an FQDN"),
        "{}",
        console.text()
    );
    console.drive("ctrl-u");
    console.type_text(FINE);
    assert!(
        console.shows("there is a device with this FQDN"),
        "{}",
        console.text()
    );
    console.drive("ctrl-u");
    console.type_text("ump-77.finebak.com");
    assert!(
        console.shows("https://ump-77.finebak.com/tenantui"),
        "{}",
        console.text()
    );
    // The tenant must be chosen where there are several.
    console.drive("ctrl-n");
    assert!(
        console.shows("there are several tenants"),
        "{}",
        console.text()
    );
    console.drive("right ctrl-n");
    assert!(
        console.shows("add ump-77.finebak.com"),
        "{}",
        console.text()
    );
    assert!(
        console.shows("Enter writes it to /etc/umpdeck/settings.toml"),
        "{}",
        console.text()
    );
    let effects = console.drive("enter");
    let all = written(&effects);
    let [(Order::Devices(changes), 7)] = all.as_slice() else {
        panic!("{effects:?}");
    };
    let [Change::Added(entry)] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(entry.get(Field::Fqdn), "ump-77.finebak.com");
    assert_eq!(entry.get(Field::Tenant), "Finebak");
    assert_eq!(
        entry.get(Field::PortalUrl),
        "",
        "the default is not spelt out"
    );
    assert!(console.model.screens.is_empty());
    assert!(
        console.toast().contains("written to"),
        "{}",
        console.toast()
    );
}

#[test]
fn an_edit_shows_what_it_was_and_will_be_and_no_change_is_none() {
    let mut console = edited();
    for words in ["change ump-fine.finebak.com", "notes", "rack 4, row 2"] {
        assert!(console.shows(words), "{words}: {}", console.text());
    }
    console.press("esc");
    assert!(
        matches!(console.model.screens.last(), Some(Screen::Form(_))),
        "back in the form"
    );
    console.press("ctrl-u");
    console.press("ctrl-n");
    assert!(
        console.toast().contains("nothing was changed"),
        "{}",
        console.toast()
    );
    assert!(console.press("esc").is_empty());
    assert!(
        !console.model.screens.is_empty(),
        "Esc asks once when something was typed"
    );
    console.press("esc");
    assert!(console.model.screens.is_empty());
}

#[test]
fn the_marked_devices_are_removed_together_or_the_one_under_the_cursor() {
    let mut console = Console::new();
    for device in [SOON, FINE] {
        console.go_to(device);
        console.press("space");
    }
    console.drive("x");
    for device in [SOON, FINE] {
        assert!(
            console.shows(&format!("remove {device}")),
            "{}",
            console.text()
        );
    }
    assert!(written(&console.drive("esc")).is_empty());
    console.drive("u");
    console.go_to(FINE);
    console.drive("x");
    let effects = console.drive("enter");
    let all = written(&effects);
    let [(Order::Devices(changes), _)] = all.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].device(), FINE);
}

#[test]
fn a_tenant_is_edited_by_its_form_and_removed_from_there() {
    let mut console = Console::new();
    console.drive("tab t");
    assert!(
        console.shows("Inventory: tenant Finebak"),
        "{}",
        console.text()
    );
    console.drive("ctrl-u");
    console.type_text("Contoso Voice");
    assert!(
        console.shows("another tenant has this name"),
        "{}",
        console.text()
    );
    console.drive("ctrl-u");
    console.type_text("Fine");
    console.drive("ctrl-n");
    assert!(console.shows("change tenant Finebak"), "{}", console.text());
    let effects = console.drive("enter");
    let all = written(&effects);
    let [(Order::Tenant(tenant), _)] = all.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((tenant.id, tenant.name.as_str()), (TENANT, "Fine"));
    console.drive("t ctrl-x");
    assert!(console.shows("remove tenant Finebak"), "{}", console.text());
    let all = written(&console.drive("enter"));
    assert_eq!(all[0].0, Order::RemoveTenant(TENANT));
}

#[test]
fn what_can_not_be_written_is_said_and_the_form_is_still_there() {
    let mut console = edited();
    console.press("enter");
    let why = Trouble::new(
        "the inventory is not changed",
        "it has changed since",
        "Open it again.",
    );
    console.send(Message::InventoryWritten(Err(why)));
    assert!(console.shows("has changed since"), "{}", console.text());
    console.press("esc esc");
    assert!(console.shows("rack 4, row 2"), "{}", console.text());
}

#[test]
fn another_inventory_is_taken_up_marks_stay_and_who_went_leaves_the_screen() {
    let mut console = Console::new();
    console.go_to(SOON);
    console.press("space");
    console.go_to(FINE);
    console.press("space");
    console.drive("enter");
    let mut rows: Vec<FleetRow> = console.files.values().map(row).collect();
    rows.retain(|row| row.fqdn.as_str() != FINE);
    rows.push(FleetRow {
        fqdn: fqdn("ump-77.finebak.com"),
        tenant: TENANT,
        verdict: None,
    });
    let effects = console.send(Message::Desk(DeskEvent::InventoryChanged {
        tenants: tenants(),
        rows,
    }));
    assert!(
        console.model.screens.is_empty(),
        "the device on screen is gone"
    );
    assert_eq!(console.model.fleet.marked_devices(), [fqdn(SOON)]);
    let listed = console.listed();
    assert!(listed.contains(&"ump-77".to_string()) && !listed.contains(&"ump-fine".to_string()));
    assert!(
        matches!(effects.as_slice(), [Effect::Refresh(Scope::Tenant(TENANT))]),
        "what is new is read: {effects:?}"
    );
    // What was read before comes late.
    let late = worlds().pop().unwrap();
    console.rows_changed(&[late]);
    assert!(!console.listed().contains(&"ump-fine".to_string()));
}

/// What a form asks the inventory to make of the only device that it changes.
fn after(effects: &[Effect]) -> Entry {
    let all = written(effects);
    let [(Order::Devices(changes), _)] = all.as_slice() else {
        panic!("{effects:?}");
    };
    let [Change::Changed { after, .. }] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    (**after).clone()
}

#[test]
fn customers_are_added_edited_and_taken_out_in_the_devices_form() {
    let mut console = Console::new();
    console.resize(80, 24);
    console.go_to(FINE);
    console.drive("e backtab");
    assert!(console.shows("a short name adds one"), "{}", console.text());
    console.type_text("a b");
    assert!(console.shows("short name"), "{}", console.text());
    console.drive("ctrl-u");
    console.type_text("velden");
    console.drive("tab");
    console.type_text("Velden Shipping");
    console.drive("tab");
    console.type_text("no guid");
    assert!(console.shows("is not a GUID"), "{}", console.text());
    console.drive("ctrl-u tab");
    console.type_text("https://voice.velden.example/authenticate/cb");
    // A second one is begun below, and the form moves with the cursor.
    console.drive("tab");
    console.type_text("velden");
    assert!(
        console.shows("another customer has this short name"),
        "{}",
        console.text()
    );
    console.drive("ctrl-n");
    assert!(console.shows("another customer has"), "{}", console.text());
    console.drive("ctrl-u");
    console.type_text("oakridge");
    console.drive("ctrl-n");
    for words in [
        "change ump-fine.finebak.com",
        "customer velden",
        "customer oakridge",
    ] {
        assert!(console.shows(words), "{words}: {}", console.text());
    }
    let entry = after(&console.drive("enter"));
    let names: Vec<&str> = entry
        .customers
        .iter()
        .map(|one| one.get(CustomerField::ShortName))
        .collect();
    assert_eq!(names, ["velden", "oakridge"]);
    assert_eq!(
        entry.customers[0].get(CustomerField::FullName),
        "Velden Shipping"
    );
    assert_eq!(entry.customers[1].get(CustomerField::FullName), "");
}

#[test]
fn a_customer_whose_short_name_is_emptied_is_taken_out_and_the_others_stay() {
    let mut console = Console::new();
    console.go_to(FINE);
    console.drive("e");
    let Some(Screen::Form(screen)) = console.model.screens.pop() else {
        panic!("no form");
    };
    // As it is where two customers are written.
    let mut written = screen.written;
    let entry = written
        .entries
        .iter_mut()
        .find(|one| one.name() == FINE)
        .unwrap();
    for name in ["acme", "globex"] {
        let mut customer = CustomerEntry::default();
        customer.set(CustomerField::ShortName, name);
        customer.set(CustomerField::FullName, "Of the two");
        entry.customers.push(customer);
    }
    let wish = InventoryWish::Edit(fqdn(FINE));
    console.send(Message::Inventory(Box::new(written), wish));
    // From the last line, which begins another, back to the first one's short name.
    console.drive("backtab backtab backtab backtab backtab backtab backtab backtab backtab");
    console.drive("ctrl-u");
    assert!(console.shows("(taken out)"), "{}", console.text());
    console.drive("ctrl-n");
    assert!(console.shows("customer acme"), "{}", console.text());
    assert!(!console.shows("customer globex"), "{}", console.text());
    let entry = after(&console.press("enter"));
    assert_eq!(entry.customers.len(), 1);
    assert_eq!(entry.customers[0].get(CustomerField::ShortName), "globex");
}
