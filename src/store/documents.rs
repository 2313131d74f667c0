//! Values as the store keeps them, and those of which a tenant has one each: what was read there, and its directory.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Store, StoreError};

/// Where such documents stand.
pub(super) struct OfTenant {
    /// What one is, for an error.
    pub what: &'static str,
    /// Keeps `?2` for the tenant `?1`, where that is listed.
    pub save: &'static str,
    /// Selects that of the tenant `?1`.
    pub load: &'static str,
}

impl Store {
    /// Keeps a tenant's document. Nothing happens for a tenant that is no longer listed.
    pub(super) fn save_of_tenant<T: Serialize>(
        &self,
        place: &OfTenant,
        tenant: Uuid,
        value: &T,
    ) -> Result<(), StoreError> {
        let text = document(place.what, value)?;
        self.write(|transaction| {
            transaction
                .prepare_cached(place.save)?
                .execute(params![tenant.to_string(), text])
                .map(drop)
        })
    }

    /// A tenant's document; what stands for nothing where none is kept, or it can't be understood.
    pub(super) fn of_tenant<T: DeserializeOwned + Default>(
        &self,
        place: &OfTenant,
        tenant: Uuid,
    ) -> Result<T, StoreError> {
        self.read(|connection| {
            let text: Option<String> = connection
                .prepare_cached(place.load)?
                .query_row([tenant.to_string()], |row| row.get(0))
                .optional()?;
            Ok(facts_or_none(text))
        })
    }
}

/// A value as it is kept.
pub(super) fn document<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Document { what, source })
}

/// Facts that another version of umpdeck wrote may not be understood; like facts that were never read, they are
/// read at the next refresh.
pub(super) fn facts_or_none<T: DeserializeOwned + Default>(text: Option<String>) -> T {
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}
