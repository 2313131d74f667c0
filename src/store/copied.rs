//! What was copied in a handoff that has not come to its statement: it is kept so that a handoff which broke off can be
//! taken up where it was. A secret's value is never here; its key ID says which one was copied.

use jiff::Timestamp;
use rusqlite::params;

use super::columns::{milliseconds, timestamp};
use super::{Store, StoreError};
use crate::registration::fleet::Fqdn;

/// A field of the portal's page whose value was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyMark {
    /// The field's key.
    pub field: String,
    /// What was copied: the value, or for a secret its key ID.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// The OS user who did it.
    pub by: String,
}

impl Store {
    /// Remembers that a field of a device's page was copied; the last time counts.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn mark_copied(&self, device: &Fqdn, mark: &CopyMark) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO copied (device, field, what, at, by) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        device.as_str(),
                        mark.field,
                        mark.what,
                        milliseconds(mark.at),
                        mark.by
                    ],
                )
                .map(drop)
        })
    }

    /// What was copied for a device and not stated since.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn copied(&self, device: &Fqdn) -> Result<Vec<CopyMark>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM copied WHERE device = ?1 ORDER BY at")?
                .query_map([device.as_str()], |row| {
                    Ok(CopyMark {
                        field: row.get("field")?,
                        what: row.get("what")?,
                        at: timestamp(row, "at")?,
                        by: row.get("by")?,
                    })
                })?
                .collect()
        })
    }

    /// Forgets what was copied for a device: it is applied and stated.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn forget_copied(&self, device: &Fqdn) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .execute("DELETE FROM copied WHERE device = ?1", [device.as_str()])
                .map(drop)
        })
    }
}
