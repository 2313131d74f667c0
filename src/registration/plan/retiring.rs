//! Replacing a secret and taking the earlier one away: at once, from a day on, or by a run of its own.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Drafting;
use super::{Action, NoPlan, Plan, Step, secret_name};
use crate::registration::fleet::PortalWay;
use crate::registration::observed::{Application, PasswordCredential};
use crate::registration::redirect::device_redirect_uri;
use crate::registration::secret::SecretInUse;
use crate::registration::secret::retire::{PortalOfOther, may_go};

impl Drafting<'_> {
    /// A new secret to the portal; the earlier one goes at once, later, or by a word of the operator.
    pub fn rotate(&self, plan: &mut Plan, application: &Application) -> Result<(), NoPlan> {
        let facts = self.observed.registration;
        if self.proven_by_remains() {
            return Ok(());
        }
        let name = secret_name(self.device, self.now);
        self.add_secret(plan, &name, self.blueprint.secret_months)?;
        let redirect_uri = device_redirect_uri(self.blueprint, self.device)?.to_string();
        self.deliver(plan, redirect_uri, true);
        let in_use = self.known_in_use().map(|secret| secret.key_id);
        let at_once = self.device.portal_way == PortalWay::Http
            && facts.shared_with.is_empty()
            && self.blueprint.secret_days.retire_after_push == 0;
        let credentials = application.password_credentials.iter();
        for secret in credentials.filter(|one| !self.is_spent(one)) {
            if in_use != Some(secret.key_id) {
                let label = format!(
                    "the secret {}",
                    secret.named_among(&application.password_credentials)
                );
                plan.left_alone
                    .push(format!("{label}: nothing on record says who uses it"));
            } else if at_once {
                plan.steps.push(Step::new(Action::RemoveSecret {
                    key_id: secret.key_id,
                    name: secret.display_name.clone(),
                    hint: secret.hint_among(&application.password_credentials),
                }));
            } else {
                self.put_down(plan, secret);
            }
        }
        if !facts.shared_with.is_empty() {
            let others: Vec<&str> = facts.shared_with.iter().map(|one| one.short()).collect();
            let until = match in_use {
                Some(_) => "the earlier secret is removed when their portals have another one too",
                None => "their portals keep their secret until you push to them too",
            };
            plan.notes
                .push(format!("shared with {}: {until}", others.join(", ")));
        }
        Ok(())
    }

    /// Removes one secret, when it is sure that no portal uses it.
    pub fn retire(
        &self,
        plan: &mut Plan,
        application: &Application,
        key_id: Uuid,
        put_down: bool,
        others: &[PortalOfOther],
    ) -> Result<(), NoPlan> {
        let mut credentials = application.password_credentials.iter();
        let Some(secret) = credentials.find(|one| one.key_id == key_id) else {
            plan.left_alone
                .push("the secret was removed from Entra already".to_string());
            return Ok(());
        };
        let cautions =
            may_go(secret, self.observed.registration, others, self.now).map_err(|why| {
                NoPlan::Stays {
                    name: secret.display_name.clone(),
                    why,
                }
            })?;
        if !put_down {
            let name = secret.named_among(&application.password_credentials);
            plan.notes.push(match secret.end {
                Some(end) if end <= self.now => {
                    format!("{name} has expired: nobody can sign in with it any more")
                }
                _ => format!(
                    "no run on this machine has replaced {name}: whoever still uses it can't sign in afterwards"
                ),
            });
        }
        plan.notes.extend(cautions);
        plan.steps.push(Step::new(Action::RemoveSecret {
            key_id,
            name: secret.display_name.clone(),
            hint: secret.hint_among(&application.password_credentials),
        }));
        plan.steps.push(Step::new(Action::ReadBackRegistration));
        Ok(())
    }

    /// The secret on record is replaced by another one: it is put down to go, unless a dead run's cleaning takes it.
    pub fn put_down_the_one_in_use(&self, plan: &mut Plan, replacement: Option<Uuid>) {
        if let Some(secret) = self.known_in_use()
            && Some(secret.key_id) != replacement
            && !self.is_spent(secret)
        {
            self.put_down(plan, secret);
        }
    }

    /// Puts a secret down to be removed by a run of its own.
    pub fn put_down(&self, plan: &mut Plan, secret: &PasswordCredential) {
        let days = match self.device.portal_way {
            PortalWay::Http => self.blueprint.secret_days.retire_after_push,
            PortalWay::Handoff => self.blueprint.secret_days.retire_after_handoff,
        };
        let application = self.observed.registration.application();
        let all = application.map_or(&[][..], |app| &app.password_credentials);
        plan.steps.push(Step::new(Action::RetireLater {
            key_id: secret.key_id,
            name: secret.display_name.clone(),
            hint: secret.hint_among(all),
            due: in_days(self.now, days),
        }));
    }

    fn known_in_use(&self) -> Option<&PasswordCredential> {
        match SecretInUse::of(self.observed.registration) {
            SecretInUse::Known(secret) => Some(secret),
            _ => None,
        }
    }
}

/// In whole seconds: what is due at once is due for whoever looks within the same second.
fn in_days(now: Timestamp, days: u32) -> Timestamp {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX)
}
