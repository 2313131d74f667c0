//! `umpdeck audit` through the real binary: what a run leaves in the trail, and what a hand in the store leaves.

use std::os::unix::net::UnixDatagram;
use std::process::Output;
use std::time::Duration;

use crate::support::program::{Home, SandboxProgram, text};
use rusqlite::Connection;
use serde_json::Value;

struct Place {
    home: Home,
    sandbox: SandboxProgram,
    _ground: Home,
}

impl Place {
    /// A sandbox, and a trail with one run in it.
    fn new() -> (Place, Output) {
        let ground = Home::new();
        let place = Place {
            sandbox: SandboxProgram::start(&ground),
            home: Home::new(),
            _ground: ground,
        };
        let output = place.run(&["rotate", "ump-eu", "--yes"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (place, output)
    }

    fn run(&self, words: &[&str]) -> Output {
        self.home
            .run(&[words, &["--endpoint", self.sandbox.url()]].concat())
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn store(&self) -> Connection {
        self.home.store()
    }
}

/// The head that a run printed at its end.
#[track_caller]
fn printed_head(output: &Output) -> String {
    let words = text(&output.stderr);
    let line = words
        .lines()
        .find_map(|line| line.strip_prefix("audit head "));
    line.unwrap_or_else(|| panic!("no head in {words}"))
        .to_string()
}

#[test]
fn each_change_is_a_row_with_who_when_what_and_the_servers_request_id() {
    let (place, _) = Place::new();
    let document = place.json(&["audit"]);
    let rows = document["rows"].as_array().expect("rows");
    let runs = place.json(&["runs"]);
    let run = &runs["closed"][0]["id"];
    let of = |method: &str| {
        let mut found = rows.iter().filter(|row| row["method"] == method);
        found.next().unwrap_or_else(|| panic!("{method}: {rows:?}"))
    };
    for row in rows {
        assert_eq!(row["device"], "ump-eu.finebak.com", "{row}");
        assert_eq!(&row["run"], run, "{row}");
        assert!(
            row["osUser"]
                .as_str()
                .expect("a user")
                .starts_with("tester@")
        );
        assert!(row["identity"].is_string(), "{row}");
        // Graph tells an ID of each request; this portal doesn't.
        assert_eq!(
            row["requestId"].is_string(),
            row["method"] != "PUT",
            "{row}"
        );
        assert!(row["at"].is_string() && row["hash"].is_string(), "{row}");
    }
    let minted = of("POST");
    assert!(
        minted["path"]
            .as_str()
            .expect("a path")
            .ends_with("/addPassword")
    );
    assert_eq!(minted["outcome"], "HTTP 200");
    let pushed = of("PUT");
    let client = pushed["identity"].as_str().expect("a name");
    assert!(client.starts_with("client "), "the portal's own: {client}");

    let listed = place.run(&["audit", "--device", "ump-eu", "--since", "1"]);
    let listed = text(&listed.stdout);
    for words in ["WHEN (UTC)", "tester@", "/addPassword", "HTTP 200"] {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    assert_eq!(listed.lines().count(), rows.len() + 1, "{listed}");
    let other = place.json(&["audit", "--device", "livecloud"]);
    assert_eq!(other["rows"].as_array().map(Vec::len), Some(0));
    let later = place.json(&["audit", "--since", "2999-01-01"]);
    assert_eq!(later["rows"].as_array().map(Vec::len), Some(0));
    let unknown = place.run(&["audit", "--device", "nobody"]);
    assert_eq!(unknown.status.code(), Some(64));
    let secret = place.run(&["audit", "--since", "long ago"]);
    assert_eq!(secret.status.code(), Some(64));
}

#[test]
fn a_run_prints_the_head_and_verification_finds_what_a_hand_in_the_store_did() {
    let (place, output) = Place::new();
    let head = printed_head(&output);
    let verified = place.run(&["audit", "--verify"]);
    assert_eq!(verified.status.code(), Some(0));
    assert!(text(&verified.stdout).contains(&format!("head {head}")));
    let anchored = place.run(&["audit", "--verify", "--head", &head]);
    assert_eq!(anchored.status.code(), Some(0));
    assert!(text(&anchored.stdout).contains("has grown from the head"));
    assert_eq!(
        place
            .run(&["audit", "--verify", "--head", "12"])
            .status
            .code(),
        Some(64)
    );

    // Cut at its end: only the head that was printed shows it.
    let store = place.store();
    store
        .execute_batch(
            "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted;
             DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit);",
        )
        .expect("cut");
    assert_eq!(place.run(&["audit", "--verify"]).status.code(), Some(0));
    let cut = place.run(&["audit", "--verify", "--head", &head]);
    assert_eq!(cut.status.code(), Some(2));
    assert!(text(&cut.stdout).contains("was cut off here"));

    // Altered: it shows by itself.
    store
        .execute("UPDATE audit SET os_user = 'eve@here' WHERE seq = 1", [])
        .expect("altered");
    let altered = place.run(&["audit", "--verify"]);
    assert_eq!(altered.status.code(), Some(2));
    let words = text(&altered.stdout);
    assert!(words.contains("broken at row 1"), "{words}");
    let document = place.json(&["audit", "--verify"]);
    assert_eq!(document["intact"], false);
    assert_eq!(document["brokenRow"], 1);
}

#[test]
fn the_head_goes_to_syslog_where_the_settings_say_and_its_failure_never_fails_the_run() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start(&ground);
    let home = Home::new();
    let socket = home.path().join("log");
    let syslog = UnixDatagram::bind(&socket).expect("a socket");
    syslog
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a limit");
    let settings = home.path().join("settings.toml");
    // Relative to the settings file's folder.
    std::fs::write(&settings, "[audit]\nsyslog = \"log\"\n").expect("written");
    let settings = settings.to_str().expect("UTF-8");
    let run = |words: &[&str]| {
        let rest = ["--settings", settings, "--endpoint", sandbox.url()];
        home.run(&[words, &rest].concat())
    };
    let output = run(&["repair", "ump-west", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("the head was sent to syslog"));
    let head = printed_head(&output);
    let mut bytes = [0; 4096];
    let length = syslog.recv(&mut bytes).expect("a message");
    let message = text(&bytes[..length]);
    let (frame, words) = message.split_once(" - ").expect("a frame");
    let frame: Vec<&str> = frame.split(' ').collect();
    assert_eq!(frame[0], "<85>1");
    assert!(
        frame[1].ends_with('Z') && frame[1].contains('T'),
        "{frame:?}"
    );
    assert_eq!((frame[3], frame[5]), ("umpdeck", "audit-head"));
    assert!(
        words.starts_with(&format!("audit head {head} run ")),
        "{words}"
    );
    assert!(words.contains("device ump-west.finebak.com outcome done by tester@"));
    assert!(words.ends_with("(sandbox)"), "{words}");

    // Nobody listens any more: it is said, and the run is done all the same.
    drop(syslog);
    std::fs::remove_file(&socket).expect("removed");
    let output = run(&["rotate", "ump-eu", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let words = text(&output.stderr);
    assert!(
        words.contains("the head of the audit trail was not sent to syslog: syslog at"),
        "{words}"
    );
}
