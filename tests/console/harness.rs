//! The harness for tests on a real terminal does what the tests rely on, shown on programs that everybody has.

use crate::support::pty::Pty;
use rustix::process::Signal;

fn shell(script: &str) -> Pty {
    Pty::start("/bin/sh", &["-c", script], &[], (80, 24))
}

#[test]
fn keys_go_in_and_the_screen_comes_out() {
    let mut pty = Pty::start("/bin/cat", &[], &[], (80, 24));
    pty.send("hello\r");
    pty.wait_until(|screen| screen.contents().matches("hello").count() == 2);
    assert!(pty.is_cooked());
    pty.send("\x04");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn exit_codes_and_signals_are_told_apart() {
    assert_eq!(shell("exit 7").wait_exit(), 7);
    let mut pty = Pty::start("/bin/cat", &[], &[], (80, 24));
    pty.kill(Signal::TERM);
    assert_eq!(pty.wait_exit(), 128 + 15);
}

#[test]
fn modes_and_clipboard_sequences_are_seen() {
    let mut pty = shell(
        "printf '\\033[?1049h\\033[?25l\\033[?2004h\\033]52;c;Zm9v\\033\\\\'; \
         printf '\\033Ptmux;\\033\\033]52;c;YmFy\\007\\033\\\\in'; read line; \
         printf '\\033[?2004l\\033[?1049l\\033[?25hout'",
    );
    pty.wait_for("in");
    let modes = pty.modes();
    assert!(modes.alternate_screen && !modes.cursor_visible && modes.bracketed_paste);
    assert_eq!(pty.osc52(), ["foo", "bar"]);
    pty.send("\r");
    assert_eq!(pty.wait_exit(), 0);
    let modes = pty.modes();
    assert!(!modes.alternate_screen && modes.cursor_visible && !modes.bracketed_paste);
}

#[test]
fn a_frame_that_comes_in_pieces_is_seen_whole_or_not_at_all() {
    let mut pty = shell(
        "stty -echo; printf 'before\\033[?20'; read line; printf '26hhalf'; read line; \
         printf ' a frame\\033[?2026lafter'; read line",
    );
    pty.wait_for("before");
    pty.send("\r");
    pty.wait_for_bytes(|bytes| bytes.ends_with(b"half"));
    assert!(!pty.screen_text().contains("half"));
    pty.send("\r");
    pty.wait_for("half a frame");
    pty.wait_for("after");
    pty.send("\r");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn a_resize_reaches_the_program() {
    let mut pty = shell("trap 'stty size' WINCH; echo ready; while :; do read line; done");
    pty.wait_for("ready");
    pty.resize(100, 30);
    pty.wait_for("30 100");
}

#[test]
fn a_vanished_terminal_hangs_the_program_up() {
    let mut pty = Pty::start("/bin/cat", &[], &[], (80, 24));
    // The terminal's echo alone would say nothing of the program.
    pty.send("x\r");
    pty.wait_until(|screen| screen.contents().matches('x').count() == 2);
    pty.close_master();
    assert_eq!(pty.wait_exit(), 128 + 1);
}

#[test]
#[should_panic(expected = "the program closed its terminal; the screen:\nwhat it said")]
fn a_wait_in_vain_shows_the_screen() {
    shell("echo what it said").wait_for("something else");
}
