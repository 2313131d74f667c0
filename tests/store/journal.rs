//! The journal of runs and the audit trail.

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;
use umpdeck::registration::fleet::Fqdn;
use umpdeck::store::{
    AuditEntry, AuditHead, NewRun, Phase, RunId, RunOutcome, RunSummary, Store, StoreError,
};
use uuid::Uuid;

fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

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

const A: &str = "a.finebak.com";

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

fn entry(number: i64) -> AuditEntry {
    AuditEntry {
        at: at(number),
        os_user: "noc".into(),
        identity: "noc@finebak.com".into(),
        device: (number % 2 == 0).then(|| Fqdn::parse(A).unwrap()),
        run: (number % 2 == 0).then(RunId::new),
        method: "PATCH".into(),
        path: format!("/v1.0/applications/{number}"),
        request_id: Some("r\u{202e}\"\n".into()),
        outcome: "204".into(),
    }
}

/// Five rows, then a hand in the file that the triggers don't stop.
fn tampered(sql: &str) -> Result<i64, StoreError> {
    let (dir, store) = open();
    for number in 0..5 {
        store.audit(&entry(number)).unwrap();
    }
    let raw = Connection::open(dir.path().join(Store::FILE)).unwrap();
    raw.execute_batch(
        "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted; DROP TRIGGER audit_is_appended;",
    )
    .unwrap();
    raw.execute_batch(sql).unwrap();
    store.verify_audit(None).map(|head| head.rows)
}

#[test]
fn the_audit_trail_comes_back_newest_first_and_verifies() {
    let (_dir, store) = open();
    assert_eq!(store.verify_audit(None).unwrap().rows, 0);
    let entries: Vec<_> = (0..5).map(entry).collect();
    for one in &entries {
        store.audit(one).unwrap();
    }
    let rows = store.audit_entries(None, None, 3).unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.row, &row.entry)).collect();
    assert_eq!(
        found,
        [(5, &entries[4]), (4, &entries[3]), (3, &entries[2])]
    );
    let head = store.verify_audit(None).unwrap();
    assert_eq!((head.rows, &head.hash), (5, &rows[0].hash));
}

#[test]
fn the_audit_trail_refuses_every_change_but_an_addition() {
    let (dir, store) = open();
    for number in 0..3 {
        store.audit(&entry(number)).unwrap();
    }
    let raw = Connection::open(dir.path().join(Store::FILE)).unwrap();
    for sql in [
        "UPDATE audit SET outcome = 'x' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT 2, at, 'eve', identity, device, run, method, path, request_id, outcome, hash FROM audit WHERE seq = 2",
    ] {
        let error = raw.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(store.verify_audit(None).unwrap().rows, 3);
}

#[test]
fn a_tampered_row_is_found_by_its_number() {
    for (sql, row) in [
        ("UPDATE audit SET outcome = '403' WHERE seq = 2", 2),
        ("UPDATE audit SET at = at + 1 WHERE seq = 4", 4),
        ("UPDATE audit SET device = NULL WHERE seq = 1", 1),
        ("UPDATE audit SET run = 'nobody' WHERE seq = 3", 3),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("UPDATE audit SET seq = 9 WHERE seq = 5", 5),
        // Two rows in the other order: their numbers are exchanged, or all but their numbers.
        (
            "UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 9;",
            2,
        ),
    ] {
        match tampered(sql) {
            Err(StoreError::AuditBroken { row: found, .. }) => assert_eq!(found, row, "{sql}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
    assert_eq!(tampered("SELECT 1 WHERE 0").unwrap(), 5);
}

#[test]
fn only_a_head_that_is_known_from_elsewhere_shows_a_trail_that_was_cut_or_rewritten() {
    let (dir, store) = open();
    let mut heads = vec![store.audit_head().unwrap()];
    for number in 0..5 {
        store.audit(&entry(number)).unwrap();
        heads.push(store.audit_head().unwrap());
    }
    for known in &heads {
        assert_eq!(store.verify_audit(Some(known)).unwrap(), heads[5]);
        assert_eq!(&known.to_string().parse::<AuditHead>().unwrap(), known);
    }
    let raw = Connection::open(dir.path().join(Store::FILE)).unwrap();
    raw.execute_batch("DROP TRIGGER audit_is_not_deleted; DELETE FROM audit WHERE seq > 3;")
        .unwrap();
    assert_eq!(store.verify_audit(None).unwrap(), heads[3], "cut: unseen");
    assert_eq!(store.verify_audit(Some(&heads[3])).unwrap(), heads[3]);
    let cut = store.verify_audit(Some(&heads[5]));
    assert!(
        matches!(cut, Err(StoreError::AuditBroken { row: 4, .. })),
        "{cut:?}"
    );
    // Other rows take the place of those that were cut off: whole in itself again.
    for number in [7, 8] {
        store.audit(&entry(number)).unwrap();
    }
    assert_eq!(store.verify_audit(None).unwrap().rows, 5);
    assert_eq!(store.verify_audit(Some(&heads[3])).unwrap().rows, 5);
    let rewritten = store.verify_audit(Some(&heads[5]));
    assert!(
        matches!(rewritten, Err(StoreError::AuditRewritten { row: 5 })),
        "{rewritten:?}"
    );
}

#[test]
fn what_is_no_head_is_refused() {
    let hash = "a".repeat(64);
    for text in ["", "5", ":", &hash, "-1:aa", &format!("x:{hash}"), "5:aa"] {
        assert!(text.parse::<AuditHead>().is_err(), "{text}");
    }
    let upper = format!(" 5:{} ", hash.to_uppercase());
    assert_eq!(upper.parse::<AuditHead>().unwrap().hash, hash);
}

#[test]
fn audit_rows_are_found_by_device_and_time() {
    let (_dir, store) = open();
    for number in 0..6 {
        store.audit(&entry(number)).unwrap();
    }
    let found = |device: Option<&str>, since: Option<i64>, rows| -> Vec<i64> {
        let device = device.map(|name| Fqdn::parse(name).unwrap());
        let rows = store.audit_entries(device.as_ref(), since.map(at), rows);
        rows.unwrap().iter().map(|row| row.row).collect()
    };
    assert_eq!(found(Some(A), None, 10), [5, 3, 1]);
    assert_eq!(found(None, Some(4), 10), [6, 5]);
    assert_eq!(found(Some(A), Some(2), 1), [5]);
    assert_eq!(found(Some("b.finebak.com"), None, 10), [0; 0]);
}

#[test]
fn the_hash_of_a_known_row_never_changes() {
    let (_dir, store) = open();
    let one = AuditEntry {
        run: None,
        ..entry(0)
    };
    store.audit(&one).unwrap();
    let text = format!(
        r#"{{"row":1,"at":1795000000000,"os_user":"noc","identity":"noc@finebak.com","device":"a.finebak.com","run":null,"method":"PATCH","path":"/v1.0/applications/0","request_id":"r{}\"\n","outcome":"204"}}"#,
        '\u{202e}'
    );
    let mut bytes = vec![0; 32];
    bytes.extend_from_slice(text.as_bytes());
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let expected: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(store.verify_audit(None).unwrap().hash, expected);
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
