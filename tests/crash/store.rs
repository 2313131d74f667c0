//! The store's misfortunes in the middle of the work: a full disk, a folder that can't be written, a clock that was set
//! back, a file cut short, a file from an earlier version. Each ends in a sentence that says what to do, and in no loss.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::killed::{Ground, Work};
use crate::support::program::text;
use rusqlite::Connection;
use umpdeck::store::Store;

const DEVICE: &str = "ump-eu.finebak.com";
const ROTATE: [&str; 3] = ["rotate", DEVICE, "--yes"];
const WORK: Work = Work {
    command: "rotate",
    device: DEVICE,
};

/// It failed, and said in one line what failed and what to do.
#[track_caller]
fn assert_told(output: &Output, what: &str, next: &str, said: &str) {
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}: {errors}");
    let last = errors.lines().last().unwrap_or_default();
    assert!(
        last.contains(what) && last.contains(next),
        "{said}: {errors}"
    );
}

/// A ground whose device has a secret of umpdeck's, and a store of which all is in the file.
fn ground() -> Ground {
    let ground = Ground::new();
    ground.done(&["push", DEVICE, "--yes"]);
    ground
}

#[test]
fn files_that_may_not_grow_stop_a_run_with_a_sentence_wherever_that_happens() {
    let ground = ground();
    let mut refused = 0;
    // The write-ahead log of a rotation grows to some hundreds of kilobytes.
    for limit in (72..1_100).step_by(96) {
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"");
        let output = ground
            .command_in(&script, &ROTATE)
            .output()
            .expect("a shell");
        let said = format!("with files of {limit} blocks");
        if output.status.code() != Some(0) {
            assert_told(&output, "umpdeck.sqlite", "room", &said);
            refused += 1;
        }
        ground.finish(WORK);
        ground.check(WORK, &said);
    }
    assert!(refused >= 3, "only {refused} limits were met");
}

/// Whether a script may mount something, in a name space of its own; then how.
///
/// Where nothing may be mounted a test of these stays undone: in CI that is a failure, elsewhere it is said.
fn unshare() -> Option<&'static str> {
    let found = ["unshare -rm", "unshare -m"].into_iter().find(|unshare| {
        let line = format!("{unshare} sh -c 'mount -t tmpfs none /mnt'");
        let tried = Command::new("sh").args(["-c", &line]).output();
        tried.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        let words = "nothing may be mounted here (unshare -rm, unshare -m)";
        assert!(std::env::var_os("CI").is_none(), "{words}");
        let _ = writeln!(std::io::stderr(), "not tested: {words}");
    }
    found
}

#[test]
fn a_full_disk_stops_a_run_with_a_sentence_wherever_that_happens() {
    let Some(unshare) = unshare() else {
        return; // Nothing may be mounted here; the files that may not grow stand for it.
    };
    let ground = ground();
    let data = ground.data_dir();
    let mut refused = 0;
    for room in (48..640).step_by(96) {
        let used: u64 = fs::read_dir(&data)
            .expect("a folder")
            .flatten()
            .filter_map(|file| file.metadata().ok())
            .map(|file| file.len().div_ceil(4_096) * 4)
            .sum();
        // The data folder moves to a disk of that size and, whatever comes of it there, back again.
        let place = data.display();
        let inner = format!(
            "cp -a '{place}' /mnt/kept && mount -t tmpfs -o mode=700,size={}k none '{place}' && cp -a /mnt/kept/. '{place}' \
             && {{ \"$@\"; code=$?; rm -rf /mnt/kept; cp -a '{place}' /mnt/kept; umount '{place}'; \
             rm -rf '{place}'/*; cp -a /mnt/kept/. '{place}'; exit $code; }}",
            used + room
        );
        let script = format!(
            "exec {unshare} sh -c 'mount -t tmpfs none /mnt && exec sh -c \"$0\" sh \"$@\"' \"$INNER\" \"$@\""
        );
        let mut command = ground.command_in(&script, &ROTATE);
        let output = command.env("INNER", inner).output().expect("a shell");
        let said = format!("with {room} KiB left");
        if output.status.code() != Some(0) {
            assert_told(&output, "full", "room", &said);
            refused += 1;
        }
        ground.finish(WORK);
        ground.check(WORK, &said);
    }
    assert!(refused >= 3, "only {refused} disks were full");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_told_and_what_was_begun_waits() {
    let Some(unshare) = unshare() else {
        return;
    };
    let ground = ground();
    ground.faults("hold=PUT:auth-tokens");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    let run = ground.unfinished().expect("a dead run");
    let place = ground.data_dir();
    let place = place.display();
    let read_only = |arguments: &[&str]| {
        let inner = format!(
            "mount -o bind '{place}' '{place}' && mount -o remount,bind,ro '{place}' && exec \"$@\""
        );
        let script = format!("exec {unshare} sh -c \"$INNER\" sh \"$@\"");
        let mut command = ground.command_in(&script, arguments);
        command.env("INNER", inner).output().expect("a shell")
    };
    for arguments in [
        &["status"][..],
        &["runs"][..],
        &ROTATE[..],
        &["runs", "resume", &run, "--yes"][..],
        &["audit", "--verify"][..],
    ] {
        let output = read_only(arguments);
        assert_told(
            &output,
            &place.to_string(),
            "writ",
            &format!("{arguments:?}"),
        );
    }
    ground.finish(WORK);
    ground.check(WORK, "when it can be written again");
}

#[test]
fn a_clock_that_was_set_back_makes_no_run_immortal_and_no_trail_broken() {
    let ground = ground();
    ground.faults("hold=PUT:auth-tokens");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    // As if all of it had been written by a clock that was 400 days ahead.
    let ahead: i64 = 400 * 86_400_000;
    let store = Connection::open(ground.store()).expect("the store");
    let owner = "tester@elsewhere pid 1 tick 1";
    store
        .execute(
            "UPDATE run SET began = began + ?1, heartbeat = heartbeat + ?1, ended = ended + ?1, owner = ?2",
            rusqlite::params![ahead, owner],
        )
        .expect("a write");
    store
        .execute("UPDATE journal SET at = at + ?1", [ahead])
        .expect("a write");
    store
        .execute(
            "UPDATE fleet SET read_at = read_at + ?1, portal_at = portal_at + ?1",
            [ahead],
        )
        .expect("a write");
    drop(store);
    let status = ground.run(&["status"]);
    assert!(
        status.status.code().is_some_and(|code| code < 3),
        "{status:?}"
    );
    let said = text(&status.stdout);
    assert!(!said.contains("-400"), "{said}");
    let listed = text(&ground.run(&["runs"]).stdout);
    assert!(listed.contains("interrupted"), "{listed}");
    ground.finish(WORK);
    ground.check(WORK, "after the clock was set back");
    ground.done(&["audit", "--verify"]);
}

#[test]
fn a_store_cut_short_is_refused_left_alone_and_a_copy_of_it_goes_on() {
    let ground = ground();
    ground.faults("hold=PUT:auth-tokens");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    // Any command that ends well has brought everything into the file.
    let run = ground.unfinished().expect("a dead run");
    let whole = fs::read(ground.store()).expect("the store");
    for cut in [
        1,
        100,
        511,
        4_096,
        whole.len() / 2,
        whole.len() - 4_096,
        whole.len() - 1,
    ] {
        fs::write(ground.store(), &whole[..cut]).expect("a file");
        for arguments in [
            &["runs"][..],
            &ROTATE[..],
            &["runs", "resume", &run, "--yes"][..],
        ] {
            let output = ground.run(arguments);
            let said = format!("cut to {cut}, {arguments:?}");
            assert_told(&output, "is damaged", "Move it away", &said);
        }
        let left = fs::read(ground.store()).expect("the store");
        assert!(left == whole[..cut], "cut to {cut}: it was changed");
    }
    fs::write(ground.store(), &whole).expect("a file");
    assert_eq!(ground.unfinished(), Some(run), "the copy goes on");
    ground.finish(WORK);
    ground.check(WORK, "from a copy");
}

#[test]
fn without_its_store_the_secrets_of_a_dead_run_are_still_known_by_their_names() {
    let ground = ground();
    ground.faults("hold=POST:addPassword");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    let run = ground.unfinished().expect("a dead run");
    let kept = ground.data_dir().with_extension("kept");
    fs::rename(ground.data_dir(), kept).expect("moved away");
    ground.done(&ROTATE);
    let flagged = ground.left_over(DEVICE);
    assert!(flagged.iter().any(|one| one.contains(&run)), "{flagged:?}");
}

#[test]
fn a_write_ahead_log_cut_short_anywhere_loses_no_registration_and_hides_no_secret() {
    let ground = ground();
    ground.faults("hold=PUT:auth-tokens");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    let log = format!("{}-wal", ground.store().display());
    let (file, whole) = (fs::read(ground.store()), fs::read(&log));
    let (file, whole) = (file.expect("the store"), whole.expect("its log"));
    assert!(whole.len() > 32, "the dead run is in the log");
    let mut lost = 0;
    for part in 0..12 {
        let cut = whole.len() * part / 12;
        for side in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{side}", ground.store().display()));
        }
        fs::write(ground.store(), &file).expect("a file");
        fs::write(&log, &whole[..cut]).expect("a file");
        let output = ground.run(&["runs", "--json"]);
        let said = format!("cut to {cut} of {}: {}", whole.len(), text(&output.stderr));
        assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
        let runs: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let known = runs["unfinished"] != serde_json::json!([]);
        lost += usize::from(!known);
        // Either the run is taken up, or the secret that it left is shown as one that no run accounts for.
        let flagged = ground.left_over(DEVICE);
        assert!(known || !flagged.is_empty(), "{said}");
        let store = Connection::open(ground.store()).expect("the store");
        let verdict: String = store
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("a check");
        assert_eq!(verdict, "ok", "{said}");
    }
    assert!((1..12).contains(&lost), "{lost} of 12 cuts lost the run");
}

/// The store's scripts, oldest first.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the scripts")
        .map(|file| file.expect("a script").path())
        .collect();
    files.sort();
    let read = |file| fs::read_to_string(file).expect("a script");
    files.into_iter().map(read).collect()
}

/// Makes the store one of an earlier version that has lived through the same.
fn put_back(store: &Path, version: usize, scripts: &[String]) {
    let old = store.with_extension("old");
    let connection = Connection::open(&old).expect("a store");
    for script in &scripts[..version] {
        connection.execute_batch(script).expect("a script");
    }
    let now = store.display().to_string();
    connection
        .execute("ATTACH ?1 AS now", [now])
        .expect("the store");
    let list = |query: &str| -> Vec<String> {
        let mut statement = connection.prepare(query).expect("a query");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    };
    for table in list(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         AND name IN (SELECT name FROM now.sqlite_schema) ORDER BY rowid",
    ) {
        let columns = list(&format!(
            "SELECT name FROM pragma_table_info('{table}', 'main')
             WHERE name IN (SELECT name FROM pragma_table_info('{table}', 'now'))"
        ));
        let columns = columns.join(", ");
        connection
            .execute_batch(&format!(
                "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}"
            ))
            .unwrap_or_else(|why| panic!("{table}: {why}"));
    }
    connection
        .pragma_update(None, "user_version", version as i64)
        .expect("a version");
    drop(connection);
    for side in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{side}", store.display()));
    }
    fs::rename(old, store).expect("its place");
}

#[test]
fn a_store_of_every_earlier_version_is_brought_up_to_date_with_its_dead_run_and_its_trail() {
    let scripts = migrations();
    for version in 1..=scripts.len() {
        let ground = ground();
        ground.faults("hold=PUT:auth-tokens");
        assert!(ground.kill_when_held(&ROTATE));
        ground.faults("");
        let said = format!("from version {version}");
        let run = ground.unfinished();
        put_back(&ground.store(), version, &scripts);
        assert_eq!(ground.unfinished(), run, "{said}");
        ground.done(&["audit", "--verify"]);
        ground.finish(WORK);
        ground.check(WORK, &said);
        let store = Connection::open(ground.store()).expect("the store");
        let reached: isize = store
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .expect("a version");
        assert_eq!(reached, scripts.len() as isize, "{said}");
    }
}

#[test]
fn scripts_that_were_released_are_as_they_were() {
    // SHA-256 of each, in their order. A store out there has lived through exactly these: add, never change.
    const RELEASED: [&str; 2] = [
        "d539c3189400f9536ed47d3443401ef0aefde3d0c28fd311b9c1d98c70f46fd5",
        "50167af7ea72406fcdf03c96fa2bbf217abda1871f1735cddab25d3fcd9b3709",
    ];
    let scripts = migrations();
    for (script, released) in scripts.iter().zip(RELEASED) {
        let digest = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
        let hex: String = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, released);
    }
    assert!(scripts.len() >= RELEASED.len());
}

#[test]
fn a_store_of_a_later_version_is_refused_with_a_sentence_and_left_as_it_is() {
    let ground = ground();
    let store = Connection::open(ground.store()).expect("the store");
    store
        .pragma_update(None, "user_version", 4_711)
        .expect("a version");
    drop(store);
    let before = fs::read(ground.store()).expect("the store");
    let output = ground.run(&ROTATE);
    assert_told(&output, "newer umpdeck", "--data-dir", "later");
    assert!(fs::read(ground.store()).expect("the store") == before);
    assert_eq!(Store::FILE, "umpdeck.sqlite");
}
