//! From entries to the core's tenants and devices: names resolved, defaults filled in, everything checked.

use std::collections::HashSet;
use std::fmt::Display;

use url::{Host, Url};
use uuid::Uuid;

use super::entries::{CustomerEntry, DeviceEntry, TenantEntry};
use super::{Settings, SettingsError};
use crate::registration::blueprint::Blueprint;
use crate::registration::fleet::{
    Customer, Device, Fqdn, PortalWay, RedirectUri, Tenant, valid_display_name, valid_mpn_id,
};

impl Settings {
    /// The tenants and devices that the settings list. The first of `blueprints` is the default one; `portal_ways`
    /// says which way a portal profile goes, or nothing when there is no such profile.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`], naming the entry and the key, for whatever can't be.
    pub fn fleet(
        &self,
        blueprints: &[Blueprint],
        portal_ways: &dyn Fn(&str) -> Option<PortalWay>,
    ) -> Result<(Vec<Tenant>, Vec<Device>), SettingsError> {
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
            let device = self.device(entry, blueprints, portal_ways)?;
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
                return wrong("name", "there is another tenant of this name above".into());
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

    fn device(
        &self,
        entry: &DeviceEntry,
        blueprints: &[Blueprint],
        portal_ways: &dyn Fn(&str) -> Option<PortalWay>,
    ) -> Result<Device, SettingsError> {
        let wrong = |key: &'static str| move |why: String| self.of_device(entry, key, why);
        let fqdn =
            Fqdn::parse(entry.fqdn.get_ref()).map_err(|why| wrong("fqdn")(why.to_string()))?;
        let blueprint = find_blueprint(entry, blueprints).map_err(wrong("blueprint"))?;
        let Some(portal_way) = portal_ways(&entry.portal_profile) else {
            let why = format!("there is no portal profile {:?}", entry.portal_profile);
            return Err(wrong("portal_profile")(why));
        };
        let portal_url = match &entry.portal_url {
            Some(url) => {
                valid_address(url).map_err(wrong("portal_url"))?;
                url.trim_end_matches('/').to_string()
            }
            None => format!("https://{fqdn}/tenantui"),
        };
        if let Some(Err(why)) = entry.mpn_id.as_deref().map(valid_mpn_id) {
            return Err(wrong("mpn_id")(why.to_string()));
        }
        let mut customers: Vec<Customer> = Vec::with_capacity(entry.customers.len());
        for one in &entry.customers {
            let customer = read_customer(one).map_err(|(key, why)| {
                let key = format!("customer {:?}: {key}", one.short_name);
                self.of_device(entry, &key, why)
            })?;
            if customers
                .iter()
                .any(|other| other.short_name == customer.short_name)
            {
                let why = format!("two customers are called {:?}", one.short_name);
                return Err(wrong("customers")(why));
            }
            customers.push(customer);
        }
        Ok(Device {
            tenant: self.find_tenant(entry).map_err(wrong("tenant"))?.id,
            blueprint,
            portal_profile: entry.portal_profile.clone(),
            portal_way,
            portal_url,
            redirect_uri: read_uri(entry.redirect_uri.as_deref()).map_err(wrong("redirect_uri"))?,
            linked_object_id: entry.object_id,
            mpn_id: entry.mpn_id.clone(),
            notes: entry.notes.clone(),
            customers,
            fqdn,
        })
    }

    fn find_tenant(&self, device: &DeviceEntry) -> Result<&TenantEntry, String> {
        match (&device.tenant, self.tenants.as_slice()) {
            (None, [only]) => Ok(only),
            (None, []) => Err("there is no [[tenants]] entry yet".into()),
            (None, _) => Err("there are several tenants: name the device's".into()),
            (Some(name), all) => all
                .iter()
                .find(|one| {
                    one.name.get_ref().eq_ignore_ascii_case(name)
                        || Uuid::parse_str(name).is_ok_and(|id| one.id == id)
                })
                .ok_or_else(|| {
                    let known = all.iter().map(|one| one.name.get_ref().as_str());
                    unknown("tenant", name, known)
                }),
        }
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

fn find_blueprint(entry: &DeviceEntry, blueprints: &[Blueprint]) -> Result<String, String> {
    match &entry.blueprint {
        Some(name) if blueprints.iter().any(|one| one.name == *name) => Ok(name.clone()),
        Some(name) => {
            let known = blueprints.iter().map(|one| one.name.as_str());
            Err(unknown("blueprint", name, known))
        }
        None => match blueprints.first() {
            Some(first) => Ok(first.name.clone()),
            None => Err("there is no blueprint at all".into()),
        },
    }
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return format!("there is no {what} {name:?}, nor any other");
    }
    format!(
        "there is no {what} {name:?}; there are: {}",
        known.join(", ")
    )
}

fn read_customer(entry: &CustomerEntry) -> Result<Customer, (&'static str, String)> {
    Customer::valid_short_name(&entry.short_name).map_err(|why| ("short_name", why.to_string()))?;
    let redirect_uri =
        read_uri(entry.redirect_uri.as_deref()).map_err(|why| ("redirect_uri", why))?;
    Ok(Customer {
        short_name: entry.short_name.clone(),
        full_name: entry.full_name.clone(),
        tenant_id: entry.tenant_id,
        redirect_uri,
    })
}

fn read_uri(text: Option<&str>) -> Result<Option<RedirectUri>, String> {
    text.map(RedirectUri::parse)
        .transpose()
        .map_err(|why| why.to_string())
}

/// An address that credentials may go to: https, or http on this machine alone.
fn valid_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|why| format!("{text:?} is no address: {why}"))?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err("it must begin with https:// (http:// goes to this machine only)".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it bears a user name or password".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or fragment".into());
    }
    Ok(url)
}

/// A proxy's address. It may be plain http, since what goes through it is TLS of its own.
fn valid_proxy(text: &str) -> Result<(), String> {
    let wrong = "it is no proxy's address such as http://proxy.example.com:8080";
    let url = Url::parse(text).map_err(|_| wrong)?;
    if !["http", "https"].contains(&url.scheme()) || url.host().is_none() {
        return Err(wrong.into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a password does not belong into this file; leave proxy out and set HTTPS_PROXY in the environment"
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
        return Err("it is a host alone, without a path or a slash at its end".into());
    }
    Ok(())
}
