//! What was read of a tenant, kept: put into the facts of its devices as they are stored by then, unless a run was faster.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::answer_failure;
use super::directory::Read;
use crate::desk::event::Trouble;
use crate::desk::finding::{Applications, shared_with};
use crate::desk::{Inner, TenantWays, guard};
use crate::registration::directory::Listed;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{
    Application, Consented, Failure, FailureKind, Identity, RegistrationFacts, SecretPolicy,
    TenantFacts,
};
use crate::registration::redirect::device_redirect_uri;
use crate::store::{RunsSeen, StoreError};

impl Inner {
    /// Keeps what was read; reads the portals before, and what is only read of one device at a time.
    pub(super) async fn take_over_tenant(
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
    pub(super) fn take_over_failure(
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
