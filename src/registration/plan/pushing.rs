//! Bringing client ID, secret and redirect URI to the portal, by a call or by a person.

use uuid::Uuid;

use super::Drafting;
use super::{Action, NoPlan, Plan, Step, secret_name};
use crate::registration::changes;
use crate::registration::fleet::PortalWay;
use crate::registration::observed::ProofOutcome;
use crate::registration::redirect::device_redirect_uri;
use crate::registration::secret::SecretInUse;

impl Drafting<'_> {
    /// The steps that make the portal hold what Entra has; a secret is among them where the portal's own can't be relied on.
    pub fn push(&self, plan: &mut Plan, secret_in_hand: Option<Uuid>) -> Result<(), NoPlan> {
        let facts = self.observed.registration;
        let redirect_uri = device_redirect_uri(self.blueprint, self.device)?.to_string();
        let refused = facts
            .record_of_application()
            .and_then(|record| record.proof.as_ref())
            .is_some_and(|proof| matches!(proof.outcome, ProofOutcome::Refused(_)));
        let has_it = match (SecretInUse::of(facts), facts.portal_as_read()) {
            (SecretInUse::Known(secret), Some(portal)) => {
                !refused
                    && secret.end.is_none_or(|end| end > self.now)
                    && portal.has_client_secret != Some(false)
                    && Some(portal.client_id.to_ascii_lowercase())
                        == plan.target.app_id.map(|id| id.to_string())
            }
            (SecretInUse::Known(secret), None) => {
                !refused
                    && secret.end.is_none_or(|end| end > self.now)
                    && self.only_redirect_uris_are_new(&redirect_uri)
            }
            _ => false,
        };
        if self.proven_by_remains() {
            if self.mints_before_push() {
                self.deliver(plan, redirect_uri, false);
            }
            return Ok(());
        }
        // What a dead run wrote may have arrived although the record knows nothing of it.
        let unsure = self.remains.is_some_and(|remains| remains.delivered);
        let with_secret = secret_in_hand.is_some() || unsure || !has_it;
        if with_secret && secret_in_hand.is_none() {
            let name = secret_name(self.device, self.now);
            self.add_secret(plan, &name, self.blueprint.secret_months)?;
        }
        self.deliver(plan, redirect_uri, with_secret);
        if with_secret {
            self.put_down_the_one_in_use(plan, secret_in_hand);
        }
        Ok(())
    }

    /// The page was filled in by hand before, and all of that still holds but its redirect URIs.
    fn only_redirect_uris_are_new(&self, redirect_uri: &str) -> bool {
        let facts = self.observed.registration;
        let by_hand = self.device.portal_way == PortalWay::Handoff;
        let record = facts.record_of_application().filter(|_| by_hand);
        record.is_some_and(|record| {
            record.redirect_uri != redirect_uri || !record.unstated(self.device).is_empty()
        })
    }

    /// The steps that bring client ID, secret and redirect URI to the portal, and prove them.
    pub fn deliver(&self, plan: &mut Plan, redirect_uri: String, with_secret: bool) {
        match self.device.portal_way {
            PortalWay::Http => {
                let action = Action::WritePortal {
                    redirect_uri: redirect_uri.clone(),
                    with_secret,
                };
                let changes = changes::portal(
                    self.observed.registration,
                    plan.target.app_id,
                    &redirect_uri,
                    with_secret,
                );
                plan.steps.push(Step { action, changes });
                plan.steps
                    .push(Step::new(Action::ReadBackPortal { redirect_uri }));
            }
            PortalWay::Handoff => plan.steps.push(Step::new(Action::HandOff {
                redirect_uri,
                with_secret,
            })),
        }
        if with_secret {
            plan.steps.push(Step::new(Action::ProveSecret));
        }
    }
}
