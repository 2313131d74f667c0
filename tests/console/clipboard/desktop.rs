//! A terminal on a desktop: its clipboard has the copy, and where there is none that is said.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use super::*;
use crate::support::ground::eventually;
use umpdeck::console::clipboard::osc52_plain;

/// A display of the test's own.
struct Display {
    name: String,
    _server: Ended,
}

impl Display {
    fn start() -> Display {
        let mut child = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1024x768x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let stdout = child.stdout.take().expect("its output");
        let server = Ended(child);
        let mut number = String::new();
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("its display");
        Display {
            name: format!(":{}", number.trim()),
            _server: server,
        }
    }

    /// What somebody who pastes there would get.
    fn clipboard(&self) -> String {
        let output = Command::new("xclip")
            .args(["-display", &self.name, "-o", "-selection", "clipboard"])
            .output()
            .expect("xclip");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The console with this display in its environment.
fn with_display(home: &Home, display: &str) -> Pty {
    home.start_other(PROGRAM, &["--sandbox"], &[("DISPLAY", display)], WIDE)
}

#[test]
fn xterm_takes_what_the_console_writes_into_its_clipboard() {
    if !are_here(&["Xvfb", "xterm", "xclip"]) {
        return;
    }
    let (display, relay, home) = (Display::start(), Relay::new(), Home::new());
    let xterm = Command::new("xterm")
        .env("DISPLAY", &display.name)
        .env("HOME", &home.environment()[0].1)
        // Off by default in xterm; this is what its manual says to set.
        .args(["-xrm", "XTerm*disallowedWindowOps: 20,21,SetXprop"])
        .args(["-geometry", "200x50", "-e"])
        .args(relay.arguments())
        .stdin(Stdio::null())
        .spawn()
        .expect("xterm starts");
    let _xterm = Ended(xterm);
    let mut terminal = relay.open();
    // Every byte of a session: frames, and between them the copy.
    let mut pty = home.start(&["--sandbox"], WIDE);
    copy(&mut pty, "sent, by OSC 52");
    terminal.write_all(&pty.raw_bytes()).expect("the terminal");
    eventually("xterm's clipboard", || display.clipboard() == REDIRECT_URI);

    let text = longest();
    let bytes = osc52_plain(&text, LIMIT).expect("it fits");
    terminal.write_all(&bytes).expect("the terminal");
    eventually("the longest text", || display.clipboard() == text);
}

#[test]
fn on_a_desktop_of_this_machine_its_clipboard_has_the_copy() {
    if !are_here(&["Xvfb", "xclip"]) {
        return;
    }
    let (display, home) = (Display::start(), Home::new());
    let mut pty = with_display(&home, &display.name);
    copy(&mut pty, "sent, by OSC 52 and this desktop's clipboard");
    assert_eq!(display.clipboard(), REDIRECT_URI);
    assert_eq!(pty.osc52(), [REDIRECT_URI]);
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn with_nothing_at_all_the_copy_is_sent_and_what_failed_is_said_and_the_bare_line_shows_it() {
    let home = Home::new();
    // A display that is named and not there.
    let mut pty = with_display(&home, ":6553");
    copy(&mut pty, "not by this desktop's clipboard");
    pty.wait_for("sent, by OSC 52");
    assert_eq!(pty.osc52(), [REDIRECT_URI]);
    assert!(
        !pty.screen_text().contains("copied"),
        "{}",
        pty.screen_text()
    );
    pty.send("y");
    pty.wait_for("Copy from");
    pty.send("jjb");
    pty.wait_until(|screen| {
        let contents = screen.contents();
        contents.lines().any(|line| line.trim_end() == REDIRECT_URI)
    });
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
}
