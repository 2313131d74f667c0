//! A program on a real terminal: a pty, and a thread that reads it into an emulator of what a person would see.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;

use super::emulator::{LIMIT, Modes, Shared, osc52_texts};

/// A program that runs on a terminal of its own. It is killed when this is dropped.
pub struct Pty {
    child: Child,
    master: Option<Arc<File>>,
    shared: Arc<Shared>,
    /// Wakes the reading thread when it closes.
    stop: Option<OwnedFd>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Pty {
    /// Runs a program on a terminal of that many columns and rows. The environment is the test's own without what
    /// would tell of the terminal that the test runs in, plus `env`; TERM is xterm-256color, the locale is UTF-8.
    pub fn start(
        program: impl AsRef<Path>,
        arguments: &[&str],
        env: &[(&str, &str)],
        size: (u16, u16),
    ) -> Pty {
        let (master, terminal) = open_pty();
        let (columns, rows) = size;
        set_size(&master, columns, rows);
        // In a session of its own, which the terminal is for.
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(program.as_ref()).args(arguments);
        for name in [
            "TMUX",
            "TMUX_PANE",
            "STY",
            "SSH_CONNECTION",
            "SSH_TTY",
            "SSH_CLIENT",
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "NO_COLOR",
            "COLUMNS",
            "LINES",
        ] {
            command.env_remove(name);
        }
        let more = || terminal.try_clone().expect("a handle on the terminal");
        let child = command
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .envs(env.iter().copied())
            .stdin(more())
            .stdout(more())
            .stderr(more())
            .spawn()
            .expect("the program to start");
        // The program alone has the terminal now: its end is the terminal's.
        drop((command, terminal));
        let shared = Arc::new(Shared::new(size));
        let master = Arc::new(master);
        let (stopped, stop) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let reader = std::thread::spawn({
            let (master, shared) = (Arc::clone(&master), Arc::clone(&shared));
            move || {
                read(&master, &stopped, &shared);
                shared.end();
            }
        });
        Pty {
            child,
            master: Some(master),
            shared,
            stop: Some(stop),
            reader: Some(reader),
        }
    }

    /// Types the keys: text and escape sequences as a terminal sends them (`"\r"` is Enter, `"\x1b[A"` the arrow up).
    pub fn send(&mut self, keys: &str) {
        let master = self.master.as_ref().expect("the terminal is still there");
        (&**master)
            .write_all(keys.as_bytes())
            .expect("the program's terminal takes keys");
    }

    /// Pastes a text as a terminal does that has been asked for brackets.
    pub fn paste(&mut self, text: &str) {
        self.send(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Waits until the text is on the screen; fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.shared.wait(&format!("{text:?}"), |seen| {
            seen.parser.screen().contents().contains(text)
        });
    }

    /// Waits until the text is no longer on the screen; fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) {
        self.shared.wait(&format!("{text:?} to go"), |seen| {
            !seen.parser.screen().contents().contains(text)
        });
    }

    /// Waits until the screen is as it should be; fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait_until(&self, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.shared.wait("the screen to be as wanted", |seen| {
            wanted(seen.parser.screen())
        });
    }

    /// Waits until the bytes written so far are as they should be; fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait_for_bytes(&self, wanted: impl Fn(&[u8]) -> bool) {
        self.shared
            .wait("the bytes to be as wanted", |seen| wanted(&seen.bytes));
    }

    /// Waits until the text was sent to the clipboard by OSC 52; fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait_for_copy(&self, text: &str) {
        self.shared.wait(&format!("a copy of {text:?}"), |seen| {
            osc52_texts(&seen.bytes).iter().any(|one| one == text)
        });
    }

    /// Sends keys, waits until a text was sent to the clipboard by OSC 52 since, and gives it: one, no more.
    #[track_caller]
    pub fn copied_by(&mut self, keys: &str) -> String {
        let before = self.osc52().len();
        self.send(keys);
        self.shared.wait(&format!("a copy by {keys:?}"), |seen| {
            osc52_texts(&seen.bytes).len() > before
        });
        let mut all = self.osc52();
        assert_eq!(all.len(), before + 1, "{keys:?} copies once");
        all.remove(before)
    }

    /// The terminal is as a shell has it: its own screen, a cursor, no brackets, whole lines.
    #[track_caller]
    pub fn assert_shell_has_its_terminal(&self) {
        let modes = self.modes();
        assert!(
            !modes.alternate_screen && modes.cursor_visible && !modes.bracketed_paste,
            "{modes:?}"
        );
        assert!(self.is_cooked());
    }

    /// Everything that the program wrote so far.
    pub fn raw_bytes(&self) -> Vec<u8> {
        self.shared.seen().bytes.clone()
    }

    /// The screen's text, a line a row.
    pub fn screen_text(&self) -> String {
        self.shared.seen().parser.screen().contents()
    }

    /// The texts that were sent to the clipboard by OSC 52, plain or wrapped for tmux, in their order.
    pub fn osc52(&self) -> Vec<String> {
        osc52_texts(&self.raw_bytes())
    }

    /// What the terminal has been told to be in.
    pub fn modes(&self) -> Modes {
        let seen = self.shared.seen();
        let screen = seen.parser.screen();
        Modes {
            alternate_screen: screen.alternate_screen(),
            cursor_visible: !screen.hide_cursor(),
            bracketed_paste: screen.bracketed_paste(),
        }
    }

    /// Whether the terminal's line takes whole lines and echoes, as a shell has it; a full-screen program has not.
    pub fn is_cooked(&self) -> bool {
        let master = self.master.as_ref().expect("the terminal is still there");
        let settings = rustix::termios::tcgetattr(master.as_fd()).expect("line settings");
        let modes = rustix::termios::LocalModes::ICANON | rustix::termios::LocalModes::ECHO;
        settings.local_modes.contains(modes)
    }

    /// Gives the terminal another size; the program gets a SIGWINCH.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        // The emulator first: the program's answer may come at once.
        self.shared.seen().parser.screen_mut().set_size(
            rows.try_into().expect("at least one row"),
            columns.try_into().expect("at least one column"),
        );
        let master = self.master.as_ref().expect("the terminal is still there");
        set_size(master, columns, rows);
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends the program a signal.
    pub fn kill(&mut self, signal: Signal) {
        kill_process(self.process(), signal).expect("the program takes a signal");
    }

    /// Takes the terminal away, as a lost connection does: the program gets a SIGHUP and its terminal is dead.
    pub fn close_master(&mut self) {
        self.stop_reading();
        self.master = None;
    }

    /// Waits until the program is stopped, as by Ctrl-Z; fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait_stopped(&self) {
        let begun = Instant::now();
        let stat = format!("/proc/{}/stat", self.pid());
        // The state follows the name, which is in parentheses.
        let is_stopped = || {
            let stat = std::fs::read_to_string(&stat).unwrap_or_default();
            stat.rsplit(')')
                .next()
                .is_some_and(|rest| rest.trim_start().starts_with('T'))
        };
        while !is_stopped() {
            assert!(
                begun.elapsed() < LIMIT,
                "the program did not stop; its screen:\n{}",
                self.screen_text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the program still runs.
    pub fn is_running(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("the program can be asked")
            .is_none()
    }

    /// Waits until the program has ended and everything that it wrote was read. Its exit code, or 128 and the number
    /// of the signal that killed it. Fails the test with the screen after 60 s.
    #[track_caller]
    pub fn wait_exit(&mut self) -> i32 {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the program can be asked") {
                break status;
            }
            assert!(
                begun.elapsed() < LIMIT,
                "the program did not end; its screen:\n{}",
                self.screen_text()
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        if self.master.is_some() {
            self.shared.wait("the end of the output", |seen| seen.ended);
        }
        code(status)
    }

    fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn stop_reading(&mut self) {
        self.stop = None;
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reading thread ends");
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended already; a stopped one is killed as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.stop = None;
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// Both ends of a new pty. Neither is ever without the mark that keeps it from programs that other tests start at the
/// same moment: one of them would hold it open.
fn open_pty() -> (File, File) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = rustix::pty::openpt(flags).expect("a pty");
    rustix::pty::grantpt(&master).expect("its rights");
    rustix::pty::unlockpt(&master).expect("it unlocked");
    let name = rustix::pty::ptsname(&master, vec![]).expect("its name");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = rustix::fs::open(name, flags, Mode::empty()).expect("its terminal");
    (master.into(), terminal.into())
}

fn set_size(master: &File, columns: u16, rows: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(master, size).expect("a size for the pty");
}

fn code(status: ExitStatus) -> i32 {
    match (status.code(), status.signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => panic!("a program that ended has a code or a signal"),
    }
}

fn read(master: &File, stopped: &OwnedFd, shared: &Shared) {
    let mut bytes = [0; 16_384];
    loop {
        let mut watched = [
            PollFd::new(master, PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        match poll(&mut watched, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        if !watched[1].revents().is_empty() {
            return;
        }
        let mut source = master;
        match source.read(&mut bytes) {
            // The last descriptor of the other end has closed.
            Ok(0) | Err(_) => return,
            Ok(count) => shared.take(&bytes[..count]),
        }
    }
}
