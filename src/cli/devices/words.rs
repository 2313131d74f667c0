//! The devices of the settings file, and changes of them, as people and scripts read them.

use std::path::Path;

use serde_json::json;
use uuid::Uuid;

use super::super::document;
use super::super::output::Look;
use super::super::reading::now;
use super::super::table::{Cell, Kind, table};
use crate::inventory::{Bad, Change, Changes, FieldChange};
use crate::registration::fleet::{Device, Tenant};

pub(super) fn list(look: &Look, tenants: &[Tenant], devices: &[Device], file: &Path) -> String {
    if devices.is_empty() {
        let words = format!(
            "No device is listed in {}. To add one: umpdeck devices add FQDN; many: umpdeck devices import FILE",
            file.display()
        );
        return look.line(&words) + "\n";
    }
    let columns = [
        ("DEVICE", Kind::Words),
        ("TENANT", Kind::Words),
        ("BLUEPRINT", Kind::Words),
        ("PORTAL", Kind::Words),
        ("CUSTOMERS", Kind::Numbers),
        ("NOTES", Kind::Wrapped),
    ];
    let name = |id: Uuid| {
        tenants
            .iter()
            .find(|one| one.id == id)
            .map_or("", |one| &one.name)
    };
    let rows: Vec<Vec<Cell>> = devices
        .iter()
        .map(|device| {
            vec![
                Cell::plain(device.fqdn.as_str()),
                Cell::plain(name(device.tenant)),
                Cell::plain(&*device.blueprint),
                Cell::plain(&*device.portal_profile),
                Cell::plain(device.customers.len().to_string()),
                Cell::plain(&device.notes),
            ]
        })
        .collect();
    table(look, &columns, &rows)
}

pub(super) fn list_json(tenants: &[Tenant], devices: &[Device], file: &Path) -> String {
    let name = |id: Uuid| tenants.iter().find(|one| one.id == id).map(|one| &one.name);
    let all = devices.iter().map(|device| {
        let customers = device.customers.iter().map(|customer| {
            json!({
                "shortName": customer.short_name,
                "fullName": customer.full_name,
                "tenantId": customer.tenant_id,
                "redirectUri": customer.redirect_uri,
            })
        });
        json!({
            "fqdn": device.fqdn,
            "tenant": {"id": device.tenant, "name": name(device.tenant)},
            "blueprint": device.blueprint,
            "portalProfile": device.portal_profile,
            "portalUrl": device.portal_url,
            "redirectUri": device.redirect_uri,
            "objectId": device.linked_object_id,
            "mpnId": device.mpn_id,
            "notes": device.notes,
            "customers": customers.collect::<Vec<_>>(),
        })
    });
    let mut document = document::head("umpdeck.devices/1", now(), false);
    document.insert("file".into(), file.display().to_string().into());
    document.insert("devices".into(), all.collect());
    document::text(document)
}

/// What a change does, as a word.
fn word(change: &Change) -> &'static str {
    match change {
        Change::Added(_) => "add",
        Change::Changed { .. } => "change",
        Change::Removed(_) => "remove",
    }
}

/// One changed field: "notes: rack 4 → rack 5".
pub(in crate::cli) fn field_words(change: &FieldChange) -> String {
    let FieldChange { field, from, to } = change;
    let shown = |text: &str| match text {
        "" => "(not set)".to_string(),
        text => text.to_string(),
    };
    match from.is_empty() {
        true => format!("{field}: {}", shown(to)),
        false => format!("{field}: {} → {}", shown(from), shown(to)),
    }
}

pub(super) fn changes(look: &Look, changes: &Changes) -> String {
    let mut text = String::new();
    let mut say =
        |indent: &str, words: &str| text.push_str(&format!("{indent}{}\n", look.line(words)));
    for change in &changes.devices {
        say("", &format!("{} {}", word(change), change.device()));
        for field in change.fields() {
            say("    ", &field_words(&field));
        }
    }
    for Bad { line, device, why } in &changes.bad {
        match device.as_str() {
            "" => say("", &format!("line {line}: {why}")),
            device => say("", &format!("line {line}, {device}: {why}")),
        }
    }
    say("", &changes.words());
    text
}

pub(super) fn changes_json(changes: &Changes, written: bool, file: &Path) -> String {
    let devices = changes.devices.iter().map(|change| {
        let fields = change.fields().into_iter();
        let fields = fields.map(|one| json!({"field": one.field, "from": one.from, "to": one.to}));
        json!({
            "fqdn": change.device(),
            "change": word(change),
            "fields": fields.collect::<Vec<_>>(),
        })
    });
    let bad = changes.bad.iter();
    let bad = bad.map(|one| json!({"line": one.line, "device": one.device, "why": one.why}));
    let (added, changed, removed) = changes.counts();
    let mut document = document::head("umpdeck.inventory/1", now(), false);
    document.insert("file".into(), file.display().to_string().into());
    document.insert("written".into(), written.into());
    document.insert(
        "totals".into(),
        json!({
            "added": added,
            "changed": changed,
            "removed": removed,
            "unchanged": changes.unchanged,
            "bad": changes.bad.len(),
        }),
    );
    document.insert("devices".into(), devices.collect());
    document.insert("bad".into(), bad.collect());
    document::text(document)
}
