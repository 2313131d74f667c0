//! The steps of a run, one function each.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::event::{DeskEvent, RunEvent, Trouble};
use super::file::{DeviceFile, SecretInHand};
use super::finding::Applications;
use super::read_back::not_there;
use super::run::{RunControl, StepEnd};
use super::{Inner, TenantWays, guard};
use crate::entra::failure::GraphError;
use crate::entra::request::{Known, requests};
use crate::entra::signin::{is_propagation, prove};
use crate::http::{Answer, Request};
use crate::portal::interface::{PortalError, Settings, write_request};
use crate::registration::observed::{Application, PortalRecord, Proof, ProofOutcome, RecordSource};
use crate::registration::plan::{Action, Plan, Properties};
use crate::store::{AuditEntry, RunId};

/// How long Entra's replication is waited for after our own create.
const REPLICATION: Duration = Duration::from_secs(60);
/// How often a run that waits for the operator gives a sign of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

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
    /// When this run last made something that Entra has to replicate.
    made_at: Option<Instant>,
    /// The secret of this run, or one that an earlier run of this process left in hand.
    secret: Option<SecretInHand>,
    /// The last answer was lost: what was sent may have been carried out.
    lost: bool,
    /// What this run has set, to be compared when it is read back.
    set: Properties,
    /// This run has made the service principal, which is then read back too.
    made_principal: bool,
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
            .map(|ways| ways.site.graph.as_str().trim_end_matches('/').to_string());
        let known = Known {
            tenant: plan.tenant,
            object_id: plan.target.object_id,
            app_id: plan.target.app_id,
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
            made_at: None,
            secret,
            lost: false,
            set: Properties::default(),
            made_principal: false,
        }
    }

    /// Does one step.
    pub async fn step(&mut self, at: usize, action: &Action) -> Result<Done, StepEnd> {
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
            Action::EnsureServicePrincipal => {
                let answer = self.replicated(at, action).await?;
                self.made_at = Some(Instant::now());
                self.made_principal = answer.status == 201;
                let words = if self.made_principal {
                    "created"
                } else {
                    "it was there"
                };
                done(words, json!({"id": answer.body.get("id")}))
            }
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
            } => self.write_portal(redirect_uri, *with_secret).await,
            Action::ReadBackPortal { redirect_uri } => self.read_back_portal(redirect_uri).await,
            Action::HandOff { redirect_uri } => self.hand_off(at, redirect_uri).await,
            Action::ProveSecret => self.prove(at).await,
            Action::RemoveSecret { key_id, name } => {
                self.replicated(at, action).await?;
                done(format!("removed \"{name}\""), json!({"keyId": key_id}))
            }
        }
    }

    fn ways(&self) -> Result<&TenantWays, StepEnd> {
        Ok(self.inner.ways(self.plan.tenant)?)
    }

    fn made_a_moment_ago(&self) -> bool {
        self.made_at
            .is_some_and(|made| made.elapsed() < REPLICATION)
    }

    fn tell(&self, event: RunEvent) {
        let device = self.plan.device.clone();
        self.inner.tell(DeskEvent::Run {
            run: self.run,
            device,
            event,
        });
    }

    /// Somebody may have made the registration since the plan was drawn up: then a create must not go on.
    async fn find(&mut self, name: &str) -> Result<Done, StepEnd> {
        let ways = self.ways()?;
        let graph = &ways.graph;
        let failed = |error| graph_trouble("looking for an existing registration", &error);
        let device = &self.file.device;
        let unique_name = device.unique_name();
        let mut all: Vec<Application> = graph
            .application_by_unique_name(&unique_name)
            .await
            .map_err(failed)?
            .into_iter()
            .collect();
        let blueprint = &self.file.blueprint;
        if let Some(uri) =
            crate::registration::plan::wanted_redirect_uris(blueprint, device).first()
        {
            all.extend(
                graph
                    .applications_with_redirect_uri(uri.as_str())
                    .await
                    .map_err(failed)?,
            );
        }
        all.extend(graph.applications_named(name).await.map_err(failed)?);
        all.sort_by_key(|app| app.object_id);
        all.dedup_by_key(|app| app.object_id);
        let found = Applications::new(&all).find(blueprint, device);
        let there = found
            .application
            .map(|app| (app.display_name.clone(), app.app_id))
            .or_else(|| {
                found
                    .candidates
                    .first()
                    .map(|one| (one.display_name.clone(), one.app_id))
            });
        if let Some((name, app_id)) = there {
            return Err(Trouble::new(
                "nothing was created",
                format!("\"{name}\" ({app_id}) may be this device's registration already"),
                "Refresh and look at the device again; a create that finds one never makes a second.",
            )
            .into());
        }
        let deleted = graph
            .deleted_application_named(&unique_name)
            .await
            .map_err(failed)?;
        if let Some(deleted) = deleted {
            return Err(Trouble::new(
                "nothing was created",
                format!("a deleted registration ({}) still holds the name {unique_name}", deleted.app_id),
                "Restore it in the Entra portal (App registrations, Deleted applications), or delete it for good there.",
            )
            .into());
        }
        done("none yet", json!({}))
    }

    async fn create(
        &mut self,
        at: usize,
        action: &Action,
        properties: &Properties,
    ) -> Result<Done, StepEnd> {
        let answer = self.replicated(at, action).await?;
        if answer.status != 201 {
            return Err(Trouble::new(
                "nothing was created",
                "somebody else made this registration a moment ago",
                "Refresh; what is missing of it is a repair.",
            )
            .into());
        }
        let id = |name: &str| {
            let text = answer.body.get(name).and_then(Value::as_str);
            text.and_then(|text| Uuid::try_parse(text).ok())
        };
        let (Some(object_id), Some(app_id)) = (id("id"), id("appId")) else {
            return Err(Trouble::new(
                "the registration was created",
                "Graph's answer bears no id",
                "Refresh: the device finds its registration by its unique name.",
            )
            .into());
        };
        self.known.object_id = Some(object_id);
        self.known.app_id = Some(app_id);
        self.made_at = Some(Instant::now());
        self.set = properties.clone();
        done(
            format!("client ID {app_id}"),
            json!({"objectId": object_id, "appId": app_id}),
        )
    }

    async fn add_secret(
        &mut self,
        at: usize,
        action: &Action,
        end: Timestamp,
    ) -> Result<Done, StepEnd> {
        if self.secret.is_some() && self.held_secret_is_of_this_registration() {
            // An earlier handoff of this process was left before its values were applied.
            let key_id = self.secret.as_ref().map(|secret| secret.key_id);
            return done("the one in memory is used", json!({"keyId": key_id}));
        }
        let answer = match self.replicated(at, action).await {
            Err(StepEnd::Failed(_)) if self.lost => {
                self.lost = false;
                // The answer was lost: a secret that bears this run's name is one whose value nobody knows.
                self.remove_own_secrets(action).await?;
                self.replicated(at, action).await?
            }
            outcome => outcome?,
        };
        let text = |name: &str| answer.body.get(name).and_then(Value::as_str);
        let key_id = text("keyId").and_then(|id| Uuid::try_parse(id).ok());
        let (Some(key_id), Some(value)) = (key_id, text("secretText")) else {
            return Err(Trouble::new(
                "the secret was added",
                "Graph's answer bears no value, and it is shown only once",
                "Remove the secret of this run in Entra, then try again.",
            )
            .into());
        };
        let secret = SecretInHand {
            key_id,
            value: SecretString::from(value),
            made_at: Timestamp::now(),
            end,
        };
        let hint: String = value.chars().take(3).collect();
        self.made_at = Some(Instant::now());
        guard(&self.inner.secrets).insert(self.plan.device.clone(), secret.clone());
        self.secret = Some(secret);
        let words = format!("begins with \"{hint}\", ends {}", end.strftime("%Y-%m-%d"));
        done(
            words,
            json!({"keyId": key_id, "hint": hint, "end": end.to_string()}),
        )
    }

    fn held_secret_is_of_this_registration(&self) -> bool {
        let hands_off = self
            .plan
            .steps
            .iter()
            .any(|step| matches!(step.action, Action::HandOff { .. }));
        let in_entra = self.file.facts.application().is_some_and(|app| {
            app.password_credentials.iter().any(|one| {
                self.secret
                    .as_ref()
                    .is_some_and(|secret| secret.key_id == one.key_id)
            })
        });
        let is_push = matches!(
            self.plan.intent,
            crate::registration::plan::Intent::Push { .. }
        );
        hands_off && in_entra && is_push
    }

    /// Removes the secrets that bear this run's name: their values were lost with an answer.
    async fn remove_own_secrets(&mut self, action: &Action) -> Result<(), StepEnd> {
        let Action::AddSecret { name, .. } = action else {
            return Ok(());
        };
        let name = self.known.secret_name(name);
        let Some(object_id) = self.known.object_id else {
            return Ok(());
        };
        let failed = |error| graph_trouble("reading the secrets back", &error);
        let application = self
            .ways()?
            .graph
            .application(object_id)
            .await
            .map_err(failed)?;
        let own = application
            .into_iter()
            .flat_map(|app| app.password_credentials);
        for secret in own.filter(|secret| secret.display_name == name) {
            let remove = Action::RemoveSecret {
                key_id: secret.key_id,
                name: name.clone(),
            };
            for request in requests(&remove, &self.known) {
                self.send(&request)
                    .await
                    .map_err(|error| graph_trouble(&remove.title(), &error))?;
            }
        }
        Ok(())
    }

    async fn read_back(&mut self, at: usize) -> Result<Done, StepEnd> {
        let began = Instant::now();
        let since = Timestamp::now();
        let mut pause = Duration::from_millis(500);
        loop {
            let object_id = self.known.object_id.ok_or_else(|| {
                Trouble::new(
                    "reading back",
                    "the object ID is not known",
                    "Refresh and look at the device.",
                )
            })?;
            let read = self.ways()?.graph.application(object_id).await;
            let missing = match read {
                Ok(Some(application)) => {
                    let mut missing = not_there(&self.set, &application);
                    if !self.principal_shows(application.app_id).await? {
                        missing.push("the service principal");
                    }
                    if missing.is_empty() {
                        return done("as planned", json!({}));
                    }
                    missing.join(", ")
                }
                Ok(None) => "the registration".to_string(),
                Err(error) => return Err(graph_trouble("reading the registration back", &error)),
            };
            if began.elapsed() >= REPLICATION {
                return Err(Trouble::new(
                    "reading the registration back",
                    format!("after 60 s Entra still does not show: {missing}"),
                    "Refresh in a minute; a repair sets what is still missing.",
                )
                .into());
            }
            self.tell(RunEvent::Waiting {
                step: at,
                on: "replication".to_string(),
                since,
            });
            self.pause(&mut pause).await?;
        }
    }

    /// Whether Entra shows the service principal that this run made; true where it made none.
    async fn principal_shows(&self, app_id: Uuid) -> Result<bool, StepEnd> {
        if !self.made_principal {
            return Ok(true);
        }
        let read = self.ways()?.graph.service_principal(app_id).await;
        read.map(|principal| principal.is_some())
            .map_err(|error| graph_trouble("reading the service principal back", &error))
    }

    async fn write_portal(
        &mut self,
        redirect_uri: &str,
        with_secret: bool,
    ) -> Result<Done, StepEnd> {
        let portal = self.portal()?;
        let app_id = self.app_id()?;
        let secret = match (&self.secret, with_secret) {
            (Some(secret), true) => Some(secret.value.clone()),
            (None, true) => return Err(no_secret()),
            (_, false) => None,
        };
        let settings = Settings {
            client_id: app_id.to_string(),
            client_secret: secret,
            redirect_uri: redirect_uri.to_string(),
        };
        let request = write_request(&portal.profile, &settings)
            .map_err(|error| portal_trouble("writing the portal's settings", &error))?;
        let login = self.portal_login().await?;
        let sent = portal.send(&request, &login).await;
        let outcome = match &sent {
            Ok(answer) => (answer.request_id.clone(), format!("HTTP {}", answer.status)),
            Err(error) => (None, error.to_string()),
        };
        self.audit(&request, outcome)?;
        sent.map_err(|error| portal_trouble("writing the portal's settings", &error))?;
        // From here on the portal may hold it, whatever happens to the read-back.
        let before = self.file.facts.record.as_ref();
        let key_id = match (&self.secret, with_secret) {
            (Some(secret), true) => Some(secret.key_id),
            _ => before.and_then(|record| record.key_id),
        };
        let proof = before
            .filter(|_| !with_secret)
            .and_then(|record| record.proof.clone());
        let record = PortalRecord {
            source: RecordSource::Pushed,
            by: self.inner.site.operator.clone(),
            at: Timestamp::now(),
            client_id: app_id,
            redirect_uri: redirect_uri.to_string(),
            key_id,
            proof,
        };
        self.inner
            .store
            .save_portal_record(&self.plan.device, &record)?;
        self.file.facts.record = Some(record);
        done("written", json!({"clientId": app_id, "keyId": key_id}))
    }

    async fn read_back_portal(&mut self, redirect_uri: &str) -> Result<Done, StepEnd> {
        let portal = self.portal()?;
        let login = self.portal_login().await?;
        let what = "reading the portal back";
        let read = portal
            .read(&login)
            .await
            .map_err(|error| portal_trouble(what, &error))?;
        let app_id = self.app_id()?.to_string();
        let differs = if !read.client_id.eq_ignore_ascii_case(&app_id) {
            Some(("client ID", read.client_id))
        } else if read.redirect_uri != redirect_uri {
            Some(("redirect URI", read.redirect_uri))
        } else if read.has_client_secret == Some(false) {
            Some(("client secret", "(empty)".to_string()))
        } else {
            None
        };
        match differs {
            None => done("the portal holds it", json!({})),
            Some((field, found)) => Err(Trouble::new(
                what,
                format!("its {field} is {found}, not what was written"),
                "Look at the portal's own page: somebody else may be changing it. Then push again.",
            )
            .into()),
        }
    }

    async fn hand_off(&mut self, at: usize, redirect_uri: &str) -> Result<Done, StepEnd> {
        self.tell(RunEvent::YourTurn { step: at });
        let mut alive = tokio::time::interval(SIGN_OF_LIFE);
        loop {
            tokio::select! {
                biased;
                () = self.control.applied.notified() => break,
                () = self.control.stop.cancelled() => return Err(StepEnd::Stopped),
                _ = alive.tick() => self.inner.store.heartbeat(self.run, Timestamp::now())?,
            }
        }
        let record = PortalRecord {
            source: RecordSource::Stated,
            by: self.inner.site.operator.clone(),
            at: Timestamp::now(),
            client_id: self.app_id()?,
            redirect_uri: redirect_uri.to_string(),
            key_id: self.secret.as_ref().map(|secret| secret.key_id),
            proof: None,
        };
        self.inner
            .store
            .save_portal_record(&self.plan.device, &record)?;
        self.inner.audit_by_hand(
            &self.plan.device,
            self.plan.tenant,
            "state",
            "applied by hand",
        )?;
        let detail = json!({"clientId": record.client_id, "keyId": record.key_id});
        self.file.facts.record = Some(record);
        done("stated: applied in the portal", detail)
    }

    /// Asks for a token with the registration's own pair; right after it was made, refusals are waited out.
    async fn prove(&mut self, at: usize) -> Result<Done, StepEnd> {
        let secret = self.secret.clone().ok_or_else(no_secret)?;
        let app_id = self.app_id()?;
        let began = Instant::now();
        let since = Timestamp::now();
        let mut pause = Duration::from_millis(500);
        let proven = loop {
            let login = self.ways()?.graph.session().login().clone();
            let proven = prove(
                &login,
                self.plan.tenant,
                app_id,
                &secret.value,
                &self.known.graph,
            )
            .await;
            // The secret may be an earlier run's: a create leaves it in hand for the push that follows.
            let since_made = Timestamp::now().duration_since(secret.made_at);
            let fresh = (self.made_a_moment_ago() || since_made.unsigned_abs() < REPLICATION)
                && began.elapsed() < REPLICATION;
            if !(fresh && is_propagation(&proven)) {
                break proven;
            }
            let on = "Entra to accept the new secret".to_string();
            self.tell(RunEvent::Waiting {
                step: at,
                on,
                since,
            });
            self.pause(&mut pause).await?;
        };
        let proof = Proof {
            at: Timestamp::now(),
            outcome: proven.outcome.clone(),
        };
        if let Some(record) = &mut self.file.facts.record
            && record.key_id == Some(secret.key_id)
        {
            record.proof = Some(proof);
            self.inner
                .store
                .save_portal_record(&self.plan.device, record)?;
        }
        match proven.outcome {
            ProofOutcome::Accepted => {
                let source = match self.file.facts.record.as_ref().map(|record| record.source) {
                    Some(RecordSource::Stated) => "that the portal holds it is stated",
                    _ => "that the portal holds it is read",
                };
                done(
                    format!("Entra accepts it; {source}"),
                    json!({"accepted": true}),
                )
            }
            ProofOutcome::Unknown(why) => done(
                format!("not proven: {why}"),
                json!({"accepted": null, "why": why}),
            ),
            ProofOutcome::Refused(why) => Err(Trouble::new(
                "Entra refuses the secret",
                why,
                "Rotate the secret: a new one is added, pushed and proven.",
            )
            .into()),
        }
    }

    fn portal(&self) -> Result<crate::portal::interface::Portal, StepEnd> {
        self.inner
            .portals
            .get(&self.plan.device)
            .cloned()
            .ok_or_else(|| {
                Trouble::new(
                    "the portal of this device has no interface",
                    self.file.device.portal_url.clone(),
                    "Hand the values off instead.",
                )
                .into()
            })
    }

    async fn portal_login(&self) -> Result<crate::http::Authorization, StepEnd> {
        let login = self.inner.portal_login(self.ways()?).await;
        login.map_err(|failure| {
            Trouble::new("signing in to the portal", failure.why, failure.next).into()
        })
    }

    fn app_id(&self) -> Result<Uuid, StepEnd> {
        self.known.app_id.ok_or_else(|| {
            Trouble::new(
                "the client ID is not known",
                "no registration was read",
                "Refresh first.",
            )
            .into()
        })
    }

    /// Sends a step's request. For a minute after this run's own creates, the refusals that mean "not replicated
    /// yet" are waited out, visibly.
    async fn replicated(&mut self, at: usize, action: &Action) -> Result<Answer, StepEnd> {
        let since = Timestamp::now();
        let mut pause = Duration::from_millis(500);
        let mut last = None;
        for request in requests(action, &self.known) {
            let answer = loop {
                match self.send(&request).await {
                    Ok(answer) => break answer,
                    Err(error) => {
                        if !(self.made_a_moment_ago() && error.is_replication()) {
                            self.lost = error.is_unknown_outcome();
                            return Err(graph_trouble(&action.title(), &error));
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
    async fn pause(&self, pause: &mut Duration) -> Result<(), StepEnd> {
        let this = *pause;
        *pause = (this * 2).min(Duration::from_secs(4));
        tokio::select! {
            biased;
            () = self.control.stop.cancelled() => Err(StepEnd::Stopped),
            () = tokio::time::sleep(this) => Ok(()),
        }
    }

    /// Sends a request to Graph and writes what changes something into the audit trail.
    async fn send(&self, request: &Request) -> Result<Answer, GraphError> {
        let ways = self.inner.ways(self.plan.tenant);
        let Ok(ways) = ways else {
            return Err(GraphError::Answer {
                what: "the tenant".into(),
                why: "it is not listed".into(),
            });
        };
        let sent = ways.graph.send(request).await;
        let outcome = match &sent {
            Ok(answer) => (answer.request_id.clone(), format!("HTTP {}", answer.status)),
            Err(error) => (
                error
                    .refusal()
                    .and_then(|refusal| refusal.request_id.clone()),
                error.to_string(),
            ),
        };
        if let Err(StepEnd::Failed(why)) = self.audit(request, outcome) {
            tracing::error!(%why, "the audit trail could not be written");
        }
        sent
    }

    fn audit(
        &self,
        request: &Request,
        (request_id, outcome): (Option<String>, String),
    ) -> Result<(), StepEnd> {
        let identity = &self.file.tenant_facts.identity.value;
        Ok(self.inner.store.audit(&AuditEntry {
            at: Timestamp::now(),
            os_user: self.inner.site.operator.clone(),
            identity: identity
                .as_ref()
                .map(|one| one.name.clone())
                .unwrap_or_default(),
            device: Some(self.plan.device.clone()),
            run: Some(self.run),
            method: request.method.to_string(),
            path: request.path.clone(),
            request_id,
            outcome,
        })?)
    }
}

fn no_secret() -> StepEnd {
    Trouble::new(
        "there is no secret to use",
        "its value lives only in memory, and this process does not hold it",
        "Plan the push again: it adds a new secret.",
    )
    .into()
}

fn graph_trouble(what: &str, error: &GraphError) -> StepEnd {
    Trouble::new(what, error.to_string(), error.next()).into()
}

fn portal_trouble(what: &str, error: &PortalError) -> StepEnd {
    Trouble::new(what, error.to_string(), error.next()).into()
}
