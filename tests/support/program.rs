//! The real binary, run without a terminal in an empty home.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

/// The binary under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_umpdeck");

/// A home of its own for each test.
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

/// How a program ended: its exit code.
pub fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

/// Output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// `umpdeck sandbox` in a process of its own; killed when this is dropped.
pub struct SandboxProgram {
    child: Child,
    /// What its first line says.
    pub first: serde_json::Value,
    // Kept open, as a script that reads on would.
    _stdout: BufReader<ChildStdout>,
    _stdin: Option<ChildStdin>,
}

impl SandboxProgram {
    /// Starts it and waits for its first line.
    pub fn start(home: &Home) -> SandboxProgram {
        SandboxProgram::start_with(home, &[])
    }

    /// The same with more options.
    pub fn start_with(home: &Home, options: &[&str]) -> SandboxProgram {
        let mut child = home
            .command(PROGRAM)
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a first line");
        SandboxProgram {
            first: serde_json::from_str(&line).expect("JSON"),
            _stdin: child.stdin.take(),
            child,
            _stdout: stdout,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.first["url"].as_str().expect("a url")
    }

    /// Its process ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal and says how it ended.
    pub fn end(mut self, signal: rustix::process::Signal) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).expect("a signal");
        self.child.wait().expect("an end").code()
    }
}

impl Drop for SandboxProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
