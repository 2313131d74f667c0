//! What would make a registration right: typed steps, in order, with their words. Nothing is done here.
//!
//! Steps are of two kinds. *Repeatable* ones (an upsert, a PATCH to a stated value, a read) may be sent again after a
//! lost answer. *Compensable* ones (a new secret) may not: the secret's name bears the run, so that a run which died
//! is recognised and cleaned up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::blueprint::Blueprint;
use super::fleet::{Device, Fqdn, InvalidValue, RedirectUri};
use super::fleet::{valid_display_name, valid_mpn_id};
use super::observed::{Observed, ResourceAccess};
use super::secret::retire::PortalOfOther;

mod adopting;
mod consenting;
mod drafting;
mod remains;
mod retiring;
use drafting::Drafting;
pub use drafting::MINTED_IN_HANDOFF;
pub use remains::{Remains, bears};

/// What the operator wants done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "intent")]
pub enum Intent {
    /// Make the registration, or whatever is missing of one that is there already.
    Create(CreateForm),
    /// Change what differs in Entra, nothing else.
    Repair {
        /// Permissions that somebody added and the operator chose to take away.
        remove_extra: Vec<ResourceAccess>,
    },
    /// Let Entra follow the portal: this redirect URI is the device's from now on, and its registration gets it.
    Follow {
        /// The redirect URI that the portal sends.
        redirect_uri: RedirectUri,
    },
    /// Take an application that is there already for the device's registration; one in the bin is restored first.
    Adopt {
        /// Its object ID.
        object_id: Uuid,
    },
    /// Consent in the provider's own tenant, for everybody there, to what the blueprint wants.
    Consent,
    /// Put the settings in the portal, or lead the operator through its page.
    Push {
        /// The key ID of a secret whose value this process still holds; `None` = a new one must be added.
        secret_in_hand: Option<Uuid>,
    },
    /// Add a new secret, put it in the portal, prove it, then retire the one that was in use.
    Rotate,
    /// Remove one secret, once no portal that shares the registration may be using it.
    Retire {
        /// Its key ID.
        key_id: Uuid,
        /// A run put it down to go; otherwise nobody here knows who uses it.
        put_down: bool,
        /// What is on record of the other devices that share the registration.
        others: Vec<PortalOfOther>,
    },
    /// Take up what runs left that died: the same again on fresh facts, then remove what they left behind.
    Resume {
        /// What the dead runs left.
        remains: Remains,
        /// What they were for.
        #[serde(rename = "purpose")]
        intent: Box<Intent>,
    },
}

impl Intent {
    /// What it is for in the end: itself, or what a resume takes up.
    pub fn purpose(&self) -> &Intent {
        match self {
            Intent::Resume { intent, .. } => intent.purpose(),
            other => other,
        }
    }

    /// One word for titles, journal and audit.
    pub fn word(&self) -> &'static str {
        match self {
            Intent::Create(_) => "create",
            Intent::Repair { .. } => "repair",
            Intent::Follow { .. } => "follow",
            Intent::Adopt { .. } => "adopt",
            Intent::Consent => "consent",
            Intent::Push { .. } => "push",
            Intent::Rotate => "rotate",
            Intent::Retire { .. } => "retire",
            Intent::Resume { .. } => "resume",
        }
    }
}

/// What the operator fills in to create a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateForm {
    /// Display name.
    pub name: String,
    /// Redirect URI.
    pub redirect_uri: RedirectUri,
    /// Description of the client secret.
    pub secret_name: String,
    /// Its lifetime in months, before policy.
    pub secret_months: u32,
    /// Partner One (MPN) ID; `None` = the publisher is not verified.
    pub mpn_id: Option<String>,
    /// Notes on the registration.
    pub notes: String,
}

impl CreateForm {
    /// The form with what the device and the blueprint suggest.
    ///
    /// # Errors
    /// When the device's redirect URI can't be one.
    pub fn suggested(
        blueprint: &Blueprint,
        device: &Device,
        now: Timestamp,
    ) -> Result<CreateForm, InvalidValue> {
        Ok(CreateForm {
            name: format!("UMP Sync {}", device.fqdn.short()),
            redirect_uri: device_redirect_uri(blueprint, device)?,
            secret_name: secret_name(device, now),
            secret_months: blueprint.secret_months,
            mpn_id: device.mpn_id.clone(),
            notes: device.notes.clone(),
        })
    }

    /// Checks every field that has a rule.
    ///
    /// # Errors
    /// The first field that breaks its rule.
    pub fn check(&self) -> Result<(), InvalidValue> {
        valid_display_name(&self.name)?;
        valid_display_name(&self.secret_name)
            .map_err(|why| InvalidValue(format!("secret description: {why}")))?;
        if !(1..=24).contains(&self.secret_months) {
            return Err(InvalidValue("a secret lives 1 to 24 months".to_string()));
        }
        self.mpn_id.as_deref().map_or(Ok(()), valid_mpn_id)
    }
}

fn secret_name(device: &Device, now: Timestamp) -> String {
    format!("umpdeck {} {}", device.fqdn.short(), now.strftime("%Y-%m"))
}

/// The properties of an application that a step sets; `None` = left as it is. Lists are whole lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    /// `uniqueName`, which can be set once and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// `displayName`.
    pub display_name: Option<String>,
    /// `signInAudience`.
    pub sign_in_audience: Option<String>,
    /// `web.redirectUris`.
    pub web_redirect_uris: Option<Vec<String>>,
    /// `spa.redirectUris`.
    pub spa_redirect_uris: Option<Vec<String>>,
    /// `publicClient.redirectUris`.
    pub public_client_redirect_uris: Option<Vec<String>>,
    /// `web.implicitGrantSettings.enableAccessTokenIssuance`.
    pub enable_access_token_issuance: Option<bool>,
    /// `web.implicitGrantSettings.enableIdTokenIssuance`.
    pub enable_id_token_issuance: Option<bool>,
    /// `isFallbackPublicClient`.
    pub is_fallback_public_client: Option<bool>,
    /// `requiredResourceAccess`.
    pub required_resource_access: Option<Vec<ResourceAccess>>,
    /// `notes`.
    pub notes: Option<String>,
}

/// One thing that a run does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    /// Look whether a registration is there already: by unique name, redirect URI, name. Stops the run if so.
    FindRegistration {
        /// `uniqueName`.
        unique_name: String,
        /// Redirect URI.
        redirect_uri: String,
        /// Display name.
        name: String,
    },
    /// Make the application, by upsert on its unique name.
    CreateApplication {
        /// `uniqueName`.
        unique_name: String,
        /// What it is made with.
        properties: Properties,
    },
    /// Set properties of the application.
    UpdateApplication {
        /// What is set.
        properties: Properties,
    },
    /// Take the application out of the tenant's bin.
    RestoreApplication {
        /// Its display name.
        name: String,
    },
    /// Take the service principal out of the bin, with what was granted to it; make one where the bin has none.
    RestoreServicePrincipal,
    /// Remember on this machine by its object ID that the application is the device's registration.
    Link {
        /// Its object ID.
        object_id: Uuid,
    },
    /// Make sure that the service principal is there.
    EnsureServicePrincipal,
    /// Consent for everybody in the provider's tenant to delegated permissions of one resource. There is one grant for
    /// a client and a resource: it is made, or made longer; what it has stays.
    GrantScopes {
        /// The resource's name.
        resource: String,
        /// Its service principal's object ID.
        resource_object_id: Uuid,
        /// The grant that is there already; `None` = it is made.
        grant: Option<String>,
        /// The names that it has.
        kept: Vec<String>,
        /// The names that come to it.
        added: Vec<String>,
    },
    /// Consent in the provider's tenant to an application permission.
    GrantRole {
        /// The resource's name.
        resource: String,
        /// Its service principal's object ID.
        resource_object_id: Uuid,
        /// The app role's id.
        role_id: Uuid,
        /// Its name.
        name: String,
    },
    /// Verify the publisher.
    VerifyPublisher {
        /// Partner One (MPN) ID.
        mpn_id: String,
    },
    /// Add a client secret. Before a [`Action::HandOff`] it waits until the operator reaches the secret's field.
    AddSecret {
        /// Its description; the run's short id is added when it is made.
        name: String,
        /// When it ends.
        end: Timestamp,
    },
    /// Read the application back and compare.
    ReadBackRegistration,
    /// Write the portal's settings.
    WritePortal {
        /// The redirect URI to write.
        redirect_uri: String,
        /// Whether the secret is written too.
        with_secret: bool,
    },
    /// Read the portal's settings back and compare.
    ReadBackPortal {
        /// The redirect URI that must be found.
        redirect_uri: String,
    },
    /// The operator puts the settings in the portal's page by hand and says so.
    HandOff {
        /// The redirect URI to apply.
        redirect_uri: String,
    },
    /// Ask Entra for a token with the registration's own client ID and secret.
    ProveSecret,
    /// Remove a client secret.
    RemoveSecret {
        /// Its key ID.
        key_id: Uuid,
        /// Its description.
        name: String,
    },
    /// Put an earlier client secret down to be removed by a run of its own, from a day on.
    RetireLater {
        /// Its key ID.
        key_id: Uuid,
        /// Its description.
        name: String,
        /// From when on it is due.
        due: Timestamp,
    },
    /// Remove every client secret that dead runs added, except the one in use: looked up when it is done, since a
    /// request of a dead run may have arrived late.
    RemoveLeftovers {
        /// The runs' short IDs.
        runs: Vec<String>,
    },
}

impl Action {
    /// May the step be sent again after a lost answer?
    pub fn repeatable(&self) -> bool {
        !matches!(self, Action::AddSecret { .. })
    }

    /// Reads only?
    pub fn reads_only(&self) -> bool {
        matches!(
            self,
            Action::FindRegistration { .. }
                | Action::ReadBackRegistration
                | Action::ReadBackPortal { .. }
                | Action::ProveSecret
        )
    }

    /// The step's title on screen.
    pub fn title(&self) -> String {
        match self {
            Action::FindRegistration { .. } => "look for an existing registration".into(),
            Action::CreateApplication { .. } => "create the registration".into(),
            Action::UpdateApplication { .. } => "update the registration".into(),
            Action::RestoreApplication { name } => {
                format!("restore the deleted application \"{name}\"")
            }
            Action::RestoreServicePrincipal => {
                "restore the service principal, or make one where none was deleted".into()
            }
            Action::Link { .. } => "remember it here as the device's registration".into(),
            Action::EnsureServicePrincipal => "make sure of the service principal".into(),
            Action::GrantScopes {
                resource, grant, ..
            } => match grant {
                Some(_) => format!("extend the consent in your tenant to {resource}"),
                None => format!("consent in your tenant to {resource}"),
            },
            Action::GrantRole { resource, name, .. } => {
                format!("consent in your tenant to {name} of {resource}")
            }
            Action::VerifyPublisher { mpn_id } => format!("verify the publisher, MPN {mpn_id}"),
            Action::AddSecret { end, .. } => {
                format!("add a client secret, until {}", end.strftime("%Y-%m-%d"))
            }
            Action::ReadBackRegistration => "read the registration back and compare".into(),
            Action::WritePortal {
                with_secret: true, ..
            } => "write client ID, secret and redirect URI to the portal".into(),
            Action::WritePortal {
                with_secret: false, ..
            } => "write client ID and redirect URI to the portal".into(),
            Action::ReadBackPortal { .. } => "read the portal back and compare".into(),
            Action::HandOff { .. } => "you apply the values in the portal's page".into(),
            Action::ProveSecret => "prove the secret by a token request".into(),
            Action::RemoveSecret { name, .. } => format!("remove the earlier secret \"{name}\""),
            Action::RetireLater { name, due, .. } => format!(
                "put the earlier secret \"{name}\" down to be removed from {} on",
                due.strftime("%Y-%m-%d")
            ),
            Action::RemoveLeftovers { runs } => {
                format!(
                    "remove the secrets that run {} left",
                    runs.join(" and run ")
                )
            }
        }
    }
}

/// One property that a step changes, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Graph's or the portal's name of the field.
    pub field: String,
    /// What is there.
    pub from: String,
    /// What will be there.
    pub to: String,
}

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
    /// Object ID.
    pub object_id: Option<Uuid>,
    /// Client ID.
    pub app_id: Option<Uuid>,
    /// Object ID of its service principal in the provider's tenant.
    #[serde(default)]
    pub principal_id: Option<Uuid>,
}

/// A plan: what will be done, in order, and what is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The device.
    pub device: Fqdn,
    /// Its tenant.
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
    #[error("{0} was never read, so nobody can say what would be right; refresh first")]
    NeverRead(Fqdn),
    /// There is no registration to change.
    #[error("{0} has no registration yet; create it first")]
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
        "no application with the object ID {0} was found in the device's tenant, nor in its bin"
    )]
    NotFound(Uuid),
}

/// The device's own redirect URI: the inventory's where it states one, else the blueprint's.
///
/// # Errors
/// When the blueprint's path and the device's FQDN make none that Entra takes.
pub fn device_redirect_uri(
    blueprint: &Blueprint,
    device: &Device,
) -> Result<RedirectUri, InvalidValue> {
    match &device.redirect_uri {
        Some(uri) => Ok(uri.clone()),
        None => blueprint.redirect_uri(&device.fqdn),
    }
}

/// The redirect URIs that a device wants on its registration: its own first, then its customers' own.
pub fn wanted_redirect_uris(blueprint: &Blueprint, device: &Device) -> Vec<RedirectUri> {
    let own = device_redirect_uri(blueprint, device).ok();
    let customers = device
        .customers
        .iter()
        .filter_map(|customer| customer.redirect_uri.clone());
    let mut all = Vec::new();
    for uri in own.into_iter().chain(customers) {
        if !all.contains(&uri) {
            all.push(uri);
        }
    }
    all
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
            return Err(drafting::candidates(device, observed));
        }
        (Intent::Create(form), None) => drafting.create(&mut plan, &form)?,
        (Intent::Create(form), Some(application)) => {
            plan.notes
                .push("a registration is there already: only what is missing is done".into());
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
#[cfg(test)]
mod tests_of_foresight;
#[cfg(test)]
mod tests_of_resume;
