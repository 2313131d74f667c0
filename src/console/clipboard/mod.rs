//! Getting text to the operator's own clipboard, from a remote shell too.
//!
//! A program cannot know whether a terminal took what it was sent, so everything that may work is done and named, and
//! nothing is ever called "copied". Only the console's effects know this folder; the bytes for the terminal are handed
//! back to be written between two frames.

mod native;
mod osc52;
mod ways;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::command;

pub use osc52::{LIMIT, TooLong, osc52_plain, osc52_screen, osc52_tmux};
pub use ways::{Environment, Setting, Way, ways};

/// Our own buffer in tmux, so that removing a secret never removes somebody else's text.
const TMUX_BUFFER: &str = "umpdeck";

/// How long a command or the desktop may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is copied, and how careful that must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything that may be seen.
    Plain,
    /// A secret: kept out of clipboard histories where a way has the means, and removed by [`Clipboard::forget`].
    Secret,
}

/// What became of a text that was to be copied.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// To be written to the terminal between two frames; empty when no way goes through it. It holds the text.
    pub escape: Zeroizing<Vec<u8>>,
    /// The ways that took the text, the ones in `escape` included.
    pub done: Vec<Way>,
    /// The ways that did not, with the reason in words.
    pub failed: Vec<(Way, String)>,
    /// The number of the copy, for [`Clipboard::forget`].
    pub number: u64,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The bytes may hold a secret.
        formatter
            .debug_struct("Sent")
            .field("escape", &format!("{} bytes", self.escape.len()))
            .field("done", &self.done)
            .field("failed", &self.failed)
            .field("number", &self.number)
            .finish()
    }
}

impl Sent {
    /// One sentence for the operator: `sent, by tmux buffer and OSC 52`, or why nothing was sent.
    pub fn report(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for way in &self.done {
            if !words.contains(&way.words()) {
                words.push(way.words());
            }
        }
        let sent = match words.as_slice() {
            [] => None,
            [only] => Some(format!("sent, by {only}")),
            [first @ .., last] => Some(format!("sent, by {} and {last}", first.join(", "))),
        };
        let failures: Vec<String> = self
            .failed
            .iter()
            .map(|(way, why)| format!("{}: {why}", way.words()))
            .collect();
        match (sent, failures.is_empty()) {
            (Some(sent), true) => sent,
            (Some(sent), false) => format!("{sent}; not by {}", failures.join("; ")),
            (None, true) => "not sent: the clipboard is off in the settings".to_owned(),
            (None, false) => format!("not sent, {}", failures.join("; ")),
        }
    }
}

/// What became of a secret that was to be removed again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Removed from these places.
    pub removed: Vec<Way>,
    /// It was sent by these ways too, where nobody can take it back: tell the operator that it is still there.
    pub remaining: Vec<Way>,
}

impl Forgotten {
    /// Where it still is and what ends that; `None` = nowhere.
    pub fn words(&self) -> Option<String> {
        let way = self.remaining.first()?.words();
        Some(format!(
            "still in your clipboard, sent by {way}: copy something else to overwrite it"
        ))
    }
}

/// The ways to the operator's clipboard that this terminal has.
#[derive(Debug)]
pub struct Clipboard {
    environment: Environment,
    native: native::Native,
    copied: Mutex<Copied>,
}

/// What was copied so far. It is locked while something is sent, so that the last one sent is the last one here.
#[derive(Debug, Default)]
struct Copied {
    /// How many copies there were.
    count: u64,
    /// The secret that is in the clipboard: the number of its copy, its text, the ways it went.
    secret: Option<(u64, SecretString, Vec<Way>)>,
}

impl Clipboard {
    /// A clipboard for an environment. Nothing is touched yet.
    pub fn new(environment: Environment) -> Self {
        Clipboard {
            environment,
            native: native::Native::default(),
            copied: Mutex::default(),
        }
    }

    /// The ways that a text takes here.
    pub fn ways(&self) -> Vec<Way> {
        ways(&self.environment)
    }

    /// Sends a text by every way that may work. Characters that do not belong into a clipboard are taken out, and so
    /// are line breaks at the end: a pasted command must not run by itself. Takes two seconds at most; run it in a
    /// task, then write [`Sent::escape`] between two frames.
    pub async fn copy(&self, text: &str, kind: Kind) -> Sent {
        let clean = Zeroizing::new(crate::text::clean_block(text));
        let clean = SecretString::from(clean.trim_end_matches('\n'));
        let mut copied = self.copied.lock().await;
        let mut sent = self.send(clean.expose_secret(), kind).await;
        copied.count += 1;
        sent.number = copied.count;
        // What was not sent has taken nothing's place.
        if !sent.done.is_empty() {
            copied.secret = match kind {
                Kind::Secret => Some((sent.number, clean, sent.done.clone())),
                Kind::Plain => None,
            };
        }
        sent
    }

    /// Removes the secret of this copy from the places that are ours: tmux's buffer and, while nobody copied anything
    /// else, the desktop's clipboard. Does nothing when something was copied since: that has taken its place.
    pub async fn forget(&self, number: u64) -> Forgotten {
        let mut copied = self.copied.lock().await;
        match copied.secret.take_if(|(of, ..)| *of == number) {
            Some((_, secret, done)) => self.remove(secret, done).await,
            None => Forgotten::default(),
        }
    }

    /// Removes the secret that was copied last, as [`Clipboard::forget`] does.
    pub async fn forget_all(&self) -> Forgotten {
        let mut copied = self.copied.lock().await;
        match copied.secret.take() {
            Some((_, secret, done)) => self.remove(secret, done).await,
            None => Forgotten::default(),
        }
    }

    async fn remove(&self, secret: SecretString, done: Vec<Way>) -> Forgotten {
        let mut forgotten = Forgotten::default();
        for way in done {
            let removed = match way {
                Way::TmuxBuffer => {
                    let delete = self.tmux(&["delete-buffer", "-b", TMUX_BUFFER]);
                    hand_on(delete, "").await.is_ok()
                }
                Way::Native => self.native.clear(secret.clone(), PATIENCE).await.is_ok(),
                _ => false,
            };
            if removed {
                forgotten.removed.push(way);
            } else {
                forgotten.remaining.push(way);
            }
        }
        // `load-buffer -w` also reached the terminal, which keeps its own copy.
        if forgotten.removed.contains(&Way::TmuxBuffer) && forgotten.remaining.is_empty() {
            forgotten.remaining.push(Way::TmuxPassthrough);
        }
        forgotten
    }

    async fn send(&self, text: &str, kind: Kind) -> Sent {
        let mut sent = Sent::default();
        let mut plan = self.ways();
        let mut at = 0;
        while let Some(way) = plan.get(at).copied() {
            at += 1;
            let outcome = match way {
                Way::Command => hand_on(self.environment.command.clone(), text).await,
                Way::TmuxBuffer => {
                    let load = self.tmux(&["load-buffer", "-b", TMUX_BUFFER, "-w", "-"]);
                    let loaded = hand_on(load, text).await;
                    if loaded.is_err() && !plan.contains(&Way::Osc52) {
                        // Some tmux settings take the plain form, and it does no harm under the others.
                        plan.push(Way::Osc52);
                    }
                    loaded
                }
                Way::Native => {
                    let text = SecretString::from(text);
                    self.native.set(text, kind, PATIENCE).await
                }
                Way::TmuxPassthrough => append(&mut sent.escape, osc52_tmux(text, self.limit())),
                Way::ScreenChunks => append(&mut sent.escape, osc52_screen(text, self.limit())),
                Way::Osc52 => append(&mut sent.escape, osc52_plain(text, self.limit())),
            };
            match outcome {
                Ok(()) => sent.done.push(way),
                Err(why) => sent.failed.push((way, why)),
            }
        }
        sent
    }

    fn limit(&self) -> usize {
        self.environment.osc52_limit
    }

    fn tmux(&self, arguments: &[&str]) -> Vec<String> {
        let mut command = vec!["tmux".to_owned()];
        // The server that we run in, whatever else is set: its socket comes first in $TMUX.
        let socket = self
            .environment
            .tmux
            .as_deref()
            .and_then(|tmux| tmux.rsplitn(3, ',').nth(2));
        if let Some(socket) = socket.filter(|socket| !socket.is_empty()) {
            command.extend(["-S".to_owned(), socket.to_owned()]);
        }
        command.extend(arguments.iter().map(|&argument| argument.to_owned()));
        command
    }
}

/// Gives a text to a program, in a thread of its own. Fails with the reason in words.
async fn hand_on(words: Vec<String>, text: &str) -> Result<(), String> {
    let text = SecretString::from(text);
    let handed = tokio::task::spawn_blocking(move || command::hand_on(&words, &text, PATIENCE));
    match handed.await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err("it was stopped".to_owned()),
    }
}

fn append(escape: &mut Vec<u8>, sequence: Result<Vec<u8>, TooLong>) -> Result<(), String> {
    let sequence = Zeroizing::new(sequence.map_err(|error| error.to_string())?);
    escape.extend_from_slice(&sequence);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(future)
    }

    fn remote() -> Environment {
        Environment {
            term: "xterm-256color".to_owned(),
            ssh: true,
            ..Environment::default()
        }
    }

    #[test]
    fn a_copy_is_clean_and_ends_without_a_line_break() {
        let clipboard = Clipboard::new(remote());
        let sent = block_on(clipboard.copy("one\r\ntwo\u{1b}\u{202e}\n\n", Kind::Plain));
        assert_eq!(Ok(sent.escape.to_vec()), osc52_plain("one\ntwo", LIMIT));
        assert_eq!(sent.report(), "sent, by OSC 52");
    }

    #[test]
    fn a_text_over_the_limit_is_refused_in_words() {
        let clipboard = Clipboard::new(remote());
        let sent = block_on(clipboard.copy(&"x".repeat(60_000), Kind::Plain));
        assert!(sent.escape.is_empty() && sent.done.is_empty());
        assert_eq!(
            sent.report(),
            "not sent, OSC 52: the text has 60000 bytes, and terminals take at most 56244; save it to a file instead"
        );
    }

    #[test]
    fn a_site_command_gets_the_text_and_a_failing_one_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("copied");
        let mut environment = remote();
        environment.command = ["sh", "-c", "cat > \"$0\""].map(str::to_owned).to_vec();
        environment.command.push(file.display().to_string());
        let sent = block_on(Clipboard::new(environment.clone()).copy("value\n", Kind::Plain));
        assert_eq!(sent.report(), "sent, by the site's command and OSC 52");
        assert_eq!(std::fs::read_to_string(file).ok().as_deref(), Some("value"));

        environment.command = ["sh", "-c", "echo no display >&2; exit 3"]
            .map(str::to_owned)
            .to_vec();
        let sent = block_on(Clipboard::new(environment).copy("value", Kind::Plain));
        assert_eq!(
            sent.report(),
            "sent, by OSC 52; not by the site's command: sh failed (exit code 3) and said: no display"
        );
    }

    #[test]
    fn a_tmux_that_cannot_be_reached_leaves_the_plain_form() {
        let mut environment = remote();
        environment.tmux = Some("/nonexistent/umpdeck-tmux,1,0".to_owned());
        let sent = block_on(Clipboard::new(environment).copy("value", Kind::Plain));
        assert_eq!(sent.done, [Way::TmuxPassthrough, Way::Osc52]);
        assert_eq!(sent.failed.len(), 1);
    }

    #[test]
    fn a_secret_is_taken_back_by_its_own_timer_and_not_by_the_one_before() {
        let clipboard = Clipboard::new(remote());
        let first = block_on(clipboard.copy("the first", Kind::Secret));
        let second = block_on(clipboard.copy("the second", Kind::Secret));
        // The second has taken the place of the first.
        assert_eq!(
            block_on(clipboard.forget(first.number)),
            Forgotten::default()
        );
        let forgotten = block_on(clipboard.forget(second.number));
        assert_eq!(forgotten.remaining, [Way::Osc52]);
    }

    #[test]
    fn a_copy_that_went_nowhere_takes_nothings_place() {
        let clipboard = Clipboard::new(remote());
        let secret = block_on(clipboard.copy("the secret", Kind::Secret));
        for kind in [Kind::Plain, Kind::Secret] {
            let sent = block_on(clipboard.copy(&"x".repeat(60_000), kind));
            assert!(sent.done.is_empty());
        }
        let forgotten = block_on(clipboard.forget(secret.number));
        assert_eq!(forgotten.remaining, [Way::Osc52]);
    }

    #[test]
    fn at_the_end_the_last_secret_is_taken_back_whichever_it_is() {
        let clipboard = Clipboard::new(remote());
        block_on(clipboard.copy("the first", Kind::Secret));
        block_on(clipboard.copy("the second", Kind::Secret));
        let forgotten = block_on(clipboard.forget_all());
        assert_eq!(forgotten.remaining, [Way::Osc52]);
    }

    #[test]
    fn a_secret_that_went_to_the_terminal_is_said_to_remain_and_is_never_shown() {
        let clipboard = Clipboard::new(remote());
        let sent = block_on(clipboard.copy("aB3~secret", Kind::Secret));
        let shown = format!("{sent:?} {clipboard:?}");
        assert!(!shown.contains("aB3~secret"), "{shown}");
        let forgotten = block_on(clipboard.forget(sent.number));
        assert_eq!(forgotten.remaining, [Way::Osc52]);
        let words = forgotten.words().expect("it is somewhere");
        assert!(words.contains("still in your clipboard, sent by OSC 52"));
        let nothing = block_on(clipboard.forget(sent.number));
        assert_eq!(nothing, Forgotten::default());
        assert_eq!(nothing.words(), None);
    }
}
