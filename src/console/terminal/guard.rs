//! Entering and leaving the full screen, so that the shell gets its terminal back whatever happens.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::device::write_hurriedly;

/// Whether the terminal is ours now. Process-wide, because the panic hook and the signal path must be able to leave.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The line settings that the shell had, taken once: after a stop from outside the terminal may still be in our own.
static SHELL_SETTINGS: Mutex<Option<Termios>> = Mutex::new(None);

/// Alternate screen, cleared; bracketed paste on; cursor hidden.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[m\x1b[2J\x1b[?2004h\x1b[?25l";

/// An unfinished frame ended, colours off, mouse and paste off, the shell's screen and cursor back.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[m\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?1049l\x1b[?25h";

/// Holds the terminal in full-screen mode and leaves it when dropped.
#[derive(Debug)]
#[must_use = "the terminal is left as soon as the guard is dropped"]
pub struct Guard(());

impl Guard {
    /// Enters the full screen: raw mode, alternate screen, bracketed paste, hidden cursor.
    ///
    /// # Errors
    ///
    /// When standard input or output is not a terminal, or the terminal is gone.
    pub fn enter() -> io::Result<Guard> {
        let (stdin, stdout) = (rustix::stdio::stdin(), rustix::stdio::stdout());
        if !rustix::termios::isatty(stdin) || !rustix::termios::isatty(stdout) {
            return Err(io::Error::other(
                "standard input or output is not a terminal; run the console in a terminal, or use the headless commands",
            ));
        }
        take_over()?;
        Ok(Guard(()))
    }

    /// Gives the terminal back to the shell. May be called from anywhere, any number of times; every step is done by
    /// itself and errors are ignored, since there is nobody left to tell.
    pub fn leave() {
        if !ENTERED.swap(false, Ordering::SeqCst) {
            return;
        }
        write_hurriedly(LEAVE);
        let settings = SHELL_SETTINGS
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(settings) = settings.as_ref() {
            // Now, not after the output has drained: a stalled line would hold us here.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, settings);
        }
    }

    /// Ctrl-Z: leaves the terminal and stops the whole process group, as the terminal would have done. Returns once
    /// the shell continues us, or `false` when the system refuses the stop; call [`Guard::resume`] then, not before
    /// the signal that continues has come.
    #[must_use]
    pub fn suspend(&self) -> bool {
        Guard::leave();
        let stopped = kill_current_process_group(Signal::STOP).is_ok();
        // The main thread takes the signal and stops the others. Another thread that went on until then would enter
        // the full screen again under the shell's hands.
        while stopped && is_stop_pending() {
            std::thread::sleep(Duration::from_millis(1));
        }
        stopped
    }

    /// Takes the terminal again after [`Guard::suspend`], or after a stop and continue from outside. Everything must
    /// be repainted afterwards ([`Screen::repaint`](super::Screen::repaint)).
    ///
    /// # Errors
    ///
    /// When the terminal has vanished meanwhile: the system continues a stopped program only to hang it up.
    pub fn resume(&self) -> io::Result<()> {
        take_over()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        Guard::leave();
    }
}

/// Makes every panic leave the terminal first, then add a line to the crash log at `log`, then say one sentence on
/// standard error. A panic in a task or thread does not end the program by itself: the next frame then fails, since
/// the terminal has been left, and the loop ends in the ordinary way.
pub fn install_panic_hook(log: PathBuf) {
    std::panic::set_hook(Box::new(move |panic| {
        Guard::leave();
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_else(|| "an unknown place".to_owned());
        let thread = std::thread::current();
        let line = format!(
            "{} umpdeck {} panicked in thread {} at {place}: {}",
            jiff::Timestamp::now(),
            env!("UMPDECK_VERSION"),
            thread.name().unwrap_or("without a name"),
            crate::text::clean(panic.payload_as_str().unwrap_or("no message")),
        );
        let logged = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .and_then(|mut file| writeln!(file, "{line}"));
        let told = match logged {
            Ok(()) => format!("The details are in {}.", log.display()),
            Err(error) => {
                format!("{line} (the crash log could not be written: {error})")
            }
        };
        // Written by hand: the printing macro panics when standard error is gone, and we are in a panic already.
        let _ = writeln!(io::stderr(), "umpdeck stopped because of a defect. {told}");
    }));
}

/// Whether a stop has been asked for that no thread has taken yet, as far as the system tells. Once it has been taken,
/// the thread that asks is stopped before it can read the answer.
fn is_stop_pending() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let pending = status
        .lines()
        .find_map(|line| line.strip_prefix("ShdPnd:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    let stop = 1 << (Signal::STOP.as_raw() - 1);
    pending & stop != 0
}

/// Whether the terminal is in our hands now.
pub(super) fn is_entered() -> bool {
    ENTERED.load(Ordering::SeqCst)
}

/// From here on there is no terminal to leave.
pub(super) fn forget() {
    ENTERED.store(false, Ordering::SeqCst);
}

fn take_over() -> io::Result<()> {
    let stdin = rustix::stdio::stdin();
    let mut raw = {
        let mut settings = SHELL_SETTINGS
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match settings.as_ref() {
            Some(settings) => settings.clone(),
            None => settings.insert(tcgetattr(stdin)?).clone(),
        }
    };
    raw.make_raw();
    ENTERED.store(true, Ordering::SeqCst);
    let entered = tcsetattr(stdin, OptionalActions::Now, &raw)
        .map_err(io::Error::from)
        .and_then(|()| super::Device.write_all(ENTER));
    if entered.is_err() {
        Guard::leave();
    }
    entered
}
