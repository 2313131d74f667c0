//! From an empty console to a tenant that is listed and read, with one sign-in.

use crate::support::ground::{Ground, Home, WIDE};

#[test]
fn the_first_contact_finds_the_tenant_signs_in_once_lists_it_and_the_console_goes_on_with_it() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = home.start(&[], WIDE);
    pty.wait_for("N adds your tenant");
    pty.send("N");
    pty.wait_for("First contact with a tenant");
    pty.wait_for("nobody has verified it");
    let url = ground.url.clone();
    // The tenant; past the way and the client ID; then the two hosts.
    pty.send("finebak.com\t\t\t\x15");
    pty.send(&url);
    pty.send("\t\x15");
    pty.send(&url);
    pty.send("\x0e");
    pty.wait_for("Signed in as noc@finebak.com");
    pty.wait_for("create and repair registrations");
    pty.send("\x0e");
    pty.wait_for("signed in as noc@finebak.com");
    let codes = ground.requests();
    let codes = codes.iter().filter(|one| one.contains("/devicecode"));
    assert_eq!(codes.count(), 1, "nobody signs in twice");
    let settings = home
        .files()
        .into_iter()
        .find(|file| file.ends_with("settings.toml"));
    let settings = std::fs::read_to_string(settings.expect("settings")).expect("text");
    assert!(
        settings.contains("primary_domain = \"finebak.com\""),
        "{settings}"
    );
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}
