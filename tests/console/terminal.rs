//! What the terminal promises, on a real one: keys, pastes and sizes come in, and the shell gets its terminal back
//! whether the program ends, panics, is stopped or loses its line.

use std::sync::mpsc::{Sender, channel};

use crate::support::pty::Pty;
use ratatui::text::Line;
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};
use umpdeck::console::chord::{Chord, Key};
use umpdeck::console::terminal::{
    Device, Guard, Input, Reader, Screen, Waker, cut_loose, install_panic_hook, size,
};

/// Set for the program that the tests run: this binary itself, as [`probe`].
const PROBE: &str = "TERMINAL_PROBE_LOG";

/// Not a test, but the program that the tests run on a terminal. It lists what comes in.
#[test]
#[ignore = "run by the other tests"]
fn probe() {
    let Some(log) = std::env::var_os(PROBE) else {
        return;
    };
    install_panic_hook(log.into());
    std::process::exit(run());
}

fn run() -> i32 {
    let guard = Guard::enter().expect("a terminal");
    let (columns, rows) = size();
    let mut screen = Screen::new(Device, columns, rows);
    let (sender, inputs) = channel();
    let reader = read(sender);
    watch_signals(reader.waker());
    let mut lines = vec!["ready".to_owned()];
    loop {
        let drawn = screen.draw(|frame| {
            for (row, line) in (0_u16..).zip(&lines) {
                frame
                    .buffer_mut()
                    .set_line(0, row, &Line::from(line.as_str()), 80);
            }
        });
        if drawn.is_err() {
            cut_loose();
            return 129;
        }
        match inputs.recv().expect("an input") {
            Input::Gone => {
                cut_loose();
                return 129;
            }
            Input::Key(chord) if chord == Chord::char('q') => {
                drop(reader);
                drop(guard);
                return 0;
            }
            Input::Mouse(..) => {}
            Input::Key(chord) if chord == Chord::char('P') => panic!("on request"),
            Input::Key(chord) if chord == Chord::char('T') => {
                let task = std::thread::spawn(|| panic!("in a thread"));
                assert!(task.join().is_err());
                lines.push("goes on".to_owned());
            }
            Input::Key(chord) if chord == Chord::ctrl(Key::Char('z')) => {
                assert!(guard.suspend(), "the system stops us");
                if guard.resume().is_err() {
                    cut_loose();
                    return 129;
                }
                lines.push("resumed".to_owned());
                let (columns, rows) = size();
                screen.repaint(columns, rows);
            }
            Input::Resize(columns, rows) => {
                screen.resize(columns, rows);
                lines.push(format!("size {columns}x{rows}"));
            }
            Input::Key(chord) => lines.push(format!("key {chord}")),
            Input::Paste(text) => lines.push(format!("paste {}", text.replace('\n', "|"))),
        }
    }
}

fn read(sender: Sender<Input>) -> Reader {
    Reader::start_with(move |input| sender.send(input).is_ok(), false).expect("a reader")
}

/// Wakes the reader on SIGWINCH, and takes SIGHUP so that only the reader can notice a lost line.
fn watch_signals(waker: Waker) {
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(async {
                let mut size = signal(SignalKind::window_change()).expect("a signal");
                let _hang_up = signal(SignalKind::hangup()).expect("a signal");
                // The size may have changed before the signal was watched.
                loop {
                    waker.wake();
                    size.recv().await;
                }
            });
    });
}

/// The probe on a terminal, and the place of its crash log.
fn start() -> (Pty, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("crash.log");
    let program = std::env::current_exe().expect("this program");
    let log = log.to_str().expect("a plain path");
    let pty = Pty::start(
        program,
        &["--ignored", "--exact", "terminal::probe", "--nocapture"],
        &[(PROBE, log)],
        (80, 24),
    );
    pty.wait_for("ready");
    (pty, folder)
}

#[test]
fn keys_pastes_and_sizes_come_in_and_the_terminal_is_given_back() {
    let (mut pty, _folder) = start();
    let modes = pty.modes();
    assert!(modes.alternate_screen && !modes.cursor_visible && modes.bracketed_paste);
    assert!(!pty.is_cooked());
    pty.send("j\x1b[A\x03");
    pty.wait_for("key j");
    pty.wait_for("key ↑");
    pty.wait_for("key Ctrl-C");
    pty.send("\x1b");
    pty.wait_for("key Esc");
    pty.paste("one\r\ntwo");
    pty.wait_for("paste one|two");
    pty.resize(100, 30);
    pty.wait_for("size 100x30");
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
    pty.assert_shell_has_its_terminal();
    let written = String::from_utf8_lossy(&pty.raw_bytes()).into_owned();
    assert!(!written.contains("\x1b[6n") && !written.contains("\x1b[c"));
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_where_the_details_are() {
    let (mut pty, folder) = start();
    pty.send("P");
    pty.wait_exit();
    pty.assert_shell_has_its_terminal();
    assert!(
        pty.screen_text()
            .contains("umpdeck stopped because of a defect"),
        "{}",
        pty.screen_text()
    );
    let log = std::fs::read_to_string(folder.path().join("crash.log")).expect("a log");
    assert!(
        log.contains("on request") && log.lines().count() == 1,
        "{log}"
    );
}

#[test]
fn a_panic_elsewhere_ends_the_program_at_its_next_frame() {
    let (mut pty, _folder) = start();
    pty.send("T");
    assert_eq!(pty.wait_exit(), 129);
    pty.assert_shell_has_its_terminal();
    assert!(!pty.screen_text().contains("goes on"));
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_the_program_is_continued() {
    let (mut pty, _folder) = start();
    pty.send("j");
    pty.wait_for("key j");
    pty.send("\x1a");
    pty.wait_stopped();
    // What it wrote before it stopped may still be under way to the terminal.
    pty.wait_until(|screen| !screen.alternate_screen() && !screen.hide_cursor());
    pty.assert_shell_has_its_terminal();
    pty.kill(Signal::CONT);
    pty.wait_for("resumed");
    pty.wait_for("key j");
    assert!(pty.modes().alternate_screen && !pty.is_cooked());
    pty.send("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn a_lost_line_ends_the_program_even_where_the_hang_up_signal_does_not() {
    let (mut pty, _folder) = start();
    pty.close_master();
    assert_eq!(pty.wait_exit(), 129);
}
