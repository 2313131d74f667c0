//! The client secrets that were replaced and are to be removed from a day on. Nothing is locked while they wait.

use jiff::Timestamp;
use rusqlite::{Row, params};
use uuid::Uuid;

use super::columns::{fqdn, milliseconds, timestamp, uuid};
use super::run::RunId;
use super::{Store, StoreError};
use crate::registration::fleet::Fqdn;

/// A client secret that was replaced and is to be removed from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// `keyId` of the secret in Entra.
    pub key_id: Uuid,
    /// The device whose run replaced it; others may share the registration.
    pub device: Fqdn,
    /// The device's tenant.
    pub tenant: Uuid,
    /// The object ID of its registration.
    pub object_id: Uuid,
    /// Its description.
    pub name: String,
    /// From when on it is due.
    pub due: Timestamp,
    /// When it was put down.
    pub put_down: Timestamp,
    /// The run that put it down.
    pub run: RunId,
}

impl Store {
    /// Puts a secret down to be removed. One that was put down before keeps the later of both dates: its last user
    /// decides.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn put_down(&self, one: &Retirement) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO retirement (key_id, device, tenant, object_id, name, due, put_down, run)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                     ON CONFLICT (key_id) DO UPDATE SET due = max(due, excluded.due)",
                )?
                .execute(params![
                    one.key_id.to_string(),
                    one.device.as_str(),
                    one.tenant.to_string(),
                    one.object_id.to_string(),
                    one.name,
                    milliseconds(one.due),
                    milliseconds(one.put_down),
                    one.run.to_string()
                ])
                .map(drop)
        })
    }

    /// A secret is gone from Entra: it waits no longer.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn is_retired(&self, key_id: Uuid) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .prepare_cached("DELETE FROM retirement WHERE key_id = ?1")?
                .execute([key_id.to_string()])
                .map(drop)
        })
    }

    /// The secrets that wait to be removed, the first one due first.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn retirements(&self) -> Result<Vec<Retirement>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM retirement ORDER BY due, key_id")?
                .query_map([], read_retirement)?
                .collect()
        })
    }
}

fn read_retirement(row: &Row<'_>) -> rusqlite::Result<Retirement> {
    Ok(Retirement {
        key_id: uuid(row, "key_id")?,
        device: fqdn(row, "device")?,
        tenant: uuid(row, "tenant")?,
        object_id: uuid(row, "object_id")?,
        name: row.get("name")?,
        due: timestamp(row, "due")?,
        put_down: timestamp(row, "put_down")?,
        run: RunId(uuid(row, "run")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_waits_until_it_is_gone_and_a_second_user_only_makes_it_wait_longer() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let one = Retirement {
            key_id: Uuid::from_u128(1),
            device: Fqdn::parse("ump.finebak.com").unwrap(),
            tenant: Uuid::from_u128(2),
            object_id: Uuid::from_u128(3),
            name: "old".into(),
            due: at(500),
            put_down: at(100),
            run: RunId::new(),
        };
        store.put_down(&one).unwrap();
        assert_eq!(store.retirements().unwrap(), std::slice::from_ref(&one));
        for (due, then) in [(400, 500), (900, 900)] {
            let again = Retirement {
                due: at(due),
                ..one.clone()
            };
            store.put_down(&again).unwrap();
            assert_eq!(store.retirements().unwrap()[0].due, at(then));
        }
        store.is_retired(one.key_id).unwrap();
        store.is_retired(one.key_id).unwrap();
        assert!(store.retirements().unwrap().is_empty());
    }
}
