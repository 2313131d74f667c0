//! What is remembered on this machine: inventory, facts, verdicts, the journal of runs, the audit trail, in one SQLite file.
//! Only the desk may know it; it knows the core's types and nobody else. Its methods are synchronous and durable
//! when they return (a commit waits for the disk), so the desk calls them off the console's loop.

mod audit;
mod choice;
mod columns;
mod copied;
mod directory;
mod documents;
mod error;
mod facts;
mod fleet;
mod inventory;
mod opening;
mod retirement;
mod run;
mod runs;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use audit::{AuditEntry, AuditHead, AuditRow, NotAHead};
pub use copied::CopyMark;
pub use error::StoreError;
pub use retirement::Retirement;
pub use run::{JournalEntry, NewRun, Phase, RunId, RunOutcome, RunSummary, UnknownRunId};
pub use runs::RunsSeen;

/// The store of one data folder. Several processes may have the same one open.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl Store {
    /// The file's name in the data folder.
    pub const FILE: &str = "umpdeck.sqlite";

    /// Opens the store in `dir`, for this OS user alone: the folder is made (0700) and the file too (0600) where
    /// they are missing, and an older store is brought up to date.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a file that is damaged or cut short (it is left as it is),
    /// [`StoreError::Newer`] for one of a newer umpdeck, [`StoreError::Folder`] when the place can't be used,
    /// [`StoreError::Busy`] and [`StoreError::Sqlite`] when SQLite can't.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        let (connection, path) = opening::open(dir)?;
        Ok(Store {
            connection: Mutex::new(connection),
            path,
        })
    }

    /// The store's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file and checks its structure; takes as long as reading it takes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the first thing that is wrong.
    pub fn check(&self) -> Result<(), StoreError> {
        let verdict: String = self
            .aside()?
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| StoreError::of(&self.path, error))?;
        if verdict == "ok" {
            return Ok(());
        }
        Err(StoreError::Corrupt {
            path: self.path.clone(),
            why: verdict,
        })
    }

    /// A connection of its own, for what reads long: runs under way must write their signs of life meanwhile.
    fn aside(&self) -> Result<Connection, StoreError> {
        opening::only_reading(&self.path).map_err(|error| StoreError::of(&self.path, error))
    }

    /// A panic of another caller leaves no half-done work behind: its transaction was rolled back when it unwound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.lock()).map_err(|error| StoreError::of(&self.path, error))
    }

    /// One transaction that takes the write lock at its start, so that what it reads still holds when it writes.
    fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, StoreError>
    where
        E: Into<Rejected>,
    {
        let mut connection = self.lock();
        let sqlite = |error| StoreError::of(&self.path, error);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sqlite)?;
        let value = work(&transaction).map_err(|error| match error.into() {
            Rejected::Sqlite(error) => sqlite(error),
            Rejected::Store(error) => error,
        })?;
        transaction.commit().map_err(sqlite)?;
        Ok(value)
    }
}

/// Why a transaction is rolled back.
#[derive(Debug)]
enum Rejected {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Rejected {
    fn from(error: rusqlite::Error) -> Self {
        Rejected::Sqlite(error)
    }
}

impl From<StoreError> for Rejected {
    fn from(error: StoreError) -> Self {
        Rejected::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_reads_long_needs_nothing_that_a_run_under_way_holds() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        let held = store.lock();
        let (sender, receiver) = channel();
        let reader = Arc::clone(&store);
        std::thread::spawn(move || {
            let _ = sender.send((reader.check(), reader.verify_audit(None)));
        });
        let (checked, verified) = receiver
            .recv_timeout(Duration::from_secs(60))
            .expect("it does not wait");
        assert!(checked.is_ok() && verified.is_ok());
        drop(held);
    }
}
