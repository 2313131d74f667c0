//! A sandbox that serves https, and the program that works on it: the file of its certificate authority is all it takes.

use crate::support::program::{Home, PROGRAM, SandboxProgram, text};
use serde_json::Value;

#[test]
fn the_whole_fleet_is_read_and_changed_over_tls_with_the_authoritys_file() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start_with(&ground, &["--tls"]);
    let ca = sandbox.first["ca"].as_str().expect("a file");
    assert!(sandbox.url().starts_with("https://"));
    let home = Home::new();
    let over_tls = ["--endpoint", sandbox.url(), "--endpoint-ca", ca];
    let run = |words: &[&str]| home.run(&[words, &over_tls].concat());
    let status = run(&["status", "--json"]);
    let read: Value = serde_json::from_slice(&status.stdout).expect("JSON");
    let devices = read["devices"].as_array().expect("devices");
    let matching = devices.iter().filter(|one| one["status"] == "ok").count();
    assert!(matching > 0, "{read}");
    // Sign-in, Graph and the portal, each over TLS.
    let done = run(&["rotate", "ump-01", "--yes"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));

    let mut by_variable = home.command(PROGRAM);
    by_variable
        .args(["check", "ump-01", "--endpoint", sandbox.url()])
        .env("UMPDECK_ENDPOINT_CA", ca);
    let checked = by_variable.output().expect("the program runs");
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
}

#[test]
fn without_the_authoritys_file_it_is_said_what_to_give() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start_with(&ground, &["--tls"]);
    let home = Home::new();
    let refused = home.run(&["status", "--endpoint", sandbox.url()]);
    assert_ne!(refused.status.code(), Some(0));
    let words = text(&refused.stderr);
    assert!(words.contains("--endpoint-ca"), "{words}");
    let none = home.path().join("none.pem");
    let none = none.to_str().expect("UTF-8");
    let missing = home.run(&["status", "--endpoint", sandbox.url(), "--endpoint-ca", none]);
    let words = text(&missing.stderr);
    assert!(words.contains("none.pem"), "{words}");
}
