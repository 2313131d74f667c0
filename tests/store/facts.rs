//! What was read of a registration comes out of the store as it went in, and so does what a portal was given.

use std::slice::from_ref;

use crate::filled_store::*;
use umpdeck::registration::fleet::Fqdn;
use umpdeck::registration::observed::{
    PortalRecord, Proof, ProofOutcome, Reading, RecordSource, RegistrationFacts, TenantFacts,
};
use umpdeck::registration::status::Status;
use umpdeck::store::Store;

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
