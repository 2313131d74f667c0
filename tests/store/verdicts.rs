//! Verdicts come out of the store's columns as they went in.

use crate::filled_store::*;
use crate::new_store::open;
use jiff::Timestamp;
use proptest::prelude::*;
use umpdeck::registration::checklist::PermissionCount;
use umpdeck::registration::fleet::Device;
use umpdeck::registration::status::{NextStep, PortalState, Status, Verdict};

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
