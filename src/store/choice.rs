//! What an operator chose for a device beyond its inventory entry: blueprint, redirect URI, MPN ID. It outlives the
//! entry, like everything that can't be read again from anywhere.

use rusqlite::{OptionalExtension, params};

use super::columns::redirect_uri;
use super::{Store, StoreError};
use crate::registration::fleet::Device;

impl Store {
    /// Keeps a device's blueprint, redirect URI and MPN ID as chosen.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn keep_choice(&self, device: &Device) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO choice (device, blueprint, redirect_uri, mpn_id) VALUES (?1, ?2, ?3, ?4)",
                    params![
                        device.fqdn.as_str(),
                        device.blueprint,
                        device.redirect_uri.as_ref().map(|uri| uri.as_str()),
                        device.mpn_id
                    ],
                )
                .map(drop)
        })
    }

    /// The device as chosen; as it is, when nobody chose anything.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn with_choice(&self, device: Device) -> Result<Device, StoreError> {
        let chosen = self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM choice WHERE device = ?1")?
                .query_row([device.fqdn.as_str()], |row| {
                    Ok((
                        row.get("blueprint")?,
                        redirect_uri(row, "redirect_uri")?,
                        row.get("mpn_id")?,
                    ))
                })
                .optional()
        })?;
        Ok(match chosen {
            Some((blueprint, redirect_uri, mpn_id)) => Device {
                blueprint,
                redirect_uri,
                mpn_id,
                ..device
            },
            None => device,
        })
    }

    /// Forgets pushes, statements, links, choices, listings and secrets put down to go: for a training ground that begins anew. Facts, journal and
    /// audit trail stay.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn forget_what_was_done(&self) -> Result<(), StoreError> {
        self.write(|transaction| {
            let tables = [
                "portal_record",
                "link",
                "choice",
                "directory",
                "retirement",
                "copied",
            ];
            for table in tables {
                transaction.execute(&format!("DELETE FROM {table}"), [])?;
            }
            Ok::<_, rusqlite::Error>(())
        })
    }
}
