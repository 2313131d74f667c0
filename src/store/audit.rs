//! The audit trail: what was asked of Entra and of portals, by whom. Rows are only ever added, and each bears a hash
//! over itself and the row before it, so that a row that was changed, slipped in or taken out of the middle shows.
//! Rows taken off the end do not show by themselves: for that, keep the head that verification prints elsewhere.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::columns::{fqdn_or_nothing, limit, milliseconds, parsed_or_nothing, timestamp};
use super::documents::document;
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

impl AuditEntry {
    /// The request in words: method and path, or what was done by hand.
    pub fn request_words(&self) -> String {
        match self.path.as_str() {
            "" => self.method.clone(),
            path => format!("{} {path}", self.method),
        }
    }

    /// Whether it was answered as it was meant; what was done by hand has no answer.
    pub fn went_well(&self) -> bool {
        self.path.is_empty() || self.outcome.starts_with("HTTP 2")
    }

    /// What it did, in a few words, by its method and path.
    pub fn what(&self) -> &str {
        let path = self.path.split('?').next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let collection = last.split('(').next().unwrap_or_default();
        match (self.method.as_str(), collection) {
            (by_hand, "") => by_hand,
            (_, "addPassword") => "secret added",
            (_, "removePassword") => "secret removed",
            (_, "setVerifiedPublisher") => "publisher set",
            (_, "restore") => "restored",
            _ if path.contains("/oauth2PermissionGrants") => "consent given",
            _ if path.contains("/appRoleAssign") => "consent given",
            _ if path.contains("/servicePrincipals") => "service principal",
            ("POST", "applications") | ("PATCH", "applications") => "registered",
            _ if path.starts_with("/v1.0/applications/") => "changed",
            _ if path.starts_with("/v1.0/") => "changed in Entra",
            _ => "portal written",
        }
    }
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

/// The end of an audit trail: written "12:9f…", it says all that came before, so that a copy of it elsewhere shows
/// whether the trail was rewritten or cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// How many rows there are.
    pub rows: i64,
    /// The last row's hash, in hexadecimal; zeros when there is none.
    pub hash: String,
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.rows, self.hash)
    }
}

/// The text is no [`AuditHead`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is a row number, a colon and 64 hexadecimal digits, as each run prints at its end")]
pub struct NotAHead;

impl FromStr for AuditHead {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<AuditHead, NotAHead> {
        let (rows, hash) = text.trim().split_once(':').ok_or(NotAHead)?;
        let rows = rows.parse().ok().filter(|rows: &i64| *rows >= 0);
        let whole = hash.len() == 2 * SHA256_OUTPUT_LEN
            && hash.bytes().all(|letter| letter.is_ascii_hexdigit());
        match (rows, whole) {
            (Some(rows), true) => Ok(AuditHead {
                rows,
                hash: hash.to_lowercase(),
            }),
            _ => Err(NotAHead),
        }
    }
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

    /// The newest rows of the audit trail, newest first, at most `rows` of them: of one device, or not older than
    /// `since`, where that is asked for.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn audit_entries(
        &self,
        device: Option<&Fqdn>,
        since: Option<Timestamp>,
        rows: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let wanted = params![
            device.map(Fqdn::as_str),
            since.map(milliseconds),
            limit(rows)
        ];
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM audit WHERE (?1 IS NULL OR device = ?1) AND (?2 IS NULL OR at >= ?2)
                     ORDER BY seq DESC LIMIT ?3",
                )?
                .query_map(wanted, |row| {
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

    /// The end of the audit trail as it stands, unverified.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let last: Option<(i64, Hash)> = self.read(|connection| {
            connection
                .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
        let (rows, hash) = last.unwrap_or_default();
        Ok(AuditHead {
            rows,
            hash: hexadecimal(&hash),
        })
    }

    /// Reads the whole audit trail and holds each row against its hash, and the trail against a head that is `known`
    /// from elsewhere: without one, a trail that was rewritten from some row to its end, or cut short, verifies.
    ///
    /// # Errors
    /// [`StoreError::AuditBroken`] with the first row that isn't as it was written, [`StoreError::AuditRewritten`]
    /// when the trail is whole in itself but is not the one that ended with the known head.
    pub fn verify_audit(&self, known: Option<&AuditHead>) -> Result<AuditHead, StoreError> {
        let connection = self.aside()?;
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
            if let Some(known) = known.filter(|known| known.rows == number)
                && known.hash != hexadecimal(&hash)
            {
                return Err(StoreError::AuditRewritten { row: number });
            }
        }
        if known.is_some_and(|known| known.rows > last) {
            return Err(StoreError::AuditBroken {
                row: last.saturating_add(1),
                why: "it and all rows after it are missing: the trail was cut off here",
            });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_that_a_run_makes_is_called_by_what_it_does() {
        for (method, path, what) in [
            ("POST", "/v1.0/applications/a/addPassword", "secret added"),
            (
                "POST",
                "/v1.0/applications/a/removePassword",
                "secret removed",
            ),
            (
                "POST",
                "/v1.0/applications/a/setVerifiedPublisher",
                "publisher set",
            ),
            (
                "PATCH",
                "/v1.0/applications(uniqueName='umpdeck.a')",
                "registered",
            ),
            ("PATCH", "/v1.0/applications/a", "changed"),
            (
                "PATCH",
                "/v1.0/servicePrincipals(appId='a')",
                "service principal",
            ),
            ("POST", "/v1.0/directory/deletedItems/a/restore", "restored"),
            ("POST", "/v1.0/oauth2PermissionGrants", "consent given"),
            ("PATCH", "/v1.0/oauth2PermissionGrants/a", "consent given"),
            (
                "PUT",
                "/portal/ump-01.finebak.com/api/auth-tokens",
                "portal written",
            ),
            (
                "PATCH",
                "/v1.0/policies/appManagementPolicies/a",
                "changed in Entra",
            ),
            ("state", "", "state"),
        ] {
            let entry = AuditEntry {
                at: Timestamp::UNIX_EPOCH,
                os_user: String::new(),
                identity: String::new(),
                device: None,
                run: None,
                method: method.into(),
                path: path.into(),
                request_id: None,
                outcome: String::new(),
            };
            assert_eq!(entry.what(), what, "{method} {path}");
        }
    }
}
