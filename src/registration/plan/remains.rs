//! Runs that died under way: what they left, and what of a plan comes from taking them up.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Drafting;
use super::{Action, Change, Intent, Plan, Step};
use crate::registration::observed::{Application, PasswordCredential, ProofOutcome};
use crate::registration::secret::SecretInUse;

/// What runs left that died under way: the newest, and those that it was to take up itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    /// Their short IDs, which the names of their secrets bear.
    pub runs: Vec<String>,
    /// Key IDs of secrets that they used or were to remove, whoever added them.
    pub spent: Vec<Uuid>,
    /// Key IDs of secrets that they were to put down to be removed later.
    #[serde(default)]
    pub retiring: Vec<Uuid>,
    /// They were to add a secret.
    pub added: bool,
    /// They were to put a secret in the portal: it may be there, whatever the record says.
    pub delivered: bool,
}

impl Remains {
    /// What a run leaves that was to carry out `plan`, together with what it was to clean up itself.
    pub fn of(run: String, plan: &Plan) -> Remains {
        let mut remains = match &plan.intent {
            Intent::Resume { remains, .. } => remains.clone(),
            _ => Remains::default(),
        };
        remains.runs.push(run);
        if let Intent::Push {
            secret_in_hand: Some(key_id),
        } = plan.intent.purpose()
        {
            remains.spent.push(*key_id);
        }
        for step in &plan.steps {
            match &step.action {
                Action::RemoveSecret { key_id, .. } => remains.spent.push(*key_id),
                Action::RetireLater { key_id, .. } => remains.retiring.push(*key_id),
                Action::AddSecret { .. } => remains.added = true,
                Action::WritePortal {
                    with_secret: true, ..
                }
                | Action::HandOff {
                    with_secret: true, ..
                } => remains.delivered = true,
                _ => {}
            }
        }
        remains.spent.sort();
        remains.spent.dedup();
        remains.retiring.sort();
        remains.retiring.dedup();
        remains
    }

    /// Whether a secret was added by one of these runs, by its name.
    pub fn named(&self, name: &str) -> bool {
        self.runs.iter().any(|run| bears(name, run))
    }
}

/// Whether a secret's name bears a run's short ID: it is the name's last word.
pub fn bears(name: &str, run: &str) -> bool {
    name.rsplit_once(' ').is_some_and(|(_, last)| last == run)
}

impl Drafting<'_> {
    /// A dead run added it, or used it, or was to remove it now or later.
    pub fn is_spent(&self, secret: &PasswordCredential) -> bool {
        self.remains.is_some_and(|remains| {
            remains.named(&secret.display_name)
                || remains.spent.contains(&secret.key_id)
                || remains.retiring.contains(&secret.key_id)
        })
    }

    /// The dead run had put its secret in the portal and proven it: only the cleaning was left.
    pub fn proven_by_remains(&self) -> bool {
        let facts = self.observed.registration;
        let Some(remains) = self.remains.filter(|remains| remains.delivered) else {
            return false;
        };
        let proven = facts
            .record_of_application()
            .and_then(|record| record.proof.as_ref())
            .is_some_and(|proof| proof.outcome == ProofOutcome::Accepted);
        let SecretInUse::Known(secret) = SecretInUse::of(facts) else {
            return false;
        };
        // A secret that the dead run was to remove is proven of old: that says nothing of what it wrote.
        let its_own = remains.named(&secret.display_name)
            || (!remains.added && remains.spent.contains(&secret.key_id));
        let portal_agrees = facts.portal_as_read().is_none_or(|portal| {
            let app_id = facts.application().map(|app| app.app_id.to_string());
            Some(portal.client_id.to_ascii_lowercase()) == app_id
        });
        proven && its_own && portal_agrees && secret.end.is_none_or(|end| end > self.now)
    }

    /// Last of all, what dead runs left is removed; a resume always ends with a look at the registration.
    pub fn clean_up(&self, plan: &mut Plan, application: Option<&Application>, remains: &Remains) {
        let adds = |step: &Step| matches!(step.action, Action::AddSecret { .. });
        let in_hand = match plan.intent {
            Intent::Push { secret_in_hand } => secret_in_hand,
            _ => None,
        };
        let record = self.observed.registration.record_of_application();
        let kept = match plan.steps.iter().any(adds) {
            true => None,
            false => in_hand.or(record.and_then(|record| record.key_id)),
        };
        let mut named = Vec::new();
        for secret in application
            .into_iter()
            .flat_map(|app| &app.password_credentials)
            .filter(|one| Some(one.key_id) != kept)
        {
            if remains.named(&secret.display_name) {
                named.push(Change {
                    field: "passwordCredentials".into(),
                    from: format!("\"{}\"", secret.display_name),
                    to: "removed".into(),
                });
            } else if remains.spent.contains(&secret.key_id) && !plan.removes(secret.key_id) {
                plan.steps.push(Step::new(Action::RemoveSecret {
                    key_id: secret.key_id,
                    name: secret.display_name.clone(),
                    hint: None,
                }));
            } else if remains.retiring.contains(&secret.key_id) {
                self.put_down(plan, secret);
            }
        }
        if remains.added {
            plan.steps.push(Step {
                action: Action::RemoveLeftovers {
                    runs: remains.runs.clone(),
                },
                changes: named,
            });
        }
        if plan.steps.is_empty() && application.is_some() {
            plan.steps.push(Step::new(Action::ReadBackRegistration));
        }
        plan.notes.push(format!(
            "run {} was interrupted: it is closed as abandoned when this run begins",
            remains.runs.last().map_or("", String::as_str)
        ));
    }
}
