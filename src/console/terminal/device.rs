//! The terminal as a file: writing bytes to it, its size, and letting go of it once it has vanished.

use std::io::{self, Write};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

use super::guard;

/// Standard output as the terminal, unbuffered: one `write_all` is one write of the system where the terminal takes it
/// whole. It refuses to write while the terminal is left (after a panic, or while suspended), so that no frame ever
/// lands on the shell's screen.
#[derive(Debug, Default, Clone, Copy)]
pub struct Device;

impl Write for Device {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !guard::is_entered() {
            return Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the terminal has been left",
            ));
        }
        match rustix::io::write(rustix::stdio::stdout(), bytes) {
            Err(rustix::io::Errno::AGAIN) => {
                // Somebody who shares the terminal made it non-blocking: wait as a blocking write would.
                wait_writable(None);
                Err(io::ErrorKind::Interrupted.into())
            }
            written => Ok(written?),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal's size as columns and rows, from the system, without asking the terminal; 80x24 where it is unknown.
pub fn size() -> (u16, u16) {
    match rustix::termios::tcgetwinsize(rustix::stdio::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

/// Lets go of a terminal that has vanished: the three standard streams lead to nowhere from here on, so that nothing
/// that still writes to them can fail or spin. Call it on a hang-up, after [`Guard::leave`]: a terminal that was hung up
/// by the signal alone is still there.
///
/// [`Guard::leave`]: super::Guard::leave
pub fn cut_loose() {
    guard::forget();
    let Ok(nowhere) = rustix::fs::open("/dev/null", OFlags::RDWR, Mode::empty()) else {
        return;
    };
    // Each by itself: one that fails leaves the others to be done.
    let _ = rustix::stdio::dup2_stdin(&nowhere);
    let _ = rustix::stdio::dup2_stdout(&nowhere);
    let _ = rustix::stdio::dup2_stderr(&nowhere);
}

/// Writes the bytes past every guard and gives up, rather than hang, where the terminal takes nothing for 200 ms: a
/// stalled line must not keep the program from ending. Errors are ignored.
pub(super) fn write_hurriedly(bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        if !wait_writable(Some(Duration::from_millis(200))) {
            return;
        }
        match rustix::io::write(rustix::stdio::stdout(), rest) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => return,
        }
    }
}

fn wait_writable(limit: Option<Duration>) -> bool {
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    let stdout = rustix::stdio::stdout();
    let mut wanted = [PollFd::new(&stdout, PollFlags::OUT)];
    matches!(poll(&mut wanted, limit.as_ref()), Ok(ready) if ready > 0)
}
