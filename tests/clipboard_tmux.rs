//! tmux's way to the clipboard, through a real tmux with its default settings and a terminal around it.

mod support;

use std::process::{Command, Output};

use support::pty::Pty;
use umpdeck::console::clipboard::{Clipboard, Environment, Kind, Way};

/// A tmux server of the test's own; it ends with the test.
struct Tmux {
    folder: tempfile::TempDir,
    name: String,
}

impl Tmux {
    fn start() -> Tmux {
        let tmux = Tmux {
            folder: tempfile::tempdir().expect("a folder"),
            name: format!("umpdeck-test-{}", std::process::id()),
        };
        let started = tmux.run(&["-f", "/dev/null", "new-session", "-d", "-s", "test", "cat"]);
        assert!(started.status.success(), "tmux is needed here: {started:?}");
        tmux
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .env("TMUX_TMPDIR", self.folder.path())
            .env_remove("TMUX")
            .args(["-L", &self.name])
            .args(arguments)
            .output()
            .expect("tmux is installed")
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
    let tmux = Tmux::start();
    let folder = tmux.folder.path().to_str().expect("a plain path");
    let pty = Pty::start(
        "/usr/bin/env",
        &["tmux", "-L", &tmux.name, "attach", "-t", "test"],
        &[("TMUX_TMPDIR", folder)],
        (80, 24),
    );
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
    pty.wait_for_bytes(|bytes| {
        support::pty::osc52_texts(bytes)
            .iter()
            .any(|text| text == "3f0a77c2-91d4")
    });

    let forgotten = clipboard.forget().await;
    assert_eq!(forgotten.removed, [Way::TmuxBuffer]);
    assert_eq!(forgotten.remaining, [Way::TmuxPassthrough]);
    let gone = tmux.run(&["show-buffer", "-b", "umpdeck"]);
    assert!(!gone.status.success(), "{gone:?}");
}
