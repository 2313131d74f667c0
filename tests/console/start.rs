//! The start of the console through the real binary, on a real terminal.

use crate::support::program::{Home, PROGRAM};
use crate::support::pty::Pty;
use rustix::process::Signal;

/// The console with a home of its own.
fn console(home: &Home, arguments: &[&str]) -> Pty {
    let path = home.path().to_string_lossy().into_owned();
    let env = [
        ("HOME", path.as_str()),
        ("XDG_CONFIG_HOME", ""),
        ("XDG_DATA_HOME", ""),
        ("USER", "tester"),
    ];
    Pty::start(PROGRAM, arguments, &env, (100, 30))
}

#[test]
fn without_a_command_the_console_opens_on_the_sandbox_and_a_signal_ends_it() {
    let home = Home::new();
    let mut pty = console(&home, &["--sandbox"]);
    pty.wait_for("SANDBOX");
    pty.wait_for("livecloud.finebak.com");
    assert!(pty.modes().alternate_screen);
    // An answer to a key shows that the loop is at work.
    pty.kill(Signal::TERM);
    assert_eq!(pty.wait_exit(), 128 + 15);
    assert!(!pty.modes().alternate_screen, "screen");
    assert!(pty.is_cooked());
    let files = home.files();
    assert!(
        files.iter().any(|file| file.ends_with("umpdeck.log")),
        "{files:?}"
    );
}

#[test]
fn a_site_without_tenants_opens_and_teaches() {
    let home = Home::new();
    let pty = console(&home, &[]);
    pty.wait_for("w writes a settings file with comments");
    pty.wait_for("N adds your tenant");
    pty.wait_for("T opens the sandbox");
}

#[test]
fn an_unknown_theme_is_said_on_the_plain_screen() {
    let home = Home::new();
    let mut pty = console(&home, &["--sandbox", "--theme", "pink"]);
    assert_eq!(pty.wait_exit(), 3);
    pty.wait_for("pink");
    assert!(!pty.modes().alternate_screen);
}

#[test]
fn on_a_terminal_there_are_colours_unless_nobody_wants_any() {
    let home = Home::new();
    let mut pty = console(&home, &["status", "--stored", "--sandbox"]);
    assert_eq!(pty.wait_exit(), 3);
    let bytes = pty.raw_bytes();
    let words = String::from_utf8_lossy(&bytes);
    assert!(words.contains("\u{1b}[90m?\u{1b}[0m"), "{words}");
    assert!(words.contains("not in order"), "{words}");
    let home = Home::new();
    let path = home.path().to_string_lossy().into_owned();
    let env = [("HOME", path.as_str()), ("NO_COLOR", "1")];
    let arguments = ["check", "ump-01", "--sandbox"];
    let mut pty = Pty::start(PROGRAM, &arguments, &env, (80, 24));
    assert_eq!(pty.wait_exit(), 0);
    // The progress line may move the cursor: what it must not do is colour.
    let bytes = pty.raw_bytes();
    let words = String::from_utf8_lossy(&bytes);
    assert!(words.contains("ump-01.finebak.com"), "{words:?}");
    let mut sequences = words.split("\u{1b}[").skip(1);
    let ends = |one: &str| one.chars().find(char::is_ascii_alphabetic);
    assert!(
        sequences.all(|one| ends(one) != Some('m')),
        "no colours when nobody wants any: {words:?}"
    );
}
