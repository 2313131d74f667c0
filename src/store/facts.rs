//! What was read of tenants and registrations, and what is known of the portal by the console's own doing.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::documents::{OfTenant, document, facts_or_none};
use super::fleet::put_verdict;
use super::{Rejected, Store, StoreError};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::{PortalRecord, Reading, RegistrationFacts, TenantFacts};
use crate::registration::status::Verdict;

const FACTS: OfTenant = OfTenant {
    what: "what was read of a tenant",
    save: "INSERT INTO tenant_facts (tenant, facts) SELECT id, ?2 FROM tenant WHERE id = ?1
           ON CONFLICT (tenant) DO UPDATE SET facts = excluded.facts",
    load: "SELECT facts FROM tenant_facts WHERE tenant = ?1",
};

impl Store {
    /// Keeps what was read of a tenant. Nothing happens for one that is no longer listed.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn save_tenant_facts(&self, tenant: Uuid, facts: &TenantFacts) -> Result<(), StoreError> {
        self.save_of_tenant(&FACTS, tenant, facts)
    }

    /// What was last read of a tenant; nothing read, when it never was.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn tenant_facts(&self, tenant: Uuid) -> Result<TenantFacts, StoreError> {
        self.of_tenant(&FACTS, tenant)
    }

    /// Keeps what was read of registrations, and how they were judged, all in one transaction. The facts' own
    /// portal record is left aside: only [`Store::save_portal_record`] writes it, so a refresh that began before a
    /// push can't undo its record. A device that is no longer listed is passed over.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written; nothing is kept then.
    pub fn save_registrations(
        &self,
        registrations: &[(Fqdn, RegistrationFacts, Verdict)],
    ) -> Result<(), StoreError> {
        self.write(|transaction| -> Result<(), Rejected> {
            let mut put = transaction.prepare_cached(
                "INSERT INTO registration_facts (device, facts) SELECT fqdn, ?2 FROM device WHERE fqdn = ?1
                 ON CONFLICT (device) DO UPDATE SET facts = excluded.facts",
            )?;
            for (device, facts, verdict) in registrations {
                let text = match facts.record {
                    None => document("what was read of a registration", facts)?,
                    Some(_) => {
                        let bare = RegistrationFacts {
                            record: None,
                            ..facts.clone()
                        };
                        document("what was read of a registration", &bare)?
                    }
                };
                put.execute(params![device.as_str(), text])?;
                put_verdict(transaction, device, verdict)?;
            }
            Ok(())
        })
    }

    /// What was last read of a device's registration, with the portal record; nothing read, when it never was or
    /// the device isn't listed.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read, or the portal record can't be understood.
    pub fn registration_facts(&self, device: &Fqdn) -> Result<RegistrationFacts, StoreError> {
        let stored: Option<(Option<String>, Option<String>)> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT registration_facts.facts, portal_record.record FROM device
                     LEFT JOIN registration_facts ON registration_facts.device = device.fqdn
                     LEFT JOIN portal_record ON portal_record.device = device.fqdn
                     WHERE device.fqdn = ?1",
                )?
                .query_row([device.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
        let (facts, record) = stored.unwrap_or_default();
        let mut facts: RegistrationFacts = facts_or_none(facts);
        tell_absent_from_unread(&mut facts.application);
        tell_absent_from_unread(&mut facts.principal);
        tell_absent_from_unread(&mut facts.secret_policy);
        facts.record = self.understood(device, record)?;
        Ok(facts)
    }

    /// The last push or statement of a device.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read, or the record can't be understood.
    pub fn portal_record(&self, device: &Fqdn) -> Result<Option<PortalRecord>, StoreError> {
        let record = self.read(|connection| {
            connection
                .prepare_cached("SELECT record FROM portal_record WHERE device = ?1")?
                .query_row([device.as_str()], |row| row.get(0))
                .optional()
        })?;
        self.understood(device, record)
    }

    fn understood(
        &self,
        device: &Fqdn,
        record: Option<String>,
    ) -> Result<Option<PortalRecord>, StoreError> {
        let read = record.map(|text| serde_json::from_str(&text)).transpose();
        read.map_err(|why| StoreError::Corrupt {
            path: self.path.clone(),
            why: format!("the portal record of {device}: {why}"),
        })
    }

    /// Keeps the last push, or the last statement of what was applied by hand.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn save_portal_record(
        &self,
        device: &Fqdn,
        record: &PortalRecord,
    ) -> Result<(), StoreError> {
        let text = document("a portal record", record)?;
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO portal_record (device, record) VALUES (?1, ?2)
                     ON CONFLICT (device) DO UPDATE SET record = excluded.record",
                )?
                .execute(params![device.as_str(), text])
                .map(drop)
        })
    }
}

/// In a document, "read, and there is none" looks like "never read". The time tells them apart: it is there only when
/// something was read.
fn tell_absent_from_unread<T>(reading: &mut Reading<Option<T>>) {
    if reading.value.is_none() && reading.at.is_some() {
        reading.value = Some(None);
    }
}
