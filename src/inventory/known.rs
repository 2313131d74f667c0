//! What an entry may name, and from entries to devices: names resolved, defaults filled in, everything checked.

use std::fmt;
use std::sync::Arc;

use url::{Host, Url};
use uuid::Uuid;

use super::entry::{CustomerEntry, CustomerField, Entry, Field};
use crate::registration::fleet::{
    Customer, Device, Fqdn, PortalWay, RedirectUri, valid_mpn_id, valid_notes,
};

/// The portal profile of a device that names none.
const DEFAULT_PROFILE: &str = "handoff";

/// What an entry may name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The tenants: ID and name.
    pub tenants: Vec<(Uuid, String)>,
    /// The blueprints; the first is the default. Thousands of devices share these names.
    pub blueprints: Vec<Arc<str>>,
    /// The portal profiles with the way that each goes.
    pub profiles: Vec<(Arc<str>, PortalWay)>,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The field, or the customer and its field, as they are written in the settings.
    pub key: String,
    /// Why it can't be.
    pub why: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.why)
    }
}

impl Known {
    /// Holds one field of a device against its rule.
    ///
    /// # Errors
    /// Why it can't be.
    pub fn check(&self, field: Field, text: &str) -> Result<(), String> {
        let words = |why: crate::registration::fleet::InvalidValue| why.to_string();
        let free = field == Field::Notes;
        if text
            .chars()
            .any(|c| c.is_control() && !(free && "\n\r\t".contains(c)))
        {
            return Err("it has a control character".to_string());
        }
        match field {
            Field::Fqdn => Fqdn::parse(text).map(drop).map_err(words),
            Field::Tenant => self.tenant(text).map(drop),
            Field::Notes => valid_notes(text).map_err(words),
            _ if text.is_empty() => Ok(()),
            Field::Blueprint => self.blueprint(text).map(drop),
            Field::PortalProfile => self.profile(text).map(drop),
            Field::PortalUrl => valid_address(text).map(drop),
            Field::RedirectUri => RedirectUri::parse(text).map(drop).map_err(words),
            Field::ObjectId => object_id(text).map(drop),
            Field::MpnId => valid_mpn_id(text).map_err(words),
        }
    }

    /// The device that an entry means.
    ///
    /// # Errors
    /// The first field that can't be, with why.
    pub fn device(&self, entry: &Entry) -> Result<Device, Wrong> {
        for field in Field::ALL {
            self.check(field, entry.get(field)).map_err(|why| Wrong {
                key: field.key().to_string(),
                why,
            })?;
        }
        let wrong = |field: Field| {
            move |why: String| Wrong {
                key: field.key().to_string(),
                why,
            }
        };
        let given = |field| Some(entry.get(field)).filter(|text| !text.is_empty());
        let uri = |field, text: &str| {
            RedirectUri::parse(text).map_err(|why| wrong(field)(why.to_string()))
        };
        let fqdn = Fqdn::parse(entry.get(Field::Fqdn))
            .map_err(|why| wrong(Field::Fqdn)(why.to_string()))?;
        let profile = given(Field::PortalProfile).unwrap_or(DEFAULT_PROFILE);
        let (portal_profile, portal_way) =
            self.profile(profile).map_err(wrong(Field::PortalProfile))?;
        Ok(Device {
            tenant: self
                .tenant(entry.get(Field::Tenant))
                .map_err(wrong(Field::Tenant))?,
            blueprint: self
                .blueprint(entry.get(Field::Blueprint))
                .map_err(wrong(Field::Blueprint))?
                .clone(),
            portal_way: *portal_way,
            portal_profile: portal_profile.clone(),
            portal_url: match given(Field::PortalUrl) {
                Some(url) => url.trim_end_matches('/').to_string(),
                None => ["https://", fqdn.as_str(), "/tenantui"].concat(),
            },
            redirect_uri: given(Field::RedirectUri)
                .map(|text| uri(Field::RedirectUri, text))
                .transpose()?,
            linked_object_id: given(Field::ObjectId)
                .map(|text| object_id(text).map_err(wrong(Field::ObjectId)))
                .transpose()?,
            mpn_id: given(Field::MpnId).map(str::to_string),
            notes: entry.get(Field::Notes).to_string(),
            customers: customers(&entry.customers)?,
            fqdn,
        })
    }

    /// The tenant that a device's entry names, by name or ID; the only one where it names none.
    ///
    /// # Errors
    /// Why none is meant.
    pub fn tenant(&self, named: &str) -> Result<Uuid, String> {
        match (named, self.tenants.as_slice()) {
            ("", [(only, _)]) => Ok(*only),
            ("", []) => Err("there is no [[tenants]] entry yet".into()),
            ("", _) => Err("there are several tenants: name the device's".into()),
            (named, all) => {
                // Read once, not for each tenant: a fleet's file has thousands of devices.
                let given = Uuid::parse_str(named).ok();
                let is_meant = |(id, name): &&(Uuid, String)| {
                    given == Some(*id) || name.eq_ignore_ascii_case(named)
                };
                let names = all.iter().map(|(_, name)| name.as_str());
                let meant = all.iter().find(is_meant).map(|(id, _)| *id);
                meant.ok_or_else(|| unknown("tenant", named, names))
            }
        }
    }

    fn blueprint(&self, named: &str) -> Result<&Arc<str>, String> {
        let mut all = self.blueprints.iter();
        if named.is_empty() {
            return all.next().ok_or_else(|| "there is no blueprint".into());
        }
        all.find(|one| &***one == named).ok_or_else(|| {
            let all = self.blueprints.iter().map(AsRef::as_ref);
            unknown("blueprint", named, all)
        })
    }

    fn profile(&self, named: &str) -> Result<&(Arc<str>, PortalWay), String> {
        let mut all = self.profiles.iter();
        all.find(|(name, _)| &**name == named).ok_or_else(|| {
            let all = self.profiles.iter().map(|(name, _)| &**name);
            unknown("portal profile", named, all)
        })
    }
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return format!("there is no {what} {name:?}; none is listed");
    }
    format!(
        "there is no {what} {name:?}; there are: {}",
        known.join(", ")
    )
}

fn object_id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| format!("{text:?} is not a GUID"))
}

fn customers(entries: &[CustomerEntry]) -> Result<Vec<Customer>, Wrong> {
    let mut customers: Vec<Customer> = Vec::with_capacity(entries.len());
    for entry in entries {
        let short_name = entry.get(CustomerField::ShortName);
        let customer = customer(entry).map_err(|(field, why)| Wrong {
            key: format!("customer {short_name:?}: {}", field.key()),
            why,
        })?;
        if customers
            .iter()
            .any(|other| other.short_name == customer.short_name)
        {
            return Err(Wrong {
                key: "customers".to_string(),
                why: format!("two customers are called {short_name:?}"),
            });
        }
        customers.push(customer);
    }
    Ok(customers)
}

/// Holds one field of a customer against its rule.
///
/// # Errors
/// Why it can't be.
pub fn check_customer(field: CustomerField, text: &str) -> Result<(), String> {
    if text.chars().any(char::is_control) {
        return Err("it has a control character".to_string());
    }
    match field {
        CustomerField::ShortName => Customer::valid_short_name(text).map_err(|why| why.to_string()),
        CustomerField::FullName => Ok(()),
        _ if text.is_empty() => Ok(()),
        CustomerField::TenantId => object_id(text).map(drop),
        CustomerField::RedirectUri => RedirectUri::parse(text)
            .map(drop)
            .map_err(|why| why.to_string()),
    }
}

fn customer(entry: &CustomerEntry) -> Result<Customer, (CustomerField, String)> {
    use CustomerField::{FullName, RedirectUri as Uri, ShortName, TenantId};
    let given = |field| Some(entry.get(field)).filter(|text| !text.is_empty());
    for field in CustomerField::ALL {
        check_customer(field, entry.get(field)).map_err(|why| (field, why))?;
    }
    let short_name = entry.get(ShortName);
    Ok(Customer {
        short_name: short_name.to_string(),
        full_name: entry.get(FullName).to_string(),
        tenant_id: given(TenantId)
            .map(|text| object_id(text).map_err(|why| (TenantId, why)))
            .transpose()?,
        redirect_uri: given(Uri)
            .map(|text| RedirectUri::parse(text).map_err(|why| (Uri, why.to_string())))
            .transpose()?,
    })
}

/// An address that credentials may go to: https, or http on this machine alone.
///
/// # Errors
/// Why it is none.
pub fn valid_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|why| format!("{text:?} is not an address: {why}"))?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err(
            "it must begin with https:// (http:// is allowed only for this machine)".into(),
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user name or password".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or fragment".into());
    }
    Ok(url)
}
