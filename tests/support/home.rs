//! A home of its own for each test, and the program in it: without a terminal and on one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::ground::wait_for_the_fleet;
use super::pty::Pty;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_umpdeck");

/// An empty home folder; it goes with the test.
pub struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    /// An empty one.
    pub fn new() -> Home {
        Home {
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A command that knows this home and nothing of the one who runs the tests.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("USER", "tester")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(PROGRAM);
        command.args(arguments).output().expect("the program runs")
    }

    /// Runs the program against the sandbox at this address, to its end.
    pub fn run_at(&self, url: &str, words: &[&str]) -> Output {
        self.run(&[words, &["--endpoint", url]].concat())
    }

    /// The environment that keeps a program inside of this home.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let place = |under: &str| {
            let path = self.path().join(under);
            path.to_str().expect("a plain path").to_string()
        };
        vec![
            ("HOME", place("")),
            ("XDG_DATA_HOME", place(".local/share")),
            ("XDG_CONFIG_HOME", place(".config")),
            ("XDG_STATE_HOME", place(".local/state")),
            ("XDG_CACHE_HOME", place(".cache")),
        ]
    }

    /// The program on a terminal, with these arguments.
    pub fn start(&self, arguments: &[&str], size: (u16, u16)) -> Pty {
        self.start_other(PROGRAM, arguments, &[], size)
    }

    /// Another program on a terminal, kept inside of this home, with more in its environment.
    pub fn start_other(
        &self,
        program: &str,
        arguments: &[&str],
        more: &[(&str, &str)],
        size: (u16, u16),
    ) -> Pty {
        let own = self.environment();
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let environment: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        Pty::start(program, arguments, &environment, size)
    }

    /// The console on the sandbox inside the program, its fleet read.
    pub fn sandbox(&self, size: (u16, u16)) -> Pty {
        let pty = self.start(&["--sandbox"], size);
        wait_for_the_fleet(&pty);
        pty
    }

    /// The one store below it, opened beside the program.
    pub fn store(&self) -> rusqlite::Connection {
        let mut stores = self.files();
        stores.retain(|file| file.extension().is_some_and(|end| end == "sqlite"));
        assert_eq!(stores.len(), 1, "one store: {stores:?}");
        rusqlite::Connection::open(&stores[0]).expect("the store opens")
    }

    /// Every file below it.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files
    }
}
