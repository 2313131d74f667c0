//! Steps on the portal: writing, reading back, handing off.

use jiff::Timestamp;
use serde_json::json;

use crate::desk::audit::{of_portal, signed_in};
use crate::desk::event::{RunEvent, Trouble};
use crate::desk::run::{SIGN_OF_LIFE, StepEnd};
use crate::http::HttpError;
use crate::portal::interface::{PortalError, Settings, write_request};
use crate::registration::observed::{PortalRecord, RecordSource};

use super::{Done, Work, done, no_secret, portal_trouble};

impl Work<'_> {
    pub(super) async fn write_portal(
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
        // Should this process die before the answer, nobody may take the earlier secret for the one in use.
        let recorded = self.file.facts.record.clone().filter(|_| with_secret);
        if let Some(record) = &recorded {
            let unsure = PortalRecord {
                key_id: None,
                proof: None,
                ..record.clone()
            };
            self.inner
                .store
                .save_portal_record(&self.plan.device, &unsure)?;
        }
        let sent = portal.send(&request, &login).await;
        let access = self.ways()?.site.portal.as_ref();
        let identity = access.map(|access| format!("client {}", access.client_id));
        let who = self.who(identity.unwrap_or_default());
        self.inner.audit_request(who, &request, of_portal(&sent));
        self.lost = matches!(
            &sent,
            Err(PortalError::Http(HttpError::UnknownOutcome { .. }))
        );
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

    pub(super) async fn read_back_portal(&mut self, redirect_uri: &str) -> Result<Done, StepEnd> {
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

    pub(super) async fn hand_off(
        &mut self,
        at: usize,
        redirect_uri: &str,
    ) -> Result<Done, StepEnd> {
        self.tell(RunEvent::YourTurn { step: at });
        // It may take an hour: when another process took over meanwhile, it ends at once.
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
        let who = self.who(signed_in(&self.file.tenant_facts));
        self.inner.audit_by_hand(who, "state", "applied by hand")?;
        let detail = json!({"clientId": record.client_id, "keyId": record.key_id});
        self.file.facts.record = Some(record);
        done("stated: applied in the portal", detail)
    }

    pub(super) fn portal(&self) -> Result<crate::portal::interface::Portal, StepEnd> {
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

    pub(super) async fn portal_login(&self) -> Result<crate::http::Authorization, StepEnd> {
        let login = self.inner.portal_login(self.ways()?).await;
        login.map_err(|failure| {
            Trouble::new("signing in to the portal", failure.why, failure.next).into()
        })
    }
}
