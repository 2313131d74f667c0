//! The questions of `umpdeck tenants add`: on standard error, with answers from standard input.

use std::io::{self, BufRead as _, Read as _, Write as _};

use super::exit::Stop;
use crate::desk::contact::NOT_ADDED;
use crate::desk::event::Trouble;
use crate::text;

/// No answer is longer, in bytes.
const LONGEST_ANSWER: u64 = 4096;
/// Asks whoever is there.
pub(super) struct Questions {
    /// Nothing is asked: what would be proposed is the answer.
    pub silent: bool,
}

impl Questions {
    /// A text; an empty answer takes what is proposed.
    ///
    /// # Errors
    /// [`Stop::usage`] where nobody may be asked and nothing is proposed; [`Stop::Trouble`] when no answer comes.
    pub fn for_text(&self, question: &str, proposed: Option<&str>) -> Result<String, Stop> {
        let proposed = proposed.map(text::clean);
        if self.silent {
            return proposed.ok_or_else(|| {
                Stop::usage(Trouble::new(
                    NOT_ADDED,
                    format!("with --yes nothing is asked, and an answer is missing: {question}"),
                    "Give it as an option; `umpdeck tenants add --help` lists the options.",
                ))
            });
        }
        let shown = match &proposed {
            Some(proposed) => format!("{question} [{proposed}]: "),
            None => format!("{question}: "),
        };
        loop {
            let answer = line(&shown)?;
            match (answer.is_empty(), &proposed) {
                (false, _) => return Ok(answer),
                (true, Some(proposed)) => return Ok(proposed.clone()),
                (true, None) => {}
            }
        }
    }

    /// One of some words; the first is proposed.
    ///
    /// # Errors
    /// As for [`Questions::for_text`].
    pub fn for_one_of(&self, question: &str, words: &[&'static str]) -> Result<&'static str, Stop> {
        let shown = format!("{question}, {}", words.join(" or "));
        loop {
            let answer = self.for_text(&shown, words.first().copied())?;
            if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(&answer)) {
                return Ok(word);
            }
        }
    }

    /// Whether it is agreed to; only "y" and "yes" are.
    ///
    /// # Errors
    /// [`Stop::Trouble`] when no answer comes.
    pub fn for_consent(&self, question: &str) -> Result<bool, Stop> {
        if self.silent {
            return Ok(true);
        }
        let answer = line(&format!("{question} [y/N]: "))?.to_lowercase();
        Ok(["y", "yes"].contains(&answer.as_str()))
    }
}

fn line(question: &str) -> Result<String, Stop> {
    // Nobody is left to ask when standard error is closed; the answer may come all the same.
    let mut errors = io::stderr().lock();
    let _ = errors
        .write_all(text::clean(question).as_bytes())
        .and_then(|()| errors.flush());
    let mut answer = Vec::new();
    let read = io::stdin()
        .lock()
        .take(LONGEST_ANSWER)
        .read_until(b'\n', &mut answer);
    if !matches!(read, Ok(1..)) {
        let _ = errors.write_all(b"\n");
        return Err(Trouble::new(
            NOT_ADDED,
            "a question was not answered",
            "Answer it, or give the options that `umpdeck tenants add --help` lists, with --yes.",
        )
        .into());
    }
    Ok(text::clean(&String::from_utf8_lossy(&answer))
        .trim()
        .to_string())
}
