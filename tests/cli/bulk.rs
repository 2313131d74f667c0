//! Many devices at once, headless: through the real binary on a training ground of its own.

use std::process::{Child, Command, Output, Stdio};

use crate::support::ground::{Ground, eventually};
use crate::support::program::{Home, PROGRAM, code, text};
use rustix::process::Signal;
use serde_json::Value;

/// Contoso's devices that have a registration.
const ROTATED: usize = 10;
/// Its portal holds another client ID than Entra, which no rotation decides.
const CONTRADICTING: &str = "voice03.contoso-telco.com";
const GONE: &str = "voice12.contoso-telco.com";
const CONTOSO: [&str; 2] = ["--filter", "tenant:contoso"];

fn command(home: &Home, ground: &Ground, words: &[&str]) -> Command {
    let mut command = home.command(PROGRAM);
    command.args(["--endpoint", &ground.url]).args(words);
    command
}

fn run(home: &Home, ground: &Ground, words: &[&str]) -> Output {
    command(home, ground, words).output().expect("it runs")
}

fn begin(home: &Home, ground: &Ground, words: &[&str]) -> Child {
    let mut command = command(home, ground, words);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it runs")
}

/// No run of this machine waits for somebody.
fn nothing_unfinished(home: &Home, ground: &Ground) {
    let runs = run(home, ground, &["runs", "--json"]);
    let runs: Value = serde_json::from_slice(&runs.stdout).expect("JSON");
    assert_eq!(runs["unfinished"], Value::Array(vec![]), "{runs}");
    assert_eq!(runs["underWay"], Value::Array(vec![]), "{runs}");
}

#[test]
fn a_combined_plan_changes_nothing_and_says_what_cannot_be_done_in_bulk() {
    let (home, ground) = (Home::new(), Ground::start(""));
    for words in [
        ["rotate", "--all"].as_slice(),
        &["rotate", "--all", "--dry-run"],
        &["rotate", "ump-01", "sbc-a", "ump-lab", "edge1"],
    ] {
        let output = run(&home, &ground, words);
        let said = text(&output.stdout);
        assert_eq!(code(&output), 1, "{said}{}", text(&output.stderr));
        for part in [
            "by hand  its portal's page is filled in by hand",
            "ump-lab.finebak.com has no registration yet; create one, or adopt an application that exists",
            "temporarily unavailable",
            "add a client secret, until",
        ] {
            assert!(said.contains(part), "{words:?}: {part}: {said}");
        }
        assert!(text(&output.stderr).contains("--yes to carry it out"));
    }
    assert_eq!(ground.changes(), Vec::<String>::new());
    let nothing = run(&home, &ground, &["repair", "ump-01", "ump-03", "--yes"]);
    assert_eq!(code(&nothing), 0, "{}", text(&nothing.stderr));
    assert!(text(&nothing.stdout).contains("2 with nothing to do"));
    assert_eq!(ground.changes(), Vec::<String>::new());
}

#[test]
fn a_wrong_choice_of_devices_is_refused() {
    let home = Home::new();
    for words in [
        ["rotate", "--sandbox"].as_slice(),
        &["rotate", "--sandbox", "ump-01", "--all"],
        &["rotate", "--sandbox", "--all", "--yes", "--dry-run"],
        &["rotate", "--sandbox", "--filter", "status:nonsense"],
        &["rotate", "--sandbox", "ump-01", "nobody-is-called-so"],
    ] {
        let output = home.run(words);
        assert_eq!(code(&output), 64, "{words:?}: {}", text(&output.stderr));
    }
    // Nothing fits, as far as could be told: a tenant of the training ground can't be read.
    let words = ["rotate", "--sandbox", "--filter", "nobody-is-called-so"];
    let output = home.run(&words);
    let told = text(&output.stderr);
    assert_eq!(code(&output), 3, "{told}");
    assert!(told.contains("no device fits the filter"), "{told}");
}

#[test]
fn where_portal_and_entra_contradict_each_other_no_rotation_decides_it_by_the_way() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let output = run(
        &home,
        &ground,
        &["rotate", "voice03", "voice04", "--dry-run"],
    );
    let said = text(&output.stdout);
    let contradicts = "by hand  its portal holds another client ID than Entra";
    assert_eq!(said.matches(contradicts).count(), 1, "{said}");
    assert!(said.contains("1 ready"), "{said}");
}

#[test]
fn one_that_fails_leaves_the_others_done_and_is_retried_alone() {
    let home = Home::new();
    let ground = Ground::start("hold-before=POST:addPassword");
    let before = ground.secrets("Contoso Telco");
    let words = [&["rotate"], CONTOSO.as_slice(), &["--yes"]].concat();
    let child = begin(&home, &ground, &words);
    eventually("the first four to be under way", || held(&ground) == 4);
    // What the plan stands on goes away under a device whose turn has not come.
    let application = ground.application(&format!("umpdeck.{GONE}"));
    let object_id = application["id"].as_str().expect("an ID").to_string();
    let client_id = application["appId"].as_str().expect("an ID");
    let principal = format!("/v1.0/servicePrincipals(appId='{client_id}')");
    let principal = ground.graph("Contoso Telco", "GET", &principal);
    let principal: Value = serde_json::from_str(&principal).expect("JSON");
    ground.graph(
        "Contoso Telco",
        "DELETE",
        &format!("/v1.0/applications/{object_id}"),
    );
    ground.release();
    let output = child.wait_with_output().expect("an end");
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(code(&output), 3, "{said}{told}");
    assert!(said.contains("9 done, 1 failed"), "{said}{told}");
    assert!(
        said.contains(&format!("again: umpdeck rotate {GONE}\n")),
        "{said}"
    );
    assert!(told.contains("[10/10] "), "{told}");
    let after = ground.secrets("Contoso Telco");
    let mut changed = 0;
    for (device, (key, keys)) in &after {
        let (old_key, _) = &before[device];
        if device == GONE || device == CONTRADICTING || keys.is_empty() {
            continue;
        }
        assert_ne!(key, old_key, "{device} has a new secret");
        assert!(
            keys.contains(key),
            "{device}: Entra knows what its portal holds"
        );
        changed += 1;
    }
    assert_eq!(changed, ROTATED - 1);

    for id in [object_id.as_str(), principal["id"].as_str().expect("an ID")] {
        let restore = format!("/v1.0/directory/deletedItems/{id}/restore");
        ground.graph("Contoso Telco", "POST", &restore);
    }
    ground.forget_requests();
    let again = run(&home, &ground, &["rotate", GONE, "--yes", "--json"]);
    assert_eq!(code(&again), 0, "{}", text(&again.stderr));
    let document: Value = serde_json::from_slice(&again.stdout).expect("JSON");
    assert_eq!(document["carriedOut"], true);
    assert_eq!(document["devices"][0]["outcome"], "done", "{document}");
    let added: Vec<_> = ground.changes();
    let added = added.iter().filter(|one| one.contains("addPassword"));
    assert_eq!(added.count(), 1, "only for this one");
    let (key, keys) = &ground.secrets("Contoso Telco")[GONE];
    assert!(keys.contains(key) && *key != before[GONE].0);
    nothing_unfinished(&home, &ground);
}

#[test]
fn a_stop_in_the_middle_lets_those_under_way_end_and_leaves_no_half_secret() {
    let home = Home::new();
    let ground = Ground::start("hold=POST:addPassword");
    let before = ground.secrets("Contoso Telco");
    let words = [&["rotate"], CONTOSO.as_slice(), &["--yes"]].concat();
    let mut child = begin(&home, &ground, &words);
    eventually("the first four to be under way", || held(&ground) == 4);
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, Signal::INT).expect("a signal");
    // It has heard of it before anything goes on.
    let told = line_with(&mut child, "stopping");
    ground.release();
    let output = child.wait_with_output().expect("an end");
    let said = text(&output.stdout);
    assert_eq!(code(&output), 130, "{said}{told}");
    assert!(said.contains("4 done, 6 not begun"), "{said}");
    let after = ground.secrets("Contoso Telco");
    let mut rotated = 0;
    for (device, (key, keys)) in &after {
        let (old_key, old_keys) = &before[device];
        if key == old_key {
            assert_eq!(keys, old_keys, "{device} was not touched");
        } else {
            assert!(keys.contains(key), "{device}");
            rotated += 1;
        }
    }
    assert_eq!(rotated, 4);
    nothing_unfinished(&home, &ground);
}

#[test]
fn two_devices_of_one_registration_go_one_after_the_other() {
    let home = Home::new();
    let ground = Ground::start("hold=POST:addPassword");
    let words = ["rotate", "ump-01", "ump-02", "ump-03", "--yes"];
    let child = begin(&home, &ground, &words);
    eventually("two of the three to be under way", || held(&ground) == 2);
    let paths = ground.get("/sandbox/held");
    let paths: Vec<String> = paths
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["path"].to_string())
        .collect();
    assert_ne!(paths[0], paths[1], "never two on one registration");
    ground.release();
    let output = child.wait_with_output().expect("an end");
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(code(&output), 0, "{said}{told}");
    let order: Vec<&str> = told
        .lines()
        .filter(|line| line.contains(": run "))
        .collect();
    let first_of = |name: &str| order.iter().position(|line| line.starts_with(name));
    assert!(first_of("ump-01") < first_of("ump-02"), "{told}");
    let after = ground.secrets("Finebak");
    let ((one, keys), (two, _)) = (&after["ump-01.finebak.com"], &after["ump-02.finebak.com"]);
    assert!(keys.contains(one) && keys.contains(two), "{after:?}");
}

#[test]
fn a_bulk_create_brings_each_new_secret_to_its_portal() {
    let (home, ground) = (Home::new(), Ground::start(""));
    let words = [
        "create",
        "--filter",
        "status:not-registered",
        "--yes",
        "--json",
    ];
    let output = run(&home, &ground, &words);
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let told = text(&output.stderr);
    assert_eq!(code(&output), 1, "one goes on by hand: {document}{told}");
    assert_eq!(document["totals"]["ready"], 3, "{document}");
    for fqdn in ["ump-lab.finebak.com", "voice02.contoso-telco.com"] {
        let application = ground.application(&format!("umpdeck.{fqdn}"));
        let portal = ground.portal(fqdn);
        assert_eq!(portal["clientId"], application["appId"], "{fqdn}");
        assert_eq!(application["keyIds"].as_array().map(Vec::len), Some(1));
        assert_eq!(portal["secretKeyId"], application["keyIds"][0], "{fqdn}");
    }
    let by_hand = ground.application("umpdeck.sbc-new.northwind-voice.com");
    assert_eq!(
        by_hand["keyIds"].as_array().map(Vec::len),
        Some(0),
        "nobody could have it"
    );
    nothing_unfinished(&home, &ground);
}

fn held(ground: &Ground) -> usize {
    ground.get("/sandbox/held").as_array().map_or(0, Vec::len)
}

/// Reads standard error up to a line that has these words.
fn line_with(child: &mut Child, words: &str) -> String {
    use std::io::{BufRead as _, BufReader};
    let mut lines = BufReader::new(child.stderr.take().expect("standard error"));
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert_ne!(lines.read_line(&mut line).expect("a line"), 0, "no {words}");
    }
    // What is said from here on goes nowhere, and nothing waits for it.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    line
}
