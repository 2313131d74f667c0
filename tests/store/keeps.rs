//! What goes into the store comes out of it: inventory, facts, verdicts.

use std::slice::from_ref;

use jiff::Timestamp;
use proptest::prelude::*;
use umpdeck::registration::checklist::PermissionCount;
use umpdeck::registration::fleet::{Customer, Device, Fqdn, PortalWay, RedirectUri, Tenant};
use umpdeck::registration::observed::{
    Failure, FailureKind, PortalRecord, Proof, ProofOutcome, Reading, RecordSource,
    RegistrationFacts, TenantFacts,
};
use umpdeck::registration::status::{NextStep, PortalState, Status, Verdict};
use umpdeck::store::Store;
use uuid::Uuid;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn tenant(number: u128) -> Tenant {
    Tenant {
        id: id(number),
        name: format!("Tenant {number}"),
        primary_domain: "finebak.com".into(),
        mpn_id: Some("1234567".into()),
    }
}

fn device(name: &str, tenant: u128) -> Device {
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

fn verdict(status: Status) -> Verdict {
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

fn facts(why: &str) -> RegistrationFacts {
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

fn record(by: &str) -> PortalRecord {
    PortalRecord {
        source: RecordSource::Stated,
        by: by.into(),
        at: at("2026-11-20T00:00:00Z"),
        client_id: id(5),
        redirect_uri: "https://a.finebak.com/x".into(),
        customer_redirect_uris: vec![],
        key_id: Some(id(6)),
        proof: Some(Proof {
            at: at("2026-11-20T00:00:01Z"),
            outcome: ProofOutcome::Unknown("blocked".into()),
        }),
    }
}

fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

/// A store with tenant 1 and `a.finebak.com` in it.
fn open_with_one() -> (tempfile::TempDir, Store, Device) {
    let (dir, store) = open();
    let one = device("a.finebak.com", 1);
    store
        .replace_inventory(&[tenant(1)], from_ref(&one))
        .unwrap();
    (dir, store, one)
}

#[test]
fn the_inventory_comes_back_as_it_was_given_after_a_restart_too() {
    let (dir, store) = open();
    let tenants = [tenant(1), tenant(2)];
    let devices = [device("b.finebak.com", 2), device("a.finebak.com", 1)];
    store.replace_inventory(&tenants, &devices).unwrap();
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.tenants().unwrap(), tenants);
    let sorted = [devices[1].clone(), devices[0].clone()];
    assert_eq!(store.devices().unwrap(), sorted);
    for one in devices {
        assert_eq!(store.device(&one.fqdn).unwrap(), Some(one));
    }
    let other = Fqdn::parse("c.finebak.com").unwrap();
    assert_eq!(store.device(&other).unwrap(), None);
}

#[test]
fn what_is_no_longer_listed_vanishes_with_its_facts_and_the_rest_keeps_them() {
    let (_dir, store) = open();
    let stays = device("stays.finebak.com", 1);
    let goes = device("goes.finebak.com", 2);
    let moves = device("moves.finebak.com", 2);
    let all = [stays.clone(), goes.clone(), moves.clone()];
    store
        .replace_inventory(&[tenant(1), tenant(2)], &all)
        .unwrap();
    let read = all.map(|one| (one.fqdn, facts("x"), verdict(Status::Drift)));
    store.save_registrations(&read).unwrap();
    store.link(&moves.fqdn, Some(id(9))).unwrap();
    let mut of_tenant = TenantFacts::default();
    of_tenant.identity.failure = facts("t").application.failure;
    for number in [1, 2] {
        store.save_tenant_facts(id(number), &of_tenant).unwrap();
    }

    let mut changed = stays.clone();
    changed.notes = "changed".into();
    changed.customers.pop();
    let moved = Device {
        tenant: id(1),
        ..moves.clone()
    };
    let left = [moved, changed];
    store.replace_inventory(&[tenant(1)], &left).unwrap();

    assert_eq!(store.tenants().unwrap(), [tenant(1)]);
    assert_eq!(store.devices().unwrap(), left);
    assert_eq!(store.registration_facts(&stays.fqdn).unwrap(), facts("x"));
    for gone in [&goes.fqdn, &moves.fqdn] {
        let nothing = RegistrationFacts::default();
        assert_eq!(store.registration_facts(gone).unwrap(), nothing);
    }
    assert_eq!(store.tenant_facts(id(1)).unwrap(), of_tenant);
    assert_eq!(store.tenant_facts(id(2)).unwrap(), TenantFacts::default());
    let fleet = store.fleet().unwrap();
    let rows: Vec<_> = fleet
        .iter()
        .map(|row| (row.fqdn.as_str(), row.tenant, row.verdict.is_some()))
        .collect();
    let expected = [
        ("moves.finebak.com", id(1), false),
        ("stays.finebak.com", id(1), true),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn an_inventory_that_names_an_unlisted_tenant_changes_nothing() {
    let (_dir, store, one) = open_with_one();
    let wrong = [device("b.finebak.com", 1), device("c.finebak.com", 3)];
    assert!(store.replace_inventory(&[tenant(1)], &wrong).is_err());
    assert_eq!(store.devices().unwrap(), [one]);
}

#[test]
fn a_link_survives_an_inventory_without_it_and_can_be_taken_away() {
    let (_dir, store, mut one) = open_with_one();
    store.link(&one.fqdn, Some(id(9))).unwrap();
    one.notes = "changed".into();
    store
        .replace_inventory(&[tenant(1)], from_ref(&one))
        .unwrap();
    let stored = store.device(&one.fqdn).unwrap().unwrap();
    assert_eq!(
        (stored.linked_object_id, stored.notes.as_str()),
        (Some(id(9)), "changed")
    );
    one.linked_object_id = Some(id(10));
    store
        .replace_inventory(&[tenant(1)], from_ref(&one))
        .unwrap();
    assert_eq!(store.devices().unwrap(), [one.clone()]);
    store.link(&one.fqdn, None).unwrap();
    let stored = store.device(&one.fqdn).unwrap().unwrap();
    assert_eq!(stored.linked_object_id, None);
}

#[test]
fn a_refresh_never_overwrites_the_portal_record() {
    let (_dir, store, one) = open_with_one();
    store.save_portal_record(&one.fqdn, &record("new")).unwrap();
    for old in [None, Some(record("old"))] {
        let read = RegistrationFacts {
            record: old,
            ..facts("x")
        };
        let refreshed = [(one.fqdn.clone(), read, verdict(Status::Ok))];
        store.save_registrations(&refreshed).unwrap();
        let stored = store.registration_facts(&one.fqdn).unwrap();
        assert_eq!(stored.record, Some(record("new")));
        assert_eq!(stored.application, facts("x").application);
    }
    // Unlisted by mistake for one start: what can't be read again is there when the device is.
    store.replace_inventory(&[tenant(1)], &[]).unwrap();
    assert_eq!(store.registration_facts(&one.fqdn).unwrap().record, None);
    store
        .replace_inventory(&[tenant(1)], from_ref(&one))
        .unwrap();
    let expected = RegistrationFacts {
        record: Some(record("new")),
        ..RegistrationFacts::default()
    };
    assert_eq!(store.registration_facts(&one.fqdn).unwrap(), expected);
}

#[test]
fn facts_of_what_was_unlisted_meanwhile_are_passed_over() {
    let (_dir, store, one) = open_with_one();
    let gone = Fqdn::parse("gone.finebak.com").unwrap();
    let read = [
        (gone, facts("x"), verdict(Status::Ok)),
        (one.fqdn.clone(), facts("y"), verdict(Status::Ok)),
    ];
    store.save_registrations(&read).unwrap();
    store
        .save_tenant_facts(id(8), &TenantFacts::default())
        .unwrap();
    assert_eq!(store.fleet().unwrap().len(), 1);
    assert_eq!(store.registration_facts(&one.fqdn).unwrap(), facts("y"));
}

#[test]
fn read_and_none_there_is_told_from_never_read() {
    let (_dir, store, one) = open_with_one();
    let absent = facts("x");
    let never = RegistrationFacts {
        application: Reading {
            value: None,
            at: None,
            failure: absent.application.failure.clone(),
        },
        ..RegistrationFacts::default()
    };
    for read in [absent, never] {
        let saved = [(one.fqdn.clone(), read.clone(), verdict(Status::Drift))];
        store.save_registrations(&saved).unwrap();
        assert_eq!(store.registration_facts(&one.fqdn).unwrap(), read);
    }
}

#[test]
fn facts_that_this_version_cannot_read_count_as_never_read() {
    let (dir, store, one) = open_with_one();
    let read = [(one.fqdn.clone(), facts("y"), verdict(Status::Ok))];
    store.save_registrations(&read).unwrap();
    let raw = rusqlite::Connection::open(dir.path().join(Store::FILE)).unwrap();
    raw.execute("UPDATE registration_facts SET facts = '{\"other\": 1}'", [])
        .unwrap();
    let nothing = RegistrationFacts::default();
    assert_eq!(store.registration_facts(&one.fqdn).unwrap(), nothing);
}

#[test]
fn a_fleet_of_ten_thousand_comes_back_row_for_row() {
    let (_dir, store) = open();
    let devices: Vec<Device> = (0..10_000)
        .map(|number| Device {
            customers: vec![],
            ..device(&format!("ump{number:05}.finebak.com"), 1)
        })
        .collect();
    store.replace_inventory(&[tenant(1)], &devices).unwrap();
    let verdicts: Vec<_> = devices
        .iter()
        .zip(Status::ALL.iter().cycle())
        .map(|(device, status)| (device.fqdn.clone(), verdict(*status)))
        .collect();
    store.save_verdicts(&verdicts).unwrap();
    let fleet = store.fleet().unwrap();
    assert_eq!(fleet.len(), 10_000);
    for (row, (fqdn, verdict)) in fleet.iter().zip(&verdicts) {
        assert_eq!((&row.fqdn, row.verdict.as_ref()), (fqdn, Some(verdict)));
    }
}

#[test]
fn a_verdict_never_turns_before_its_secret_does() {
    let (_dir, store, one) = open_with_one();
    let turn = at("2027-01-01T00:00:00.0000001Z");
    let fine = Verdict {
        holds_until: Some(turn),
        ..verdict(Status::Ok)
    };
    store.save_verdicts(&[(one.fqdn, fine)]).unwrap();
    let stored = store.fleet().unwrap().remove(0).verdict.unwrap();
    assert!(stored.holds_until.unwrap() >= turn);
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_000_i64..253_402_200_000_000)
        .prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

fn any_portal() -> impl Strategy<Value = PortalState> {
    prop_oneof![
        Just(PortalState::NotKnown),
        Just(PortalState::InStep),
        Just(PortalState::Differs),
        Just(PortalState::Empty),
        Just(PortalState::NoRecord),
        moment().prop_map(PortalState::Stated),
        moment().prop_map(PortalState::Pushed),
    ]
}

prop_compose! {
    fn any_verdict()(
        status in proptest::sample::select(&Status::ALL[..]),
        next in proptest::sample::select(vec![
            NextStep::Create, NextStep::Adopt, NextStep::Repair, NextStep::Push,
            NextStep::Rotate, NextStep::Consent, NextStep::Refresh, NextStep::Nothing,
        ]),
        reason in any::<String>(),
        counts in any::<(u16, u16, u32, u32)>(),
        permissions in proptest::option::of(any::<(u16, u16)>()),
        portal in any_portal(),
        times in proptest::collection::vec(proptest::option::of(moment()), 3),
        flags in any::<(bool, bool)>(),
    ) -> Verdict {
        Verdict {
            status,
            reason,
            next,
            checks_met: counts.0,
            checks_all: counts.1,
            permissions: permissions.map(|(present, wanted)| PermissionCount { present, wanted }),
            secret_end: times[0],
            secret_assumed: flags.0,
            portal,
            customers: counts.2,
            customers_pending: counts.3,
            read_at: times[1],
            stale: flags.1,
            holds_until: times[2],
        }
    }
}

#[test]
fn any_verdict_survives_its_columns() {
    let (_dir, store, one) = open_with_one();
    proptest!(|(verdict in any_verdict())| {
        store.save_verdicts(&[(one.fqdn.clone(), verdict.clone())]).unwrap();
        let fleet = store.fleet().unwrap();
        prop_assert_eq!(fleet[0].verdict.as_ref(), Some(&verdict));
    });
}
