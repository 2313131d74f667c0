//! The audit trail: rows are added, never changed, and whoever changes one all the same is found out.

use crate::new_store::{at, open};
use rusqlite::Connection;
use umpdeck::registration::fleet::Fqdn;
use umpdeck::store::{AuditEntry, AuditHead, RunId, Store, StoreError};

const A: &str = "a.finebak.com";

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
