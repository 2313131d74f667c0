//! The store's versions: a script each, forward only. A script that was released is never changed.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// Script n (counted from 1) leads from version n-1 to version n.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
];

/// Brings the store to the newest version, each step in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    apply(connection, path, MIGRATIONS)
}

fn apply(connection: &mut Connection, path: &Path, scripts: &[&str]) -> Result<(), StoreError> {
    let sqlite = |error| StoreError::of(path, error);
    let known = scripts.len() as i64;
    loop {
        // Looked at without the write lock first: a start should not wait for another process's writing.
        let found = version(connection).map_err(sqlite)?;
        if found == known {
            return Ok(());
        }
        if found < 0 || found > known {
            return Err(StoreError::Newer {
                path: path.to_path_buf(),
                found,
                known,
            });
        }
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sqlite)?;
        // Another process may have done it meanwhile.
        if version(&transaction).map_err(sqlite)? == found {
            let script = usize::try_from(found).ok().and_then(|at| scripts.get(at));
            transaction
                .execute_batch(script.copied().unwrap_or_default())
                .map_err(sqlite)?;
            transaction
                .pragma_update(None, "user_version", found + 1)
                .map_err(sqlite)?;
        }
        transaction.commit().map_err(sqlite)?;
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_store_reaches_the_newest_version_and_a_second_start_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("x")).unwrap();
        assert_eq!(version(&connection).unwrap(), MIGRATIONS.len() as i64);
        migrate(&mut connection, Path::new("x")).unwrap();
        let tables: i64 = connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%STRICT%' AND name NOT LIKE 'sqlite_%'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(tables, 0, "every table is STRICT");
    }

    /// A store as a program of that version left it, with a row of what can't be read again from anywhere.
    fn older(version: usize) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "foreign_keys", true)
            .unwrap();
        apply(&mut connection, Path::new("x"), &MIGRATIONS[..version]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO tenant VALUES ('t', 'Finebak', 'finebak.com', NULL);
                 INSERT INTO device VALUES ('a', 't', 'b', 'p', 'handoff', 'u', NULL, NULL, '');
                 INSERT INTO fleet (fqdn, tenant, status, next, reason, holds_until)
                     VALUES ('a', 't', 4, 4, 'nothing is on record', 17);
                 INSERT INTO portal_record VALUES ('a', '{}');
                 INSERT INTO audit VALUES (1, 0, 'o', 'i', 'a', NULL, 'm', 'p', NULL, 'done', zeroblob(32));",
            )
            .unwrap();
        connection
    }

    #[test]
    fn a_store_of_any_older_version_keeps_its_rows_and_its_fleet_still_goes_with_its_devices() {
        for version in 1..MIGRATIONS.len() {
            let mut connection = older(version);
            migrate(&mut connection, Path::new("x")).unwrap();
            let row: (i64, String, i64) = connection
                .query_row("SELECT next, reason, holds_until FROM fleet", [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .unwrap();
            assert_eq!(row, (4, "nothing is on record".to_string(), 17));
            connection.execute("UPDATE fleet SET next = 9", []).unwrap();
            connection.execute("DELETE FROM device", []).unwrap();
            for (table, left) in [("fleet", 0), ("portal_record", 1), ("audit", 1)] {
                let count = format!("SELECT count(*) FROM {table}");
                let count: i64 = connection.query_row(&count, [], |row| row.get(0)).unwrap();
                assert_eq!(count, left, "{table}, from version {version}");
            }
        }
    }

    #[test]
    fn a_script_that_fails_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        let scripts = [MIGRATIONS[0], "CREATE TABLE half (a); nonsense;"];
        assert!(apply(&mut connection, Path::new("x"), &scripts).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        let half: i64 = connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE name = 'half'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(half, 0);
    }
}
