//! What tenants' directories hold, kept so that a refresh asks only for what changed.

use uuid::Uuid;

use super::documents::OfTenant;
use super::{Store, StoreError};
use crate::registration::directory::Directory;

const DIRECTORY: OfTenant = OfTenant {
    what: "a tenant's directory",
    save: "INSERT INTO directory (tenant, listing) SELECT id, ?2 FROM tenant WHERE id = ?1
           ON CONFLICT (tenant) DO UPDATE SET listing = excluded.listing",
    load: "SELECT listing FROM directory WHERE tenant = ?1",
};

impl Store {
    /// Keeps a tenant's directory. Nothing happens for a tenant that is no longer listed.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn save_directory(&self, tenant: Uuid, directory: &Directory) -> Result<(), StoreError> {
        self.save_of_tenant(&DIRECTORY, tenant, directory)
    }

    /// A tenant's directory; an empty one, never listed, when nothing is kept or it can't be understood.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn directory(&self, tenant: Uuid) -> Result<Directory, StoreError> {
        self.of_tenant(&DIRECTORY, tenant)
    }
}
