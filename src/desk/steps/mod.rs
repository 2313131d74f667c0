//! The steps of a run, one function each.

mod consent;
mod hand_over;
mod portal;
mod registration;
mod restoring;
mod secret;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::audit::{Who, of_graph, signed_in};
use super::event::{DeskEvent, RunEvent, Trouble};
use super::file::DeviceFile;
use super::run::{RunControl, StepEnd};
use super::secret_in_hand::SecretInHand;
use super::trouble::Advised;
use super::{Inner, TenantWays};
use crate::entra::failure::{GraphError, GraphRefusal};
use crate::entra::request::{Known, requests};
use crate::http::{Answer, Request};
use crate::registration::plan::{Action, Intent, Plan, Properties};
use crate::store::RunId;

/// How long Entra's replication is waited for after our own create.
const REPLICATION: Duration = Duration::from_secs(60);
/// How far this machine's clock and Microsoft's may be apart when a creation time is compared.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What a step brought.
pub(super) struct Done {
    /// For the operator.
    pub words: String,
    /// For the journal; never a secret's value.
    pub detail: Value,
}

fn done(words: impl Into<String>, detail: Value) -> Result<Done, StepEnd> {
    Ok(Done {
        words: words.into(),
        detail,
    })
}

/// What a run knows and holds while it works.
pub(super) struct Work<'a> {
    inner: Arc<Inner>,
    run: RunId,
    plan: &'a Plan,
    file: DeviceFile,
    control: RunControl,
    known: Known,
    /// When the run began.
    began: Timestamp,
    /// When this run last made something that Entra has to replicate.
    made_at: Option<Instant>,
    /// The secret of this run, or one that an earlier run of this process left in hand.
    secret: Option<SecretInHand>,
    /// The key ID of the secret that this run added.
    minted: Option<Uuid>,
    /// What the step under way sent, or gave to somebody, may have been carried out, though nobody has said so.
    pub lost: bool,
    /// The last refusal said that the thing is there already.
    duplicate: bool,
    /// What came of the proof, once it was asked for: Entra took the secret, or why nobody knows.
    proven: Option<Result<(), String>>,
    /// This run has made the service principal, which is then read back too.
    made_principal: bool,
    /// What this run has set, to be compared when it is read back.
    set: Properties,
}

impl<'a> Work<'a> {
    pub fn new(
        inner: Arc<Inner>,
        run: RunId,
        plan: &'a Plan,
        file: DeviceFile,
        control: RunControl,
    ) -> Work<'a> {
        let graph = inner
            .ways(plan.tenant)
            .map(|ways| ways.site.graph.as_str().to_string());
        let known = Known {
            tenant: plan.tenant,
            object_id: plan.target.object_id,
            app_id: plan.target.app_id,
            principal_id: plan.target.principal_id,
            run: Some(run.short()),
            graph: graph.unwrap_or_default(),
        };
        let secret = file.secret.clone();
        Work {
            inner,
            run,
            plan,
            file,
            control,
            known,
            began: Timestamp::now(),
            // What a dead run made may still be on its way to all of Entra.
            made_at: matches!(plan.intent, Intent::Resume { .. }).then(Instant::now),
            secret,
            minted: None,
            lost: false,
            duplicate: false,
            made_principal: false,
            proven: None,
            set: Properties::default(),
        }
    }

    /// Does one step.
    pub async fn step(&mut self, at: usize, action: &Action) -> Result<Done, StepEnd> {
        self.lost = false;
        match action {
            Action::FindRegistration { name, .. } => self.find(name).await,
            Action::CreateApplication { properties, .. } => {
                self.create(at, action, properties).await
            }
            Action::UpdateApplication { properties } => {
                self.replicated(at, action).await?;
                self.set = properties.clone();
                done("updated", json!({"objectId": self.known.object_id}))
            }
            Action::RestoreApplication { .. } => self.restore_application(at, action).await,
            Action::RestoreServicePrincipal => self.restore_principal(at).await,
            Action::Link { object_id } => {
                let device = &self.plan.device;
                self.inner.store.link(device, Some(*object_id))?;
                self.inner.audit_by_hand(
                    self.who(signed_in(&self.file.tenant_facts)),
                    "adopt",
                    &format!("{object_id} is its registration"),
                )?;
                done("remembered", json!({"objectId": object_id}))
            }
            Action::GrantScopes {
                resource_object_id,
                added,
                ..
            } => {
                self.grant_scopes(at, action, *resource_object_id, added)
                    .await
            }
            Action::GrantRole { .. } => self.grant_role(at, action).await,
            Action::EnsureServicePrincipal => self.ensure_principal(at).await,
            Action::VerifyPublisher { mpn_id } => {
                self.replicated(at, action).await?;
                done(
                    format!("verified with MPN {mpn_id}"),
                    json!({"mpnId": mpn_id}),
                )
            }
            Action::AddSecret { end, .. } => self.add_secret(at, action, *end).await,
            Action::ReadBackRegistration => self.read_back(at).await,
            Action::WritePortal {
                redirect_uri,
                with_secret,
            } => self.write_portal(at, redirect_uri, *with_secret).await,
            Action::ReadBackPortal { redirect_uri } => self.read_back_portal(redirect_uri).await,
            Action::HandOff {
                redirect_uri,
                with_secret,
            } => self.hand_off(at, redirect_uri, *with_secret).await,
            Action::ProveSecret => self.prove(at).await,
            Action::RemoveSecret { key_id, name, .. } => {
                self.remove_secret(at, action, *key_id, name).await
            }
            Action::RetireLater {
                key_id, name, due, ..
            } => self.retire_later(*key_id, name, *due),
            Action::RemoveLeftovers { runs } => self.remove_leftovers(runs).await,
        }
    }

    fn ways(&self) -> Result<Arc<TenantWays>, StepEnd> {
        Ok(self.inner.ways(self.plan.tenant)?)
    }

    fn tell(&self, event: RunEvent) {
        let device = self.plan.device.clone();
        self.inner.tell(DeskEvent::Run {
            run: self.run,
            device,
            event,
        });
    }

    pub(super) fn app_id(&self) -> Result<Uuid, StepEnd> {
        self.known.app_id.ok_or_else(|| {
            Trouble::new(
                "the client ID is not known",
                "no registration was read",
                "Read the device again first.",
            )
            .into()
        })
    }

    /// Sends a step's request. For a minute after this run's own creates, the refusals that mean "not replicated
    /// yet" are waited out, visibly.
    pub(super) async fn replicated(
        &mut self,
        at: usize,
        action: &Action,
    ) -> Result<Answer, StepEnd> {
        let since = Timestamp::now();
        let mut pause = Duration::from_millis(500);
        let mut last = None;
        self.duplicate = false;
        for request in requests(action, &self.known) {
            let answer = loop {
                match self.send(&request).await {
                    Ok(answer) => break answer,
                    Err(error) => {
                        let fresh = self
                            .made_at
                            .is_some_and(|made| made.elapsed() < REPLICATION);
                        if !(fresh && error.is_replication()) {
                            self.lost = error.is_unknown_outcome();
                            self.duplicate =
                                error.refusal().is_some_and(GraphRefusal::is_duplicate);
                            return Err(trouble(&action.title(), &error));
                        }
                        self.tell(RunEvent::Waiting {
                            step: at,
                            on: "replication".to_string(),
                            since,
                        });
                        self.pause(&mut pause).await?;
                    }
                }
            };
            last = Some(answer);
        }
        last.ok_or_else(|| Trouble::new(action.title(), "there is nothing to send", "").into())
    }

    /// Waits a little, a little longer each time; a stop ends it at once.
    pub(super) async fn pause(&self, pause: &mut Duration) -> Result<(), StepEnd> {
        let this = *pause;
        *pause = (this * 2).min(Duration::from_secs(4));
        self.inner.store.heartbeat(self.run, Timestamp::now())?;
        tokio::select! {
            biased;
            () = self.control.stop.cancelled() => Err(StepEnd::Stopped),
            () = tokio::time::sleep(this) => Ok(()),
        }
    }

    /// Sends a request to Graph and writes what changes something into the audit trail.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, GraphError> {
        let ways = self.inner.ways(self.plan.tenant);
        let Ok(ways) = ways else {
            return Err(GraphError::Answer {
                what: "the tenant".into(),
                why: "it is not listed".into(),
            });
        };
        let sent = ways.graph.send(request).await;
        let who = self.who(signed_in(&self.file.tenant_facts));
        self.inner.audit_request(who, request, of_graph(&sent));
        sent
    }

    fn who(&self, identity: String) -> Who<'_> {
        Who {
            identity,
            device: &self.plan.device,
            run: Some(self.run),
        }
    }
}

fn no_secret() -> StepEnd {
    Trouble::new(
        "there is no secret to use",
        "its value is kept only in memory, and this process does not have it",
        "Plan the push again: it adds a new secret.",
    )
    .into()
}

/// What a step failed to do ("read the portal back"), for a reason that one of the floors below gives.
fn trouble(what: &str, error: &impl Advised) -> StepEnd {
    Trouble::of(format!("failed to {what}"), error).into()
}
