//! The policies for client secrets, read before a secret is planned: what is forbidden is said before, not after.

use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::event::Trouble;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::Reading;

/// How old what is known of an application's own policy may be when a secret is planned.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

impl Desk {
    /// Reads the policy that a device's registration has for itself, unless that was done a moment ago. What can't be
    /// read stands as a failure beside what was known; a plan says so.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device, or the store can't be used.
    pub(super) async fn know_policy(&self, fqdn: &Fqdn) -> Result<(), Trouble> {
        let file = self.device(fqdn)?;
        let known = &file.facts.secret_policy;
        let Some(application) = file.facts.application().filter(|_| !is_fresh(known)) else {
            return Ok(());
        };
        let object_id = application.object_id;
        let graph = &self.inner.ways(file.device.tenant)?.graph;
        let read = graph.application_policy(object_id).await;
        let now = Timestamp::now();
        let mut read = Some(read.map_err(|error| error.failure(now)));
        let tenant = file.tenant.id;
        let tenant_facts = self.inner.store.tenant_facts(tenant)?;
        let devices = vec![file.device];
        self.inner
            .keep_registrations(tenant, &tenant_facts, devices, |_, facts| {
                let same = facts.application().map(|app| app.object_id) == Some(object_id);
                if let Some(read) = read.take().filter(|_| same) {
                    facts.secret_policy.take(read, now);
                }
                Ok(())
            })
    }
}

fn is_fresh<T>(reading: &Reading<T>) -> bool {
    let tried = match &reading.failure {
        Some(failure) => Some(failure.at),
        None => reading.at,
    };
    tried.is_some_and(|at| Timestamp::now().duration_since(at) < FRESH)
}
