//! tmux's way to the clipboard, through a real tmux with its default settings and a terminal around it.

use std::process::{Command, Output};

use super::*;
use umpdeck::console::clipboard::{Clipboard, Environment, Kind, Way};

/// A tmux server of the test's own; it ends with the test.
struct Tmux {
    folder: tempfile::TempDir,
}

impl Tmux {
    /// The place for one; it does not run yet.
    fn new() -> Tmux {
        Tmux {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// One with a session in which this program runs.
    fn start(program: &[&str]) -> Tmux {
        let tmux = Tmux::new();
        let session = ["-f", "/dev/null", "new-session", "-d", "-s", "test"];
        let started = tmux.run(&[&session, program].concat());
        assert!(started.status.success(), "tmux is needed here: {started:?}");
        tmux
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .env("TMUX_TMPDIR", self.place())
            .env_remove("TMUX")
            .args(arguments)
            .output()
            .expect("tmux is installed")
    }

    /// A terminal that shows the session.
    fn attach(&self, size: (u16, u16)) -> Pty {
        let place = [("TMUX_TMPDIR", self.place())];
        Pty::start("tmux", &["attach", "-t", "test"], &place, size)
    }

    fn place(&self) -> &str {
        plain(self.folder.path())
    }

    fn say(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.run(arguments).stdout).into_owned()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_reaches_tmuxs_buffer_and_the_terminal_around_it_and_a_secret_leaves_the_buffer_again()
 {
    if !are_here(&["tmux"]) {
        return;
    }
    let tmux = Tmux::start(&["cat"]);
    let pty = tmux.attach((80, 24));
    pty.wait_for("[test]");

    let socket = tmux.say(&["display-message", "-p", "#{socket_path}"]);
    let clipboard = Clipboard::new(Environment {
        tmux: Some(format!("{},1,0", socket.trim())),
        ssh: true,
        ..Environment::default()
    });
    let sent = clipboard.copy("3f0a77c2-91d4\n", Kind::Secret).await;
    assert_eq!(sent.report(), "sent, by tmux buffer and OSC 52");
    assert_eq!(tmux.say(&["show-buffer", "-b", "umpdeck"]), "3f0a77c2-91d4");
    pty.wait_for_copy("3f0a77c2-91d4");

    let forgotten = clipboard.forget(sent.number).await;
    assert_eq!(forgotten.removed, [Way::TmuxBuffer]);
    assert_eq!(forgotten.remaining, [Way::TmuxPassthrough]);
    let gone = tmux.run(&["show-buffer", "-b", "umpdeck"]);
    assert!(!gone.status.success(), "{gone:?}");
}

#[test]
fn a_key_in_the_console_fills_tmuxs_buffer_and_the_terminals_clipboard() {
    if !are_here(&["tmux"]) {
        return;
    }
    let home = Home::new();
    let variables = home.environment();
    let variables: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut program = vec!["env", "LC_ALL=C.UTF-8"];
    program.extend(variables.iter().map(String::as_str));
    program.extend([PROGRAM, "--sandbox"]);
    let tmux = Tmux::start(&program);
    let mut pty = tmux.attach(WIDE);
    copy(&mut pty, "sent, by tmux buffer and OSC 52");
    assert_eq!(tmux.say(&["show-buffer", "-b", "umpdeck"]), REDIRECT_URI);
    pty.wait_for_copy(REDIRECT_URI);
    pty.send("\x03");
    pty.wait_exit();
}

#[test]
fn a_session_that_begins_with_the_console_has_the_copy_in_a_buffer_of_its_own() {
    if !are_here(&["tmux"]) {
        return;
    }
    let (home, tmux) = (Home::new(), Tmux::new());
    let command = format!("'{PROGRAM}' --sandbox");
    let arguments = ["-f", "/dev/null", "new-session", &command];
    let place = [("TMUX_TMPDIR", tmux.place())];
    let mut pty = home.start_other("tmux", &arguments, &place, WIDE);
    copy(&mut pty, "Redirect URI: sent, by tmux buffer and OSC 52");
    assert_eq!(tmux.say(&["show-buffer", "-b", "umpdeck"]), REDIRECT_URI);
}
