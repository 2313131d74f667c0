//! A new client secret: when it is added, how long it may live, and what of that is not known.

use super::Drafting;
use super::{Action, NoPlan, Plan, Step};
use crate::registration::fleet::PortalWay;
use crate::registration::observed::Failure;
use crate::registration::secret::{Lifetime, lifetime};

/// What a plan notes where a person fills in the portal's page.
pub const MINTED_IN_HANDOFF: &str =
    "the client secret is added in the handoff, once its field is reached";

impl Drafting<'_> {
    /// In a handoff the secret is added when the operator reaches its field, not before.
    pub fn mints_before_push(&self) -> bool {
        self.device.portal_way == PortalWay::Http
    }

    /// The step that adds a secret of this lifetime in months, or of the longest that policy allows.
    pub fn add_secret(&self, plan: &mut Plan, name: &str, months: u32) -> Result<(), NoPlan> {
        let lifetime = self.secret_lifetime(months)?;
        if let Some(unknown) = self.unknown_policy() {
            plan.notes.push(format!(
                "{unknown}: Entra may refuse this secret, or its lifetime"
            ));
        }
        if let Some(policy) = &lifetime.shortened_by {
            plan.notes.push(format!(
                "the secret will end on {} instead of after {months} months: {policy}",
                crate::text::day(lifetime.end)
            ));
        }
        if !self.mints_before_push() {
            plan.notes.push(MINTED_IN_HANDOFF.into());
        }
        plan.steps.push(Step::new(Action::AddSecret {
            name: name.to_string(),
            end: lifetime.end,
        }));
        Ok(())
    }

    /// A secret may be added at all, of whatever lifetime.
    pub fn check_secrets_allowed(&self) -> Result<(), NoPlan> {
        self.secret_lifetime(1).map(|_| ())
    }

    fn secret_lifetime(&self, months: u32) -> Result<Lifetime, NoPlan> {
        let created = self
            .observed
            .registration
            .application()
            .and_then(|app| app.created)
            .unwrap_or(self.now);
        lifetime(months, self.observed.secret_policy(), created, self.now)
            .map_err(NoPlan::SecretsForbidden)
    }

    /// What of the policies for client secrets could not be read, and why.
    fn unknown_policy(&self) -> Option<String> {
        let why = |failure: &Option<Failure>| {
            let why = failure.as_ref().map(|failure| failure.why.clone());
            why.unwrap_or_else(|| "it was not read yet".to_string())
        };
        let facts = self.observed.registration;
        let own = &facts.secret_policy;
        let tenants = &self.observed.tenant.policy;
        if own.value.is_none() && facts.application().is_some() {
            let why = why(&own.failure);
            return Some(format!(
                "whether the application has a policy of its own for client secrets is not known ({why})"
            ));
        }
        (tenants.value.is_none() && own.value.iter().flatten().next().is_none()).then(|| {
            let why = why(&tenants.failure);
            format!("the tenant's policy for client secrets is not known ({why})")
        })
    }
}
