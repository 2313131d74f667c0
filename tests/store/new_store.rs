//! A store in a folder of the test's own, and moments to write into it.

use jiff::Timestamp;
use umpdeck::store::Store;

/// An empty store; its folder goes with the first part.
pub fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

/// So many seconds after a fixed moment.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}
