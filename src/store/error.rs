//! What can go wrong with the store, in words for an operator.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::ErrorCode;

use super::run::{RunId, RunOutcome};
use crate::registration::fleet::Fqdn;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file can't be made or used.
    #[error("the store's place {} can't be used: {source}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is damaged or cut short. Nothing was deleted.
    #[error(
        "the store {} is damaged ({why}); nothing was changed",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong, in SQLite's words where it said something.
        why: String,
    },
    /// The file was written by a newer umpdeck.
    #[error(
        "the store {} has version {found}, and this umpdeck knows versions up to {known}: a newer umpdeck has used it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// Another process kept it locked for longer than 5 s.
    #[error("the store {} is locked by another process for more than 5 s", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// SQLite could not do it: disk full, not writable, or a defect.
    #[error("the store {} failed: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Something can't be written as a document.
    #[error("the store can't record {what}: {source}")]
    Document {
        /// What was to be written.
        what: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// Somebody works on this registration.
    #[error(
        "{owner} has a run on {device} open since {}",
        since.strftime("%Y-%m-%d %H:%M UTC")
    )]
    RunInProgress {
        /// The device.
        device: Fqdn,
        /// Who.
        owner: String,
        /// Since when.
        since: Timestamp,
    },
    /// A run that came between has changed the registration.
    #[error("a run by {owner} has changed {device} since it was read for this plan")]
    Overtaken {
        /// The device.
        device: Fqdn,
        /// Whose run it was.
        owner: String,
    },
    /// The run is closed; another process may have taken over after a minute without a sign of life.
    #[error("run {} is closed ({}): {note}", run.short(), outcome.word())]
    RunClosed {
        /// The run.
        run: RunId,
        /// How it ended.
        outcome: RunOutcome,
        /// The note that was left when it was closed.
        note: String,
    },
    /// There is no such run.
    #[error("there is no run {run} in this store")]
    NoSuchRun {
        /// The run.
        run: RunId,
    },
    /// The audit trail is not what was written.
    #[error("the audit trail is broken at row {row}: {why}")]
    AuditBroken {
        /// The first row that isn't as it was written; rows count from 1.
        row: i64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The audit trail is whole in itself, but is not the one that the known head belongs to.
    #[error(
        "the audit trail was rewritten: its hashes fit together, but the hash of row {row} is not the one in the head that was given"
    )]
    AuditRewritten {
        /// The row that the known head is of; rows count from 1.
        row: i64,
    },
}

impl StoreError {
    /// What to do about it.
    pub fn next(&self) -> &'static str {
        match self {
            StoreError::Folder { .. } => {
                "Name another one with --data-dir, or correct its owner and permissions."
            }
            StoreError::Corrupt { .. } => {
                "Move it away (with its -wal and -shm files) and keep it: the audit trail and the journal of runs are in it. \
                 A new store starts empty; devices are read again at the next refresh, but what was stated of portals has to be \
                 stated again."
            }
            StoreError::Newer { .. } => "Use that version, or another --data-dir.",
            StoreError::Busy { .. } => "Check which other umpdeck runs there, and try again.",
            StoreError::Sqlite { .. } => {
                "Check that its disk has room and is writable, then try again."
            }
            StoreError::Document { .. } => "This is a defect of umpdeck: report it.",
            StoreError::RunInProgress { .. } => "Wait until it is closed, or ask them.",
            StoreError::Overtaken { .. } => "Read the device again, then plan again.",
            StoreError::RunClosed { .. } => "Read the registration again before anything else.",
            StoreError::NoSuchRun { .. } => "`umpdeck runs` lists the runs.",
            StoreError::AuditBroken { .. } => {
                "The rows before it are as they were written; keep a copy of the store and find out who changed it."
            }
            StoreError::AuditRewritten { .. } => {
                "Keep a copy of the store and find out who changed it."
            }
        }
    }

    /// SQLite's error in an operator's words.
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> StoreError {
        let path = path.to_path_buf();
        let corrupt = |why: String, path: PathBuf| StoreError::Corrupt { path, why };
        match source {
            rusqlite::Error::FromSqlConversionFailure(_, _, why) => corrupt(why.to_string(), path),
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => corrupt(source.to_string(), path),
            _ => match source.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    corrupt(source.to_string(), path)
                }
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    StoreError::Busy { path }
                }
                _ => StoreError::Sqlite { path, source },
            },
        }
    }
}
