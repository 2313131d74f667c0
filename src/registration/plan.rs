//! What would make a registration right: typed steps, in order, with their words. Nothing is done here.
//!
//! Steps are of two kinds. *Repeatable* ones (an upsert, a PATCH to a stated value, a read) may be sent again after a
//! lost answer. *Compensable* ones (a new secret) may not: the secret's name bears the run, so that a run which died
//! is recognised and cleaned up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::blueprint::Blueprint;
use super::fleet::{Device, Fqdn, InvalidValue};
use super::observed::{Observed, ResourceAccess};
use crate::text::sentence;

mod action;
mod adopting;
mod consenting;
mod creating;
mod intent;
mod minting;
mod pushing;
mod remains;
mod repairing;
mod retiring;
pub use action::{Action, Change, Properties};
use intent::secret_name;
pub use intent::{CreateForm, Intent};
pub use minting::MINTED_IN_HANDOFF;
pub use remains::{Remains, bears};

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// What it changes, in words; empty for steps that read.
    pub changes: Vec<Change>,
}

impl Step {
    fn new(action: Action) -> Step {
        Step {
            action,
            changes: Vec::new(),
        }
    }
}

/// What is known of the registration before the run; the rest is a named blank until a step fills it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The application's object ID, by which Graph addresses it.
    pub object_id: Option<Uuid>,
    /// Its client ID, which the portal is given.
    pub app_id: Option<Uuid>,
    /// Object ID of its service principal in the provider's tenant.
    #[serde(default)]
    pub principal_id: Option<Uuid>,
}

/// A plan: what will be done, in order, and what is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The device whose registration it changes.
    pub device: Fqdn,
    /// The directory ID of the device's tenant.
    pub tenant: Uuid,
    /// The name of the blueprint that it follows.
    pub blueprint: String,
    /// What was asked for.
    pub intent: Intent,
    /// The registration, as far as it is known.
    pub target: Target,
    /// The steps; none = nothing to do.
    pub steps: Vec<Step>,
    /// What stays as it is although somebody might expect otherwise.
    pub left_alone: Vec<String>,
    /// What the operator should know before.
    pub notes: Vec<String>,
}

impl Plan {
    /// What one should know of it, in sentences.
    pub fn noted(&self) -> Vec<String> {
        let notes = self.notes.iter();
        notes
            .map(|note| sentence(&format!("Note: {note}")))
            .collect()
    }

    /// What stays as it is, in sentences.
    pub fn leaves(&self) -> Vec<String> {
        let left = self.left_alone.iter();
        left.map(|one| sentence(&format!("Not changed: {one}")))
            .collect()
    }

    /// Both, what one should know first.
    pub fn remarks(&self) -> Vec<String> {
        [self.noted(), self.leaves()].concat()
    }

    /// How many properties it changes.
    pub fn changes(&self) -> usize {
        self.steps.iter().map(|step| step.changes.len()).sum()
    }

    /// Whether it removes this secret.
    pub fn removes(&self, secret: Uuid) -> bool {
        let removes = |step: &Step| matches!(step.action, Action::RemoveSecret { key_id, .. } if key_id == secret);
        self.steps.iter().any(removes)
    }
}

/// Why there is no plan, in words for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// The registration was never read.
    #[error("{0} was never read; read it first")]
    NeverRead(Fqdn),
    /// There is no registration to change.
    #[error("{0} has no registration yet; create one, or adopt an application that exists")]
    NotRegistered(Fqdn),
    /// The form breaks a rule.
    #[error("{0}")]
    Form(#[from] InvalidValue),
    /// Policy forbids client secrets.
    #[error(
        "the policy \"{0}\" forbids client secrets; ask who keeps the tenant's app management policies"
    )]
    SecretsForbidden(String),
    /// An application that may be this device's is there: one must be chosen first.
    #[error("{0}")]
    Candidates(String),
    /// A secret that is to be removed may still be in use.
    #[error("the secret \"{name}\" stays: {why}")]
    Stays {
        /// Its description.
        name: String,
        /// Why it may not go, and what would change that.
        why: String,
    },
    /// The application that is to be adopted is none that was found.
    #[error(
        "no application with the object ID {0} was found in the device's tenant, deleted ones included"
    )]
    NotFound(Uuid),
}

/// What the steps of a plan are drafted from. Each file beside this one adds what one kind of intent needs.
struct Drafting<'a> {
    blueprint: &'a Blueprint,
    device: &'a Device,
    observed: Observed<'a>,
    now: Timestamp,
    /// What dead runs left, when this takes them up.
    remains: Option<&'a Remains>,
}

impl Drafting<'_> {
    fn wanted_permissions(&self) -> Vec<ResourceAccess> {
        let resources = self.observed.tenant.resources.value.as_deref();
        let permissions = self.blueprint.permissions.iter();
        permissions.map(|one| one.resolve(resources)).collect()
    }
}

/// Makes the plan that carries out `intent` on what was observed. Only what differs is in it.
///
/// # Errors
/// [`NoPlan`], when there is nothing to stand on, or policy or the form forbid it.
pub fn plan(
    blueprint: &Blueprint,
    device: &Device,
    observed: Observed<'_>,
    intent: Intent,
    now: Timestamp,
) -> Result<Plan, NoPlan> {
    let Some(application) = &observed.registration.application.value else {
        return Err(NoPlan::NeverRead(device.fqdn.clone()));
    };
    let (intent, remains) = match intent {
        Intent::Resume { remains, intent } => (intent.purpose().clone(), Some(remains)),
        other => (other, None),
    };
    let drafting = Drafting {
        blueprint,
        device,
        observed,
        now,
        remains: remains.as_ref(),
    };
    let mut plan = Plan {
        device: device.fqdn.clone(),
        tenant: device.tenant,
        blueprint: blueprint.name.clone(),
        target: Target {
            object_id: application.as_ref().map(|app| app.object_id),
            app_id: application.as_ref().map(|app| app.app_id),
            principal_id: observed
                .registration
                .principal
                .value
                .as_ref()
                .and_then(Option::as_ref)
                .map(|principal| principal.object_id),
        },
        intent: intent.clone(),
        steps: Vec::new(),
        left_alone: Vec::new(),
        notes: Vec::new(),
    };
    if let Intent::Create(form) = &plan.intent {
        form.check()?;
    }
    match (intent, application) {
        (Intent::Create(_), None)
            if observed.registration.must_be_chosen(&device.unique_name()) =>
        {
            return Err(creating::candidates(device, observed));
        }
        (Intent::Create(form), None) => drafting.create(&mut plan, &form)?,
        (Intent::Create(form), Some(application)) => {
            plan.notes
                .push("a registration exists already: only what is missing is done".into());
            drafting.repair(&mut plan, application, &[], form.mpn_id.as_deref());
            let has_one = application
                .password_credentials
                .iter()
                .any(|one| !drafting.is_spent(one));
            if !has_one && drafting.mints_before_push() {
                plan.steps
                    .retain(|step| step.action != Action::ReadBackRegistration);
                drafting.add_secret(&mut plan, &form.secret_name, form.secret_months)?;
                plan.steps.push(Step::new(Action::ReadBackRegistration));
            }
        }
        (Intent::Repair { remove_extra }, Some(application)) => {
            drafting.repair(
                &mut plan,
                application,
                &remove_extra,
                device.mpn_id.as_deref(),
            );
        }
        (Intent::Follow { redirect_uri }, Some(application)) => {
            drafting.follow(&mut plan, application, redirect_uri);
        }
        (Intent::Adopt { object_id }, _) => drafting.adopt(&mut plan, object_id)?,
        (Intent::Consent, Some(_)) => drafting.consent(&mut plan),
        (Intent::Push { secret_in_hand }, Some(_)) => drafting.push(&mut plan, secret_in_hand)?,
        (Intent::Rotate, Some(application)) => drafting.rotate(&mut plan, application)?,
        (
            Intent::Retire {
                key_id,
                put_down,
                others,
            },
            Some(application),
        ) => drafting.retire(&mut plan, application, key_id, put_down, &others)?,
        (_, None) => return Err(NoPlan::NotRegistered(device.fqdn.clone())),
        (Intent::Resume { .. }, _) => {}
    }
    if let Some(remains) = &remains {
        drafting.clean_up(&mut plan, application.as_ref(), remains);
        plan.intent = Intent::Resume {
            remains: remains.clone(),
            intent: Box::new(plan.intent),
        };
    }
    Ok(plan)
}

#[cfg(test)]
mod tests;
