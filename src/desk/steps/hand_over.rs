//! Handing the secret over to a command of the site: what it gets, and what becomes of a secret that it did not take.

use std::sync::atomic::Ordering;

use crate::command::{self, Cancel, CommandError};
use crate::desk::event::Trouble;
use crate::desk::guard;
use crate::desk::run::StepEnd;
use crate::registration::observed::PortalRecord;

use super::{Work, no_secret};

impl Work<'_> {
    /// Gives the secret to the command on its standard input, and the rest in its environment. Returns who then states
    /// that the portal holds it.
    pub(super) async fn hand_over(
        &mut self,
        words: Vec<String>,
        redirect_uri: &str,
    ) -> Result<String, StepEnd> {
        let secret = self.secret.clone().ok_or_else(no_secret)?;
        let about = vec![
            ("UMPDECK_DEVICE", self.plan.device.to_string()),
            ("UMPDECK_TENANT_ID", self.plan.tenant.to_string()),
            ("UMPDECK_CLIENT_ID", self.app_id()?.to_string()),
            ("UMPDECK_REDIRECT_URI", redirect_uri.to_string()),
            ("UMPDECK_SECRET_ID", secret.key_id.to_string()),
            ("UMPDECK_SECRET_END", secret.end.to_string()),
        ];
        let program = words.first().cloned().unwrap_or_default();
        let recorded = self.put_down_unsure()?;
        let cancel = Cancel::default();
        let ends = cancel.clone();
        let (input, limit) = (secret.value.clone(), command::TIME);
        let mut fed = tokio::task::spawn_blocking(move || {
            command::feed(&words, &input, &about, limit, &cancel)
        });
        let taken = tokio::select! {
            biased;
            taken = &mut fed => taken,
            () = self.control.stop.cancelled() => {
                ends.store(true, Ordering::Relaxed);
                self.lost = true;
                let _ = fed.await;
                return Err(StepEnd::Stopped);
            }
        };
        let Err(error) = taken.unwrap_or(Err(CommandError::Cancelled {
            program: program.clone(),
        })) else {
            return Ok(format!("{} with {program}", self.inner.site.operator));
        };
        let never_had_it = matches!(error, CommandError::Empty | CommandError::NotStarted { .. });
        if never_had_it && self.minted == Some(secret.key_id) {
            if let Some(record) = &recorded {
                let store = &self.inner.store;
                store.save_portal_record(&self.plan.device, record)?;
            }
            guard(&self.inner.secrets).remove(&self.plan.device);
            self.secret = None;
            self.remove(secret.key_id, "the one that was just added")
                .await?;
            return Err(Trouble::new(
                "the secret was not handed over",
                error.to_string(),
                "Nothing reached the portal, and the new secret is removed from Entra again. Correct the command and try again.",
            )
            .into());
        }
        self.lost = !never_had_it;
        Err(Trouble::new(
            "it is unknown whether the secret was handed over",
            error.to_string(),
            format!(
                "The secret is in Entra (secret ID {}) and may be in the portal. Check what the command did, then push again; \
                 `umpdeck check` lists the secret as left over until it is removed.",
                secret.key_id
            ),
        )
        .into())
    }

    /// From here on the portal may have the new secret. Returns what was on record.
    pub(super) fn put_down_unsure(&self) -> Result<Option<PortalRecord>, StepEnd> {
        let recorded = self.file.facts.record.clone();
        if let Some(record) = &recorded {
            self.inner.put_down_unsure(&self.plan.device, record)?;
        }
        Ok(recorded)
    }
}
