//! The ways to the outside: for each tenant its sign-in and its Graph, for each device its portal's interface. Set up
//! when the desk opens, and when the inventory changes; nothing is sent yet.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::event::Trouble;
use super::site::{BaseUrl, ClientSettings, Site, TenantSite};
use crate::entra::graph::Graph;
use crate::entra::signin::{Session, SessionSettings, SignIn};
use crate::http::retry::Limits;
use crate::http::{Client, SystemClock};
use crate::portal::interface::Portal;
use crate::portal::profile::Profile;
use crate::registration::fleet::{Device, Fqdn};

/// How long Graph may put a request off before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is listed, with the ways to it. Replaced as a whole when the inventory changes.
#[derive(Default)]
pub(super) struct Listed {
    /// The tenants, in the order of the inventory.
    pub(super) tenants: Vec<Arc<TenantWays>>,
    /// The devices.
    pub(super) devices: Vec<Device>,
    /// The interfaces of the portals that have one.
    pub(super) portals: HashMap<Fqdn, Portal>,
}

impl Listed {
    /// The ways into a tenant.
    pub(super) fn ways(&self, tenant: Uuid) -> Option<&Arc<TenantWays>> {
        let mut all = self.tenants.iter();
        all.find(|ways| ways.site.tenant.id == tenant)
    }
}

/// The ways into a tenant.
#[derive(Clone)]
pub(super) struct TenantWays {
    pub(super) site: TenantSite,
    pub(super) graph: Graph,
    pub(super) portal_session: Option<Session>,
}

/// The clients of a site, as few as do.
pub(super) struct Clients {
    clock: Arc<SystemClock>,
    /// Certificates are read once for all servers that are reached the same way: a fleet has thousands of portals.
    machinery: Vec<(ClientSettings, Client)>,
    /// One client a host and way to it: its connections, and its wish to be left alone, are shared by all who call it.
    hosts: HashMap<String, Vec<(ClientSettings, Client)>>,
}

impl Clients {
    pub(super) fn new() -> Clients {
        Clients {
            clock: Arc::new(SystemClock::new()),
            machinery: vec![],
            hosts: HashMap::new(),
        }
    }

    /// A client of its own.
    fn own(&mut self, base: &BaseUrl, settings: &ClientSettings) -> Result<Client, Trouble> {
        let mut alike = self.machinery.iter().filter(|(other, _)| other == settings);
        if let Some(client) = alike.find_map(|(_, one)| one.toward(base.clone())) {
            return Ok(client);
        }
        let made = Client::new(base.clone(), settings, self.clock.clone()).map_err(|error| {
            Trouble::new(
                "the network can't be set up",
                error.to_string(),
                error.next(),
            )
        })?;
        self.machinery.push((settings.clone(), made.clone()));
        Ok(made)
    }

    /// The client that all who call this host share.
    fn shared(&mut self, base: &BaseUrl, settings: &ClientSettings) -> Result<Client, Trouble> {
        let known = self.hosts.get(base.as_str());
        if let Some((_, client)) = known
            .into_iter()
            .flatten()
            .find(|(other, _)| other == settings)
        {
            return Ok(client.clone());
        }
        let made = self.own(base, settings)?;
        let known = self.hosts.entry(base.as_str().to_string()).or_default();
        known.push((settings.clone(), made.clone()));
        Ok(made)
    }

    /// The ways into all tenants of a site.
    pub(super) fn tenants(&mut self, site: &Site) -> Result<Vec<Arc<TenantWays>>, Trouble> {
        let each = site.tenants.iter();
        each.map(|one| Ok(Arc::new(self.tenant(one)?))).collect()
    }

    /// The ways into one tenant.
    pub(super) fn tenant(&mut self, one: &TenantSite) -> Result<TenantWays, Trouble> {
        let login = self.shared(&one.login, &one.client)?;
        // A tenant that is down is told so after some seconds; the next refresh asks again.
        let graph = self.own(&one.graph, &one.client)?.with_limits(Limits {
            tries: 4,
            deadline: PATIENCE,
            ..Limits::default()
        });
        let resource = one.graph.as_str().to_string();
        let session = |way: SignIn, resource: String| {
            let settings = SessionSettings {
                tenant: one.tenant.id,
                way,
                resource,
                scopes: one.scopes.clone(),
            };
            Session::new(settings, login.clone())
        };
        let application = one.portal.as_ref().and_then(|one| one.application.as_ref());
        let portal_session = application.map(|application| {
            let way = SignIn::ClientSecret {
                client_id: application.client_id,
                secret: application.secret.clone(),
            };
            session(way, application.resource.clone())
        });
        Ok(TenantWays {
            site: one.clone(),
            graph: Graph::new(graph, session(one.sign_in.clone(), resource)),
            portal_session,
        })
    }

    /// The portals of all devices whose profile describes a call that can be made.
    pub(super) fn portals(
        &mut self,
        profiles: &[Profile],
        devices: &[Device],
        tenants: &[Arc<TenantWays>],
    ) -> Result<HashMap<Fqdn, Portal>, Trouble> {
        let sites: HashMap<Uuid, &TenantSite> = tenants
            .iter()
            .map(|ways| (ways.site.tenant.id, &ways.site))
            .collect();
        let mut portals = HashMap::new();
        for device in devices {
            let Some(profile) = profile(profiles, device) else {
                continue;
            };
            let tenant = sites.get(&device.tenant);
            let access = tenant.and_then(|one| one.portal.as_ref());
            let has_token = access.is_some_and(|access| access.application.is_some());
            let speaks = profile.read.is_some() || (profile.customers.is_some() && has_token);
            if speaks && let Ok(base) = BaseUrl::parse(&device.portal_url) {
                let own = access.and_then(|access| access.client.clone());
                let settings = own.or_else(|| tenant.map(|one| one.client.clone()));
                let client = self.shared(&base, &settings.unwrap_or_default())?;
                let person = access.and_then(|access| access.person.clone());
                let fqdn = device.fqdn.clone();
                let portal = Portal::new(client, profile.clone(), fqdn.clone(), person);
                portals.insert(fqdn, portal);
            }
        }
        Ok(portals)
    }
}

/// The profile of a device's portal.
pub(super) fn profile<'a>(profiles: &'a [Profile], device: &Device) -> Option<&'a Profile> {
    profiles
        .iter()
        .find(|profile| *profile.name == *device.portal_profile)
}
