//! Where nothing may be changed: decided here for everything that the desk does, and asked by the faces beforehand.

use std::collections::HashSet;

use uuid::Uuid;

use super::Desk;
use super::event::Trouble;
use super::site::Site;

/// Where this process only looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOnly {
    /// Everywhere: so it was started.
    pub everywhere: bool,
    /// In these tenants: so the settings say.
    pub tenants: HashSet<Uuid>,
}

impl ReadOnly {
    pub(super) fn of(site: &Site) -> ReadOnly {
        let looked_at = site.tenants.iter().filter(|one| one.read_only);
        ReadOnly {
            everywhere: site.read_only,
            tenants: looked_at.map(|one| one.tenant.id).collect(),
        }
    }

    /// Why nothing may be changed in a tenant, as a clause; `None` = it may be. Without a tenant: anywhere at all.
    pub fn why(&self, tenant: Option<Uuid>) -> Option<&'static str> {
        if self.everywhere {
            return Some("read-only: umpdeck was started with --read-only");
        }
        tenant
            .is_some_and(|id| self.tenants.contains(&id))
            .then_some("read-only: the settings say read_only for this tenant")
    }
}

impl Desk {
    /// Where this process only looks.
    pub fn read_only(&self) -> ReadOnly {
        ReadOnly::of(&self.inner.site)
    }

    /// Whether something may be changed in a tenant.
    ///
    /// # Errors
    /// [`Trouble`] that says why not.
    pub(super) fn may_change(&self, tenant: Uuid) -> Result<(), Trouble> {
        match self.read_only().why(Some(tenant)) {
            None => Ok(()),
            Some(why) => Err(Trouble::new(
                "nothing was changed",
                why,
                "Start umpdeck without --read-only, or take read_only out of the tenant's settings.",
            )),
        }
    }
}
