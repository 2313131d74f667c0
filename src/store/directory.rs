//! What tenants' directories hold, kept so that a refresh asks only for what changed.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::facts::{document, facts_or_none};
use super::{Store, StoreError};
use crate::registration::directory::Directory;

impl Store {
    /// Keeps a tenant's directory. Nothing happens for a tenant that is no longer listed.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn save_directory(&self, tenant: Uuid, directory: &Directory) -> Result<(), StoreError> {
        let text = document("a tenant's directory", directory)?;
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO directory (tenant, listing) SELECT id, ?2 FROM tenant WHERE id = ?1
                     ON CONFLICT (tenant) DO UPDATE SET listing = excluded.listing",
                )?
                .execute(params![tenant.to_string(), text])
                .map(drop)
        })
    }

    /// A tenant's directory; an empty one, never listed, when nothing is kept or it can't be understood.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn directory(&self, tenant: Uuid) -> Result<Directory, StoreError> {
        self.read(|connection| {
            let text: Option<String> = connection
                .prepare_cached("SELECT listing FROM directory WHERE tenant = ?1")?
                .query_row([tenant.to_string()], |row| row.get(0))
                .optional()?;
            Ok(facts_or_none(text))
        })
    }
}
