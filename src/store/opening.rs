//! Opening the store's file: its place, its permissions, whether it is whole, and how SQLite is to treat it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::Store;
use super::error::StoreError;
use super::schema;
use crate::private;

/// How long a call waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(5);

/// SQLite's smallest page: a file that has something, but less, was cut short.
const SMALLEST_PAGE: u64 = 512;

/// Closing any descriptor of the file drops this process's POSIX locks on it, SQLite's own included. So the file is
/// made and closed by one thread at a time, before any of them has a connection to it.
static OPENING: Mutex<()> = Mutex::new(());

pub(super) fn open(dir: &Path) -> Result<(Connection, PathBuf), StoreError> {
    let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    make_folder(dir)?;
    let path = dir.join(Store::FILE);
    make_file(&path)?;
    let length = settled_length(&path)?;
    if length.is_some_and(|length| (1..SMALLEST_PAGE).contains(&length)) {
        return Err(cut_short(path));
    }
    let begun = Instant::now();
    loop {
        match connect(&path, length) {
            // The first switch to WAL reports a busy file at once instead of waiting.
            Err(StoreError::Busy { .. }) if begun.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(20));
            }
            other => return other.map(|connection| (connection, path)),
        }
    }
}

fn connect(path: &Path, length: Option<u64>) -> Result<Connection, StoreError> {
    let sqlite = |error| StoreError::of(path, error);
    // Without CREATE: the file is there, with its permissions. SQLite gives -wal and -shm the same ones.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(PATIENCE).map_err(sqlite)?;
    // The first statement that reads the file: SQLite itself refuses one that has fewer pages than its header says.
    let page: u64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
        .and_then(|_| connection.query_row("PRAGMA page_size", [], |row| row.get::<_, i64>(0)))
        .map_err(sqlite)?
        .unsigned_abs();
    if length.is_some_and(|length| page > 0 && length % page != 0) {
        return Err(cut_short(path.to_path_buf()));
    }
    let journal = if on_network(path) { "DELETE" } else { "WAL" };
    connection
        .query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(()))
        .map_err(sqlite)?;
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = -512; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
        )
        .map_err(sqlite)?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::migrate(&mut connection, path)?;
    Ok(connection)
}

/// Another connection to a store that is open.
pub(super) fn only_reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn cut_short(path: PathBuf) -> StoreError {
    StoreError::Corrupt {
        path,
        why: "the file is shorter than it should be".to_string(),
    }
}

/// The file's length; `None` while a write-ahead log stands beside it, because pages may be in there only.
fn settled_length(path: &Path) -> Result<Option<u64>, StoreError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Ok(None);
    }
    let file = fs::metadata(path).map_err(|source| folder(path, source))?;
    Ok(Some(file.len()))
}

fn folder(path: &Path, source: io::Error) -> StoreError {
    StoreError::Folder {
        path: path.to_path_buf(),
        source,
    }
}

fn make_folder(dir: &Path) -> Result<(), StoreError> {
    private::make_folder(dir).map_err(|source| folder(dir, source))
}

fn make_file(path: &Path) -> Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            private::keep(path).map_err(|source| folder(path, source))
        }
        Err(source) => Err(folder(path, source)),
    }
}

/// WAL needs memory that all processes share, which NFS can't give.
#[cfg(target_os = "linux")]
fn on_network(path: &Path) -> bool {
    const NFS_SUPER_MAGIC: i128 = 0x6969;
    rustix::fs::statfs(path).is_ok_and(|place| i128::from(place.f_type) == NFS_SUPER_MAGIC)
}

#[cfg(not(target_os = "linux"))]
fn on_network(_path: &Path) -> bool {
    false
}
