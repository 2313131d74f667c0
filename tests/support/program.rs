//! The real binary, run without a terminal in an empty home.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Output, Stdio};

pub use super::home::{Home, PROGRAM};

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
