use proptest::prelude::*;

use super::*;
use crate::desk::file::RequestPreview;
use crate::registration::fixtures::World;
use crate::registration::plan::{Change, Plan};

fn fqdn(at: usize) -> Fqdn {
    Fqdn::parse(&format!("ump-{at}.finebak.com")).unwrap()
}

fn plan_file() -> PlanFile {
    let world = World::right();
    let plan: Plan = world.plan(Intent::Rotate).unwrap();
    let requests = plan.steps.iter().map(|_| {
        vec![RequestPreview {
            method: "POST".into(),
            path: "/".into(),
            header: None,
            body: None,
            may_repeat: false,
        }]
    });
    PlanFile {
        requests: requests.collect(),
        plan,
        seen: None,
    }
}

fn work(kind: usize) -> Work {
    match kind {
        0 => Work::Nothing("nothing differs".into()),
        1 => Work::ByHand("by hand".into()),
        2 => Work::Cannot(Trouble::new("w", "y", "n")),
        _ => Work::Ready {
            plan: Box::new(plan_file()),
            then: Then::Nothing,
        },
    }
}

fn drafted(kinds: &[(usize, u128)]) -> Vec<Drafted> {
    let one = |(at, (kind, registration)): (usize, &(usize, u128))| Drafted {
        device: fqdn(at),
        tenant: Uuid::from_u128(1),
        registration: Some(Uuid::from_u128(*registration)),
        shared_with: vec![],
        work: work(*kind),
    };
    kinds.iter().enumerate().map(one).collect()
}

proptest! {
    #[test]
    fn every_device_is_counted_once_and_keeps_its_place(kinds in prop::collection::vec((0usize..5, 0u128..9), 0..30)) {
        let plan = combined(BulkIntent::Rotate, drafted(&kinds));
        let totals = plan.totals();
        prop_assert_eq!(totals.devices, kinds.len());
        prop_assert_eq!(totals.devices, totals.ready + totals.nothing + totals.by_hand + totals.cannot);
        let one = plan_file();
        let steps = one.plan.steps.len();
        prop_assert_eq!(totals.requests, totals.ready * steps);
        prop_assert_eq!(totals.changes, totals.ready * one.plan.changes());
        prop_assert_eq!((totals.adds, totals.removes), (totals.ready, totals.ready));
        for (at, item) in plan.items.iter().enumerate() {
            prop_assert_eq!(&item.device, &fqdn(at));
            // The nearest one before it on the same registration that has something to do.
            let before = (0..at).rev().find(|before| kinds[*before].0 > 2 && kinds[*before].1 == kinds[at].1);
            let after = before.filter(|_| kinds[at].0 > 2).map(fqdn);
            prop_assert_eq!(&item.after, &after);
        }
    }
}

#[test]
fn the_totals_in_words_leave_out_what_is_not_there() {
    let totals = Totals {
        devices: 3,
        ready: 2,
        by_hand: 1,
        requests: 8,
        changes: 1,
        adds: 2,
        ..Totals::default()
    };
    assert_eq!(totals.devices_words(), "3 devices: 2 ready, 1 by hand");
    assert_eq!(totals.work_words(), "1 change, 8 requests, 2 secrets added");
}

#[test]
fn a_step_with_several_changes_says_how_many() {
    let mut plan = plan_file();
    let change = |field: &str| Change {
        field: field.into(),
        from: String::new(),
        to: "x".into(),
    };
    plan.plan.steps.truncate(1);
    plan.plan.steps[0].changes = vec![change("a"), change("b")];
    let item = BulkItem {
        device: fqdn(1),
        tenant: Uuid::nil(),
        lane: 0,
        after: Some(fqdn(0)),
        work: Work::Ready {
            plan: Box::new(plan),
            then: Then::Push,
        },
    };
    let clauses = item.clauses();
    assert!(clauses[0].ends_with("(2 changes)"), "{clauses:?}");
    assert!(clauses[1].contains("push the new secret"), "{clauses:?}");
    assert!(clauses[2].contains("ump-0.finebak.com"), "{clauses:?}");
}
