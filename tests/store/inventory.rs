//! The inventory comes out of the store as it went in.

use std::slice::from_ref;

use crate::filled_store::*;
use crate::new_store::open;
use umpdeck::registration::fleet::{Device, Fqdn};
use umpdeck::registration::observed::{RegistrationFacts, TenantFacts};
use umpdeck::registration::status::Status;
use umpdeck::store::Store;

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
