//! What is wrong with the settings, with the place in the file.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::private::Exposed;
use crate::text::is_invisible;

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The system does not say where this user's files are.
    #[error(
        "this user has no home folder, so there is no place for settings and data; name them with --settings and --data-dir"
    )]
    NoHome,
    /// The file that was given isn't there.
    #[error("there is no settings file {}; correct its name, or leave it out to use the one at its usual place", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The file can't be read.
    #[error("the settings file {} can't be read: {source}; correct its owner and permissions", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others than this user may change the file, which names programs that umpdeck runs.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// Something in the file is wrong.
    #[error("{place}: {key}: {why}; correct the file and start again")]
    Invalid {
        /// The file, and the line in it where that is known.
        place: Place,
        /// The key, or the entry and the key.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// The file can't be written; it is as it was.
    #[error("the settings file {} can't be written: {why}; correct its folder's owner and permissions, or name another place with --settings", file.display())]
    NotWritten {
        /// The file.
        file: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A secret that the settings point to can't be had. Never has the secret in it.
    #[error("the secret in {from} can't be used: {why}")]
    Secret {
        /// The environment variable or the file.
        from: String,
        /// What is wrong, and what to do.
        why: String,
    },
}

/// A place in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        match self.line {
            Some(line) => write!(f, ", line {line}"),
            None => Ok(()),
        }
    }
}

impl SettingsError {
    pub(super) fn invalid(file: &Path, line: Option<usize>, key: &str, why: &str) -> SettingsError {
        SettingsError::Invalid {
            place: Place {
                file: file.to_path_buf(),
                line,
            },
            key: printable(key),
            why: printable(why),
        }
    }

    pub(super) fn of_toml(file: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
        let line = error.span().map(|span| Lines::of(text).at(span.start));
        let key = line.and_then(|line| key_in(text, line));
        SettingsError::invalid(
            file,
            line,
            key.unwrap_or("the file"),
            error.message().trim_end(),
        )
    }
}

/// Where the lines of a text begin: asked once for each entry, so that many entries cost one look at the text.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Lines {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(breaks.map(|(at, _)| at).collect())
    }

    /// The line, counted from 1, of a position.
    pub(super) fn at(&self, position: usize) -> usize {
        self.0.partition_point(|end| *end < position) + 1
    }
}

/// The key or the table's head on a line.
fn key_in(text: &str, line: usize) -> Option<&str> {
    let line = text.lines().nth(line.checked_sub(1)?)?.trim();
    if line.starts_with('[') {
        return Some(line);
    }
    let (key, _) = line.split_once('=')?;
    Some(key.trim())
}

/// A file may come from anybody: nothing invisible of it goes into a message, and no essay either.
fn printable(text: &str) -> String {
    text.chars()
        .take(400)
        .map(|c| if is_invisible(c) { ' ' } else { c })
        .collect()
}
