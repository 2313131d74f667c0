//! The inventory as it is written down, and its changes while the desk is open: who keeps it does not matter here.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::event::{DeskEvent, Trouble};
use super::read_only::ReadOnly;
use super::site::TenantSite;
use super::ways::{Clients, Listed};
use super::{Desk, guard};
use crate::inventory::{Change, Entry, Known};
use crate::registration::fleet::{Device, Tenant};

/// Where the inventory is written down.
pub trait Keeper: fmt::Debug + Send + Sync {
    /// What is written now.
    ///
    /// # Errors
    /// [`Trouble`], when it can't be read.
    fn read(&self) -> Result<Written, Trouble>;

    /// The mark of what is written now, which costs next to nothing.
    ///
    /// # Errors
    /// [`Trouble`], when it can't be read.
    fn mark(&self) -> Result<u64, Trouble>;

    /// What is listed now, with the mark of what is written.
    ///
    /// # Errors
    /// [`Trouble`], when it can't be read.
    fn listing(&self) -> Result<(u64, Listing), Trouble>;

    /// Writes a change, as long as what is written is still what bore this mark. Returns the new mark, and what is
    /// listed then.
    ///
    /// # Errors
    /// [`Trouble`], when it can't be written; it is as it was then.
    fn write(&self, order: &Order, seen: u64) -> Result<(u64, Listing), Trouble>;
}

/// The inventory as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Where, in words: a file's name.
    pub place: String,
    /// Tells whether it has changed since.
    pub mark: u64,
    /// The devices as they are written down, in the file's order; not checked.
    pub entries: Vec<Entry>,
    /// The tenants that are written down, in the file's order.
    pub tenants: Vec<Tenant>,
    /// What a device may name: tenants, blueprints and portal profiles.
    pub known: Known,
}

/// A change of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// These devices come, change or go; all of it or nothing.
    Devices(Vec<Change>),
    /// A tenant's name, primary domain and MPN ID become these; how umpdeck signs in to it stays.
    Tenant(Tenant),
    /// A tenant without devices goes.
    RemoveTenant(Uuid),
}

/// What is listed after a change.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The tenants, in their order.
    pub tenants: Vec<Tenant>,
    /// The devices, each of one of these tenants.
    pub devices: Vec<Device>,
}

impl Desk {
    /// From now on the inventory is kept here. Whoever keeps it first keeps it.
    pub fn keep_inventory(&self, keeper: Arc<dyn Keeper>) {
        if let Ok(mark) = keeper.mark() {
            *guard(&self.inner.inventory_mark) = Some(mark);
        }
        // A second keeper would be a mistake of the program, and the first one's word holds.
        let _ = self.inner.keeper.set(keeper);
    }

    fn keeper(&self) -> Result<&Arc<dyn Keeper>, Trouble> {
        self.inner.keeper.get().ok_or_else(|| {
            Trouble::new(
                "the inventory can't be changed here",
                "another program keeps it",
                "Change it there.",
            )
        })
    }

    /// The inventory as it is written now.
    ///
    /// # Errors
    /// [`Trouble`], when it can't be read or nobody keeps it.
    pub fn written_inventory(&self) -> Result<Written, Trouble> {
        self.keeper()?.read()
    }

    /// Writes a change of the inventory, and takes it up. `seen` is the mark of what the change was made from.
    ///
    /// # Errors
    /// [`Trouble`], when it can't be written: everything is as it was then. Or when it can't be taken up, though it is
    /// written: then [`Desk::reread_inventory`] tries it again.
    pub fn change_inventory(&self, order: &Order, seen: u64) -> Result<(), Trouble> {
        self.not_under_way(order)?;
        let read_only = self.read_only();
        if read_only != ReadOnly::default() {
            read_only.may_order(order, &self.keeper()?.read()?.known)?;
        }
        let (mark, listing) = self.keeper()?.write(order, seen)?;
        self.relist(listing, vec![])?;
        *guard(&self.inner.inventory_mark) = Some(mark);
        Ok(())
    }

    /// Takes up what somebody else has written since, if anything. What can't be taken up is said once.
    ///
    /// # Errors
    /// [`Trouble`], why it can't be.
    pub fn reread_inventory(&self) -> Result<(), Trouble> {
        let Some(keeper) = self.inner.keeper.get() else {
            return Ok(());
        };
        let mark = keeper.mark()?;
        if guard(&self.inner.inventory_mark).replace(mark) == Some(mark) {
            return Ok(());
        }
        let (mark, listing) = keeper.listing()?;
        *guard(&self.inner.inventory_mark) = Some(mark);
        self.relist(listing, vec![])
    }

    /// A device on which this process carries a run out stays listed.
    fn not_under_way(&self, order: &Order) -> Result<(), Trouble> {
        let Order::Devices(changes) = order else {
            return Ok(());
        };
        let busy = self.busy_devices();
        let removed = changes.iter().find_map(|change| match change {
            Change::Removed(entry) => busy.iter().find(|one| one.as_str() == entry.name()),
            _ => None,
        });
        match removed {
            None => Ok(()),
            Some(device) => Err(Trouble::new(
                format!("{device} is not removed"),
                "a run on this device is under way",
                "Wait for its end, or stop it.",
            )),
        }
    }

    /// Takes up another inventory. Tenants that are listed already keep their sign-ins; the ways into others are in
    /// `new`. Devices that are not listed any more lose their facts; runs and audit rows stay.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be written, or a way into a tenant is missing or can't be set up.
    pub fn relist(&self, listing: Listing, new: Vec<TenantSite>) -> Result<(), Trouble> {
        let before = self.inner.listed();
        let mut clients = Clients::new();
        let mut tenants = Vec::with_capacity(listing.tenants.len());
        for tenant in &listing.tenants {
            let known = before.ways(tenant.id);
            let fresh = new.iter().find(|one| one.tenant.id == tenant.id);
            let mut ways = match (known, fresh) {
                (_, Some(fresh)) => clients.tenant(fresh)?,
                (Some(known), None) => (**known).clone(),
                (None, None) => {
                    return Err(Trouble::new(
                        "the changed inventory can't be used",
                        format!("it is unknown how to sign in to {}", tenant.name),
                        "Start umpdeck again.",
                    ));
                }
            };
            ways.site.tenant = tenant.clone();
            tenants.push(Arc::new(ways));
        }
        self.inner
            .store
            .replace_inventory(&listing.tenants, &listing.devices)?;
        let portals = clients.portals(&self.inner.site.profiles, &listing.devices, &tenants)?;
        self.inner.set_listed(Listed {
            tenants,
            portals,
            devices: listing.devices,
        });
        let rows = self.fleet(Timestamp::now())?;
        self.inner.tell(DeskEvent::InventoryChanged {
            tenants: listing.tenants,
            rows,
        });
        Ok(())
    }

    fn busy_devices(&self) -> Vec<crate::registration::fleet::Fqdn> {
        let runs = guard(&self.inner.runs);
        runs.values()
            .map(|control| control.device.clone())
            .collect()
    }
}
