//! The journal of runs: one at a time on a device, and nothing of it is lost.

use crate::new_store::{at, open};
use jiff::Timestamp;
use serde_json::json;
use umpdeck::registration::fleet::Fqdn;
use umpdeck::store::{NewRun, Phase, RunId, RunOutcome, RunSummary, Store, StoreError};
use uuid::Uuid;

const A: &str = "a.finebak.com";

fn new_run(device: &str, owner: &str, at: Timestamp) -> NewRun {
    NewRun {
        id: RunId::new(),
        device: Fqdn::parse(device).unwrap(),
        sharing: vec![],
        tenant: Uuid::from_u128(1),
        intent: "rotate".into(),
        plan: json!({"steps": [{"b": 1, "a": 2}]}),
        owner: owner.into(),
        at,
    }
}

/// No owner's process is known to be gone.
fn nobody(_: &RunSummary) -> bool {
    false
}

#[test]
fn a_run_comes_back_with_its_journal_in_order() {
    let (dir, store) = open();
    let run = new_run(A, "ann@jump:12", at(0));
    store.begin_run(&run, None, nobody).unwrap();
    let detail = json!({"key_id": "k", "hint": "abc"});
    store
        .journal(run.id, 0, Phase::About, &json!(null), at(1))
        .unwrap();
    store
        .journal(run.id, 0, Phase::Unknown, &json!(null), at(2))
        .unwrap();
    store
        .journal(run.id, 1, Phase::Done, &detail, at(3))
        .unwrap();
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    let journal = store.run_journal(run.id).unwrap();
    let lines: Vec<_> = journal
        .iter()
        .map(|line| (line.step, line.phase, line.at))
        .collect();
    let expected = [
        (0, Phase::About, at(1)),
        (0, Phase::Unknown, at(2)),
        (1, Phase::Done, at(3)),
    ];
    assert_eq!(lines, expected);
    assert_eq!(journal[2].detail, detail);
    let open = store.open_runs().unwrap().remove(0);
    assert_eq!(
        (open.id, &open.plan, open.heartbeat),
        (run.id, &run.plan, at(3))
    );
    assert!(open.is_alive(at(62)) && !open.is_alive(at(63)));

    store
        .close_run(run.id, RunOutcome::Done, "all done", at(9))
        .unwrap();
    assert!(store.open_runs().unwrap().is_empty());
    let closed = store.run(run.id).unwrap();
    assert_eq!(
        (closed.outcome, closed.note.as_str()),
        (Some(RunOutcome::Done), "all done")
    );
    assert_eq!(closed.ended, Some(at(9)));
    assert!(!closed.is_alive(at(9)));
}

#[test]
fn a_plan_that_was_overtaken_by_another_run_is_refused_whatever_the_clocks_say() {
    let (_dir, store) = open();
    let device = Fqdn::parse(A).unwrap();
    let seen = store.runs_seen(&device).unwrap();
    let first = new_run(A, "ann", at(500));
    store.begin_run(&first, Some(seen), nobody).unwrap();
    let while_open = store.runs_seen(&device).unwrap();
    // The clock is set back meanwhile.
    store
        .close_run(first.id, RunOutcome::Done, "", at(3))
        .unwrap();
    for overtaken in [seen, while_open] {
        let next = new_run(A, "bob", at(4));
        let error = store.begin_run(&next, Some(overtaken), nobody).unwrap_err();
        assert!(matches!(error, StoreError::Overtaken { .. }), "{error}");
        let words = error.to_string();
        assert!(words.contains("ann") && words.contains(A), "{words}");
    }
    assert!(store.open_runs().unwrap().is_empty());
    let next = new_run(A, "bob", at(5));
    let seen = store.runs_seen(&device).unwrap();
    store.begin_run(&next, Some(seen), nobody).unwrap();
}

#[test]
fn one_run_at_a_time_a_device_and_the_refusal_says_who_and_since_when() {
    let (dir, store) = open();
    let other_process = Store::open(dir.path()).unwrap();
    let first = new_run(A, "ann", at(0));
    store.begin_run(&first, None, nobody).unwrap();
    store.heartbeat(first.id, at(50)).unwrap();
    let second = new_run(A, "bob", at(109));
    match other_process.begin_run(&second, None, nobody) {
        Err(StoreError::RunInProgress {
            device,
            owner,
            since,
        }) => {
            assert_eq!((device.as_str(), owner.as_str(), since), (A, "ann", at(0)));
        }
        other => panic!("{other:?}"),
    }
    let elsewhere = new_run("b.finebak.com", "bob", at(109));
    other_process.begin_run(&elsewhere, None, nobody).unwrap();
    store
        .close_run(first.id, RunOutcome::Stopped, "", at(110))
        .unwrap();
    other_process.begin_run(&second, None, nobody).unwrap();
}

#[test]
fn devices_of_one_registration_wait_for_each_other() {
    let (_dir, store) = open();
    let first = new_run(A, "ann@jump:12", at(0));
    store.begin_run(&first, None, nobody).unwrap();
    let sharing = NewRun {
        sharing: vec![Fqdn::parse(A).unwrap()],
        ..new_run("b.finebak.com", "bob@jump:13", at(1))
    };
    match store.begin_run(&sharing, None, nobody) {
        Err(StoreError::RunInProgress { device, owner, .. }) => {
            assert_eq!((device.as_str(), owner.as_str()), (A, first.owner.as_str()));
        }
        other => panic!("{other:?}"),
    }
    store
        .begin_run(
            &new_run("c.finebak.com", "eve@jump:14", at(1)),
            None,
            nobody,
        )
        .unwrap();
    store
        .close_run(first.id, RunOutcome::Done, "", at(2))
        .unwrap();
    store.begin_run(&sharing, None, nobody).unwrap();
}

#[test]
fn a_run_without_a_sign_of_life_is_abandoned_by_the_next_one_and_learns_it() {
    let (_dir, store) = open();
    let dead = new_run(A, "ann", at(0));
    store.begin_run(&dead, None, nobody).unwrap();
    let next = new_run(A, "bob", at(60));
    store.begin_run(&next, None, nobody).unwrap();
    let left = store.run(dead.id).unwrap();
    assert_eq!(left.outcome, Some(RunOutcome::Abandoned));
    assert!(
        left.note.contains(&next.id.short()) && left.note.contains("bob"),
        "{}",
        left.note
    );

    // It wakes up again: it must not do anything more, and what it did meanwhile is not lost.
    let closed = |result| {
        let outcome = RunOutcome::Abandoned;
        matches!(result, Err(StoreError::RunClosed { outcome: found, .. }) if found == outcome)
    };
    assert!(closed(store.heartbeat(dead.id, at(61))));
    assert!(closed(store.journal(
        dead.id,
        3,
        Phase::Done,
        &json!(1),
        at(61)
    )));
    assert!(closed(store.journal(
        dead.id,
        4,
        Phase::About,
        &json!(1),
        at(61)
    )));
    assert!(closed(store.close_run(
        dead.id,
        RunOutcome::Done,
        "",
        at(61)
    )));
    let journal = store.run_journal(dead.id).unwrap();
    let lines: Vec<_> = journal.iter().map(|line| (line.step, line.phase)).collect();
    assert_eq!(lines, [(3, Phase::Done)]);
    assert_eq!(store.run(dead.id).unwrap().heartbeat, at(0));
    assert_eq!(store.open_runs().unwrap().len(), 1);
}

#[test]
fn a_clock_that_was_set_back_locks_nobody_out() {
    let (_dir, store) = open();
    store
        .begin_run(&new_run(A, "ann", at(7_200)), None, nobody)
        .unwrap();
    assert!(
        store
            .begin_run(&new_run(A, "bob", at(7_195)), None, nobody)
            .is_err()
    );
    store
        .begin_run(&new_run(A, "bob", at(0)), None, nobody)
        .unwrap();
}

#[test]
fn of_many_who_begin_at_once_one_gets_the_device() {
    let (dir, _store) = open();
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let dir = dir.path().to_path_buf();
            std::thread::spawn(move || {
                let store = Store::open(&dir).unwrap();
                store.begin_run(&new_run(A, &format!("{number}"), at(0)), None, nobody)
            })
        })
        .collect();
    let outcomes: Vec<_> = threads.into_iter().map(|one| one.join().unwrap()).collect();
    let refused = |one: &&Result<_, _>| matches!(one, Err(StoreError::RunInProgress { .. }));
    assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(refused).count(), 7);
}

#[test]
fn an_unknown_run_is_no_run() {
    let (_dir, store) = open();
    let none = |result| matches!(result, Err(StoreError::NoSuchRun { .. }));
    let id = RunId::new();
    assert!(none(store.heartbeat(id, at(0))));
    assert!(none(store.journal(id, 0, Phase::Done, &json!(1), at(0))));
    assert!(none(store.close_run(id, RunOutcome::Done, "", at(0))));
    assert!(none(store.run(id).map(drop)));
    assert!(store.run_journal(id).unwrap().is_empty());
}

#[test]
fn runs_are_listed_newest_first_of_one_device_or_of_all() {
    let (_dir, store) = open();
    for (device, second) in [(A, 0), ("b.finebak.com", 1), (A, 2)] {
        let run = new_run(device, "ann", at(second));
        store.begin_run(&run, None, nobody).unwrap();
        store
            .close_run(run.id, RunOutcome::Done, "", at(second))
            .unwrap();
    }
    let began = |device: Option<&str>, limit| -> Vec<Timestamp> {
        let device = device.map(|name| Fqdn::parse(name).unwrap());
        let runs = store.runs(device.as_ref(), limit).unwrap();
        runs.iter().map(|run| run.began).collect()
    };
    assert_eq!(began(None, usize::MAX), [at(2), at(1), at(0)]);
    assert_eq!(began(None, 2), [at(2), at(1)]);
    assert_eq!(began(Some(A), 10), [at(2), at(0)]);
}
