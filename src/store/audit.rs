//! The audit trail: what was asked of Entra and of portals, by whom. Rows are only ever added, and each bears a hash
//! over itself and the row before it, so that a row that was changed, slipped in or taken out of the middle shows.
//! Rows taken off the end do not show by themselves: for that, keep the head that verification prints elsewhere.

use jiff::Timestamp;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::columns::{fqdn_or_nothing, limit, milliseconds, parsed_or_nothing, timestamp};
use super::facts::document;
use super::run::RunId;
use super::{Rejected, Store, StoreError};
use crate::registration::fleet::Fqdn;

type Hash = [u8; SHA256_OUTPUT_LEN];

/// One request, for the audit trail. Never a body, never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it was sent; kept in whole milliseconds.
    pub at: Timestamp,
    /// Who ran umpdeck, by the operating system.
    pub os_user: String,
    /// Who was signed in.
    pub identity: String,
    /// The device that it was for, if for one.
    pub device: Option<Fqdn>,
    /// The run that it belongs to, if to one.
    pub run: Option<RunId>,
    /// The HTTP method, or what was done by hand.
    pub method: String,
    /// The path at the server.
    pub path: String,
    /// The server's request ID.
    pub request_id: Option<String>,
    /// What came of it.
    pub outcome: String,
}

/// A row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, counted from 1 without a gap.
    pub row: i64,
    /// What it says.
    pub entry: AuditEntry,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// The end of a verified audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// How many rows there are.
    pub rows: i64,
    /// The last row's hash, in hexadecimal; zeros when there is none.
    pub hash: String,
}

impl Store {
    /// Adds a row to the audit trail; it is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.write(|transaction| -> Result<(), Rejected> {
            let last: Option<(i64, Hash)> = transaction
                .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (last, before) = last.unwrap_or_default();
            let row = last.saturating_add(1);
            transaction
                .prepare_cached(
                    "INSERT INTO audit (seq, at, os_user, identity, device, run, method, path, request_id, outcome, hash)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                )?
                .execute(params![
                    row,
                    milliseconds(entry.at),
                    entry.os_user,
                    entry.identity,
                    entry.device.as_ref().map(Fqdn::as_str),
                    entry.run.map(|run| run.to_string()),
                    entry.method,
                    entry.path,
                    entry.request_id,
                    entry.outcome,
                    chained(&before, row, entry)?
                ])?;
            Ok(())
        })
    }

    /// The newest rows of the audit trail, newest first, at most `rows` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn audit_entries(&self, rows: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM audit ORDER BY seq DESC LIMIT ?1")?
                .query_map([limit(rows)], |row| {
                    let (number, entry, hash) = read_row(row)?;
                    Ok(AuditRow {
                        row: number,
                        entry,
                        hash: hexadecimal(&hash),
                    })
                })?
                .collect()
        })
    }

    /// Reads the whole audit trail and holds each row against its hash.
    ///
    /// # Errors
    /// [`StoreError::AuditBroken`] with the first row that isn't as it was written.
    pub fn verify_audit(&self) -> Result<AuditHead, StoreError> {
        let connection = self.lock();
        let sqlite = |error| StoreError::of(&self.path, error);
        let mut statement = connection
            .prepare("SELECT * FROM audit ORDER BY seq")
            .map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        let (mut last, mut before): (i64, Hash) = Default::default();
        while let Some(row) = rows.next().map_err(sqlite)? {
            let expected = last.saturating_add(1);
            let broken = |why| StoreError::AuditBroken { row: expected, why };
            let Ok((number, entry, hash)) = read_row(row) else {
                return Err(broken("it has a value that was never written"));
            };
            if number != expected {
                return Err(broken("it is missing"));
            }
            if chained(&before, number, &entry)? != hash {
                return Err(broken(
                    "its hash fits neither its content nor the row before it",
                ));
            }
            (last, before) = (number, hash);
        }
        Ok(AuditHead {
            rows: last,
            hash: hexadecimal(&before),
        })
    }
}

/// What is hashed: these fields in this order, as JSON without spaces. Changing it breaks every trail that exists.
#[derive(Serialize)]
struct Hashed<'a> {
    row: i64,
    at: i64,
    os_user: &'a str,
    identity: &'a str,
    device: Option<&'a str>,
    run: Option<RunId>,
    method: &'a str,
    path: &'a str,
    request_id: Option<&'a str>,
    outcome: &'a str,
}

fn chained(before: &Hash, row: i64, entry: &AuditEntry) -> Result<Hash, StoreError> {
    let text = document(
        "an audit row",
        &Hashed {
            row,
            at: milliseconds(entry.at),
            os_user: &entry.os_user,
            identity: &entry.identity,
            device: entry.device.as_ref().map(Fqdn::as_str),
            run: entry.run,
            method: &entry.method,
            path: &entry.path,
            request_id: entry.request_id.as_deref(),
            outcome: &entry.outcome,
        },
    )?;
    let mut bytes = before.to_vec();
    bytes.extend_from_slice(text.as_bytes());
    let mut hash = Hash::default();
    hash.copy_from_slice(digest(&SHA256, &bytes).as_ref());
    Ok(hash)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<(i64, AuditEntry, Hash)> {
    let entry = AuditEntry {
        at: timestamp(row, "at")?,
        os_user: row.get("os_user")?,
        identity: row.get("identity")?,
        device: fqdn_or_nothing(row, "device")?,
        run: parsed_or_nothing(row, "run")?,
        method: row.get("method")?,
        path: row.get("path")?,
        request_id: row.get("request_id")?,
        outcome: row.get("outcome")?,
    };
    Ok((row.get("seq")?, entry, row.get("hash")?))
}

fn hexadecimal(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
