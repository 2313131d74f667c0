//! An operator marks devices and has the same done with all of them, a few at a time.

use crate::support::ground::{Ground, Home, WIDE, choose};
use crate::support::pty::Pty;

const WEST: &str = "ump-west.finebak.com";
const VOICE: &str = "voice05.contoso-telco.com";

/// Each is filtered for, so the marks are on devices that the list does not show.
fn mark_both(pty: &mut Pty) {
    for device in [WEST, VOICE] {
        choose(pty, device);
        pty.send(" ");
        pty.wait_for("marked");
        pty.send("\u{1b}");
        pty.wait_for("Devices 30");
    }
}

#[test]
fn two_marked_devices_are_repaired_by_one_combined_plan() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    mark_both(&mut pty);
    pty.wait_for("2 marked");
    pty.send("f");
    pty.wait_for("Plan: repair 2 devices: 2 ready");
    ground.forget_requests();
    pty.send("\r");
    pty.wait_for("Bulk repair: 2 of 2");
    pty.wait_for("all done");
    let requests = ground.requests();
    let patches = requests.iter().filter(|one| one.starts_with("PATCH"));
    assert_eq!(patches.count(), 2, "{requests:#?}");
    pty.send("q");
    pty.wait_gone("marked");
    // The same again finds nothing to do.
    mark_both(&mut pty);
    pty.send("f");
    pty.wait_for("Plan: repair 2 devices: 2 with nothing to do");
    pty.send("\r");
    pty.wait_for("nothing can be done for any of these devices");
}
