//! `status` and `check` through the real binary, on the training fleet.

use std::collections::HashSet;
use std::process::Stdio;

use crate::support::program::{Home, PROGRAM, SandboxProgram, text};
use rustix::process::Signal;
use serde_json::Value;

/// Runs a command that prints JSON on standard output; the exit code and the document.
fn json(home: &Home, arguments: &[&str]) -> (i32, Value) {
    let output = home.run(arguments);
    let words = text(&output.stdout);
    let document = serde_json::from_str(&words)
        .unwrap_or_else(|why| panic!("{why}: {words}\n{}", text(&output.stderr)));
    (output.status.code().expect("no signal"), document)
}

fn device<'a>(document: &'a Value, fqdn: &str) -> &'a Value {
    let devices = document["devices"].as_array().expect("devices");
    devices
        .iter()
        .find(|device| device["fqdn"] == fqdn)
        .expect("the device")
}

const ORDER: [&str; 8] = [
    "secret-expired",
    "not-registered",
    "drift",
    "not-pushed",
    "secret-expiring",
    "consent-pending",
    "unreachable",
    "ok",
];

#[test]
fn status_lists_every_status_worst_first_in_a_documented_shape() {
    let home = Home::new();
    let (code, document) = json(&home, &["status", "--json", "--sandbox"]);
    assert_eq!(code, 2, "a secret has expired");
    assert_eq!(document["schema"], "umpdeck.status/1");
    assert_eq!(document["sandbox"], true);
    assert!(document["at"].as_str().expect("a time").ends_with('Z'));
    let devices = document["devices"].as_array().expect("devices");
    let places: Vec<usize> = devices
        .iter()
        .map(|device| {
            let status = device["status"].as_str().expect("a status");
            ORDER
                .iter()
                .position(|one| *one == status)
                .expect("a known status")
        })
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    let seen: HashSet<usize> = places.into_iter().collect();
    assert_eq!(
        seen.len(),
        ORDER.len(),
        "every status is there to learn from"
    );
    let keys = [
        "fqdn",
        "tenant",
        "status",
        "reason",
        "next",
        "checks",
        "permissions",
        "secret",
        "portal",
        "customers",
        "customersPending",
        "readAt",
        "stale",
    ];
    let tenants: Vec<&Value> = document["tenants"]
        .as_array()
        .expect("tenants")
        .iter()
        .collect();
    for device in devices {
        let found: Vec<&String> = device.as_object().expect("an object").keys().collect();
        assert_eq!(found, keys, "{device}");
        assert!(
            tenants
                .iter()
                .any(|tenant| tenant["id"] == device["tenant"])
        );
        assert!(
            !device["reason"].as_str().expect("words").is_empty(),
            "{device}"
        );
        let (met, all) = (&device["checks"]["met"], &device["checks"]["all"]);
        assert!(met.as_u64() <= all.as_u64(), "{device}");
        if device["status"] == "ok" {
            assert_eq!(device["next"], "nothing");
            assert!(device["secret"]["daysLeft"].as_i64() > Some(0), "{device}");
        }
    }
    let failed: Vec<&&Value> = tenants
        .iter()
        .filter(|tenant| !tenant["failure"].is_null())
        .collect();
    assert_eq!(
        failed.len(),
        1,
        "one tenant of the training ground can't be read"
    );
    assert!(
        failed[0]["failure"]["why"]
            .as_str()
            .is_some_and(|why| why.contains("503"))
    );
    let expired = device(&document, "livecloud.finebak.com");
    assert!(
        expired["secret"]["daysLeft"].as_i64() < Some(0),
        "{expired}"
    );
    assert_eq!(expired["next"], "rotate");
}

#[test]
fn outside_sandbox_serves_status_and_check_and_its_facts_stay_in_a_store_of_their_own() {
    let home = Home::new();
    let sandbox = SandboxProgram::start(&home);
    assert_eq!(sandbox.first["tenants"].as_array().map(Vec::len), Some(4));
    let url = sandbox.url().to_string();
    let data = home.path().join("data");
    let data_text = data.to_string_lossy().into_owned();
    let with = |arguments: &[&str]| {
        let mut all = vec!["--endpoint", url.as_str(), "--data-dir", data_text.as_str()];
        all.extend(arguments);
        all.into_iter().map(String::from).collect::<Vec<_>>()
    };
    let run = |arguments: &[&str]| {
        let all = with(arguments);
        home.run(&all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let document = |arguments: &[&str]| -> (Option<i32>, Value) {
        let output = run(arguments);
        let words = text(&output.stdout);
        let document = serde_json::from_str(&words)
            .unwrap_or_else(|why| panic!("{why}: {words}\n{}", text(&output.stderr)));
        (output.status.code(), document)
    };

    // Nothing was read yet: the store says so, and no request is made for it.
    let (code, before) = document(&["status", "--stored", "--json"]);
    assert_eq!(code, Some(3));
    assert_eq!(device(&before, "ump-01.finebak.com")["readAt"], Value::Null);

    // The exit code of a tenant is that of its worst device.
    let (code, contoso) = document(&["status", "--json", "--tenant", "contoso telco"]);
    assert_eq!(code, Some(1));
    assert_eq!(contoso["tenants"].as_array().map(Vec::len), Some(1));

    // People are told where to sign in, beside the result and not in it.
    let output = run(&["status", "--tenant", "finebak.com"]);
    assert_eq!(output.status.code(), Some(2));
    let (words, table) = (text(&output.stderr), text(&output.stdout));
    assert!(
        words.starts_with("To sign in to Finebak, open http://127.0.0.1:"),
        "{words}"
    );
    assert_eq!(words.lines().count(), 1);
    assert!(table.starts_with("  STATUS "), "{table}");
    assert!(
        table
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with("✖ Secret expired ")
                && line.contains(" livecloud.finebak.com ")),
        "{table}"
    );
    assert!(!table.contains('\u{1b}'), "no colours in a pipe");

    let (code, good) = document(&["check", "ump-01", "--json"]);
    assert_eq!(code, Some(0));
    assert_eq!(good["schema"], "umpdeck.check/1");
    assert_eq!(good["device"]["status"], "ok");
    let checks = good["checks"].as_array().expect("checks");
    assert_eq!(checks.len(), umpdeck::registration::checklist::CHECKS.len());
    for (check, row) in checks.iter().zip(umpdeck::registration::checklist::CHECKS) {
        let keys: Vec<&String> = check.as_object().expect("an object").keys().collect();
        assert_eq!(
            keys,
            ["key", "steps", "title", "outcome", "found", "wanted", "why"]
        );
        assert_eq!(check["key"], row.key);
        assert!(
            check["outcome"] == "met" || check["outcome"] == "not-applicable",
            "{check}"
        );
    }
    assert_eq!(
        good["values"]["redirectUri"],
        "https://ump-01.finebak.com/authenticate/OAuth2Callback"
    );
    assert!(good["values"]["clientId"].is_string());

    let (code, drift) = document(&["check", "ump-west.finebak.com", "--json"]);
    assert_eq!(code, Some(1));
    let uri = drift["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .find(|one| one["key"] == "redirect-uri");
    let uri = uri.expect("the check of the redirect URI");
    assert_eq!(uri["outcome"], "unmet");
    assert!(
        uri["found"] != uri["wanted"] && uri["wanted"].is_string() && uri["why"].is_string(),
        "{uri}"
    );
    let missing = drift["permissions"]
        .as_array()
        .expect("permissions")
        .iter()
        .filter(|one| one["present"] == false);
    assert_eq!(missing.count(), 2);

    for (name, code, part) in [
        ("livecloud", 2, "Secret expired"),
        ("ump-lab", 1, "no registration yet"),
        ("ump-dr", 1, "Consent pending"),
    ] {
        let output = run(&["check", name]);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        let words = text(&output.stdout);
        assert!(words.contains(part), "{words}");
        for row in umpdeck::registration::checklist::CHECKS {
            assert!(words.contains(row.title), "{words}");
        }
        assert!(
            words.contains("\nPermissions") && words.contains("\nValues\n"),
            "{words}"
        );
    }
    let unknown = run(&["check", "nobody"]);
    assert_eq!(unknown.status.code(), Some(64));
    assert!(text(&unknown.stderr).contains("no such device"));

    // What was read is remembered, in a folder of the sandbox's own and nowhere else.
    let (code, stored) = document(&["status", "--stored", "--json", "--tenant", "Finebak"]);
    assert_eq!(code, Some(2));
    assert!(device(&stored, "ump-01.finebak.com")["readAt"].is_string());
    let port = url.rsplit(':').next().expect("a port");
    let folder = data.join(format!("endpoint-127.0.0.1-{port}"));
    for file in home.files() {
        let is_log = file == data.join("umpdeck.log");
        assert!(is_log || file.starts_with(&folder), "{}", file.display());
    }

    // A secret's value was never written down.
    let secret = sandbox.first["tenants"][0]["clientSecret"]
        .as_str()
        .expect("a secret")
        .as_bytes();
    for file in home.files() {
        let bytes = std::fs::read(&file).expect("a file");
        assert!(
            !bytes.windows(secret.len()).any(|part| part == secret),
            "{}",
            file.display()
        );
    }

    assert_eq!(sandbox.end(Signal::TERM), Some(0));
    let gone = run(&["status", "--json"]);
    assert_eq!(gone.status.code(), Some(3));
    assert!(
        text(&gone.stderr).contains("sandbox's inventory"),
        "{}",
        text(&gone.stderr)
    );
}

#[test]
fn every_polite_signal_ends_the_sandbox_well() {
    let home = Home::new();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        assert_eq!(
            SandboxProgram::start(&home).end(signal),
            Some(0),
            "{signal:?}"
        );
    }
    assert!(home.files().is_empty(), "{:?}", home.files());
}

#[test]
fn a_port_in_use_is_said_and_the_sandbox_never_leaves_this_machine() {
    let home = Home::new();
    let sandbox = SandboxProgram::start(&home);
    let address = sandbox.url().trim_start_matches("http://");
    let output = home.run(&["sandbox", "--listen", address]);
    assert_eq!(output.status.code(), Some(3));
    let words = text(&output.stderr);
    assert!(
        words.contains("another program uses that port. Choose another"),
        "{words}"
    );
    let output = home.run(&["sandbox", "--listen", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("does not listen on"));
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    for arguments in [
        &["keys", "--markdown"][..],
        &["status", "--stored", "--sandbox"][..],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = home.command(PROGRAM);
        let command = command
            .args(arguments)
            .stdout(writer)
            .stderr(Stdio::piped());
        let output = command.spawn().and_then(|child| child.wait_with_output());
        let output = output.expect("the program runs");
        assert_eq!(text(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
    let full = home
        .command("sh")
        .args(["-c", "\"$0\" keys > /dev/full", PROGRAM])
        .output()
        .expect("sh runs");
    assert_eq!(full.status.code(), Some(3));
    assert!(text(&full.stderr).starts_with("the result can't be written"));
}

#[test]
fn without_a_utf8_locale_the_marks_are_ascii() {
    let home = Home::new();
    let output = home
        .command(PROGRAM)
        .args(["--sandbox", "status", "--stored"])
        .env("LC_ALL", "C")
        .output()
        .expect("the program runs");
    let words = text(&output.stdout);
    assert!(
        words.is_ascii() && words.contains("? Not read yet"),
        "{words}"
    );
}

#[test]
fn status_lists_what_fits_a_filter_alone_and_its_exit_code_is_of_that() {
    let home = Home::new();
    let only = |filter: &str| {
        let arguments = ["status", "--json", "--sandbox", "--filter", filter];
        let (code, document) = json(&home, &arguments);
        let devices = document["devices"].as_array().expect("devices").clone();
        let statuses: HashSet<String> = devices
            .iter()
            .map(|one| one["status"].as_str().expect("a status").to_string())
            .collect();
        (code, devices.len(), statuses)
    };
    let (code, count, statuses) = only("status:drift tenant:contoso");
    assert_eq!(
        (code, count),
        (1, 3),
        "there is something to do: {statuses:?}"
    );
    assert_eq!(statuses, HashSet::from(["drift".to_string()]));
    let (code, _, statuses) = only("!status:ok");
    assert_eq!(code, 2, "the expired one is among them");
    assert!(
        !statuses.contains("ok") && statuses.len() == 7,
        "{statuses:?}"
    );
    let wrong = home.run(&["status", "--sandbox", "--filter", "status:dirft"]);
    assert_eq!(wrong.status.code(), Some(64));
    let nothing = home.run(&["status", "--sandbox", "--stored", "--filter", "nowhere"]);
    assert!(text(&nothing.stdout).contains("No device fits"));
}

#[test]
fn the_permissions_of_what_was_never_read_are_unknown_and_not_missing() {
    let checked = Home::new().run(&["check", "edge1", "--sandbox"]);
    let words = text(&checked.stdout);
    let (_, permissions) = words.split_once("\nPermissions").expect("their part");
    let (permissions, _) = permissions.split_once("\nValues").expect("the next part");
    assert_eq!(permissions.matches("unknown").count(), 6, "{words}");
    assert!(!permissions.contains("missing"), "{words}");
}
