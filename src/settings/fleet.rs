//! From entries to the core's tenants and devices: names resolved, defaults filled in, everything checked.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::Arc;

use url::Url;

use super::entries::{DeviceEntry, TenantEntry};
use super::{Settings, SettingsError};
use crate::inventory::{Entry, Known, valid_address};
use crate::registration::fleet::{
    Device, Fqdn, PortalWay, Tenant, valid_display_name, valid_mpn_id,
};

impl Settings {
    /// What a device of these settings may name: their tenants, these blueprints, of which the first is the default,
    /// and these portal profiles with their ways.
    pub fn known(&self, blueprints: Vec<Arc<str>>, profiles: Vec<(Arc<str>, PortalWay)>) -> Known {
        let tenants = self.tenants.iter();
        Known {
            tenants: tenants
                .map(|one| (one.id, one.name.get_ref().clone()))
                .collect(),
            blueprints,
            profiles,
        }
    }

    /// The devices as they are written down.
    pub fn written_devices(&self) -> Vec<Entry> {
        self.devices.iter().map(DeviceEntry::written).collect()
    }

    /// The tenants and devices that the settings list.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`], naming the entry and the key, for whatever can't be.
    pub fn fleet(&self, known: &Known) -> Result<(Vec<Tenant>, Vec<Device>), SettingsError> {
        let tenants = self
            .tenants
            .iter()
            .map(|entry| Tenant {
                id: entry.id,
                name: entry.name.get_ref().clone(),
                primary_domain: entry.primary_domain.clone(),
                mpn_id: entry.mpn_id.clone(),
            })
            .collect();
        let mut seen = HashSet::new();
        let mut devices = Vec::with_capacity(self.devices.len());
        for entry in &self.devices {
            let device = known.device(&entry.written());
            let device = device.map_err(|wrong| self.of_device(entry, &wrong.key, wrong.why))?;
            if !seen.insert(device.fqdn.clone()) {
                let why = "there is another device with this FQDN above";
                return Err(self.of_device(entry, "fqdn", why));
            }
            devices.push(device);
        }
        Ok((tenants, devices))
    }

    pub(super) fn check_tenants(&self) -> Result<(), SettingsError> {
        for (number, entry) in self.tenants.iter().enumerate() {
            let wrong = |key, why: String| Err(self.of_tenant(entry, key, why));
            let name = entry.name.get_ref();
            let before = || self.tenants.iter().take(number);
            if let Err(why) = valid_display_name(name) {
                return wrong("name", why.to_string());
            }
            if before().any(|other| other.id == entry.id) {
                return wrong("id", "there is another tenant with this ID above".into());
            }
            if before().any(|other| other.name.get_ref().eq_ignore_ascii_case(name)) {
                return wrong(
                    "name",
                    "there is another tenant with this name above".into(),
                );
            }
            if let Err(why) = Fqdn::parse(&entry.primary_domain) {
                return wrong("primary_domain", why.to_string());
            }
            if let Some(Err(why)) = entry.mpn_id.as_deref().map(valid_mpn_id) {
                return wrong("mpn_id", why.to_string());
            }
            for (key, host) in [("login", &entry.login), ("graph", &entry.graph)] {
                if let Err(why) = valid_host(host) {
                    return wrong(key, why);
                }
            }
            let of_portal = entry.portal.as_ref().and_then(|one| one.proxy.as_ref());
            for (key, proxy) in [("proxy", entry.proxy.as_ref()), ("portal.proxy", of_portal)] {
                if let Some(Err(why)) = proxy.map(|text| valid_proxy(text)) {
                    return wrong(key, why);
                }
            }
        }
        Ok(())
    }

    fn of_tenant(&self, entry: &TenantEntry, key: &str, why: impl Display) -> SettingsError {
        let key = format!("tenant {:?}: {key}", entry.name.get_ref());
        self.invalid(Some(entry.line), &key, why)
    }

    fn of_device(&self, entry: &DeviceEntry, key: &str, why: impl Display) -> SettingsError {
        let key = format!("device {:?}: {key}", entry.fqdn.get_ref());
        self.invalid(Some(entry.line), &key, why)
    }
}

/// A proxy's address. It may be plain http, since what goes through it is TLS of its own.
fn valid_proxy(text: &str) -> Result<(), String> {
    let wrong = "it is not a proxy's address such as http://proxy.example.com:8080";
    let url = Url::parse(text).map_err(|_| wrong)?;
    if !["http", "https"].contains(&url.scheme()) || url.host().is_none() {
        return Err(wrong.into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a password must not be in this file; leave proxy out and set HTTPS_PROXY in the environment"
                .into(),
        );
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong.into());
    }
    Ok(())
}

fn valid_host(text: &str) -> Result<(), String> {
    let url = valid_address(text)?;
    if url.path() != "/" || text.ends_with('/') {
        return Err("give only the host, without a path and without a slash at the end".into());
    }
    Ok(())
}
