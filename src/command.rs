//! Runs a program of the site's own and takes what it prints: without a shell, without standard input, bounded in time
//! and output. Tokens and secrets come this way; whoever has a command line to run may know this.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// How long a program may take: some wait for a slow directory, none for a person.
pub const TIME: Duration = Duration::from_secs(60);
/// How many bytes of standard output are taken; a token has some thousand.
const OUTPUT: usize = 256 * 1024;
/// How many bytes of standard error are read for the message.
const COMPLAINT: usize = 16 * 1024;
/// How often it is looked whether the program has ended, or nobody waits for it any more.
const LOOK: Duration = Duration::from_millis(10);

/// Why a program brought nothing. No text in it comes from its standard output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no program to run.
    #[error("the command names no program")]
    Empty,
    /// It can't be started.
    #[error("{program} can't be started: {why}")]
    NotStarted {
        /// Its name.
        program: String,
        /// The system's words.
        why: String,
    },
    /// It failed.
    #[error("{program} failed ({status}){}", said(.complaint))]
    Failed {
        /// Its name.
        program: String,
        /// Exit code or signal, in words.
        status: String,
        /// What it wrote to standard error, as one clean line; may be empty.
        complaint: String,
    },
    /// It took too long and was ended.
    #[error("{program} did not end within {seconds} s and was stopped")]
    TooSlow {
        /// Its name.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// It printed too much.
    #[error("{program} printed more than {} KiB", OUTPUT / 1024)]
    TooMuch {
        /// Its name.
        program: String,
    },
    /// What it printed is no text.
    #[error("{program} printed something that is no text")]
    NotText {
        /// Its name.
        program: String,
    },
    /// Nobody waits for it any more.
    #[error("{program} was stopped")]
    Cancelled {
        /// Its name.
        program: String,
    },
}

fn said(complaint: &str) -> String {
    match complaint {
        "" => String::new(),
        words => format!(" and said: {words}"),
    }
}

/// Ends the program when it is set, for whoever waits no longer.
pub type Cancel = Arc<AtomicBool>;

/// Runs a program with its arguments and gives what it printed. Blocks for at most `limit` and a moment; the program
/// and what it started end then.
///
/// # Errors
/// [`CommandError`], with the program's own complaint where it made one.
pub fn run(
    words: &[String],
    limit: Duration,
    cancel: &Cancel,
) -> Result<Zeroizing<String>, CommandError> {
    let [program, arguments @ ..] = words else {
        return Err(CommandError::Empty);
    };
    if program.is_empty() {
        return Err(CommandError::Empty);
    }
    let name = crate::text::clean(program);
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let not_started = |why: std::io::Error| CommandError::NotStarted {
        program: name.clone(),
        why: why.to_string(),
    };
    let mut running = Running(command.spawn().map_err(not_started)?);
    let outputs = reader(running.0.stdout.take(), Keep::Beginning(OUTPUT));
    let complaints = reader(running.0.stderr.take(), Keep::End(COMPLAINT));
    let begun = Instant::now();
    let (mut out, mut complaint) = (None, None);
    let status = loop {
        out = out.or_else(|| outputs.try_recv().ok());
        complaint = complaint.or_else(|| complaints.try_recv().ok());
        if out.as_ref().is_some_and(|taken| taken.more) {
            return Err(CommandError::TooMuch { program: name });
        }
        if out.is_some()
            && complaint.is_some()
            && let Some(status) = running.0.try_wait().map_err(not_started)?
        {
            break status;
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(CommandError::Cancelled { program: name });
        }
        if begun.elapsed() >= limit {
            return Err(CommandError::TooSlow {
                program: name,
                seconds: limit.as_secs(),
            });
        }
        std::thread::sleep(LOOK);
    };
    if !status.success() {
        let complaint = complaint.unwrap_or_default();
        return Err(CommandError::Failed {
            program: name,
            status: in_words(status),
            complaint: shown(&String::from_utf8_lossy(&complaint.bytes)),
        });
    }
    let out = out.unwrap_or_default();
    match std::str::from_utf8(&out.bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_string())),
        Err(_) => Err(CommandError::NotText { program: name }),
    }
}

/// A program with all that it started: both end with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            // It leads a group of its own, so what it started ends with it.
            #[cfg(unix)]
            let _ = rustix::process::kill_process_group(
                rustix::process::Pid::from_child(&self.0),
                rustix::process::Signal::KILL,
            );
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// What was read of an output, and whether there was more.
#[derive(Default)]
struct Taken {
    bytes: Zeroizing<Vec<u8>>,
    more: bool,
}

/// So many bytes of an output are kept.
#[derive(Clone, Copy)]
enum Keep {
    /// Nothing is read after them.
    Beginning(usize),
    /// All is read.
    End(usize),
}

/// Reads an output on a thread of its own.
fn reader(from: Option<impl Read + Send + 'static>, keep: Keep) -> Receiver<Taken> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut taken = Taken::default();
        let mut part = Zeroizing::new([0; 4096]);
        if let Some(mut from) = from {
            while let Ok(count @ 1..) = from.read(part.as_mut_slice()) {
                taken.bytes.extend(part.iter().take(count));
                match keep {
                    Keep::Beginning(most) if taken.bytes.len() > most => {
                        taken.more = true;
                        break;
                    }
                    Keep::End(most) if taken.bytes.len() > most => {
                        let over = taken.bytes.len() - most;
                        taken.bytes.drain(..over);
                    }
                    _ => {}
                }
            }
        }
        // Nobody waits any more: then nobody needs it.
        let _ = sender.send(taken);
    });
    receiver
}

/// The last lines of a complaint, which say the most, as one clean line.
fn shown(complaint: &str) -> String {
    const LETTERS: usize = 300;
    let lines: Vec<&str> = complaint
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = lines.iter().skip(lines.len().saturating_sub(3));
    let joined: Vec<&str> = last.map(|line| line.trim()).collect();
    let clean = crate::text::clean(&joined.join(" "));
    clean.trim_end_matches('.').chars().take(LETTERS).collect()
}

fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "ended by a signal".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Result<Zeroizing<String>, CommandError> {
        let words = ["sh", "-c", script].map(str::to_string);
        run(&words, limit, &Cancel::default())
    }

    #[test]
    fn what_a_program_prints_is_taken_and_its_arguments_are_no_shells() {
        assert_eq!(
            shell("echo out; echo err >&2", TIME).unwrap().as_str(),
            "out\n"
        );
        let words = ["echo", "$HOME;", "*"].map(str::to_string);
        assert_eq!(
            run(&words, TIME, &Cancel::default()).unwrap().as_str(),
            "$HOME; *\n"
        );
    }

    #[test]
    fn a_failure_says_the_programs_last_words_without_its_tricks_and_nothing_it_printed() {
        let script = "echo secret; printf 'one\\ntwo\\n\\033[31mthree\\n\\nfour.\\n' >&2; exit 3";
        let error = shell(script, TIME).unwrap_err().to_string();
        assert_eq!(
            error,
            "sh failed (exit code 3) and said: two [31mthree four"
        );
        let error = run(&["/no/such".into()], TIME, &Cancel::default()).unwrap_err();
        assert!(error.to_string().starts_with("/no/such can't be started: "));
        assert_eq!(run(&[], TIME, &Cancel::default()), Err(CommandError::Empty));
    }

    #[test]
    fn no_program_holds_on_for_ever_or_floods() {
        let error = shell("sleep 600 & wait", Duration::from_millis(100)).unwrap_err();
        assert!(matches!(error, CommandError::TooSlow { .. }), "{error}");
        let error = shell("yes", TIME).unwrap_err();
        assert!(matches!(error, CommandError::TooMuch { .. }), "{error}");
        let cancelled = Cancel::new(AtomicBool::new(true));
        let words = ["sleep", "600"].map(str::to_string);
        let error = run(&words, TIME, &cancelled).unwrap_err();
        assert!(matches!(error, CommandError::Cancelled { .. }), "{error}");
    }
}
