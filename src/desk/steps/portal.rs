//! Steps on the portal: writing, reading back, handing off.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use crate::desk::audit::{of_portal, signed_in};
use crate::desk::event::{RunEvent, Trouble};
use crate::desk::run::{SIGN_OF_LIFE, StepEnd};
use crate::desk::statement::{customer_redirect_uris, stated};
use crate::http::{Authorization, HttpError};
use crate::portal::error::PortalError;
use crate::portal::interface::{Portal, Settings, TaskState};
use crate::registration::observed::{PortalRecord, RecordSource};

use super::{Done, Work, done, no_secret, trouble};

const WRITING: &str = "write the portal's settings";

impl Work<'_> {
    pub(super) async fn write_portal(
        &mut self,
        at: usize,
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
        let request = portal
            .write_request(&settings)
            .map_err(|error| trouble(WRITING, &error))?;
        let token = self.portal_token(&portal).await?;
        if with_secret {
            self.put_down_unsure()?;
        }
        let sent = portal.write(&request, token.as_ref()).await;
        self.inner.audit_request(
            self.who(self.portal_identity(&portal)?),
            &request,
            of_portal(&sent),
        );
        self.lost = matches!(
            &sent,
            Err(PortalError::Http(HttpError::UnknownOutcome { .. }))
        );
        let answer = sent.map_err(|error| trouble(WRITING, &error))?;
        // The portal took the request: from here on it may hold the values, whatever ends this step.
        self.lost = true;
        let task = portal
            .task_of(&answer)
            .map_err(|error| trouble(WRITING, &error))?;
        if let Some(task) = &task {
            self.await_task(at, &portal, task).await?;
        }
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
            customer_redirect_uris: vec![],
            key_id,
            proof,
        };
        self.inner
            .store
            .save_portal_record(&self.plan.device, &record)?;
        self.file.facts.record = Some(record);
        let words = match &task {
            Some(task) => format!("written; the portal's task {task} is done"),
            None => "written".to_string(),
        };
        done(
            words,
            json!({"clientId": app_id, "keyId": key_id, "task": task}),
        )
    }

    /// Asks the portal for its task until that ends, visibly, and not for ever.
    async fn await_task(&mut self, at: usize, portal: &Portal, task: &str) -> Result<(), StepEnd> {
        let patience = portal.profile.task.as_ref().map_or(0, |task| task.patience);
        let began = Instant::now();
        let since = Timestamp::now();
        let mut pause = Duration::from_millis(500);
        loop {
            let token = self.portal_token(portal).await?;
            let state = portal.task(task, token.as_ref()).await;
            let words = match state {
                Ok(TaskState::Done) => return Ok(()),
                Ok(TaskState::UnderWay(words)) => words,
                Err(error) => {
                    // The portal itself says that it did not do it.
                    self.lost = !matches!(error, PortalError::TaskFailed { .. });
                    return Err(trouble(WRITING, &error));
                }
            };
            if began.elapsed() >= Duration::from_secs(patience) {
                return Err(Trouble::new(
                    WRITING,
                    format!("the portal's task {task} still says \"{words}\" after {patience} s"),
                    "Look at the task in the portal. When it has ended, read the device again; if the task failed, push again.",
                )
                .into());
            }
            self.tell(RunEvent::Waiting {
                step: at,
                on: format!("the portal's task {task}: {words}"),
                since,
            });
            self.pause(&mut pause).await?;
        }
    }

    pub(super) async fn read_back_portal(&mut self, redirect_uri: &str) -> Result<Done, StepEnd> {
        let portal = self.portal()?;
        let token = self.portal_token(&portal).await?;
        let what = "read the portal back";
        let read = portal
            .read(token.as_ref())
            .await
            .map_err(|error| trouble(what, &error))?;
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
                format!("its {field} is {found}, which is not what was written"),
                "Look at the portal's own page: somebody else may be changing the settings. Then push again.",
            )
            .into()),
        }
    }

    pub(super) async fn hand_off(
        &mut self,
        at: usize,
        redirect_uri: &str,
        with_secret: bool,
    ) -> Result<Done, StepEnd> {
        // The command takes secrets alone: redirect URIs need a person.
        let command = self.inner.secret_command.get().filter(|_| with_secret);
        let command = command.cloned();
        let by = match command.clone() {
            Some(words) => self.hand_over(words, redirect_uri).await?,
            None => {
                // The values are before a person: whatever ends the waiting, the portal may hold them.
                self.lost = true;
                self.applied_by_hand(at).await?;
                self.inner.site.operator.clone()
            }
        };
        // What the page keeps of an earlier handoff stays on record as it was.
        let kept = self.file.facts.record.as_ref().filter(|_| !with_secret);
        let secret = self.secret.as_ref().filter(|_| with_secret);
        let record = PortalRecord {
            source: RecordSource::Stated,
            by,
            at: Timestamp::now(),
            client_id: self.app_id()?,
            redirect_uri: redirect_uri.to_string(),
            customer_redirect_uris: customer_redirect_uris(&self.file.device),
            key_id: match kept {
                Some(kept) => kept.key_id,
                None => secret.map(|secret| secret.key_id),
            },
            proof: kept.and_then(|kept| kept.proof.clone()),
        };
        self.inner
            .store
            .save_portal_record(&self.plan.device, &record)?;
        let who = self.who(signed_in(&self.file.tenant_facts));
        let how = match command {
            Some(_) => "taken by the command",
            None => "applied by hand",
        };
        self.inner
            .audit_by_hand(who, "state", &stated(how, &record))?;
        self.inner.store.forget_copied(&self.plan.device)?;
        let detail = json!({"clientId": record.client_id, "keyId": record.key_id});
        self.file.facts.record = Some(record);
        done("stated: applied in the portal", detail)
    }

    /// Waits until the operator says that the values are applied.
    async fn applied_by_hand(&self, at: usize) -> Result<(), StepEnd> {
        self.tell(RunEvent::YourTurn { step: at });
        // It may take an hour: when another process took over meanwhile, it ends at once.
        let mut alive = tokio::time::interval(SIGN_OF_LIFE);
        loop {
            tokio::select! {
                biased;
                () = self.control.applied.notified() => return Ok(()),
                () = self.control.stop.cancelled() => return Err(StepEnd::Stopped),
                _ = alive.tick() => self.inner.store.heartbeat(self.run, Timestamp::now())?,
            }
        }
    }

    pub(super) fn portal(&self) -> Result<Portal, StepEnd> {
        let listed = self.inner.listed();
        let portal = listed.portals.get(&self.plan.device);
        portal
            .filter(|portal| portal.reads())
            .cloned()
            .ok_or_else(|| {
                Trouble::new(
                    "the portal of this device has no interface",
                    self.file.device.portal_url.clone(),
                    "Set the device's portal profile to handoff, and hand the values off.",
                )
                .into()
            })
    }

    /// The token that a call to the portal goes with, where its profile asks for one.
    async fn portal_token(&self, portal: &Portal) -> Result<Option<Authorization>, StepEnd> {
        if !portal.wants_token() {
            return Ok(None);
        }
        let token = self.inner.portal_token(&*self.ways()?).await;
        token.map_err(|failure| {
            Trouble::new("sign in to the portal", failure.why, failure.next).into()
        })
    }

    /// Who the portal is called as, for the audit trail.
    fn portal_identity(&self, portal: &Portal) -> Result<String, StepEnd> {
        let ways = self.ways()?;
        let access = ways.site.portal.as_ref();
        let application = access.and_then(|access| access.application.as_ref());
        let client = || application.map(|one| format!("client {}", one.client_id));
        Ok(portal.identity().or_else(client).unwrap_or_default())
    }
}
