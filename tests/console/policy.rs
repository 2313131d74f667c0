//! The policies for client secrets are read before a secret is planned.

use crate::support::ground::{Ground, Home, WIDE, choose};

#[test]
fn a_rotation_asked_from_the_list_knows_the_applications_own_policy() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    choose(&mut pty, "voice12.contoso-telco.com");
    pty.send("R");
    // The tenant's own would be 180 days.
    pty.wait_for("caps a secret at 365 days");
    pty.send("\x1bq");
    pty.wait_exit();
}
