//! Reading: a whole tenant, or one device. What can't be read keeps its last value with the failure beside it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::event::{DeskEvent, Trouble};
use super::file::Scope;
use super::finding::{Applications, shared_with};
use super::{Desk, Inner, TenantWays};
use crate::entra::failure::GraphError;
use crate::entra::signin::SignInError;
use crate::http::Authorization;
use crate::portal::interface::PortalError;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{
    Application, CustomerFacts, Failure, FailureKind, Identity, PortalSettings, RegistrationFacts,
    ServicePrincipal, TenantFacts,
};
use crate::registration::plan::wanted_redirect_uris;
use crate::store::FleetRow;

/// How many portals are read at once.
const PORTALS_AT_ONCE: usize = 8;

/// What came of reading one tenant.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The tenant.
    pub tenant: Uuid,
    /// Why it could not be read.
    pub failure: Option<Failure>,
}

impl Desk {
    /// Reads what `scope` names, every tenant by itself: one that fails leaves the others fresh. Progress comes as
    /// events; the outcome of each tenant is returned too.
    pub async fn refresh(&self, scope: Scope) -> Vec<Refreshed> {
        let (tenants, only) = match scope {
            Scope::All => (self.tenants().iter().map(|one| one.id).collect(), None),
            Scope::Tenant(id) => (vec![id], None),
            Scope::Device(fqdn) => {
                let tenant = self.inner.site.devices.iter().find(|one| one.fqdn == fqdn);
                (
                    tenant.map(|one| one.tenant).into_iter().collect(),
                    Some(fqdn),
                )
            }
        };
        let mut tasks = JoinSet::new();
        // The first tenant signs in first, whatever the machine does: one sign-in serves the others, and it should be
        // the same one at every start.
        let signed_in = Arc::new(Semaphore::new(0));
        for (at, tenant) in tenants.into_iter().enumerate() {
            let (inner, only) = (self.inner.clone(), only.clone());
            let signed_in = signed_in.clone();
            tasks.spawn(async move {
                inner.tell(DeskEvent::RefreshStarted { tenant });
                let mut first = None;
                if at == 0 {
                    if let Ok(ways) = inner.ways(tenant) {
                        first = Some(inner.sign_in(ways).await);
                    }
                    signed_in.close();
                }
                // Closed, so at once and with an error, when the first one has had its turn.
                let _ = signed_in.acquire().await;
                let failure = inner
                    .refresh_tenant(tenant, only.as_ref(), first)
                    .await
                    .err();
                inner.tell(DeskEvent::RefreshEnded {
                    tenant,
                    failure: failure.clone(),
                });
                Refreshed { tenant, failure }
            });
        }
        tasks.join_all().await
    }
}

/// What is read of a tenant's applications, all or some.
struct Directory {
    applications: Vec<Application>,
    principals: HashMap<Uuid, ServicePrincipal>,
}

/// What is read of a device's portal.
struct PortalFacts {
    settings: Option<Result<PortalSettings, Failure>>,
    customers: Option<Result<Vec<CustomerFacts>, Failure>>,
}

impl Inner {
    async fn refresh_tenant(
        self: &Arc<Self>,
        tenant: Uuid,
        only: Option<&Fqdn>,
        signed_in: Option<Result<(), GraphError>>,
    ) -> Result<(), Failure> {
        let ways = self.ways(tenant).map_err(|why| answer_failure(&why))?;
        let mut devices: Vec<&Device> = self
            .site
            .devices
            .iter()
            .filter(|device| device.tenant == tenant)
            .collect();
        if let Some(only) = only {
            devices.retain(|device| device.fqdn == *only);
        }
        // The stored device, which bears what was chosen since the inventory was made.
        let mut current = Vec::with_capacity(devices.len());
        for device in devices {
            let stored = self
                .device(&device.fqdn)
                .map_err(|why| answer_failure(&why))?;
            current.push(stored.unwrap_or_else(|| device.clone()));
        }
        let read = async || {
            let tenant_facts = self.read_tenant_facts(ways, only.is_some()).await;
            let directory = match (only, current.first()) {
                (Some(_), Some(device)) => self.read_one(ways, device).await?,
                _ => read_all(ways).await?,
            };
            Ok::<_, GraphError>((tenant_facts, directory))
        };
        let signed_in = match signed_in {
            Some(outcome) => outcome,
            None => self.sign_in(ways).await,
        };
        let mut outcome = match signed_in {
            Ok(()) => read().await,
            Err(error) => Err(error),
        };
        if let Err(GraphError::SignIn(SignInError::ClaimsChallenge)) = outcome {
            // The session knows what the tenant asked for; a new sign-in sends it.
            outcome = match self.sign_in(ways).await {
                Ok(()) => read().await,
                Err(error) => Err(error),
            };
        }
        match outcome {
            Ok((tenant_facts, directory)) => {
                self.take_over_tenant(ways, current, tenant_facts, directory, only.is_some())
                    .await
            }
            Err(error) => {
                let failure = error.failure(Timestamp::now());
                let identity = ways.graph.identity().await.ok();
                self.take_over_failure(tenant, &current, &failure, identity)?;
                Err(failure)
            }
        }
    }

    async fn read_tenant_facts(&self, ways: &TenantWays, keep: bool) -> TenantFacts {
        let tenant = ways.site.tenant.id;
        let mut facts = self.store.tenant_facts(tenant).unwrap_or_default();
        let now = Timestamp::now();
        facts.identity.take(
            ways.graph
                .identity()
                .await
                .map_err(|error| error.failure(now)),
            now,
        );
        if keep && facts.policy.value.is_some() && facts.resources.value.is_some() {
            return facts;
        }
        let wanted: BTreeSet<Uuid> = self
            .site
            .blueprints
            .iter()
            .flat_map(|blueprint| &blueprint.permissions)
            .map(|permission| permission.resource_app_id)
            .collect();
        let wanted: Vec<Uuid> = wanted.into_iter().collect();
        let (policy, resources) = tokio::join!(
            ways.graph.secret_policy(),
            ways.graph.resource_principals(&wanted)
        );
        let now = Timestamp::now();
        facts
            .policy
            .take(policy.map_err(|error| error.failure(now)), now);
        facts
            .resources
            .take(resources.map_err(|error| error.failure(now)), now);
        facts
    }

    /// The applications that may be one device's, without listing the whole tenant.
    async fn read_one(&self, ways: &TenantWays, device: &Device) -> Result<Directory, GraphError> {
        let graph = &ways.graph;
        let known = self.store.registration_facts(&device.fqdn).ok();
        let known = known.and_then(|facts| facts.application().map(|app| app.object_id));
        let mut applications = Vec::new();
        for id in [device.linked_object_id, known].into_iter().flatten() {
            applications.extend(graph.application(id).await?);
        }
        if applications.is_empty() {
            applications.extend(
                graph
                    .application_by_unique_name(&device.unique_name())
                    .await?,
            );
        }
        if applications.is_empty() {
            for uri in wanted_redirect_uris(self.blueprint(device), device)
                .iter()
                .take(1)
            {
                applications.extend(graph.applications_with_redirect_uri(uri.as_str()).await?);
            }
            let name = format!("UMP Sync {}", device.fqdn.short());
            applications.extend(graph.applications_named(&name).await?);
        }
        applications.sort_by_key(|app| app.object_id);
        applications.dedup_by_key(|app| app.object_id);
        let mut principals = HashMap::new();
        for app in &applications {
            if let Some(principal) = graph.service_principal(app.app_id).await? {
                principals.insert(app.app_id, principal);
            }
        }
        Ok(Directory {
            applications,
            principals,
        })
    }

    async fn take_over_tenant(
        self: &Arc<Self>,
        ways: &TenantWays,
        devices: Vec<Device>,
        tenant_facts: TenantFacts,
        directory: Directory,
        one: bool,
    ) -> Result<(), Failure> {
        let tenant = ways.site.tenant.id;
        let mut portals = self.read_portals(ways, &devices).await;
        let applications = Applications::new(&directory.applications);
        let uris = self.own_uris(tenant);
        let now = Timestamp::now();
        let mut judged = Vec::with_capacity(devices.len());
        for device in devices {
            let mut facts = self
                .store
                .registration_facts(&device.fqdn)
                .map_err(|why| answer_failure(&Trouble::from(why)))?;
            let found = applications.find(self.blueprint(&device), &device);
            let application = found.application.cloned();
            facts.candidates = found.candidates;
            facts.shared_with = application
                .as_ref()
                .map(|app| shared_with(app, &device.fqdn, &uris))
                .unwrap_or_default();
            let principal = application
                .as_ref()
                .map(|app| directory.principals.get(&app.app_id).cloned());
            if let Some(principal) = principal {
                if one && let Some(principal) = &principal {
                    let consents = ways.graph.consents(principal.object_id).await;
                    facts
                        .consent
                        .take(consents.map_err(|error| error.failure(now)), now);
                }
                facts.principal.take(Ok(principal), now);
            }
            facts.undelivered = self
                .undelivered(&device.fqdn, application.as_ref())
                .map_err(|why| answer_failure(&why))?;
            facts.application.take(Ok(application), now);
            if let Some(portal) = portals.remove(&device.fqdn) {
                take_portal(&mut facts, portal, now);
            }
            let verdict = self.judge(&device, &tenant_facts, &facts, now);
            judged.push((device.fqdn, facts, verdict));
        }
        self.keep(tenant, &tenant_facts, judged)
    }

    /// The directory could not be read: facts stay, each with the failure beside it.
    fn take_over_failure(
        &self,
        tenant: Uuid,
        devices: &[Device],
        failure: &Failure,
        identity: Option<Identity>,
    ) -> Result<(), Failure> {
        let store = |why: crate::store::StoreError| answer_failure(&Trouble::from(why));
        let mut tenant_facts = self.store.tenant_facts(tenant).map_err(store)?;
        if failure.kind == FailureKind::SignIn {
            tenant_facts.identity.failure = Some(failure.clone());
        } else if let Some(identity) = identity {
            tenant_facts.identity.take(Ok(identity), Timestamp::now());
        }
        let mut judged = Vec::with_capacity(devices.len());
        for device in devices {
            let mut facts = self.store.registration_facts(&device.fqdn).map_err(store)?;
            facts.application.failure = Some(failure.clone());
            let verdict = self.judge(device, &tenant_facts, &facts, Timestamp::now());
            judged.push((device.fqdn.clone(), facts, verdict));
        }
        self.keep(tenant, &tenant_facts, judged)
    }

    fn keep(
        &self,
        tenant: Uuid,
        tenant_facts: &TenantFacts,
        judged: Vec<(
            Fqdn,
            RegistrationFacts,
            crate::registration::status::Verdict,
        )>,
    ) -> Result<(), Failure> {
        let store = |why: crate::store::StoreError| answer_failure(&Trouble::from(why));
        self.store
            .save_tenant_facts(tenant, tenant_facts)
            .map_err(store)?;
        self.store.save_registrations(&judged).map_err(store)?;
        let rows = judged
            .into_iter()
            .map(|(fqdn, _, verdict)| FleetRow {
                fqdn,
                tenant,
                verdict: Some(verdict),
            })
            .collect();
        self.tell(DeskEvent::RowsChanged(rows));
        Ok(())
    }

    /// The devices of a tenant by their own redirect URI.
    fn own_uris(&self, tenant: Uuid) -> HashMap<String, Vec<Fqdn>> {
        let mut uris: HashMap<String, Vec<Fqdn>> = HashMap::new();
        for device in self
            .site
            .devices
            .iter()
            .filter(|device| device.tenant == tenant)
        {
            if let Some(uri) = wanted_redirect_uris(self.blueprint(device), device).first() {
                uris.entry(uri.to_string())
                    .or_default()
                    .push(device.fqdn.clone());
            }
        }
        uris
    }

    /// A token for the portals of a tenant, when they have an interface.
    pub(super) async fn portal_login(&self, ways: &TenantWays) -> Result<Authorization, Failure> {
        let Some(session) = &ways.portal_session else {
            return Err(Failure {
                at: Timestamp::now(),
                kind: FailureKind::SignIn,
                why: "no credentials for the portals of this tenant are set".to_string(),
                next: "Add portal credentials to the tenant in the settings file.".to_string(),
            });
        };
        let token = session.token().await;
        token
            .map(|token| Authorization::bearer(token.secret()))
            .map_err(|error| GraphError::SignIn(error).failure(Timestamp::now()))
    }

    async fn read_portals(
        &self,
        ways: &TenantWays,
        devices: &[Device],
    ) -> HashMap<Fqdn, PortalFacts> {
        let with_interface: Vec<_> = devices
            .iter()
            .filter_map(|device| {
                Some((device.fqdn.clone(), self.portals.get(&device.fqdn)?.clone()))
            })
            .collect();
        if with_interface.is_empty() {
            return HashMap::new();
        }
        let login = match self.portal_login(ways).await {
            Ok(login) => login,
            Err(failure) => {
                let failed = |(fqdn, _)| {
                    (
                        fqdn,
                        PortalFacts {
                            settings: Some(Err(failure.clone())),
                            customers: None,
                        },
                    )
                };
                return with_interface.into_iter().map(failed).collect();
            }
        };
        let mut read = HashMap::new();
        let mut tasks = JoinSet::new();
        let mut waiting = with_interface.into_iter();
        loop {
            while tasks.len() < PORTALS_AT_ONCE
                && let Some((fqdn, portal)) = waiting.next()
            {
                let login = login.clone();
                tasks.spawn(async move {
                    let (settings, customers) =
                        tokio::join!(portal.read(&login), portal.customers(&login));
                    let facts = PortalFacts {
                        settings: Some(settings.map_err(portal_failure)),
                        customers: customers.map_err(portal_failure).transpose(),
                    };
                    (fqdn, facts)
                });
            }
            match tasks.join_next().await {
                Some(Ok((fqdn, facts))) => {
                    read.insert(fqdn, facts);
                }
                Some(Err(_)) => {}
                None => return read,
            }
        }
    }
}

async fn read_all(ways: &TenantWays) -> Result<Directory, GraphError> {
    let (applications, principals) =
        tokio::try_join!(ways.graph.applications(), ways.graph.service_principals())?;
    Ok(Directory {
        applications,
        principals,
    })
}

fn take_portal(facts: &mut RegistrationFacts, portal: PortalFacts, now: Timestamp) {
    if let Some(settings) = portal.settings {
        facts.portal.take(settings, now);
    }
    if let Some(customers) = portal.customers {
        facts.customers.take(customers, now);
    }
}

fn portal_failure(error: PortalError) -> Failure {
    Failure {
        at: Timestamp::now(),
        kind: error.kind(),
        why: error.to_string(),
        next: error.next(),
    }
}

fn answer_failure(trouble: &Trouble) -> Failure {
    Failure {
        at: Timestamp::now(),
        kind: FailureKind::Answer,
        why: format!("{}: {}", trouble.what, trouble.why),
        next: trouble.next.clone(),
    }
}
