//! Who keeps the inventory that the console may change: the settings file, or, for a training ground, this process.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::exit::of_words;
use super::site;
use crate::desk::event::Trouble;
use crate::desk::inventory::{Keeper, Listing, Order, Written};
use crate::desk::site::Site;
use crate::inventory::{Entry, Known, applied};
use crate::registration::fleet::Tenant;
use crate::settings::{
    Settings, SettingsError, SettingsFile, TenantEdit, with_devices, with_tenant_edited,
    without_tenant,
};

const WHAT: &str = "the inventory is not changed";

fn trouble(error: &SettingsError) -> Trouble {
    of_words(WHAT, &error.to_string(), "Correct it and try again.")
}

fn overtaken(place: &str) -> Trouble {
    Trouble::new(
        WHAT,
        format!("{place} has changed since it was read"),
        "Nothing was written. Open the form again.",
    )
}

fn mark(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The settings file.
#[derive(Debug)]
pub(super) struct InFile {
    pub file: PathBuf,
}

impl InFile {
    fn open(&self) -> Result<(SettingsFile, String), Trouble> {
        let open = SettingsFile::open(&self.file).map_err(|error| trouble(&error))?;
        let text = open.text();
        Ok((open, text))
    }

    fn settings(&self, text: &str) -> Result<Settings, Trouble> {
        Settings::parse(text, &self.file).map_err(|error| trouble(&error))
    }

    fn listing_of(&self, text: &str) -> Result<Listing, Trouble> {
        let settings = self.settings(text)?;
        let known = site::known_to(&settings)?;
        let (tenants, devices) = settings.fleet(&known).map_err(|error| trouble(&error))?;
        Ok(Listing { tenants, devices })
    }
}

impl Keeper for InFile {
    fn read(&self) -> Result<Written, Trouble> {
        let (_, text) = self.open()?;
        let settings = self.settings(&text)?;
        let known = site::known_to(&settings)?;
        let (tenants, _) = settings.fleet(&known).map_err(|error| trouble(&error))?;
        Ok(Written {
            place: self.file.display().to_string(),
            mark: mark(&text),
            entries: settings.written_devices(),
            tenants,
            known,
        })
    }

    fn mark(&self) -> Result<u64, Trouble> {
        Ok(mark(&self.open()?.1))
    }

    fn listing(&self) -> Result<(u64, Listing), Trouble> {
        let (_, text) = self.open()?;
        Ok((mark(&text), self.listing_of(&text)?))
    }

    fn write(&self, order: &Order, seen: u64) -> Result<(u64, Listing), Trouble> {
        let (open, text) = self.open()?;
        if mark(&text) != seen {
            return Err(overtaken(&self.file.display().to_string()));
        }
        let changed = match order {
            Order::Devices(changes) => with_devices(&text, &self.file, changes),
            Order::Tenant(tenant) => {
                let edit = TenantEdit {
                    name: Some(tenant.name.clone()),
                    primary_domain: Some(tenant.primary_domain.clone()),
                    mpn_id: Some(tenant.mpn_id.clone().unwrap_or_default()),
                    ..TenantEdit::default()
                };
                with_tenant_edited(&text, &self.file, tenant.id, &edit)
            }
            Order::RemoveTenant(id) => without_tenant(&text, &self.file, *id),
        };
        let changed = changed.map_err(|error| trouble(&error))?;
        // Before anything is written: what could not be started with must not stand there.
        let listing = self.listing_of(&changed)?;
        open.replace(&changed).map_err(|error| trouble(&error))?;
        Ok((mark(&changed), listing))
    }
}

/// A training ground's inventory, which lasts as long as this process.
#[derive(Debug)]
pub(super) struct InMemory(Mutex<Written>);

impl InMemory {
    /// What a training ground lists.
    pub fn of(site: &Site) -> InMemory {
        let tenants: Vec<Tenant> = site.tenants.iter().map(|one| one.tenant.clone()).collect();
        let known = known(&tenants, site);
        let entries = site.devices.iter().map(|device| {
            let tenant = tenants.iter().find(|one| one.id == device.tenant);
            Entry::of(device, tenant.map_or("", |one| &one.name))
        });
        InMemory(Mutex::new(Written {
            place: "the sandbox, until umpdeck ends".to_string(),
            mark: 0,
            entries: entries.collect(),
            tenants,
            known,
        }))
    }

    fn now(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn known(tenants: &[Tenant], site: &Site) -> Known {
    Known {
        tenants: tenants
            .iter()
            .map(|one| (one.id, one.name.clone()))
            .collect(),
        blueprints: site
            .blueprints
            .iter()
            .map(|one| one.name.as_str().into())
            .collect(),
        profiles: site
            .profiles
            .iter()
            .map(|one| (one.name.as_str().into(), one.way))
            .collect(),
    }
}

fn listing(written: &Written) -> Result<Listing, Trouble> {
    let devices = written.entries.iter().map(|entry| {
        let device = written.known.device(entry);
        device.map_err(|wrong| Trouble::new(WHAT, wrong.to_string(), "Correct it."))
    });
    Ok(Listing {
        devices: devices.collect::<Result<_, _>>()?,
        tenants: written.tenants.clone(),
    })
}

impl Keeper for InMemory {
    fn read(&self) -> Result<Written, Trouble> {
        Ok(self.now().clone())
    }

    fn mark(&self) -> Result<u64, Trouble> {
        Ok(self.now().mark)
    }

    fn listing(&self) -> Result<(u64, Listing), Trouble> {
        let now = self.now();
        Ok((now.mark, listing(&now)?))
    }

    fn write(&self, order: &Order, seen: u64) -> Result<(u64, Listing), Trouble> {
        let mut now = self.now();
        if now.mark != seen {
            return Err(overtaken("it"));
        }
        let mut changed = now.clone();
        match order {
            Order::Devices(changes) => {
                changed.entries = applied(std::mem::take(&mut changed.entries), changes);
            }
            Order::Tenant(_) | Order::RemoveTenant(_) => {
                return Err(Trouble::new(
                    WHAT,
                    "the tenants of a sandbox can't be changed",
                    "Its devices can be added, edited and removed.",
                ));
            }
        }
        changed.mark += 1;
        let listing = listing(&changed)?;
        *now = changed;
        Ok((now.mark, listing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Change, Field};

    const TENANT: &str = "[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
        primary_domain = \"finebak.com\"\n";

    #[test]
    fn a_change_made_from_an_older_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.toml");
        std::fs::write(&file, TENANT).unwrap();
        let keeper = InFile { file: file.clone() };
        let seen = keeper.read().unwrap();
        assert_eq!(seen.tenants[0].name, "Finebak");
        let add = |name: &str| Order::Devices(vec![Change::Added(Entry::named(name))]);
        let (mark, listing) = keeper.write(&add("a.finebak.com"), seen.mark).unwrap();
        assert_eq!(listing.devices.len(), 1);
        let refused = keeper.write(&add("b.finebak.com"), seen.mark).unwrap_err();
        assert!(refused.why.contains("has changed since"), "{refused}");
        assert_eq!(keeper.read().unwrap().mark, mark);
        // What nobody could start with is not written.
        let mut wrong = Entry::named("c.finebak.com");
        wrong.set(Field::Tenant, "nobody");
        let wrong = Order::Devices(vec![Change::Added(wrong)]);
        assert!(keeper.write(&wrong, mark).is_err());
        assert_eq!(keeper.read().unwrap().mark, mark);
    }
}
