//! Runs a program of the site's own, without a shell, bounded in time and output: takes what it prints, or gives it a
//! secret or a copied text on its standard input. Whoever has a command line to run may know this.

use std::io::{Read, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};
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
    /// Nobody can say how it ended.
    #[error("how {program} ended is unknown: {why}")]
    NoEnd {
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
    #[error("{program} printed something that is not text")]
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
    let (name, mut command) = named(words)?;
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running::start(&name, &mut command)?;
    let out = running.ended(&name, Until::AllHasEnded, limit, cancel)?;
    match std::str::from_utf8(&out.bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_string())),
        Err(_) => Err(CommandError::NotText { program: name }),
    }
}

/// Runs a program that takes a secret on its standard input, and knows what it is about from variables in its
/// environment, none of which is secret. What it prints is thrown away, and the secret is cut out of its complaint.
///
/// # Errors
/// [`CommandError`]. Only after [`CommandError::Empty`] and [`CommandError::NotStarted`] is it sure that the program
/// has not had the secret.
pub fn feed(
    words: &[String],
    secret: &SecretString,
    about: &[(&str, String)],
    limit: Duration,
    cancel: &Cancel,
) -> Result<(), CommandError> {
    give(words, secret, about, Until::AllHasEnded, limit, cancel)
}

/// Runs a program that takes a text on its standard input and may leave another one behind, which goes on: what serves
/// a clipboard does so. What they print is thrown away, and the text is cut out of a complaint.
///
/// # Errors
/// [`CommandError`].
pub fn hand_on(words: &[String], text: &SecretString, limit: Duration) -> Result<(), CommandError> {
    let cancel = Cancel::default();
    give(words, text, &[], Until::ItHasEnded, limit, &cancel)
}

fn give(
    words: &[String],
    text: &SecretString,
    about: &[(&str, String)],
    until: Until,
    limit: Duration,
    cancel: &Cancel,
) -> Result<(), CommandError> {
    let (name, mut command) = named(words)?;
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    command.envs(about.iter().map(|(key, value)| (key, value)));
    let mut running = Running::start(&name, &mut command)?;
    if let Some(stdin) = running.child.stdin.take() {
        writer(stdin, text.clone()).map_err(|why| not_started(&name, &why))?;
    }
    match running.ended(&name, until, limit, cancel) {
        Ok(_) => Ok(()),
        Err(CommandError::Failed {
            program,
            status,
            complaint,
        }) => Err(CommandError::Failed {
            program,
            status,
            complaint: without(&complaint, text.expose_secret()),
        }),
        Err(other) => Err(other),
    }
}

/// The program's name for messages, and the program with its arguments, in a group of its own.
fn named(words: &[String]) -> Result<(String, Command), CommandError> {
    let [program, arguments @ ..] = words else {
        return Err(CommandError::Empty);
    };
    if program.is_empty() {
        return Err(CommandError::Empty);
    }
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok((crate::text::clean(program), command))
}

fn not_started(name: &str, why: &std::io::Error) -> CommandError {
    CommandError::NotStarted {
        program: name.to_string(),
        why: why.to_string(),
    }
}

/// What has to end before a program's work is done.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    /// It and what it started, as far as that holds its outputs.
    AllHasEnded,
    /// It alone.
    ItHasEnded,
}

/// A program, which ends with this together with all that it started, unless it has ended before.
struct Running {
    child: Child,
    printed: Receiver<Taken>,
    complained: Receiver<Taken>,
}

impl Running {
    /// Starts it, and the reading of what it says: before it is given anything.
    fn start(name: &str, command: &mut Command) -> Result<Running, CommandError> {
        let failed = |why| not_started(name, &why);
        let mut child = command.spawn().map_err(failed)?;
        let outputs = (child.stdout.take(), child.stderr.take());
        let printed = reader(outputs.0, Keep::Beginning(OUTPUT));
        let complained = reader(outputs.1, Keep::End(COMPLAINT));
        match (printed, complained) {
            (Ok(printed), Ok(complained)) => Ok(Running {
                child,
                printed,
                complained,
            }),
            (Err(why), _) | (_, Err(why)) => {
                end(&mut child);
                Err(failed(why))
            }
        }
    }

    /// Waits for its end and gives what it printed, as far as its output is a pipe.
    fn ended(
        &mut self,
        name: &str,
        until: Until,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<Taken, CommandError> {
        let program = name.to_string();
        let begun = Instant::now();
        let (mut out, mut complaint) = (None, None);
        let status = loop {
            out = out.or_else(|| self.printed.try_recv().ok());
            complaint = complaint.or_else(|| self.complained.try_recv().ok());
            if out.as_ref().is_some_and(|taken| taken.more) {
                return Err(CommandError::TooMuch { program });
            }
            let heard = out.is_some() && complaint.is_some();
            if heard || until == Until::ItHasEnded {
                match self.child.try_wait() {
                    // Why it failed is still to be heard.
                    Ok(Some(status)) if heard || status.success() => break status,
                    Ok(_) => {}
                    Err(why) => {
                        let why = why.to_string();
                        return Err(CommandError::NoEnd { program, why });
                    }
                }
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(CommandError::Cancelled { program });
            }
            if begun.elapsed() >= limit {
                return Err(CommandError::TooSlow {
                    program,
                    seconds: limit.as_secs(),
                });
            }
            std::thread::sleep(LOOK);
        };
        if !status.success() {
            let complaint = complaint.unwrap_or_default();
            return Err(CommandError::Failed {
                program,
                status: in_words(status),
                complaint: shown(&String::from_utf8_lossy(&complaint.bytes)),
            });
        }
        Ok(out.unwrap_or_default())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a program that has not ended, and what it started.
fn end(child: &mut Child) {
    if !matches!(child.try_wait(), Ok(Some(_))) {
        // It leads a group of its own, so what it started ends with it.
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(child),
            rustix::process::Signal::KILL,
        );
        let _ = child.kill();
        let _ = child.wait();
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
fn reader(
    from: Option<impl Read + Send + 'static>,
    keep: Keep,
) -> std::io::Result<Receiver<Taken>> {
    let (sender, receiver) = channel();
    std::thread::Builder::new().spawn(move || {
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
    })?;
    Ok(receiver)
}

/// Writes to a program's standard input on a thread of its own: one that reads slowly keeps nobody waiting. One that does
/// not read it says why by its exit code.
fn writer(mut to: ChildStdin, text: SecretString) -> std::io::Result<()> {
    std::thread::Builder::new().spawn(move || to.write_all(text.expose_secret().as_bytes()))?;
    Ok(())
}

fn without(complaint: &str, text: &str) -> String {
    match text {
        "" => complaint.to_string(),
        text => complaint.replace(text, "(the secret)"),
    }
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
    fn a_secret_goes_to_standard_input_alone_and_not_into_what_is_said_of_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("taken");
        let about = [("UMPDECK_DEVICE", "ump.finebak.com".to_string())];
        let secret = SecretString::from("hush~1");
        let fed = |script: &str| {
            let script = script.replace("PLACE", place.to_str().unwrap());
            let words = ["sh", "-c", &script].map(str::to_string);
            feed(&words, &secret, &about, TIME, &Cancel::default())
        };
        fed("cat > PLACE; env >> PLACE; tr '\\0' ' ' < /proc/$$/cmdline >> PLACE").unwrap();
        let taken = std::fs::read_to_string(&place).unwrap();
        assert_eq!(taken.matches("hush~1").count(), 1, "{taken}");
        assert!(taken.starts_with("hush~1") && taken.contains("UMPDECK_DEVICE=ump.finebak.com"));
        let error = fed("echo \"no room for $(cat)\" >&2; exit 4").unwrap_err();
        assert_eq!(
            error.to_string(),
            "sh failed (exit code 4) and said: no room for (the secret)"
        );
        fed("exit 0").expect("one that reads nothing is no failure of ours");
        let none = feed(&["/no/such".into()], &secret, &[], TIME, &Cancel::default());
        assert!(matches!(none, Err(CommandError::NotStarted { .. })));
    }

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("served");
        let script = "text=$(cat); (sleep 600; echo \"$text\") & echo \"$text $!\" > \"$0\"";
        let words = ["sh", "-c", script, place.to_str().unwrap()].map(str::to_string);
        hand_on(&words, &SecretString::from("copied"), TIME).unwrap();
        let written = std::fs::read_to_string(&place).unwrap();
        let (text, process) = written.trim().split_once(' ').unwrap();
        assert_eq!(text, "copied");
        let process = rustix::process::Pid::from_raw(process.parse().unwrap()).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::KILL)
            .expect("it is still there");
    }

    #[test]
    fn a_long_text_that_nobody_reads_keeps_nobody_waiting() {
        let long = SecretString::from("x".repeat(1 << 20));
        let words = ["sh", "-c", "sleep 600"].map(str::to_string);
        let error = hand_on(&words, &long, Duration::from_millis(100)).unwrap_err();
        assert!(matches!(error, CommandError::TooSlow { .. }), "{error}");
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
