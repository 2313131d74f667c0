//! The inventory in the console: what its keys ask for, and what becomes of the screens when it changes. A form is one
//! room below, what a change comes to another.

pub(super) mod change;
mod customers;
pub(super) mod form;

use super::super::keymap::Action;
use super::super::message::{Effect, Then};
use super::super::model::{FormSubject, InventoryWish, Model, Screen, Tone};
use super::asking;
use crate::desk::event::FleetRow;
use crate::desk::file::Scope;
use crate::desk::inventory::{Order, Written};
use crate::inventory::{Change, Entry, Field};
use crate::registration::fleet::{Fqdn, Tenant};

/// What a key of the fleet or a device asks of the inventory.
pub(super) fn ask(model: &Model, action: Action) -> Option<Vec<Effect>> {
    let wish = match action {
        Action::AddDevice => InventoryWish::Add,
        Action::EditDevice => InventoryWish::Edit(model.device()?.clone()),
        Action::RemoveDevices if model.fleet.marked() > 0 => {
            InventoryWish::Remove(model.fleet.marked_devices())
        }
        Action::RemoveDevices => InventoryWish::Remove(vec![model.device()?.clone()]),
        Action::EditTenant => {
            let of_device = || model.fleet.selected().map(|row| row.tenant);
            let only = || model.tenants.first().map(|one| one.tenant.id);
            InventoryWish::Tenant(model.fleet.tenant.or_else(of_device).or_else(only)?)
        }
        _ => return None,
    };
    Some(vec![Effect::ReadInventory(wish)])
}

/// The inventory was read: opens what was asked for.
pub(super) fn opened(model: &mut Model, written: Written, wish: InventoryWish) {
    if matches!(
        model.screens.last(),
        Some(Screen::Form(_) | Screen::Change(_))
    ) {
        // A key pressed twice asks twice; the first form may have been typed in.
        return;
    }
    let entry = |name: &Fqdn| {
        let mut entries = written.entries.iter();
        entries.find(|entry| entry.name() == name.as_str()).cloned()
    };
    match wish {
        InventoryWish::Add => {
            let chosen = model.fleet.tenant.and_then(|id| model.tenant(id));
            let mut entry = Entry::default();
            if written.tenants.len() > 1 {
                let chosen = chosen.map(|one| one.tenant.name.clone());
                entry.set(Field::Tenant, &chosen.unwrap_or_default());
            }
            model.screens.push(Screen::Form(form::of(
                FormSubject::NewDevice,
                written,
                &entry,
            )));
        }
        InventoryWish::Edit(name) => match entry(&name) {
            Some(entry) => {
                let subject = FormSubject::Device(Box::new(entry.clone()));
                model
                    .screens
                    .push(Screen::Form(form::of(subject, written, &entry)));
            }
            None => not_written(model, &name),
        },
        InventoryWish::Remove(names) => {
            let entries = names.iter().filter_map(entry);
            let changes: Vec<Change> = entries.map(Change::Removed).collect();
            match (changes.is_empty(), names.first()) {
                (true, Some(name)) => not_written(model, name),
                _ => change::show(model, &written, Order::Devices(changes)),
            }
        }
        InventoryWish::Tenant(id) => {
            let tenant = written.tenants.iter().find(|one| one.id == id).cloned();
            if let Some(tenant) = tenant {
                let subject = FormSubject::Tenant(tenant);
                let entry = Entry::default();
                model
                    .screens
                    .push(Screen::Form(form::of(subject, written, &entry)));
            }
        }
    }
}

fn not_written(model: &mut Model, name: &Fqdn) {
    let words = format!("{name} is not in the inventory any more");
    model.toast(Tone::Bad, words);
}

/// Another inventory is taken up: what is not listed any more leaves the screen, what is new is read.
pub(super) fn changed(model: &mut Model, tenants: Vec<Tenant>, rows: Vec<FleetRow>) -> Vec<Effect> {
    let mut unread: Vec<_> = rows
        .iter()
        .filter(|row| {
            model
                .fleet
                .of(&row.fqdn)
                .is_none_or(|old| old.tenant != row.tenant)
        })
        .map(|row| row.tenant)
        .collect();
    unread.sort_unstable();
    unread.dedup();
    let names: Vec<_> = tenants
        .iter()
        .map(|one| (one.id, one.name.clone()))
        .collect();
    model.take_tenants(tenants);
    let chosen = model.fleet.tenant;
    model.fleet.tenant = chosen.filter(|id| model.tenant(*id).is_some());
    model.fleet.load(rows, &names, model.now);
    let fleet = &model.fleet;
    model.screens.retain(|screen| match screen {
        Screen::Device(screen) => fleet.of(&screen.fqdn).is_some(),
        Screen::Create(screen) => fleet.of(&screen.fqdn).is_some(),
        Screen::Plan(screen) => fleet.of(&screen.file.plan.device).is_some(),
        _ => true,
    });
    let shown = model.screens.iter().filter_map(|screen| match screen {
        Screen::Device(screen) => Some(screen.fqdn.clone()),
        _ => None,
    });
    let shown: Vec<Fqdn> = shown.collect();
    let shown = shown
        .into_iter()
        .map(|fqdn| asking::load(model, fqdn, Then::Show));
    let mut effects: Vec<Effect> = shown.collect();
    let read = unread.into_iter();
    effects.extend(read.map(|id| Effect::Refresh(Scope::Tenant(id))));
    super::settle(model);
    effects
}
