//! Steps on client secrets: adding one, and proving that Entra accepts it.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::time::Instant;

use crate::desk::event::{RunEvent, Trouble};
use crate::desk::file::SecretInHand;
use crate::desk::guard;
use crate::desk::run::StepEnd;
use crate::entra::request::requests;
use crate::entra::signin::{is_propagation, prove};
use crate::registration::observed::{Proof, ProofOutcome, RecordSource};
use crate::registration::plan::Action;

use super::{Done, REPLICATION, Work, done, graph_trouble, no_secret};

impl Work<'_> {
    pub(super) async fn add_secret(
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
        let minted = crate::entra::wire::minted_secret(answer.body).map_err(|why| {
            Trouble::new(
                "the secret was added",
                format!("Graph's answer is not understood: {}", why.0),
                "Its value is shown only once: remove the secret of this run in Entra, then try again.",
            )
        })?;
        let key_id = minted.credential.key_id;
        let secret = SecretInHand {
            key_id,
            value: minted.value,
            made_at: Timestamp::now(),
            end,
        };
        let hint: String = secret.value.expose_secret().chars().take(3).collect();
        self.made_at = Some(Instant::now());
        guard(&self.inner.secrets).insert(self.plan.device.clone(), secret.clone());
        self.secret = Some(secret);
        self.minted = Some(key_id);
        let words = format!("begins with \"{hint}\", ends {}", end.strftime("%Y-%m-%d"));
        done(
            words,
            json!({"keyId": key_id, "hint": hint, "end": end.to_string()}),
        )
    }

    pub(super) fn held_secret_is_of_this_registration(&self) -> bool {
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
    pub(super) async fn remove_own_secrets(&mut self, action: &Action) -> Result<(), StepEnd> {
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

    /// Asks for a token with the registration's own pair; right after it was made, refusals are waited out.
    pub(super) async fn prove(&mut self, at: usize) -> Result<Done, StepEnd> {
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
            let age = Timestamp::now().duration_since(secret.made_at);
            let fresh = age.unsigned_abs() < REPLICATION && began.elapsed() < REPLICATION;
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
}
