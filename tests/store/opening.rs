//! The store's file: its place, its permissions, damage, versions, and several stores at once.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::json;
use umpdeck::registration::fleet::{Fqdn, Tenant};
use umpdeck::store::{AuditEntry, NewRun, Phase, RunId, Store, StoreError};
use uuid::Uuid;

fn now() -> Timestamp {
    "2026-11-24T01:00:00Z".parse().unwrap()
}

fn entry(outcome: &str) -> AuditEntry {
    AuditEntry {
        at: now(),
        os_user: "noc".into(),
        identity: "noc@finebak.com".into(),
        device: None,
        run: None,
        method: "PATCH".into(),
        path: "/v1.0/applications".into(),
        request_id: None,
        outcome: outcome.into(),
    }
}

/// A store with enough in it to have many pages; closed, so that all of it is in the file.
fn filled(dir: &Path) -> Vec<u8> {
    let store = Store::open(dir).unwrap();
    for _ in 0..200 {
        store.audit(&entry(&"x".repeat(700))).unwrap();
    }
    drop(store);
    assert!(!dir.join(format!("{}-wal", Store::FILE)).exists());
    fs::read(dir.join(Store::FILE)).unwrap()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_folder_or_any_file_in_it() {
    let base = tempfile::tempdir().unwrap();
    let dir = base.path().join("deep/umpdeck");
    let store = Store::open(&dir).unwrap();
    store.audit(&entry("x")).unwrap();
    assert_eq!(mode(&dir), 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(&dir).unwrap() {
        let file = file.unwrap();
        assert_eq!(mode(&file.path()), 0o600, "{:?}", file.file_name());
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    let all = ["umpdeck.sqlite", "umpdeck.sqlite-shm", "umpdeck.sqlite-wal"];
    assert_eq!(names, all);
}

#[cfg(unix)]
#[test]
fn a_file_from_a_backup_that_others_can_read_is_made_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let path = dir.path().join(Store::FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _store = Store::open(dir.path()).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn an_empty_file_becomes_a_store() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(Store::FILE), "").unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert!(store.fleet().unwrap().is_empty());
    store.check().unwrap();
}

#[test]
fn a_file_cut_short_anywhere_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let whole = filled(dir.path());
    let path = dir.path().join(Store::FILE);
    assert!(whole.len() > 100_000);
    let end = whole.len();
    let special = [1, 99, 100, 511, 512, 4_096, 40_960, end - 4_096, end - 1];
    for cut in (1..end).step_by(3_001).chain(special) {
        fs::write(&path, &whole[..cut]).unwrap();
        match Store::open(dir.path()) {
            Err(error @ StoreError::Corrupt { .. }) => {
                assert!(error.to_string().contains("umpdeck.sqlite"), "{error}");
                assert!(error.next().contains("Move it away"));
            }
            other => panic!("cut at {cut}: {other:?}"),
        }
        let left = fs::read(&path).unwrap();
        assert!(left == whole[..cut], "cut at {cut}: it was changed");
    }
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(Store::FILE);
    let text = "not a database. ".repeat(1_024);
    fs::write(&path, &text).unwrap();
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn damage_in_the_middle_is_found_by_the_check() {
    let dir = tempfile::tempdir().unwrap();
    let mut whole = filled(dir.path());
    let page = whole.len() * 3 / 4 / 4_096 * 4_096;
    whole[page..page + 4_096].fill(0xff);
    fs::write(dir.path().join(Store::FILE), &whole).unwrap();
    let error = Store::open(dir.path())
        .and_then(|store| store.check())
        .unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let raw = Connection::open(dir.path().join(Store::FILE)).unwrap();
    raw.pragma_update(None, "user_version", 999).unwrap();
    drop(raw);
    let error = Store::open(dir.path()).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 999, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("newer umpdeck"));
}

#[test]
fn a_place_that_is_no_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file).unwrap_err();
    assert!(matches!(error, StoreError::Folder { .. }), "{error}");
    assert!(error.next().contains("--data-dir"));
}

#[test]
fn two_stores_on_one_folder_open_at_once_and_write_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let start = Arc::new(Barrier::new(2));
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let (start, dir) = (start.clone(), dir.path().to_path_buf());
            thread::spawn(move || {
                start.wait();
                let store = Store::open(&dir).unwrap();
                let run = NewRun {
                    id: RunId::new(),
                    device: Fqdn::parse(&format!("ump{writer}.finebak.com")).unwrap(),
                    sharing: vec![],
                    tenant: Uuid::from_u128(1),
                    intent: "repair".into(),
                    plan: json!({}),
                    owner: format!("writer {writer}"),
                    at: now(),
                };
                store.begin_run(&run, None, |_| false).unwrap();
                for step in 0..40 {
                    let detail = json!(step);
                    store
                        .journal(run.id, step, Phase::About, &detail, now())
                        .unwrap();
                    store.audit(&entry("204")).unwrap();
                }
                run.id
            })
        })
        .collect();
    let runs: Vec<RunId> = writers.into_iter().map(|one| one.join().unwrap()).collect();
    let store = Store::open(dir.path()).unwrap();
    for run in runs {
        assert_eq!(store.run_journal(run).unwrap().len(), 40);
    }
    assert_eq!(store.verify_audit(None).unwrap().rows, 80);
    store.check().unwrap();
}

#[test]
fn one_store_serves_several_threads() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(dir.path()).unwrap());
    let threads: Vec<_> = (1..5)
        .map(|number| {
            let store = store.clone();
            thread::spawn(move || {
                let tenant = Tenant {
                    id: Uuid::from_u128(number),
                    name: "x".into(),
                    primary_domain: "finebak.com".into(),
                    mpn_id: None,
                };
                store.replace_inventory(&[tenant], &[]).unwrap();
                store.audit(&entry("x")).unwrap();
            })
        })
        .collect();
    threads.into_iter().for_each(|one| one.join().unwrap());
    assert_eq!(store.tenants().unwrap().len(), 1);
    assert_eq!(store.verify_audit(None).unwrap().rows, 4);
}
