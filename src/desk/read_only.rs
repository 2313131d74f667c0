//! Where nothing may be changed: decided here for everything that the desk does, and asked by the faces beforehand.

use std::collections::HashSet;

use uuid::Uuid;

use super::Desk;
use super::event::Trouble;
use super::inventory::Order;
use super::site::Site;
use crate::inventory::{Change, Entry, Field, Known};

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

    /// Whether the inventory may be changed so. What it says of a tenant itself may be changed even where the tenant's
    /// devices are only looked at: `read_only` stands there, too.
    ///
    /// # Errors
    /// [`Trouble`] that says why not.
    pub fn may_order(&self, order: &Order, known: &Known) -> Result<(), Trouble> {
        let whose = |entry: &Entry| known.tenant(entry.get(Field::Tenant)).ok();
        let tenants: Vec<Option<Uuid>> = match order {
            Order::Tenant(_) | Order::RemoveTenant(_) => vec![None],
            Order::Devices(changes) => changes
                .iter()
                .flat_map(|change| match change {
                    Change::Added(entry) | Change::Removed(entry) => vec![whose(entry)],
                    Change::Changed { before, after } => vec![whose(before), whose(after)],
                })
                .collect(),
        };
        tenants
            .into_iter()
            .find_map(|tenant| self.why(tenant))
            .map_or(Ok(()), |why| {
                Err(refused("the inventory is not changed", why))
            })
    }

    /// Whether something may be written that is no tenant's.
    ///
    /// # Errors
    /// [`Trouble`] that says why not.
    pub fn may_write(&self, what: &str) -> Result<(), Trouble> {
        self.why(None).map_or(Ok(()), |why| Err(refused(what, why)))
    }
}

fn refused(what: &str, why: &str) -> Trouble {
    let next = "Start umpdeck without --read-only, or take read_only out of the tenant's settings.";
    Trouble::new(what, why, next)
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
            Some(why) => Err(refused("nothing was changed", why)),
        }
    }
}
