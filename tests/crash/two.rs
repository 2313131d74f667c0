//! Two at once on one device: two processes on one store, and two operators with stores of their own. Entra and the
//! portals are their common truth.

use std::process::{Child, Output, Stdio};

use crate::support::killed::{Ground, Work};
use crate::support::program::text;
use serde_json::Value;

fn begin(mut command: std::process::Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

fn ends(children: Vec<Child>) -> Vec<Output> {
    children
        .into_iter()
        .map(|child| child.wait_with_output().expect("an end"))
        .collect()
}

/// Some succeed, and who does not says who is at work.
#[track_caller]
fn assert_told(outputs: &[Output], said: &str) {
    let done = |output: &&Output| output.status.code() == Some(0);
    assert!(outputs.iter().any(|one| done(&one)), "{said}: nobody");
    for output in outputs.iter().filter(|one| !done(one)) {
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}: {errors}");
        assert!(errors.contains("tester@"), "{said}: {errors}");
    }
}

#[test]
fn processes_that_begin_at_once_on_one_device_neither_double_nor_lose_anything() {
    for (command, device) in [
        ("create", "ump-lab.finebak.com"),
        ("push", "ump-eu.finebak.com"),
        ("rotate", "ump-eu.finebak.com"),
        ("rotate", "ump-03.finebak.com"),
        ("repair", "ump-west.finebak.com"),
    ] {
        let work = Work { command, device };
        let ground = Ground::new();
        if command == "rotate" {
            ground.done(&["push", device, "--yes"]);
        }
        for round in 0..3 {
            let line = [command, device, "--yes"];
            let children = (0..3).map(|_| begin(ground.command(&line))).collect();
            let outputs = ends(children);
            let said = format!("{work:?}, round {round}");
            if command != "create" || round == 0 {
                assert_told(&outputs, &said);
            }
            ground.check(work, &said);
        }
    }
}

#[test]
fn two_operators_with_stores_of_their_own_create_one_registration() {
    let device = "ump-lab.finebak.com";
    let line = ["create", device, "--yes"];
    // Both have read that there is nothing, and have planned, before either writes; or one is further on.
    for (at, both) in [
        ("PATCH:applications", true),
        ("PATCH:servicePrincipals", false),
        ("POST:addPassword", false),
        ("PUT:auth-tokens", false),
    ] {
        let ground = Ground::new();
        ground.faults(&format!("hold-before={at}"));
        let other = ground.data_dir().with_extension("other");
        let mut children = vec![begin(ground.command(&line))];
        if !both {
            ground.wait_held();
        }
        children.push(begin(ground.command_of(&other, &line)));
        if both {
            ground.wait_held_by(2);
        }
        ground.faults("");
        let outputs = ends(children);
        for output in &outputs {
            let errors = text(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 3)),
                "{at}: {errors}"
            );
            assert!(!errors.contains("panicked"), "{at}: {errors}");
        }
        let state = ground.state();
        let one = ground.registrations(device);
        assert_eq!(one.len(), 1, "{at}: {one:?}");
        let devices = state["devices"].as_array().expect("devices");
        let portal = devices.iter().find(|one| one["fqdn"] == device);
        let portal = portal.expect("the device");
        assert_eq!(portal["clientId"], one[0]["appId"], "{at}");
        let keys = one[0]["keyIds"].as_array().expect("keys");
        assert!(keys.contains(&portal["secretKeyId"]), "{at}: {portal}");
        assert_ne!(portal["secretKeyId"], Value::Null, "{at}");
    }
}

#[test]
fn a_reading_that_a_run_overtook_does_not_bring_back_what_was_before_the_run() {
    let device = "ump-eu.finebak.com";
    let ground = Ground::new();
    ground.done(&["push", device, "--yes"]);
    // The answer is made before the rotation, and comes after it.
    ground.faults("hold=GET:applications*1");
    let mut reading = ground.begin(&["status"]);
    ground.wait_held();
    ground.done(&["rotate", device, "--yes"]);
    let stored = || {
        let output = ground.run(&["status", "--stored", "--json"]);
        let status: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let devices = status["devices"].as_array().expect("devices").clone();
        let own = devices.into_iter().find(|one| one["fqdn"] == device);
        own.expect("the device")
    };
    let rotated = stored();
    ground.faults("");
    reading.wait().expect("an end");
    let later = stored();
    assert_eq!(later["status"], rotated["status"], "{later:#}");
    assert_eq!(
        later["secret"]["end"], rotated["secret"]["end"],
        "{later:#}"
    );
}
