//! The log: a file beside the store, never the screen.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::private;
use crate::settings::LogLevel;

/// From this size on, in bytes, the log is put aside at the next start.
const LONGEST: u64 = 5 * 1024 * 1024;

/// The log's place.
pub(super) fn place(data_dir: &Path) -> PathBuf {
    data_dir.join("umpdeck.log")
}

/// Opens the log in the data folder; an old long one becomes `umpdeck.log.1`.
///
/// # Errors
/// What the system says, when the file can't be written.
pub(super) fn open(data_dir: &Path, level: LogLevel) -> io::Result<()> {
    // The console that begins anew goes on with the log that it has.
    if level == LogLevel::Off || tracing::dispatcher::has_been_set() {
        return Ok(());
    }
    let file = Mutex::new(file(data_dir)?);
    let own = filter(level);
    let targets = Targets::new()
        .with_default(own.min(LevelFilter::WARN))
        .with_target("umpdeck", own);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(file);
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .try_init()
        .map_err(io::Error::other)
}

fn file(data_dir: &Path) -> io::Result<File> {
    let place = place(data_dir);
    if fs::metadata(&place).is_ok_and(|file| file.len() > LONGEST) {
        fs::rename(&place, data_dir.join("umpdeck.log.1"))?;
    }
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&place)?;
    private::keep(&place)?;
    Ok(file)
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_put_aside_and_a_short_one_continued() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(place(dir.path()), "short").unwrap();
        file(dir.path()).unwrap();
        assert_eq!(fs::read_to_string(place(dir.path())).unwrap(), "short");
        let long = File::create(place(dir.path())).unwrap();
        long.set_len(LONGEST + 1).unwrap();
        assert_eq!(file(dir.path()).unwrap().metadata().unwrap().len(), 0);
        let aside = dir.path().join("umpdeck.log.1");
        assert_eq!(fs::metadata(aside).unwrap().len(), LONGEST + 1);
    }
}
