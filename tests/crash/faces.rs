//! What the two faces make of a run that died: it is told of, offered, taken up or given up; a live one is left alone.

use crate::support::killed::{Ground, Work};
use crate::support::program::{PROGRAM, text};
use crate::support::pty::Pty;
use rustix::process::{Pid, Signal};
use serde_json::Value;

const DEVICE: &str = "ump-eu.finebak.com";
const ROTATE: [&str; 3] = ["rotate", DEVICE, "--yes"];
const WORK: Work = Work {
    command: "rotate",
    device: DEVICE,
};

#[test]
fn giving_up_a_run_that_never_reached_the_portal_removes_its_secret() {
    let ground = Ground::new();
    ground.faults("hold=POST:addPassword");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    let run = ground.unfinished().expect("a dead run");
    let flagged = ground.left_over(DEVICE);
    assert!(
        flagged.len() == 1 && flagged[0].contains(&run),
        "{flagged:?}"
    );
    // The newest of all, but no portal has it.
    let listed = ground.run(&["secrets", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let devices = listed["devices"].as_array().expect("devices");
    let own = devices.iter().find(|one| one["fqdn"] == DEVICE);
    let in_use = own.expect("the device")["inUse"]["name"].as_str();
    let in_use = in_use.expect("one is assumed to be in use");
    assert!(!in_use.contains(&run), "{in_use}");

    let planned = ground.run(&["runs", "abandon", &run]);
    assert_eq!(planned.status.code(), Some(1));
    assert!(text(&planned.stdout).contains("remove the secret"));
    assert_eq!(ground.unfinished(), Some(run.clone()), "only planned");

    ground.done(&["runs", "abandon", &run, "--yes"]);
    assert_eq!(ground.unfinished(), None);
    assert_eq!(ground.left_over(DEVICE), [""; 0]);
    assert_eq!(ground.new_secrets(DEVICE), 0);
    let closed = &ground.runs()["closed"][0];
    assert_eq!(closed["outcome"], "abandoned", "{closed}");
    let again = ground.run(&["runs", "resume", &run, "--yes"]);
    assert_eq!(again.status.code(), Some(3), "it is closed");
}

#[test]
fn giving_up_a_run_removes_its_secret_also_where_the_answer_to_that_is_lost() {
    // It happened, and it did not: either way it is looked at, and sent again only where it is there still.
    for lost in [
        "drop=POST:removePassword*1",
        "drop-before=POST:removePassword*1",
    ] {
        let ground = Ground::new();
        ground.faults("hold=POST:addPassword");
        assert!(ground.kill_when_held(&ROTATE));
        ground.faults(lost);
        let run = ground.unfinished().expect("a dead run");
        ground.done(&["runs", "abandon", &run, "--yes"]);
        assert_eq!(ground.unfinished(), None, "{lost}");
        assert_eq!(ground.new_secrets(DEVICE), 0, "{lost}");
    }
}

#[test]
fn giving_up_a_run_whose_write_to_the_portal_is_unknown_leaves_its_secret_and_flags_it() {
    let ground = Ground::new();
    ground.done(&["push", DEVICE, "--yes"]);
    ground.faults("hold=PUT:auth-tokens");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    let run = ground.unfinished().expect("a dead run");
    let output = ground.run(&["runs", "abandon", &run, "--yes"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    assert!(
        said.contains("not removed") && said.contains(&run),
        "{said}"
    );
    assert_eq!(ground.unfinished(), None);
    assert_eq!(ground.new_secrets(DEVICE), 2, "of the push, and its own");
    let flagged = ground.left_over(DEVICE);
    assert!(
        flagged.len() == 1 && flagged[0].contains("abandoned"),
        "{flagged:?}"
    );
    // Which secret the portal has is not known any more, so a push must bring one, whatever the record said before.
    let planned = ground.run(&["push", DEVICE]);
    let planned = text(&planned.stdout);
    assert!(planned.contains("add a client secret"), "{planned}");
}

#[test]
fn a_run_that_is_under_way_is_neither_offered_nor_taken_over() {
    let ground = Ground::new();
    ground.faults("hold-before=POST:addPassword");
    let mut child = ground.begin(&ROTATE);
    ground.wait_held();
    let runs = ground.runs();
    assert_eq!(
        runs["unfinished"].as_array().map(Vec::len),
        Some(0),
        "{runs}"
    );
    let live = &runs["underWay"][0];
    let owner = live["owner"].as_str().expect("an owner");
    assert!(owner.starts_with("tester@"), "{owner}");
    assert!(owner.contains(&format!(" pid {} ", child.id())), "{owner}");
    let run = live["run"].as_str().expect("a run");
    for arguments in [
        &["runs", "resume", run, "--yes"][..],
        &["runs", "abandon", run, "--yes"][..],
        &ROTATE[..],
    ] {
        let output = ground.run(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(owner), "{said}");
    }
    ground.faults("");
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    ground.check(WORK, "left alone");
}

#[test]
fn a_signal_ends_the_headless_face_and_its_run_is_unfinished_at_once() {
    let ground = Ground::new();
    ground.faults("hold=PUT:auth-tokens");
    let mut child = ground.begin(&ROTATE);
    ground.wait_held();
    rustix::process::kill_process(Pid::from_child(&child), Signal::TERM).expect("a signal");
    assert_eq!(child.wait().expect("an end").code(), Some(128 + 15));
    ground.faults("");
    let run = ground.unfinished().expect("an unfinished run");
    ground.done(&["runs", "resume", &run, "--yes"]);
    ground.check(WORK, "after a signal");
}

#[test]
fn the_console_offers_a_dead_run_at_its_start_and_takes_it_up_by_its_plan() {
    let ground = Ground::new();
    ground.faults("hold=PUT:auth-tokens");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    let run = ground.unfinished().expect("a dead run");
    let (arguments, env) = ground.at_home(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut pty = Pty::start(PROGRAM, &arguments, &env, (100, 30));
    pty.wait_for("interrupted");
    pty.wait_for(&run);
    pty.wait_for("it may have been done");
    pty.send("\r");
    pty.wait_for("Plan: resume");
    assert_eq!(ground.unfinished(), Some(run.clone()), "only planned");
    pty.send("\r");
    pty.wait_for("Entra accepts it");
    pty.wait_for("removed 1");
    pty.wait_for("Every check");
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
    ground.check(WORK, "by the console");
}

#[test]
fn the_console_lets_a_dead_run_wait_and_gives_it_up_from_its_devices_history() {
    let ground = Ground::new();
    ground.faults("hold-before=POST:addPassword");
    assert!(ground.kill_when_held(&ROTATE));
    ground.faults("");
    let (arguments, env) = ground.at_home(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut pty = Pty::start(PROGRAM, &arguments, &env, (100, 30));
    pty.wait_for("interrupted");
    pty.send("\x1b");
    pty.wait_gone("interrupted");
    assert!(ground.unfinished().is_some(), "later is later");
    pty.send("/ump-eu\r\r6");
    pty.wait_for("interrupted");
    pty.send("\r");
    pty.wait_for("Enter will");
    pty.send("a");
    pty.wait_for("a again abandons run");
    assert!(ground.unfinished().is_some(), "asked first");
    pty.send("a");
    pty.wait_for("abandoned");
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
    assert_eq!(ground.unfinished(), None);
    assert_eq!(ground.new_secrets(DEVICE), 0);
}
