//! The entries of the settings file: tenants, and devices with their customers.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use uuid::Uuid;

use super::portal_sign_in::PortalApi;
use super::sign_in::SignIn;
use crate::inventory::{self, CustomerField, Entry, Field};

/// Microsoft's sign-in host of the global cloud.
pub const DEFAULT_LOGIN: &str = "https://login.microsoftonline.com";
/// Microsoft Graph's host of the global cloud.
pub const DEFAULT_GRAPH: &str = "https://graph.microsoft.com";

/// One `[[tenants]]`: a provider's tenant, and how umpdeck gets into it and its portals.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// Directory (tenant) ID.
    pub id: Uuid,
    /// What operators call it.
    pub name: Spanned<String>,
    /// The domain that it is known by, such as `finebak.com`; commands take it for its name too.
    pub primary_domain: String,
    /// The Partner One (MPN) ID of its registrations.
    pub mpn_id: Option<String>,
    /// Nothing is changed in it.
    #[serde(default)]
    pub read_only: bool,
    /// The sign-in host of its cloud, without a path.
    #[serde(default = "default_login")]
    pub login: String,
    /// The Graph host of its cloud, without a path.
    #[serde(default = "default_graph")]
    pub graph: String,
    /// How umpdeck signs in to it.
    #[serde(default)]
    pub sign_in: SignIn,
    /// How umpdeck signs in to its devices' portals, if it is to.
    pub portal: Option<PortalApi>,
    /// The proxy to this tenant and its portals; unless set, what the environment says.
    pub proxy: Option<String>,
    /// A PEM file with certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The line of its name in the file, counted from 1.
    #[serde(skip)]
    pub line: usize,
}

fn default_login() -> String {
    DEFAULT_LOGIN.to_string()
}

fn default_graph() -> String {
    DEFAULT_GRAPH.to_string()
}

impl TenantEntry {
    pub(super) fn settle(&mut self, folder: &Path) {
        match &mut self.sign_in {
            SignIn::ClientSecret { secret, .. } => secret.settle(folder),
            SignIn::Certificate { certificate, .. } => *certificate = folder.join(&certificate),
            SignIn::DeviceCode { .. } | SignIn::Command { .. } => {}
        }
        let from_here = |path: &mut PathBuf| *path = folder.join(&path);
        self.ca_file.iter_mut().for_each(from_here);
        if let Some(portal) = &mut self.portal {
            portal.settle(folder);
        }
    }
}

/// One `[[devices]]`: a device as it is written down; most follows from its FQDN where it is left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// Its public host name.
    pub fqdn: Spanned<String>,
    /// Its tenant, by name or ID; may be left out where there is only one.
    pub tenant: Option<String>,
    /// Its blueprint; the first one unless set.
    pub blueprint: Option<String>,
    /// Its portal profile; handoff unless set.
    pub portal_profile: Option<String>,
    /// The portal's address; `https://<FQDN>/tenantui` unless set.
    pub portal_url: Option<String>,
    /// A redirect URI that differs from the blueprint's.
    pub redirect_uri: Option<String>,
    /// The object ID of its registration, where that can't be told by unique name or redirect URI.
    pub object_id: Option<Uuid>,
    /// A Partner One (MPN) ID that differs from the tenant's.
    pub mpn_id: Option<String>,
    /// Free text.
    #[serde(default)]
    pub notes: String,
    /// The organisations that it serves.
    #[serde(default)]
    pub customers: Vec<CustomerEntry>,
    /// The line of its FQDN in the file, counted from 1.
    #[serde(skip)]
    pub line: usize,
}

impl DeviceEntry {
    /// The device as it is written down.
    pub fn written(&self) -> Entry {
        let object_id = self.object_id.map(|id| id.to_string());
        let mut entry = Entry::default();
        for (field, text) in [
            (Field::Fqdn, Some(self.fqdn.get_ref())),
            (Field::Tenant, self.tenant.as_ref()),
            (Field::Blueprint, self.blueprint.as_ref()),
            (Field::PortalProfile, self.portal_profile.as_ref()),
            (Field::PortalUrl, self.portal_url.as_ref()),
            (Field::RedirectUri, self.redirect_uri.as_ref()),
            (Field::ObjectId, object_id.as_ref()),
            (Field::MpnId, self.mpn_id.as_ref()),
            (Field::Notes, Some(&self.notes)),
        ] {
            entry.set(field, text.map_or("", String::as_str));
        }
        entry.customers = self.customers.iter().map(CustomerEntry::written).collect();
        entry
    }
}

/// One `[[devices.customers]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerEntry {
    /// Short name: 3–15 letters, digits, underscore.
    pub short_name: String,
    /// The organisation's name; the short name stands for it where it is empty.
    #[serde(default)]
    pub full_name: String,
    /// Its own tenant.
    pub tenant_id: Option<Uuid>,
    /// A redirect URI of its own.
    pub redirect_uri: Option<String>,
}

impl CustomerEntry {
    fn written(&self) -> inventory::CustomerEntry {
        let tenant_id = self.tenant_id.map(|id| id.to_string());
        let mut entry = inventory::CustomerEntry::default();
        entry.set(CustomerField::ShortName, &self.short_name);
        entry.set(CustomerField::FullName, &self.full_name);
        entry.set(
            CustomerField::TenantId,
            tenant_id.as_deref().unwrap_or_default(),
        );
        entry.set(
            CustomerField::RedirectUri,
            self.redirect_uri.as_deref().unwrap_or_default(),
        );
        entry
    }
}
