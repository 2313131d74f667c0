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
use crate::registration::directory::Listed;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{
    Application, Consented, Failure, FailureKind, Identity, RegistrationFacts, SecretPolicy,
    TenantFacts,
};
use crate::registration::redirect::device_redirect_uri;
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
                let one = only.is_some();
                self.take_over_tenant(ways, current, seen, read, one).await
            }
            Err(error) => {
                let failure = error.failure(Timestamp::now());
                let identity = ways.graph.identity().await.ok();
                self.take_over_failure(tenant, current, &failure, identity)?;
                Err(failure)
            }
        }
    }

    async fn take_over_tenant(
        self: &Arc<Self>,
        ways: &TenantWays,
        devices: Vec<Device>,
        seen: HashMap<Fqdn, RunsSeen>,
        read: Read,
        one: bool,
    ) -> Result<(), Failure> {
        let tenant = ways.site.tenant.id;
        let mut portals = self.read_portals(ways, &devices, one).await;
        let applications = Applications::new(&read.directory.applications)
            .with_bin(read.directory.deleted.as_deref());
        let mut more = match devices.first().filter(|_| one) {
            Some(device) => self
                .read_more(ways, device, &applications, &read)
                .await
                .map_err(|why| answer_failure(&why))?,
            None => None,
        };
        let uris = self.own_uris(tenant).map_err(|why| answer_failure(&why))?;
        let now = Timestamp::now();
        let put = |device: &Device, facts: &mut RegistrationFacts| {
            // A run has changed things since the first request. What it read of them at its end is newer than this.
            if seen.get(&device.fqdn) != Some(&self.store.runs_seen(&device.fqdn)?) {
                return Ok(());
            }
            let application = self.found(device, facts, &applications, &read);
            facts.shared_with = application
                .as_ref()
                .map(|app| shared_with(app, &device.fqdn, &uris))
                .unwrap_or_default();
            if let Some(app) = &application {
                let principal = read.directory.principals.get(&app.app_id).cloned();
                if let Some(more) = more.take().filter(|more| more.of == app.object_id) {
                    more.into_facts(facts);
                } else if read.own_policies == Some(false) {
                    facts.secret_policy.take(Ok(None), now);
                }
                facts.principal.take(Ok(principal.flatten()), now);
            }
            facts.undelivered =
                self.undelivered(&device.fqdn, &facts.shared_with, application.as_ref())?;
            facts.application.take(Ok(application), now);
            if let Some(portal) = portals.remove(&device.fqdn) {
                portal.into_facts(facts, now);
                facts.heed_customer_tenants();
            }
            Ok(())
        };
        self.keep(tenant, &read.facts, devices, put)?;
        // Only now: a directory that is ahead of the facts would hide what changed.
        self.keep_directory(tenant, &read, one)
            .map_err(|why| answer_failure(&Trouble::from(why)))?;
        self.saw(seen);
        Ok(())
    }

    /// The device's registration as it was read, or as it is stored where nothing has changed since. What else may be
    /// one is put into the facts.
    fn found(
        &self,
        device: &Device,
        facts: &mut RegistrationFacts,
        applications: &Applications<'_>,
        read: &Read,
    ) -> Option<Application> {
        let found = applications.find(self.blueprint(device), device);
        let before = std::mem::replace(&mut facts.candidates, found.candidates);
        for one in &mut facts.candidates {
            let known = before.iter().find(|other| other.object_id == one.object_id);
            let anew = read.anew.get(&one.object_id).cloned().map(Box::new);
            let application = one.application.take().or(anew);
            one.application = application.or_else(|| known?.application.clone());
        }
        as_it_is(found.application?, facts, read)
    }

    /// Plans build on what was read when the runs were so far. A reading that was overtaken says what a later one has not
    /// said yet: that who plans on it must be refused.
    fn saw(&self, seen: HashMap<Fqdn, RunsSeen>) {
        let mut known = guard(&self.runs_seen);
        for (device, seen) in seen {
            let last = known.entry(device).or_insert(seen);
            *last = seen.max(*last);
        }
    }

    fn runs_seen(&self, devices: &[Device]) -> Result<HashMap<Fqdn, RunsSeen>, StoreError> {
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
        device: &Device,
        applications: &Applications<'_>,
        read: &Read,
    ) -> Result<Option<More>, Trouble> {
        let facts = self.store.registration_facts(&device.fqdn)?;
        let found = applications.find(self.blueprint(device), device);
        let application = found.application;
        let Some(application) = application.and_then(|listed| as_it_is(listed, &facts, read))
        else {
            return Ok(None);
        };
        let principal = read.directory.principals.get(&application.app_id);
        let principal = principal.and_then(Option::as_ref);
        let policy = ways.graph.application_policy(application.object_id);
        let consents = async {
            match principal {
                Some(principal) => Some(ways.graph.consents(principal.object_id).await),
                None => None,
            }
        };
        let (policy, consents) = tokio::join!(policy, consents);
        let at = Timestamp::now();
        Ok(Some(More {
            of: application.object_id,
            at,
            policy: policy.map_err(|error| error.failure(at)),
            consents: consents.map(|read| read.map_err(|error| error.failure(at))),
        }))
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
        devices: Vec<Device>,
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
        self.keep(tenant, &tenant_facts, devices, |_, facts| {
            facts.application.failure = Some(failure.clone());
            Ok(())
        })
    }

    fn keep(
        &self,
        tenant: Uuid,
        tenant_facts: &TenantFacts,
        devices: Vec<Device>,
        put: impl FnMut(&Device, &mut RegistrationFacts) -> Result<(), Trouble>,
    ) -> Result<(), Failure> {
        self.store
            .save_tenant_facts(tenant, tenant_facts)
            .map_err(|why| answer_failure(&Trouble::from(why)))?;
        self.keep_registrations(tenant, tenant_facts, devices, put)
            .map_err(|why| answer_failure(&why))
    }

    /// The devices of a tenant by their own redirect URI, as it was chosen where it was.
    fn own_uris(&self, tenant: Uuid) -> Result<HashMap<String, Vec<Fqdn>>, Trouble> {
        let chosen = self.store.chosen_redirect_uris()?;
        let mut uris: HashMap<String, Vec<Fqdn>> = HashMap::new();
        let listed = self.listed();
        for device in listed.devices.iter().filter(|one| one.tenant == tenant) {
            let uri = match chosen.get(&device.fqdn) {
                Some(Some(uri)) => Ok(uri.clone()),
                Some(None) => self.blueprint(device).redirect_uri(&device.fqdn),
                None => device_redirect_uri(self.blueprint(device), device),
            };
            if let Ok(uri) = uri {
                let of_uri = uris.entry(uri.to_string()).or_default();
                of_uri.push(device.fqdn.clone());
            }
        }
        Ok(uris)
    }
}

/// What is only read of one device at a time.
struct More {
    /// The object ID of the application that it was read of.
    of: Uuid,
    at: Timestamp,
    policy: Result<Option<SecretPolicy>, Failure>,
    /// `None` = there is no service principal.
    consents: Option<Result<Vec<Consented>, Failure>>,
}

impl More {
    fn into_facts(self, facts: &mut RegistrationFacts) {
        facts.secret_policy.take(self.policy, self.at);
        if let Some(consents) = self.consents {
            facts.consent.take(consents, self.at);
        }
    }
}

/// A listed application as it was read just now, or as it is stored where nothing has changed since.
fn as_it_is(listed: &Listed, facts: &RegistrationFacts, read: &Read) -> Option<Application> {
    let stored = || facts.application().cloned();
    let anew = read.anew.get(&listed.object_id).cloned();
    anew.or_else(|| stored().filter(|app| app.object_id == listed.object_id))
}

fn answer_failure(trouble: &Trouble) -> Failure {
    Failure {
        at: Timestamp::now(),
        kind: FailureKind::Answer,
        why: format!("{}: {}", trouble.what, trouble.why),
        next: trouble.next.clone(),
    }
}
