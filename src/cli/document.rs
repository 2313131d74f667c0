//! The parts that the commands' JSON has in common.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::desk::event::FleetRow;
use crate::registration::fleet::Tenant;
use crate::registration::observed::Failure;
use crate::registration::status::{NextStep, PortalState};
use crate::text;

/// One device as `status` lists it.
pub(super) fn device(row: &FleetRow, now: Timestamp) -> Value {
    let Some(verdict) = &row.verdict else {
        return json!({
            "fqdn": row.fqdn.as_str(),
            "tenant": row.tenant,
            "status": row.status().key(),
            "reason": row.reason(),
            "next": NextStep::Refresh,
            "checks": {"met": 0, "all": 0},
            "permissions": null,
            "secret": null,
            "portal": portal(&PortalState::NotKnown),
            "customers": 0,
            "customersPending": 0,
            "readAt": null,
            "stale": false,
        });
    };
    let secret = verdict.secret_end.map(|end| {
        json!({
            "end": end,
            "daysLeft": text::days_left(end, now),
            "assumed": verdict.secret_assumed,
        })
    });
    json!({
        "fqdn": row.fqdn.as_str(),
        "tenant": row.tenant,
        "status": verdict.status.key(),
        "reason": verdict.reason,
        "next": verdict.next,
        "checks": {"met": verdict.checks_met, "all": verdict.checks_all},
        "permissions": verdict.permissions,
        "secret": secret,
        "portal": portal(&verdict.portal),
        "customers": verdict.customers,
        "customersPending": verdict.customers_pending,
        "readAt": verdict.read_at,
        "stale": verdict.stale,
    })
}

fn portal(state: &PortalState) -> Value {
    let (key, at) = match state {
        PortalState::NotKnown => ("not-known", None),
        PortalState::InStep => ("in-step", None),
        PortalState::Differs => ("differs", None),
        PortalState::Empty => ("empty", None),
        PortalState::NoRecord => ("no-record", None),
        PortalState::Stated(at) => ("stated", Some(at)),
        PortalState::Pushed(at) => ("pushed", Some(at)),
    };
    json!({"state": key, "at": at})
}

/// A tenant, with why it could not be read.
pub(super) fn tenant(tenant: &Tenant, failure: Option<&Failure>) -> Value {
    let failure = failure.map(|failure| json!({"why": failure.why, "next": failure.next}));
    json!({"id": tenant.id, "name": tenant.name, "failure": failure})
}

/// The head that every document begins with.
pub(super) fn head(schema: &str, now: Timestamp, sandbox: bool) -> Map<String, Value> {
    let mut head = Map::new();
    head.insert("schema".into(), schema.into());
    head.insert("at".into(), json!(now));
    head.insert("sandbox".into(), sandbox.into());
    head
}

/// The document as text, everything in it made harmless.
pub(super) fn text(document: Map<String, Value>) -> String {
    let document = clean(Value::Object(document));
    format!("{document:#}\n")
}

/// The document as one line, likewise.
pub(super) fn line(document: Map<String, Value>) -> String {
    format!("{}\n", clean(Value::Object(document)))
}

fn clean(value: Value) -> Value {
    match value {
        Value::String(words) => Value::String(text::clean(&words)),
        Value::Array(all) => all.into_iter().map(clean).collect(),
        Value::Object(all) => all
            .into_iter()
            .map(|(key, value)| (key, clean(value)))
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fleet::Fqdn;
    use uuid::Uuid;

    #[test]
    fn a_device_that_was_never_read_has_every_field_all_the_same() {
        let row = FleetRow {
            fqdn: Fqdn::parse("ump.finebak.com").unwrap(),
            tenant: Uuid::from_u128(1),
            verdict: None,
        };
        let device = device(&row, Timestamp::UNIX_EPOCH);
        assert_eq!(device["status"], "unreachable");
        assert_eq!(device["next"], "refresh");
        assert_eq!(device.as_object().unwrap().len(), 13);
    }

    #[test]
    fn what_a_server_says_leaves_no_control_character_in_a_document() {
        let mut document = head("x/1", Timestamp::UNIX_EPOCH, false);
        document.insert("reason".into(), "a\u{1b}[31m\u{202e}b".into());
        let text = text(document);
        assert!(text::is_harmless(&text));
        assert!(!text.contains("\\u001b"), "{text}");
    }
}
