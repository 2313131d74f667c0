//! What is known of a secret after a run that a lost line ended while its values were before a person.

use crate::handoff::{begin, go_to_the_secret};
use crate::support::ground::{Ground, Home, WIDE, eventually, open};
use rustix::process::Signal;

/// The runs that somebody has to resume or abandon.
fn open_runs(ground: &Ground, home: &Home) -> Vec<String> {
    let listed = home.run_at(&ground.url, &["runs", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let open = listed["unfinished"].as_array().expect("the open runs");
    let short = |one: &serde_json::Value| one["run"].as_str().expect("a run").to_string();
    open.iter().map(short).collect()
}

#[test]
fn the_secret_of_a_handoff_that_a_lost_line_ended_stays_since_somebody_may_have_put_it_in() {
    let device = "sbc-b.northwind-voice.com";
    let ground = Ground::start("");
    let home = Home::new();
    let secrets =
        || ground.application(&format!("umpdeck.{device}"))["passwordCredentials"].clone();
    let mut pty = ground.console(&home, WIDE);
    begin(&mut pty, device);
    go_to_the_secret(&mut pty);
    pty.copied_by("\r");
    let with_the_new_one = secrets();
    pty.kill(Signal::HUP);
    pty.wait_exit();

    let open = open_runs(&ground, &home);
    let [run] = open.as_slice() else {
        panic!("{open:?}");
    };
    let abandoned = home.run_at(&ground.url, &["runs", "abandon", run, "--yes"]);
    let said = String::from_utf8_lossy(&abandoned.stdout).into_owned();
    assert!(said.contains("since the portal may be using it"), "{said}");
    assert_eq!(open_runs(&ground, &home), Vec::<String>::new());
    assert_eq!(secrets(), with_the_new_one);
}

#[test]
fn once_the_new_secret_was_copied_the_earlier_one_is_not_known_to_be_in_use_any_more() {
    let device = "sbc-a.northwind-voice.com";
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    open(&mut pty, device);
    pty.send("S");
    pty.wait_for("S again states");
    pty.send("S");
    pty.wait_for("sbc-a: stated what the portal holds");
    let role_of_the_earlier = || {
        let listed = home.run_at(&ground.url, &["secrets", "--stored", "--json"]);
        let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
        let devices = listed["devices"].as_array().expect("devices");
        let own = devices.iter().find(|one| one["fqdn"] == device);
        own.expect("the device")["inUse"]["role"].clone()
    };
    assert_eq!(role_of_the_earlier(), "in-use");
    pty.send("R");
    pty.wait_for("In the portal open");
    go_to_the_secret(&mut pty);
    assert_eq!(
        role_of_the_earlier(),
        "in-use",
        "nobody has the new one yet"
    );
    pty.copied_by("\r");
    eventually("the record to be doubted", || {
        role_of_the_earlier() == "assumed-in-use"
    });
    pty.kill(Signal::HUP);
    pty.wait_exit();
    assert_eq!(role_of_the_earlier(), "assumed-in-use");
}
