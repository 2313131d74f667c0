//! An operator sees what differs: each line of the procedure, each permission, in words.

use crate::support::ground::{Home, WIDE, checks, has_in_order, open};
use crate::support::pty::Pty;

/// The line of the screen that has this in it.
#[track_caller]
fn line(pty: &Pty, text: &str) -> String {
    let screen = pty.screen_text();
    let found = screen.lines().find(|line| line.contains(text));
    found
        .unwrap_or_else(|| panic!("{text:?} on the screen:\n{screen}"))
        .to_string()
}

#[track_caller]
fn assert_in_order(line: &str, parts: &[&str]) {
    assert!(has_in_order(line, parts), "{parts:?} in {line:?}");
}

#[test]
fn a_drifted_devices_checklist_shows_what_was_found_and_what_is_wanted() {
    let home = Home::new();
    let mut pty = home.sandbox(WIDE);
    open(&mut pty, "ump-west.finebak.com");
    pty.wait_for(&format!("Checklist {}", checks(4, 1)));
    let found = "https://ump-west.finebak.com/authenticate/oauth2callback";
    // It has less room: its middle is left out.
    let wanted = "/OAuth2Callback";
    let redirect = line(&pty, found);
    assert_in_order(&redirect, &["4–6", "▲", "Redirect URI", found, wanted]);
    assert_in_order(
        &line(&pty, "ID tokens (implicit)"),
        &["8", "▲", "off", "on"],
    );
    assert_in_order(&line(&pty, "Publisher (MPN ID)"), &["9", "▲", "verified"]);
    assert_in_order(&line(&pty, "API permissions"), &["11–12", "▲", "4 of 6"]);
    // What is in order wants nothing.
    let tokens = line(&pty, "Access tokens (implicit)");
    assert_in_order(&tokens, &["8", "✔", "on"]);
    assert_eq!(tokens.matches(" on").count(), 1, "{tokens}");
}

#[test]
fn enter_explains_a_line_with_its_step_what_was_found_and_what_is_wanted() {
    let home = Home::new();
    let mut pty = home.sandbox((80, 24));
    open(&mut pty, "ump-west.finebak.com");
    // Down to the redirect URI.
    pty.send("gjjjj\r");
    pty.wait_for("Redirect URI (step 4–6 of the procedure)");
    pty.wait_for("Wanted: https://ump-west.finebak.com/authenticate/OAuth2Callback");
    pty.wait_for("Found: https://ump-west.finebak.com/authenticate/oauth2callback");
    pty.send("\x1b");
    pty.wait_gone("Wanted: ");
    pty.wait_for("FOUND");
}

#[test]
fn the_permissions_are_listed_by_name_wanted_present_and_extra() {
    let home = Home::new();
    let mut pty = home.sandbox((120, 40));
    open(&mut pty, "ump-west.finebak.com");
    pty.wait_for("Permissions 4/6");
    pty.send("2");
    pty.wait_for("PRESENT");
    for present in [
        "Group.ReadWrite.All",
        "Directory.AccessAsUser.All",
        "offline_access",
        "user_impersonation",
    ] {
        assert_in_order(&line(&pty, present), &["✔", present, "yes", "yes"]);
    }
    for missing in ["AppCatalog.ReadWrite.All", "User.Read.All"] {
        assert_in_order(&line(&pty, missing), &["▲", missing, "yes", "no"]);
    }
    assert_in_order(
        &line(&pty, "+ User.Read "),
        &["User.Read", "extra", "yes", "Microsoft Graph, delegated"],
    );
    pty.send("jj\r");
    pty.wait_for("a154be20-db9c-4678-8ab7-66f6cc099a59");
}
