//! Reading: a whole tenant, or one device. What can't be read keeps its last value with the failure beside it.

mod directory;
mod portals;
mod tenant;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::directory::Read;
use super::event::{DeskEvent, Trouble};
use super::file::Scope;
use super::finding::{Applications, shared_with};
use super::{Desk, Inner, TenantWays, guard};
use crate::entra::failure::GraphError;
use crate::entra::signin::SignInError;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{
    Application, Failure, FailureKind, Identity, RegistrationFacts, ServicePrincipal, TenantFacts,
};
use crate::registration::plan::wanted_redirect_uris;
use crate::store::{RunsSeen, StoreError};

/// So many tenants are read at a time: their servers are the same, and so is what holds the answers.
const TENANTS_AT_ONCE: usize = 16;

/// What came of reading one tenant.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The directory ID of the tenant.
    pub tenant: Uuid,
    /// Why it could not be read; `None` = its facts are fresh.
    pub failure: Option<Failure>,
}

impl Desk {
    /// Reads what `scope` names, every tenant by itself: one that fails leaves the others fresh. Progress comes as
    /// events; the outcome of each tenant is returned too.
    pub async fn refresh(&self, scope: Scope) -> Vec<Refreshed> {
        self.refresh_until(scope, &CancellationToken::new()).await
    }

    /// [`Desk::refresh`], until `stop` is cancelled: answers that are still to come are not waited for then, and what is
    /// known of those tenants stands as it was. They are not among the outcomes.
    pub async fn refresh_until(&self, scope: Scope, stop: &CancellationToken) -> Vec<Refreshed> {
        let (tenants, only) = match scope {
            Scope::All => (self.tenants().iter().map(|one| one.id).collect(), None),
            Scope::Tenant(id) => (vec![id], None),
            Scope::Device(fqdn) => {
                let listed = self.inner.listed();
                let tenant = listed.devices.iter().find(|one| one.fqdn == fqdn);
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
        let places = Arc::new(Semaphore::new(TENANTS_AT_ONCE));
        for (at, tenant) in tenants.into_iter().enumerate() {
            let (inner, only) = (self.inner.clone(), only.clone());
            let (signed_in, places) = (signed_in.clone(), places.clone());
            let stop = stop.clone();
            tasks.spawn(async move {
                inner.tell(DeskEvent::RefreshStarted { tenant });
                let read = async {
                    let mut first = None;
                    if at == 0 {
                        if let Ok(ways) = inner.ways(tenant) {
                            first = Some(inner.sign_in(&ways).await);
                        }
                        signed_in.close();
                    }
                    // Closed, so at once and with an error, when the first one has had its turn.
                    let _ = signed_in.acquire().await;
                    let ways = inner.ways(tenant).map_err(|why| answer_failure(&why))?;
                    // Who is not in yet holds no place, and no memory for answers: somebody may take their time to
                    // sign in, at many tenants at once.
                    let signed_in = match first {
                        Some(outcome) => outcome,
                        None => inner.sign_in(&ways).await,
                    };
                    let _place = places.acquire().await;
                    Box::pin(inner.refresh_tenant(&ways, only.as_ref(), signed_in)).await
                };
                // What is read is kept in one go after the last answer: whatever is dropped here was not begun.
                let Some(outcome) = stop.run_until_cancelled(read).await else {
                    inner.tell(DeskEvent::RefreshStopped { tenant });
                    return None;
                };
                let failure = outcome.err();
                inner.tell(DeskEvent::RefreshEnded {
                    tenant,
                    failure: failure.clone(),
                });
                Some(Refreshed { tenant, failure })
            });
        }
        tasks.join_all().await.into_iter().flatten().collect()
    }
}

impl Inner {
    async fn refresh_tenant(
        self: &Arc<Self>,
        ways: &TenantWays,
        only: Option<&Fqdn>,
        signed_in: Result<(), GraphError>,
    ) -> Result<(), Failure> {
        let tenant = ways.site.tenant.id;
        let listed = self.listed();
        let mut devices: Vec<&Device> = listed
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
        // Before the first request: a run that ends while it is under way may not be in what is read.
        let seen = self
            .runs_seen(&current)
            .map_err(|why| answer_failure(&why.into()))?;
        let read = async || match (only, current.first()) {
            (Some(_), Some(device)) => self.read_one(ways, device).await,
            _ => self.read_all(ways, &current).await,
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
            Ok(read) => {
                self.take_over_tenant(ways, current, read, only.is_some())
                    .await?;
                guard(&self.runs_seen).extend(seen);
                Ok(())
            }
            Err(error) => {
                let failure = error.failure(Timestamp::now());
                let identity = ways.graph.identity().await.ok();
                self.take_over_failure(tenant, &current, &failure, identity)?;
                Err(failure)
            }
        }
    }

    async fn take_over_tenant(
        self: &Arc<Self>,
        ways: &TenantWays,
        devices: Vec<Device>,
        read: Read,
        one: bool,
    ) -> Result<(), Failure> {
        let tenant = ways.site.tenant.id;
        let mut portals = self.read_portals(ways, &devices, one).await;
        let applications = Applications::new(&read.directory.applications)
            .with_bin(read.directory.deleted.as_deref());
        let uris = self.own_uris(tenant);
        let now = Timestamp::now();
        let mut found_out = Vec::with_capacity(devices.len());
        for device in devices {
            let mut facts = self
                .store
                .registration_facts(&device.fqdn)
                .map_err(|why| answer_failure(&Trouble::from(why)))?;
            let found = applications.find(self.blueprint(&device), &device);
            let before = std::mem::replace(&mut facts.candidates, found.candidates);
            for one in &mut facts.candidates {
                let known = before.iter().find(|other| other.object_id == one.object_id);
                let anew = read.anew.get(&one.object_id).cloned().map(Box::new);
                let application = one.application.take().or(anew);
                one.application = application.or_else(|| known?.application.clone());
            }
            let application = found.application.and_then(|listed| {
                let kept = || facts.application().cloned();
                let anew = read.anew.get(&listed.object_id).cloned();
                anew.or_else(|| kept().filter(|app| app.object_id == listed.object_id))
            });
            facts.shared_with = application
                .as_ref()
                .map(|app| shared_with(app, &device.fqdn, &uris))
                .unwrap_or_default();
            if let Some(app) = &application {
                let principal = read.directory.principals.get(&app.app_id).cloned();
                let principal = principal.flatten();
                if one {
                    self.read_more(ways, app, principal.as_ref(), &mut facts)
                        .await;
                } else if read.own_policies == Some(false) {
                    facts.secret_policy.take(Ok(None), now);
                }
                facts.principal.take(Ok(principal), now);
            }
            facts.undelivered = self
                .undelivered(&device.fqdn, &facts.shared_with, application.as_ref())
                .map_err(|why| answer_failure(&why))?;
            facts.application.take(Ok(application), now);
            if let Some(portal) = portals.remove(&device.fqdn) {
                portal.into_facts(&mut facts, now);
                facts.heed_customer_tenants();
            }
            found_out.push((device, facts));
        }
        self.keep(tenant, &read.facts, found_out)?;
        // Only now: a directory that is ahead of the facts would hide what changed.
        self.keep_directory(tenant, &read, one)
            .map_err(|why| answer_failure(&Trouble::from(why)))
    }

    fn runs_seen(&self, devices: &[Device]) -> Result<Vec<(Fqdn, RunsSeen)>, StoreError> {
        let of = |device: &Device| {
            let seen = self.store.runs_seen(&device.fqdn)?;
            Ok((device.fqdn.clone(), seen))
        };
        devices.iter().map(of).collect()
    }

    /// Reads what is only read of one device at a time: consent, and a policy of the application's own.
    async fn read_more(
        &self,
        ways: &TenantWays,
        application: &Application,
        principal: Option<&ServicePrincipal>,
        facts: &mut RegistrationFacts,
    ) {
        let policy = ways.graph.application_policy(application.object_id);
        let consents = async {
            match principal {
                Some(principal) => Some(ways.graph.consents(principal.object_id).await),
                None => None,
            }
        };
        let (policy, consents) = tokio::join!(policy, consents);
        let now = Timestamp::now();
        let policy = policy.map_err(|error| error.failure(now));
        facts.secret_policy.take(policy, now);
        if let Some(consents) = consents {
            let consents = consents.map_err(|error| error.failure(now));
            facts.consent.take(consents, now);
        }
    }

    fn keep_directory(&self, tenant: Uuid, read: &Read, one: bool) -> Result<(), StoreError> {
        let kept = self.store.directory(tenant)?;
        let mut directory = kept.clone();
        if one {
            // What is known of one device is known before Graph tells it as a change.
            if directory.listed.is_none() {
                return Ok(());
            }
            directory.follow(read.anew.values(), &HashSet::new());
            directory.deleted = read.directory.deleted.clone().or(directory.deleted);
            directory
                .principals
                .extend(read.directory.principals.clone());
        } else {
            directory = read.directory.clone();
        }
        if directory == kept {
            return Ok(());
        }
        self.store.save_directory(tenant, &directory)
    }

    /// The directory could not be read: facts stay, each with the failure beside it.
    fn take_over_failure(
        &self,
        tenant: Uuid,
        devices: &[Device],
        failure: &Failure,
        identity: Option<Identity>,
    ) -> Result<(), Failure> {
        let store = |why: StoreError| answer_failure(&Trouble::from(why));
        let mut tenant_facts = self.store.tenant_facts(tenant).map_err(store)?;
        if failure.kind == FailureKind::SignIn {
            tenant_facts.identity.failure = Some(failure.clone());
        } else if let Some(identity) = identity {
            tenant_facts.identity.take(Ok(identity), Timestamp::now());
        }
        let mut unread = Vec::with_capacity(devices.len());
        for device in devices {
            let mut facts = self.store.registration_facts(&device.fqdn).map_err(store)?;
            facts.application.failure = Some(failure.clone());
            unread.push((device.clone(), facts));
        }
        self.keep(tenant, &tenant_facts, unread)
    }

    fn keep(
        &self,
        tenant: Uuid,
        tenant_facts: &TenantFacts,
        read: Vec<(Device, RegistrationFacts)>,
    ) -> Result<(), Failure> {
        let store = |why: StoreError| answer_failure(&Trouble::from(why));
        self.store
            .save_tenant_facts(tenant, tenant_facts)
            .map_err(store)?;
        self.keep_registrations(tenant, tenant_facts, read)
            .map_err(store)
    }

    /// The devices of a tenant by their own redirect URI.
    fn own_uris(&self, tenant: Uuid) -> HashMap<String, Vec<Fqdn>> {
        let mut uris: HashMap<String, Vec<Fqdn>> = HashMap::new();
        for device in self
            .listed()
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
}

fn answer_failure(trouble: &Trouble) -> Failure {
    Failure {
        at: Timestamp::now(),
        kind: FailureKind::Answer,
        why: format!("{}: {}", trouble.what, trouble.why),
        next: trouble.next.clone(),
    }
}
