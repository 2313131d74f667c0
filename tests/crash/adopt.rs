//! An adopt that was killed is taken up: the application is there once, with its service principal and the secrets that it
//! had, and the device's unique name is its own.

use crate::support::killed::Ground;
use serde_json::Value;

/// The device, how its application is called, and every request that changes something when that is adopted.
const PLACES: &[(&str, &str, &[&str])] = &[
    // Made by hand: it gets the unique name.
    (
        "voice08.contoso-telco.com",
        "Contoso voice08 background registration",
        &["PATCH:applications"],
    ),
    // In the bin: it is restored, and its service principal after it.
    (
        "voice14.contoso-telco.com",
        "UMP Sync voice14",
        &["POST:restore", "POST:restore#2"],
    ),
];

/// The applications of this name, with all that the sandbox tells of them.
fn named(ground: &Ground, name: &str) -> Vec<Value> {
    let state = ground.state();
    let tenants = state["tenants"].as_array().expect("tenants");
    let all = tenants
        .iter()
        .flat_map(|one| one["applications"].as_array());
    let all = all.flatten().filter(|one| one["displayName"] == name);
    all.cloned().collect()
}

/// The device as `check` tells of it.
fn checked(ground: &Ground, device: &str) -> Value {
    let output = ground.run(&["check", device, "--json"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn an_adopt_killed_at_any_of_its_requests_is_taken_up_and_makes_no_twin_and_no_secret() {
    for (device, name, places) in PLACES {
        for at in *places {
            for hold in ["hold-before", "hold"] {
                carry_out(device, name, &format!("{hold}={at}"));
            }
        }
    }
}

fn carry_out(device: &str, name: &str, fault: &str) {
    let said = format!("{device}, {fault}");
    let ground = Ground::of("Contoso Telco");
    // The one in the bin is only found by who looks there.
    let client_id = match named(&ground, name).as_slice() {
        [only] => only["appId"].clone(),
        none => {
            assert!(none.is_empty(), "{said}: {none:?}");
            checked(&ground, device)["candidates"][0]["clientId"].clone()
        }
    };
    assert!(client_id.is_string(), "{said}");
    ground.faults(fault);
    let adopt = ["adopt", device, "--yes"];
    assert!(ground.kill_when_held(&adopt), "{said}: no such request");
    ground.faults("");
    let run = ground.unfinished();
    let run = run.unwrap_or_else(|| panic!("{said}: a run is unfinished"));
    ground.done(&["runs", "resume", &run, "--yes"]);

    let after = named(&ground, name);
    assert_eq!(after.len(), 1, "{said}: one application");
    assert_eq!(
        after[0]["uniqueName"],
        format!("umpdeck.{device}"),
        "{said}"
    );
    assert_eq!(after[0]["appId"], client_id, "{said}: the same");
    // The one that it had when the training began.
    assert_eq!(after[0]["passwordCredentials"], 1, "{said}: {after:?}");
    assert_eq!(ground.registrations(device).len(), 1, "{said}: no twin");
    assert_eq!(ground.unfinished(), None, "{said}: the journal is closed");
    // It is found as the device's registration, with a service principal.
    let read = checked(&ground, device);
    let checks = read["checks"].as_array().expect("checks");
    let principal = checks.iter().find(|one| one["key"] == "service-principal");
    let principal = principal.unwrap_or_else(|| panic!("{said}: {read:#}"));
    assert_eq!(principal["outcome"], "met", "{said}");
}
