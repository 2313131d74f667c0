//! What an operator chose for a device beyond its inventory entry: blueprint, redirect URI, MPN ID. It outlives the
//! entry, like everything that can't be read again from anywhere; what the entry says later holds instead of it.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Transaction, params};

use super::columns::{fqdn, redirect_uri};
use super::{Store, StoreError};
use crate::registration::fleet::{Device, Fqdn, RedirectUri};

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

    /// The redirect URI that was chosen for each device for which anything was; `None` = the blueprint's.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn chosen_redirect_uris(&self) -> Result<HashMap<Fqdn, Option<RedirectUri>>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT device, redirect_uri FROM choice")?
                .query_map([], |row| {
                    Ok((fqdn(row, "device")?, redirect_uri(row, "redirect_uri")?))
                })?
                .collect()
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

/// Lets what the inventory says anew of a listed device hold over what was chosen before. To be called before the new
/// entry is written.
pub(super) fn heed_entry(transaction: &Transaction<'_>, device: &Device) -> rusqlite::Result<()> {
    let chosen = transaction
        .prepare_cached("SELECT 1 FROM choice WHERE device = ?1")?
        .exists([device.fqdn.as_str()])?;
    if !chosen {
        return Ok(());
    }
    for (column, said) in [
        ("blueprint", Some(&*device.blueprint)),
        (
            "redirect_uri",
            device.redirect_uri.as_ref().map(|uri| uri.as_str()),
        ),
        ("mpn_id", device.mpn_id.as_deref()),
    ] {
        // The column is one of this function's own words, never input.
        transaction
            .prepare_cached(&format!(
                "UPDATE choice SET {column} = ?2 WHERE device = ?1
                 AND EXISTS (SELECT 1 FROM device WHERE fqdn = ?1 AND {column} IS NOT ?2)"
            ))?
            .execute(params![device.fqdn.as_str(), said])?;
    }
    Ok(())
}
