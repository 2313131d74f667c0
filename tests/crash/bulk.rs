//! A bulk rotation that is killed in the middle leaves ordinary unfinished runs; once these are taken up, exactly the
//! secrets are there that should be.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::killed::Ground;
use serde_json::Value;

const ALL: [&str; 3] = ["rotate", "--all", "--yes"];

fn word(value: &Value) -> String {
    value.as_str().expect("a text").to_string()
}

fn words(value: &Value) -> BTreeSet<String> {
    value.as_array().expect("a list").iter().map(word).collect()
}

/// The secret that each device's portal holds.
fn portals(state: &Value) -> BTreeMap<String, String> {
    let devices = state["devices"].as_array().expect("devices").iter();
    devices
        .filter(|device| device["secretKeyId"].is_string())
        .map(|device| (word(&device["fqdn"]), word(&device["secretKeyId"])))
        .collect()
}

/// All secrets of all registrations.
fn secrets(state: &Value) -> BTreeSet<String> {
    let tenants = state["tenants"].as_array().expect("tenants").iter();
    let applications =
        tenants.flat_map(|tenant| tenant["applications"].as_array().expect("a list"));
    applications.flat_map(|app| words(&app["keyIds"])).collect()
}

#[test]
fn killed_at_any_request_a_bulk_rotation_is_taken_up_without_a_secret_too_many_or_too_few() {
    for at in [
        "hold-before=POST:addPassword#3",
        "hold=POST:addPassword#2",
        "hold-before=PUT:auth-tokens",
        "hold=PUT:auth-tokens#3",
        "hold=POST:token#6",
    ] {
        let ground = Ground::new();
        let before = ground.state();
        ground.faults(at);
        assert!(ground.kill_when_held(&ALL), "{at}: it came to its end");
        ground.faults("");
        let runs = ground.runs();
        let unfinished = runs["unfinished"].as_array().expect("a list");
        assert!(
            (1..=4).contains(&unfinished.len()),
            "{at}: at most as many as are under way at once: {runs}"
        );
        for run in unfinished {
            ground.done(&["runs", "resume", &word(&run["run"]), "--yes"]);
        }
        let after = ground.state();
        let runs = ground.runs();
        assert_eq!(runs["unfinished"], Value::Array(vec![]), "{at}");
        let (old, new) = (portals(&before), portals(&after));
        let added: BTreeSet<String> = secrets(&after)
            .difference(&secrets(&before))
            .cloned()
            .collect();
        let pushed: BTreeSet<String> = new
            .iter()
            .filter(|(device, key)| old.get(*device) != Some(key))
            .map(|(_, key)| key.clone())
            .collect();
        assert!(!pushed.is_empty(), "{at}");
        assert_eq!(
            added, pushed,
            "{at}: every new secret is in a portal, and the other way round"
        );
        let lost: Vec<_> = new
            .values()
            .filter(|key| !secrets(&after).contains(*key))
            .collect();
        let never_there: Vec<_> = old
            .values()
            .filter(|key| !secrets(&before).contains(*key))
            .collect();
        assert_eq!(
            lost, never_there,
            "{at}: no portal holds a secret that is gone"
        );
    }
}
