//! Reading: a whole tenant, or one device. What can't be read keeps its last value with the failure beside it.

mod directory;
mod keeping;
mod portals;
mod tenant;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::event::{DeskEvent, Trouble};
use super::file::Scope;
use super::{Desk, Inner, TenantWays};
use crate::entra::failure::GraphError;
use crate::entra::signin::SignInError;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{Failure, FailureKind};
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

    fn runs_seen(&self, devices: &[Device]) -> Result<HashMap<Fqdn, RunsSeen>, StoreError> {
        let of = |device: &Device| {
            let seen = self.store.runs_seen(&device.fqdn)?;
            Ok((device.fqdn.clone(), seen))
        };
        devices.iter().map(of).collect()
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
