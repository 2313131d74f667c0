//! The settings file as the console knows it: the place where tenants are listed.

use std::path::PathBuf;

use uuid::Uuid;

use super::site;
use crate::desk::contact::{Cloud, ContactWay, Hosts, Listing, NOT_ADDED, Suggested, TenantBook};
use crate::desk::event::Trouble;
use crate::desk::site::{ClientSettings, SignIn};
use crate::settings::{self, DEFAULT_CLIENT_ID, DEFAULT_GRAPH, DEFAULT_LOGIN, NewTenant, Settings};

/// The settings file, in which a tenant is listed.
#[derive(Debug)]
pub(super) struct SettingsBook {
    file: PathBuf,
    listed: Vec<(Uuid, String)>,
}

impl SettingsBook {
    /// The file, with the tenants that it lists now.
    pub fn new(file: PathBuf, settings: &Settings) -> SettingsBook {
        let tenants = settings.tenants.iter();
        SettingsBook {
            file,
            listed: tenants
                .map(|one| (one.id, one.name.get_ref().clone()))
                .collect(),
        }
    }
}

impl TenantBook for SettingsBook {
    fn suggested(&self) -> Suggested {
        Suggested {
            client_id: DEFAULT_CLIENT_ID,
            login: DEFAULT_LOGIN.to_string(),
            graph: DEFAULT_GRAPH.to_string(),
            place: self.file.display().to_string(),
        }
    }

    fn listed(&self, id: Uuid) -> Option<String> {
        let mut listed = self.listed.iter();
        listed
            .find(|(one, _)| *one == id)
            .map(|(_, name)| name.clone())
    }

    fn cloud(&self, hosts: &Hosts) -> Result<Cloud, Trouble> {
        let host = |text: &str| {
            site::host(text).map_err(|trouble| {
                Trouble::new(
                    "the tenant can't be reached",
                    trouble.why,
                    "Correct the host.",
                )
            })
        };
        Ok(Cloud {
            login: host(&hosts.login)?,
            graph: host(&hosts.graph)?,
            client: ClientSettings {
                ca_file: whole(hosts)?,
                proxy: hosts.proxy.clone(),
            },
        })
    }

    fn sign_in(&self, way: &ContactWay) -> (SignIn, Vec<String>) {
        let scopes = site::scopes(&entry(way));
        let way = match way.clone() {
            ContactWay::DeviceCode { client_id } => SignIn::DeviceCode { client_id },
            ContactWay::Command { words } => SignIn::Command { words },
        };
        (way, scopes)
    }

    fn add(&self, listing: &Listing) -> Result<(), Trouble> {
        let mut names = self.listed.iter().map(|(_, name)| name);
        if names.any(|name| name.eq_ignore_ascii_case(&listing.name)) {
            let why = format!("another tenant is called {} already", listing.name);
            return Err(Trouble::new(NOT_ADDED, why, "Give it another name."));
        }
        let tenant = NewTenant {
            id: listing.id,
            name: listing.name.clone(),
            primary_domain: listing.primary_domain.clone(),
            login: listing.hosts.login.trim_end_matches('/').to_string(),
            graph: listing.hosts.graph.trim_end_matches('/').to_string(),
            proxy: listing.hosts.proxy.clone(),
            ca_file: whole(&listing.hosts)?,
            sign_in: entry(&listing.way),
        };
        Settings::add_tenant(&self.file, &tenant)
            .map_err(|why| Trouble::new(NOT_ADDED, why.to_string(), "Correct the settings file."))
    }
}

/// The certificates' file as it is named from every folder.
fn whole(hosts: &Hosts) -> Result<Option<PathBuf>, Trouble> {
    let whole = hosts.ca_file.as_ref().map(std::path::absolute).transpose();
    whole.map_err(|why| Trouble::new(NOT_ADDED, why.to_string(), "Name the certificates' file."))
}

/// The way to sign in as the settings file says it.
fn entry(way: &ContactWay) -> settings::SignIn {
    match way.clone() {
        ContactWay::DeviceCode { client_id } => settings::SignIn::device_code(client_id),
        ContactWay::Command { words } => settings::SignIn::Command { command: words },
    }
}
