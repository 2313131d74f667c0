//! What would make a registration right: typed steps, in order, with their words. Nothing is done here.
//!
//! Steps are of two kinds. *Repeatable* ones (an upsert, a PATCH to a stated value, a read) may be sent again after a
//! lost answer. *Compensable* ones (a new secret) may not: the secret's name bears the run, so that a run which died
//! is recognised and cleaned up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::blueprint::Blueprint;
use super::fleet::{Device, Fqdn, InvalidValue, PortalWay, RedirectUri};
use super::fleet::{valid_display_name, valid_mpn_id};
use super::observed::{Application, Observed, ProofOutcome, ResourceAccess};
use super::permissions::permission_lines;
use super::secret::{SecretInUse, lifetime};

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
    /// Put the settings in the portal, or lead the operator through its page.
    Push {
        /// The key ID of a secret whose value this process still holds; `None` = a new one must be added.
        secret_in_hand: Option<Uuid>,
    },
    /// Add a new secret, put it in the portal, prove it, then retire the one that was in use.
    Rotate,
}

impl Intent {
    /// One word for titles, journal and audit.
    pub fn word(&self) -> &'static str {
        match self {
            Intent::Create(_) => "create",
            Intent::Repair { .. } => "repair",
            Intent::Push { .. } => "push",
            Intent::Rotate => "rotate",
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

const MINTED_IN_HANDOFF: &str =
    "the client secret is added in the handoff, when you reach its field in the portal's page";

fn secret_name(device: &Device, now: Timestamp) -> String {
    format!("umpdeck {} {}", device.fqdn.short(), now.strftime("%Y-%m"))
}

/// The properties of an application that a step sets; `None` = left as it is. Lists are whole lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
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
    /// Make sure that the service principal is there.
    EnsureServicePrincipal,
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
            Action::EnsureServicePrincipal => "make sure of the service principal".into(),
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
}

/// A plan: what will be done, in order, and what is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The device.
    pub device: Fqdn,
    /// Its tenant.
    pub tenant: Uuid,
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
    let drafting = Drafting {
        blueprint,
        device,
        observed,
        now,
    };
    let mut plan = Plan {
        device: device.fqdn.clone(),
        tenant: device.tenant,
        target: Target {
            object_id: application.as_ref().map(|app| app.object_id),
            app_id: application.as_ref().map(|app| app.app_id),
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
        (Intent::Create(_), None) if !observed.registration.candidates.is_empty() => {
            return Err(candidates(device, observed));
        }
        (Intent::Create(form), None) => drafting.create(&mut plan, &form)?,
        (Intent::Create(form), Some(application)) => {
            plan.notes
                .push("a registration is there already: only what is missing is done".into());
            drafting.repair(&mut plan, application, &[], form.mpn_id.as_deref());
            if application.password_credentials.is_empty() && drafting.mints_before_push() {
                drafting.add_secret(&mut plan, &form.secret_name, form.secret_months)?;
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
        (Intent::Push { secret_in_hand }, Some(_)) => drafting.push(&mut plan, secret_in_hand)?,
        (Intent::Rotate, Some(application)) => drafting.rotate(&mut plan, application)?,
        (_, None) => return Err(NoPlan::NotRegistered(device.fqdn.clone())),
    }
    Ok(plan)
}

fn candidates(device: &Device, observed: Observed<'_>) -> NoPlan {
    let names: Vec<_> = observed
        .registration
        .candidates
        .iter()
        .map(|one| format!("\"{}\" ({})", one.display_name, one.app_id))
        .collect();
    NoPlan::Candidates(format!(
        "{} may have its registration already: {}; adopt it, or rename what is not it and refresh",
        device.fqdn,
        names.join(", ")
    ))
}

struct Drafting<'a> {
    blueprint: &'a Blueprint,
    device: &'a Device,
    observed: Observed<'a>,
    now: Timestamp,
}

impl Drafting<'_> {
    /// In a handoff the secret is added when the operator reaches its field, not before.
    fn mints_before_push(&self) -> bool {
        self.device.portal_way == PortalWay::Http
    }

    fn create(&self, plan: &mut Plan, form: &CreateForm) -> Result<(), NoPlan> {
        let resources = self.observed.tenant.resources.value.as_deref();
        let mut uris = vec![form.redirect_uri.to_string()];
        let customers = self.device.customers.iter();
        for uri in customers.filter_map(|customer| customer.redirect_uri.as_ref()) {
            if !uris.iter().any(|one| one == uri.as_str()) {
                uris.push(uri.to_string());
            }
        }
        let permissions: Vec<ResourceAccess> = self
            .blueprint
            .permissions
            .iter()
            .map(|wanted| wanted.resolve(resources))
            .collect();
        let properties = Properties {
            display_name: Some(form.name.clone()),
            sign_in_audience: Some(self.blueprint.sign_in_audience.clone()),
            web_redirect_uris: Some(uris),
            enable_access_token_issuance: Some(self.blueprint.enable_access_token_issuance),
            enable_id_token_issuance: Some(self.blueprint.enable_id_token_issuance),
            is_fallback_public_client: Some(self.blueprint.is_fallback_public_client),
            required_resource_access: Some(permissions),
            notes: (!form.notes.is_empty()).then(|| form.notes.clone()),
            ..Properties::default()
        };
        plan.steps.push(Step::new(Action::FindRegistration {
            unique_name: self.device.unique_name(),
            redirect_uri: form.redirect_uri.to_string(),
            name: form.name.clone(),
        }));
        let changes = super::changes::from_nothing(self.blueprint, &properties);
        plan.steps.push(Step {
            action: Action::CreateApplication {
                unique_name: self.device.unique_name(),
                properties,
            },
            changes,
        });
        plan.steps.push(Step::new(Action::EnsureServicePrincipal));
        if let Some(mpn_id) = &form.mpn_id {
            self.verify_publisher(plan, mpn_id);
        }
        if self.mints_before_push() {
            self.add_secret(plan, &form.secret_name, form.secret_months)?;
        } else {
            self.check_secrets_allowed()?;
            plan.notes.push(MINTED_IN_HANDOFF.into());
        }
        plan.steps.push(Step::new(Action::ReadBackRegistration));
        Ok(())
    }

    fn repair(
        &self,
        plan: &mut Plan,
        application: &Application,
        remove_extra: &[ResourceAccess],
        mpn_id: Option<&str>,
    ) {
        let properties = self.differences(application, remove_extra);
        let changes =
            super::changes::between(self.blueprint, self.observed, application, &properties);
        if properties != Properties::default() {
            plan.steps.push(Step {
                action: Action::UpdateApplication { properties },
                changes,
            });
        }
        let principal = &self.observed.registration.principal.value;
        if principal.as_ref().is_some_and(Option::is_none) {
            plan.steps.push(Step::new(Action::EnsureServicePrincipal));
        }
        if principal.iter().flatten().any(|one| !one.enabled) {
            plan.left_alone.push(
                "the service principal is disabled: somebody decided that; enable it in Entra's Enterprise applications"
                    .into(),
            );
        }
        if let Some(mpn_id) = mpn_id {
            let verified = application.verified_publisher.as_ref();
            if verified.is_none_or(|publisher| publisher.id != mpn_id) {
                self.verify_publisher(plan, mpn_id);
            }
        }
        if !plan.steps.is_empty() {
            plan.steps.push(Step::new(Action::ReadBackRegistration));
        }
        for line in permission_lines(self.blueprint, self.observed) {
            if line.extra() && !remove_extra.contains(&line.access) {
                plan.left_alone.push(format!(
                    "{} was added by somebody; the blueprint does not ask for it",
                    line.full_name()
                ));
            }
        }
        if !plan.steps.is_empty() && !self.observed.registration.shared_with.is_empty() {
            let others: Vec<_> = self
                .observed
                .registration
                .shared_with
                .iter()
                .map(Fqdn::as_str)
                .collect();
            plan.notes.push(format!(
                "shared with {}: it changes for all",
                others.join(", ")
            ));
        }
    }

    /// Only what differs; lists keep what others put there.
    fn differences(&self, has: &Application, remove_extra: &[ResourceAccess]) -> Properties {
        let blueprint = self.blueprint;
        let differs = |wanted: bool, found: bool| (wanted != found).then_some(wanted);
        let wanted_uris = wanted_redirect_uris(blueprint, self.device);
        let is_wanted = |uri: &String| wanted_uris.iter().any(|wanted| wanted.as_str() == uri);
        // A URI that differs from a wanted one only in case or a trailing slash was meant to be it. On a shared
        // registration only the device's own host is surely its own.
        let shared = !self.observed.registration.shared_with.is_empty();
        let own_host = format!("https://{}/", self.device.fqdn);
        let near = |uri: &String| {
            !is_wanted(uri)
                && wanted_uris.iter().any(|wanted| {
                    wanted.is_twin_of(uri) && (!shared || wanted.origin() == own_host)
                })
        };
        let mut uris: Vec<String> = has
            .web_redirect_uris
            .iter()
            .filter(|uri| !near(uri))
            .cloned()
            .collect();
        for wanted in &wanted_uris {
            if !uris.iter().any(|uri| uri == wanted.as_str()) {
                uris.push(wanted.to_string());
            }
        }
        let without_wanted = |list: &[String]| {
            list.iter().any(is_wanted).then(|| {
                list.iter()
                    .filter(|uri| !is_wanted(uri))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        };
        let resources = self.observed.tenant.resources.value.as_deref();
        let permissions = blueprint.permissions.iter();
        let wanted: Vec<_> = permissions.map(|one| one.resolve(resources)).collect();
        let mut access: Vec<ResourceAccess> = has
            .required_resource_access
            .iter()
            .filter(|one| wanted.contains(one) || !remove_extra.contains(one))
            .copied()
            .collect();
        for wanted in wanted {
            if !access.contains(&wanted) {
                access.push(wanted);
            }
        }
        Properties {
            display_name: has
                .display_name
                .trim()
                .is_empty()
                .then(|| format!("UMP Sync {}", self.device.fqdn.short())),
            sign_in_audience: (has.sign_in_audience != blueprint.sign_in_audience)
                .then(|| blueprint.sign_in_audience.clone()),
            web_redirect_uris: (uris != has.web_redirect_uris).then_some(uris),
            spa_redirect_uris: without_wanted(&has.spa_redirect_uris),
            public_client_redirect_uris: without_wanted(&has.public_client_redirect_uris),
            enable_access_token_issuance: differs(
                blueprint.enable_access_token_issuance,
                has.enable_access_token_issuance,
            ),
            enable_id_token_issuance: differs(
                blueprint.enable_id_token_issuance,
                has.enable_id_token_issuance,
            ),
            is_fallback_public_client: differs(
                blueprint.is_fallback_public_client,
                has.is_fallback_public_client,
            ),
            required_resource_access: (access != has.required_resource_access).then_some(access),
            notes: None,
        }
    }

    fn verify_publisher(&self, plan: &mut Plan, mpn_id: &str) {
        if let Some(identity) = &self.observed.tenant.identity.value {
            if !identity.delegated {
                plan.notes.push(format!(
                    "the publisher (MPN {mpn_id}) can't be verified by an application's sign-in: sign in as a person"
                ));
                return;
            }
            if !identity.mfa {
                plan.notes.push(
                    "verifying the publisher needs multi-factor authentication in this sign-in; yours does not show it"
                        .into(),
                );
            }
        }
        plan.steps.push(Step::new(Action::VerifyPublisher {
            mpn_id: mpn_id.to_string(),
        }));
    }

    fn check_secrets_allowed(&self) -> Result<(), NoPlan> {
        self.secret_lifetime(1).map(|_| ())
    }

    fn secret_lifetime(&self, months: u32) -> Result<super::secret::Lifetime, NoPlan> {
        let created = self
            .observed
            .registration
            .application()
            .and_then(|app| app.created)
            .unwrap_or(self.now);
        lifetime(
            months,
            self.observed.tenant.policy.value.as_ref(),
            created,
            self.now,
        )
        .map_err(NoPlan::SecretsForbidden)
    }

    fn add_secret(&self, plan: &mut Plan, name: &str, months: u32) -> Result<(), NoPlan> {
        let lifetime = self.secret_lifetime(months)?;
        if let Some(policy) = &lifetime.shortened_by {
            plan.notes.push(format!(
                "the secret will end on {} instead of after {months} months: {policy}",
                lifetime.end.strftime("%Y-%m-%d")
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

    fn push(&self, plan: &mut Plan, secret_in_hand: Option<Uuid>) -> Result<(), NoPlan> {
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
            _ => false,
        };
        let with_secret = secret_in_hand.is_some() || !has_it;
        if with_secret && secret_in_hand.is_none() {
            let name = secret_name(self.device, self.now);
            self.add_secret(plan, &name, self.blueprint.secret_months)?;
        }
        self.deliver(plan, redirect_uri, with_secret);
        Ok(())
    }

    /// The steps that bring client ID, secret and redirect URI to the portal, and prove them.
    fn deliver(&self, plan: &mut Plan, redirect_uri: String, with_secret: bool) {
        match self.device.portal_way {
            PortalWay::Http => {
                let action = Action::WritePortal {
                    redirect_uri: redirect_uri.clone(),
                    with_secret,
                };
                let changes = super::changes::portal(
                    self.observed.registration,
                    plan.target.app_id,
                    &redirect_uri,
                    with_secret,
                );
                plan.steps.push(Step { action, changes });
                plan.steps
                    .push(Step::new(Action::ReadBackPortal { redirect_uri }));
            }
            PortalWay::Handoff => plan.steps.push(Step::new(Action::HandOff { redirect_uri })),
        }
        if with_secret {
            plan.steps.push(Step::new(Action::ProveSecret));
        }
    }

    fn rotate(&self, plan: &mut Plan, application: &Application) -> Result<(), NoPlan> {
        let facts = self.observed.registration;
        let name = secret_name(self.device, self.now);
        self.add_secret(plan, &name, self.blueprint.secret_months)?;
        let redirect_uri = device_redirect_uri(self.blueprint, self.device)?.to_string();
        self.deliver(plan, redirect_uri, true);
        let shared = !facts.shared_with.is_empty();
        for secret in &application.password_credentials {
            let in_use =
                matches!(SecretInUse::of(facts), SecretInUse::Known(known) if known == secret);
            let label = format!("the secret \"{}\"", secret.display_name);
            if in_use && self.device.portal_way == PortalWay::Http && !shared {
                plan.steps.push(Step::new(Action::RemoveSecret {
                    key_id: secret.key_id,
                    name: secret.display_name.clone(),
                }));
            } else if in_use && shared {
                plan.left_alone.push(format!(
                    "{label} stays until the other devices' portals have the new one"
                ));
            } else if in_use {
                plan.left_alone.push(format!(
                    "{label} stays: remove it when the portal has worked with the new one"
                ));
            } else {
                plan.left_alone
                    .push(format!("{label} stays: nothing on record says who uses it"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
