//! Steps on client secrets: adding one, and proving that Entra accepts it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::desk::audit::signed_in;
use crate::desk::event::{RunEvent, Trouble};
use crate::desk::guard;
use crate::desk::removal::{REMOVAL_TRIES, removal};
use crate::desk::run::StepEnd;
use crate::desk::secret_in_hand::SecretInHand;
use crate::entra::signin::{is_propagation, prove};
use crate::registration::observed::{PasswordCredential, Proof, ProofOutcome, RecordSource};
use crate::registration::plan::{Action, Intent, bears};
use crate::registration::secret::retire::may_go;
use crate::store::Retirement;

use super::{Done, REPLICATION, Work, done, no_secret, trouble};

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
            return done("the secret in memory is used", json!({"keyId": key_id}));
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
                "Entra shows the value only once, so it is lost: remove the secret of this run in Entra, then try again.",
            )
        })?;
        let key_id = minted.credential.key_id;
        let hint = minted.credential.hint;
        let secret = SecretInHand {
            key_id,
            value: minted.value,
            made_at: Timestamp::now(),
            made_for: self.plan.device.clone(),
            end,
        };
        self.made_at = Some(Instant::now());
        guard(&self.inner.secrets).insert(self.plan.device.clone(), secret.clone());
        self.secret = Some(secret);
        self.minted = Some(key_id);
        let ends = format!("ends {}", crate::text::day(end));
        let words = match &hint {
            Some(hint) => format!("begins with \"{hint}\", {ends}"),
            None => ends,
        };
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
        let is_push = matches!(self.plan.intent.purpose(), Intent::Push { .. });
        hands_off && in_entra && is_push
    }

    /// Removes the secrets that bear this run's name: their values were lost with an answer.
    async fn remove_own_secrets(&mut self, action: &Action) -> Result<(), StepEnd> {
        let Action::AddSecret { name, .. } = action else {
            return Ok(());
        };
        let name = self.known.secret_name(name);
        let all = self.credentials().await?;
        for secret in all.into_iter().filter(|secret| secret.display_name == name) {
            self.remove(secret.key_id, &name).await?;
        }
        Ok(())
    }

    /// Removes one secret, whose run left it behind.
    pub(super) async fn remove(&mut self, key_id: Uuid, name: &str) -> Result<(), StepEnd> {
        let ways = self.ways()?;
        let removal = removal(key_id, name);
        let who = || self.who(signed_in(&self.file.tenant_facts));
        let removed = self
            .inner
            .remove_from_entra(&ways.graph, &self.known, &removal, key_id, who)
            .await;
        removed.map_err(|error| {
            self.lost = error.is_unknown_outcome();
            trouble(&removal.title(), &error)
        })
    }

    /// Whether the registration has a secret, read now.
    async fn has_secret(&self, key_id: Uuid) -> Result<bool, StepEnd> {
        let all = self.credentials().await?;
        Ok(all.iter().any(|one| one.key_id == key_id))
    }

    /// The registration's secrets, read now.
    async fn credentials(&self) -> Result<Vec<PasswordCredential>, StepEnd> {
        let Some(object_id) = self.known.object_id else {
            return Ok(vec![]);
        };
        let read = self.ways()?.graph.application(object_id).await;
        let application = read.map_err(|error| trouble("read the secrets back", &error))?;
        Ok(application.map_or_else(Vec::new, |app| app.password_credentials))
    }

    /// Nothing that may be in use is removed before the new secret is proven.
    fn require_proof(&self) -> Result<(), StepEnd> {
        let Some(Err(why)) = &self.proven else {
            return Ok(());
        };
        Err(Trouble::new(
            "no earlier secret was removed",
            format!("the new secret is not proven: {why}"),
            "The portal has the new secret. When Entra answers again, read the device and remove the earlier secret.",
        )
        .into())
    }

    pub(super) async fn remove_secret(
        &mut self,
        at: usize,
        action: &Action,
        key_id: Uuid,
        name: &str,
    ) -> Result<Done, StepEnd> {
        self.require_proof()?;
        self.require_unused(key_id)?;
        let mut tries = 0;
        while let Err(end) = self.replicated(at, action).await {
            let lost = std::mem::take(&mut self.lost);
            tries += 1;
            match self.has_secret(key_id).await {
                Ok(false) => {
                    self.inner.store.is_retired(key_id)?;
                    return done(
                        format!("\"{name}\" was removed already"),
                        json!({"keyId": key_id}),
                    );
                }
                Ok(true) if lost && tries < REMOVAL_TRIES => {}
                _ => {
                    self.lost = lost;
                    return Err(end);
                }
            }
        }
        self.inner.store.is_retired(key_id)?;
        done(format!("removed \"{name}\""), json!({"keyId": key_id}))
    }

    /// A plan to retire a secret may have lain on screen for a while: by what is on record now, it must still be unused.
    fn require_unused(&self, key_id: Uuid) -> Result<(), StepEnd> {
        if !matches!(self.plan.intent.purpose(), Intent::Retire { .. }) {
            return Ok(());
        }
        let file = self.inner.file(&self.plan.device)?;
        let credentials = file
            .facts
            .application()
            .map(|app| &app.password_credentials);
        let Some(secret) = credentials
            .into_iter()
            .flatten()
            .find(|one| one.key_id == key_id)
        else {
            return Ok(());
        };
        match may_go(secret, &file.facts, &file.others, Timestamp::now()) {
            Ok(_) => Ok(()),
            Err(why) => Err(Trouble::new(
                "the secret was not removed",
                why,
                "Nothing was done. Plan it again.",
            )
            .into()),
        }
    }

    /// Puts an earlier secret down to be removed by a run of its own.
    pub(super) fn retire_later(
        &mut self,
        key_id: Uuid,
        name: &str,
        due: Timestamp,
    ) -> Result<Done, StepEnd> {
        let object_id = self.known.object_id.ok_or_else(|| {
            Trouble::new(
                "the earlier secret was not recorded as due for removal",
                "the object ID is not known",
                "Read the device again and look at its secrets.",
            )
        })?;
        self.inner.store.put_down(&Retirement {
            key_id,
            device: self.plan.device.clone(),
            tenant: self.plan.tenant,
            object_id,
            name: name.to_string(),
            due,
            put_down: Timestamp::now(),
            run: self.run,
        })?;
        let words = match due <= Timestamp::now() {
            true if self.is_held_elsewhere(key_id) => {
                "it stays as long as another portal of the registration has it; `umpdeck runs --due` shows it".to_string()
            }
            true => "due now; the list of secrets and `umpdeck runs --due` show it".to_string(),
            false => format!(
                "due on {}; the list of secrets and `umpdeck runs --due` show it",
                crate::text::day(due)
            ),
        };
        done(words, json!({"keyId": key_id, "due": due.to_string()}))
    }

    /// Whether a secret has to stay because of another device that shares the registration.
    fn is_held_elsewhere(&self, key_id: Uuid) -> bool {
        let file = &self.file;
        let credentials = file
            .facts
            .application()
            .map(|app| &app.password_credentials);
        let secret = credentials.and_then(|all| all.iter().find(|one| one.key_id == key_id));
        !file.facts.shared_with.is_empty()
            && secret.is_some_and(|secret| {
                may_go(secret, &file.facts, &file.others, Timestamp::now()).is_err()
            })
    }

    /// Removes what dead runs added, looked up now: a request of theirs may have arrived after the plan was made.
    pub(super) async fn remove_leftovers(&mut self, runs: &[String]) -> Result<Done, StepEnd> {
        self.require_proof()?;
        let recorded = self.file.facts.record.as_ref();
        let kept = [
            self.minted,
            self.secret.as_ref().map(|secret| secret.key_id),
            recorded.and_then(|record| record.key_id),
        ];
        let mut removed = Vec::new();
        for secret in self.credentials().await? {
            let left = runs.iter().any(|run| bears(&secret.display_name, run));
            if left && !kept.contains(&Some(secret.key_id)) {
                self.remove(secret.key_id, &secret.display_name).await?;
                removed.push(secret.key_id);
            }
        }
        let words = match removed.len() {
            0 => "there were none".to_string(),
            1 => "removed 1".to_string(),
            count => format!("removed {count}"),
        };
        done(words, json!({"keyIds": removed}))
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
            // The secret may be an earlier run's: a create leaves it in hand for the push that follows.
            let age = Timestamp::now().duration_since(secret.made_at);
            let made = self
                .made_at
                .is_some_and(|made| made.elapsed() < REPLICATION);
            let fresh = (made || age.unsigned_abs() < REPLICATION) && began.elapsed() < REPLICATION;
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
        self.proven = Some(match &proven.outcome {
            ProofOutcome::Accepted => Ok(()),
            ProofOutcome::Unknown(why) | ProofOutcome::Refused(why) => Err(why.clone()),
        });
        match proven.outcome {
            ProofOutcome::Accepted => {
                let source = match self.file.facts.record.as_ref().map(|record| record.source) {
                    Some(RecordSource::Stated) if self.inner.secret_command.get().is_some() => {
                        "the command took it; that the portal holds it is stated, not read"
                    }
                    Some(RecordSource::Stated) => "that the portal holds it is stated by you",
                    _ => "the portal's settings were read back",
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
