//! A store with a device in it, and what tests put there.

use std::slice::from_ref;

use crate::new_store::open;
use jiff::Timestamp;
use umpdeck::registration::checklist::PermissionCount;
use umpdeck::registration::fleet::{Customer, Device, Fqdn, PortalWay, RedirectUri, Tenant};
use umpdeck::registration::observed::{Failure, FailureKind, Reading, RegistrationFacts};
use umpdeck::registration::status::{NextStep, PortalState, Status, Verdict};
use umpdeck::store::Store;
use uuid::Uuid;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn tenant(number: u128) -> Tenant {
    Tenant {
        id: id(number),
        name: format!("Tenant {number}"),
        primary_domain: "finebak.com".into(),
        mpn_id: Some("1234567".into()),
    }
}

pub fn device(name: &str, tenant: u128) -> Device {
    Device {
        fqdn: Fqdn::parse(name).unwrap(),
        tenant: id(tenant),
        blueprint: "consent-2025".into(),
        portal_profile: "site".into(),
        portal_way: PortalWay::Http,
        portal_url: format!("https://{name}/tenantui"),
        redirect_uri: Some(RedirectUri::parse(&format!("https://{name}:8443/back")).unwrap()),
        linked_object_id: None,
        mpn_id: None,
        notes: "rack 4, \"left\"\n'; DROP TABLE device; --".into(),
        customers: vec![
            Customer {
                short_name: "zeta_1".into(),
                full_name: "Zeta GmbH".into(),
                tenant_id: Some(id(77)),
                redirect_uri: None,
            },
            Customer {
                short_name: "alpha".into(),
                full_name: String::new(),
                tenant_id: None,
                redirect_uri: Some(RedirectUri::parse("https://alpha.example.com/x").unwrap()),
            },
        ],
    }
}

pub fn verdict(status: Status) -> Verdict {
    Verdict {
        status,
        reason: "because".into(),
        next: NextStep::Repair,
        checks_met: 9,
        checks_all: 12,
        permissions: Some(PermissionCount {
            present: 5,
            wanted: 6,
        }),
        secret_end: Some(at("2027-01-01T00:00:00Z")),
        secret_assumed: true,
        portal: PortalState::Stated(at("2026-11-01T00:00:00.123Z")),
        customers: 2,
        customers_pending: 1,
        read_at: Some(at("2026-11-24T01:00:00Z")),
        stale: false,
        holds_until: None,
    }
}

pub fn facts(why: &str) -> RegistrationFacts {
    RegistrationFacts {
        application: Reading {
            value: Some(None),
            at: Some(at("2026-11-24T01:00:00.000000001Z")),
            failure: Some(Failure {
                at: at("2026-11-24T02:00:00Z"),
                kind: FailureKind::Unreachable,
                why: why.into(),
                next: "wait".into(),
            }),
        },
        ..RegistrationFacts::default()
    }
}

/// A store with tenant 1 and `a.finebak.com` in it.
pub fn open_with_one() -> (tempfile::TempDir, Store, Device) {
    let (dir, store) = open();
    let one = device("a.finebak.com", 1);
    store
        .replace_inventory(&[tenant(1)], from_ref(&one))
        .unwrap();
    (dir, store, one)
}
