//! An operator looks at when the fleet's secrets end, and takes one away that nobody recognises.

use crate::support::ground::{Ground, Home, eventually, wait_for_line};

const WIDE: (u16, u16) = (140, 40);
const DEVICE: &str = "ump-old.finebak.com";

#[test]
fn a_secret_that_nobody_recognises_is_found_by_its_age_and_removed_alone() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    let (in_use, all) = ground.secrets("Finebak")[DEVICE].clone();
    assert_eq!(all.len(), 2);

    pty.send("E");
    pty.wait_for("Secrets of 30 devices");
    wait_for_line(&pty, &["livecloud.finebak.com", "3 days ago", "2026"]);
    pty.send("/old\r");
    wait_for_line(&pty, &[DEVICE, "also 1 of unknown"]);
    pty.send("X");
    pty.wait_for("7 Secrets 2");
    wait_for_line(&pty, &["unknown origin"]);
    pty.send("j");
    pty.wait_for("Unknown origin.");
    pty.send("X");
    pty.wait_for("Plan: retire");
    pty.send("\r");
    pty.wait_for("Enter again removes");
    assert_eq!(ground.secrets("Finebak")[DEVICE].1.len(), 2, "only asked");
    pty.send("\r");
    pty.wait_for("ump-old: done");
    eventually("the secret to be gone", || {
        ground.secrets("Finebak")[DEVICE].1 == [in_use.clone()]
    });
    pty.send("\x1b");
    pty.wait_for("7 Secrets 1");
    // It stands in the audit trail.
    pty.send("L");
    pty.wait_for("no row was altered");
    wait_for_line(&pty, &["removePassword", "HTTP 204"]);
    pty.send("\x1b");
    pty.wait_for("7 Secrets 1");
    // And the run with its steps in the history.
    pty.send("6\r");
    pty.wait_for("2. read the registration back and compare: done");
}
