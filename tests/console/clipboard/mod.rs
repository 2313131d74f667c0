//! The clipboard, through what stands between a console and its operator.

mod desktop;
mod gnu_screen;
mod ssh;
mod tmux;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use crate::support::ground::{Home, PROGRAM, WIDE, open, wait_for_the_fleet};
use crate::support::outside::are_here;
use crate::support::pty::Pty;
use umpdeck::console::clipboard::LIMIT;

const DEVICE: &str = "livecloud.finebak.com";

const REDIRECT_URI: &str = "https://livecloud.finebak.com/authenticate/OAuth2Callback";

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// The longest text that is sent through a terminal.
fn longest() -> String {
    let letters = ('a'..='z').cycle();
    letters.take(LIMIT / 4 * 3).collect()
}

/// Copies the redirect URI of a device in a console that has just begun; the toast says by which way.
#[track_caller]
fn copy(pty: &mut Pty, toast: &str) {
    wait_for_the_fleet(pty);
    open(pty, DEVICE);
    pty.send("u");
    pty.wait_for(toast);
}

/// A program that hands the bytes of a pipe to the terminal that it runs in, as they are.
struct Relay {
    folder: tempfile::TempDir,
}

impl Relay {
    fn new() -> Relay {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Command::new("mkfifo")
            .arg(folder.path().join("pipe"))
            .status();
        assert!(made.expect("mkfifo").success());
        Relay { folder }
    }

    fn pipe(&self) -> PathBuf {
        self.folder.path().join("pipe")
    }

    fn arguments(&self) -> [String; 3] {
        let script = format!("stty raw -echo; exec cat '{}'", self.pipe().display());
        ["sh".into(), "-c".into(), script]
    }

    /// Opens the pipe; waits until the program reads it.
    fn open(&self) -> File {
        File::options()
            .write(true)
            .open(self.pipe())
            .expect("the pipe")
    }
}
