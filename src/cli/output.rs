//! The only way out of the headless face: results to standard output, everything else to standard error; and what
//! standard output can show.

use std::io::{self, BufRead as _, ErrorKind, IsTerminal as _, Read as _, Write as _};

use super::Global;
use super::arguments::Doing;
use super::exit::Stop;
use crate::console::theme::{Glyphs, is_utf8_locale, wants_no_colours};
use crate::desk::event::Trouble;
use crate::registration::checklist::Outcome;
use crate::registration::status::Urgency;
use crate::text;

/// Writes a result and sees that it arrives.
///
/// # Errors
/// [`Stop::ReaderGone`] when the reader closed its end, [`Stop::Trouble`] when it can't be written for another reason.
pub(super) fn print(text: &str) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Stop::ReaderGone,
        _ => Stop::from(Trouble::new(
            "the result can't be written",
            error.to_string(),
            "Check that its disk has room, and run it again.",
        )),
    })
}

/// Says what failed, why and what to do.
pub(super) fn complain(trouble: &Trouble) {
    note(&trouble.to_string());
}

/// One line on standard error.
pub(super) fn note(words: &str) {
    // Nobody is left to tell that standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{}", text::clean(words));
}

/// Whether a plan that was just shown is to be carried out: as the command line says, else by who sits at the terminal.
/// Without a terminal nobody can be asked, so nothing is done.
///
/// # Errors
/// [`Stop::Trouble`] when the answer can't be read.
pub(super) fn agreed(doing: &Doing) -> Result<bool, Stop> {
    if doing.yes {
        return Ok(true);
    }
    if doing.dry_run || doing.json || !can_ask() {
        note("Nothing was done. Run it again with --yes to carry it out.");
        return Ok(false);
    }
    let yes = asked("Carry it out?", "nothing was done")?;
    if !yes {
        note("Nothing was done.");
    }
    Ok(yes)
}

/// Says that a change was only shown: to whoever declined it, else to whoever could not be asked.
pub(super) fn not_written(asked: bool) {
    note(match asked {
        true => "Nothing was written.",
        false => "Nothing was written. Run it again with --yes to write it.",
    });
}

/// Somebody sits at the terminal: can read a question, and answer it.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks whoever sits at the terminal; anything but yes is no.
///
/// # Errors
/// [`Stop::Trouble`] when the answer can't be read; `nothing` says what was not done.
pub(super) fn asked(question: &str, nothing: &str) -> Result<bool, Stop> {
    let mut errors = io::stderr().lock();
    // Whether the question can be read is seen from the answer.
    let _ = errors
        .write_all(format!("{} [y/N] ", text::clean(question)).as_bytes())
        .and_then(|()| errors.flush());
    drop(errors);
    let mut answer = String::new();
    let stdin = io::stdin().lock();
    stdin.take(64).read_line(&mut answer).map_err(|why| {
        Trouble::new(
            nothing,
            format!("the answer can't be read: {why}"),
            "Run it again; --yes goes on without asking.",
        )
    })?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

/// What standard output can show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The marks.
    pub glyphs: Glyphs,
    /// Only ASCII can be shown.
    pub ascii: bool,
    /// Colours are wanted.
    pub colour: bool,
    /// Cells in a line; `None` = as many as there are.
    pub width: Option<usize>,
}

impl Look {
    /// By the environment; `ascii` by the settings file.
    pub fn of(global: &Global, ascii: bool) -> Look {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let ascii = ascii || global.ascii || !is_utf8_locale(&variable);
        let terminal = io::stdout().is_terminal();
        let dumb = variable("TERM").is_none_or(|term| term == "dumb");
        let width = rustix::termios::tcgetwinsize(io::stdout())
            .ok()
            .map(|size| usize::from(size.ws_col))
            .filter(|width| terminal && *width > 0);
        Look {
            glyphs: if ascii {
                Glyphs::ASCII
            } else {
                Glyphs::UNICODE
            },
            ascii,
            colour: terminal && !dumb && !wants_no_colours(&variable),
            width,
        }
    }

    /// The mark of an urgency, and the colour for it: one of the terminal's own.
    pub fn urgency(&self, urgency: Urgency) -> (&'static str, u8) {
        match urgency {
            Urgency::Broken => (self.glyphs.broken, 31),
            Urgency::NeedsWork => (self.glyphs.work, 33),
            Urgency::Waiting => (self.glyphs.waiting, 36),
            Urgency::Good => (self.glyphs.good, 32),
            Urgency::Unknown => (self.glyphs.unknown, 90),
        }
    }

    /// The mark and colour of a check's outcome.
    pub fn outcome(&self, outcome: &Outcome) -> (&'static str, u8) {
        match outcome {
            Outcome::NotApplicable { .. } => (self.glyphs.none, 90),
            Outcome::Met { .. } => self.urgency(Urgency::Good),
            Outcome::Unknown { .. } => self.urgency(Urgency::Unknown),
            Outcome::Unmet {
                status: Some(status),
                ..
            } => self.urgency(status.urgency()),
            // Advisory: it differs, and leads to no status.
            Outcome::Unmet { status: None, .. } => self.urgency(Urgency::Waiting),
        }
    }

    /// Text from anywhere as one harmless line that can be shown.
    pub fn line(&self, words: &str) -> String {
        let clean = text::clean(words);
        if !self.ascii {
            return clean;
        }
        let mut shown = String::with_capacity(clean.len());
        for letter in clean.chars() {
            match letter {
                '–' | '—' => shown.push('-'),
                '…' => shown.push_str("..."),
                '→' => shown.push_str("->"),
                '›' => shown.push('>'),
                '‹' => shown.push('<'),
                '’' => shown.push('\''),
                '·' => shown.push('.'),
                other => shown.push(other),
            }
        }
        shown
    }

    /// Words in a colour, where colours are wanted.
    pub fn coloured(&self, words: &str, colour: Option<u8>) -> String {
        match colour.filter(|_| self.colour && !words.trim().is_empty()) {
            Some(colour) => format!("\x1b[{colour}m{words}\x1b[0m"),
            None => words.to_string(),
        }
    }
}
