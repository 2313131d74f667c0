//! How the steps of a plan are drafted, intent by intent.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Action, CreateForm, NoPlan, Plan, Properties, Remains, Step, device_redirect_uri, secret_name,
    wanted_redirect_uris,
};
use crate::registration::blueprint::Blueprint;
use crate::registration::changes;
use crate::registration::fleet::{Device, Fqdn, PortalWay, RedirectUri};
use crate::registration::observed::{
    Application, CustomerConsent, CustomerFacts, Failure, Observed, ProofOutcome, ResourceAccess,
};
use crate::registration::permissions::permission_lines;
use crate::registration::secret::{Lifetime, SecretInUse, lifetime};

/// What a plan notes where a person fills in the portal's page.
pub const MINTED_IN_HANDOFF: &str =
    "the client secret is added in the handoff, once its field is reached";

pub(super) fn candidates(device: &Device, observed: Observed<'_>) -> NoPlan {
    let names: Vec<_> = observed
        .registration
        .candidates
        .iter()
        .map(|one| {
            let bin = if one.deleted.is_some() {
                ", deleted"
            } else {
                ""
            };
            format!(
                "\"{}\" (object ID {}{bin})",
                one.display_name, one.object_id
            )
        })
        .collect();
    NoPlan::Candidates(format!(
        "{} may have its registration already: {}; adopt the right one, or rename what is not it and read the device again",
        device.fqdn,
        names.join(", ")
    ))
}

pub(super) struct Drafting<'a> {
    pub blueprint: &'a Blueprint,
    pub device: &'a Device,
    pub observed: Observed<'a>,
    pub now: Timestamp,
    /// What dead runs left, when this takes them up.
    pub remains: Option<&'a Remains>,
}

impl Drafting<'_> {
    /// In a handoff the secret is added when the operator reaches its field, not before.
    pub fn mints_before_push(&self) -> bool {
        self.device.portal_way == PortalWay::Http
    }

    pub fn create(&self, plan: &mut Plan, form: &CreateForm) -> Result<(), NoPlan> {
        for one in &self.observed.registration.candidates {
            plan.notes.push(format!(
                "\"{}\" (object ID {}) was deleted and has the device's redirect URI: adopting it restores it instead",
                one.display_name, one.object_id
            ));
        }
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
        let changes = changes::from_nothing(self.blueprint, &properties);
        plan.steps.push(Step {
            action: Action::CreateApplication {
                unique_name: self.device.unique_name(),
                properties,
            },
            changes,
        });
        plan.steps.push(Step::new(Action::EnsureServicePrincipal));
        if self.blueprint.provider_consent {
            self.grant(plan);
        }
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

    pub fn repair(
        &self,
        plan: &mut Plan,
        application: &Application,
        remove_extra: &[ResourceAccess],
        mpn_id: Option<&str>,
    ) {
        let properties = self.differences(application, remove_extra);
        let changes = changes::between(self.blueprint, self.observed, application, &properties);
        plan.notes
            .extend(self.consent_anew(application, &properties));
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
        if self.blueprint.provider_consent {
            self.grant(plan);
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

    /// A repair with another redirect URI than the device has had: the portal's.
    pub fn follow(&self, plan: &mut Plan, application: &Application, redirect_uri: RedirectUri) {
        let before = device_redirect_uri(self.blueprint, self.device).ok();
        let device = Device {
            redirect_uri: Some(redirect_uri.clone()),
            ..self.device.clone()
        };
        let drafting = Drafting {
            device: &device,
            ..*self
        };
        drafting.repair(plan, application, &[], device.mpn_id.as_deref());
        if plan.steps.is_empty() {
            plan.steps.push(Step::new(Action::ReadBackRegistration));
        }
        plan.notes.push(format!(
            "from now on {redirect_uri} is the redirect URI of {}",
            device.fqdn
        ));
        let stays = before.filter(|uri| {
            let mut uris = application.web_redirect_uris.iter();
            *uri != redirect_uri
                && uris.any(|one| one == uri.as_str())
                && !redirect_uri.is_twin_of(uri.as_str())
        });
        if let Some(stays) = stays {
            plan.left_alone
                .push(format!("the registration keeps {stays} too"));
        }
    }

    /// Only what differs; lists keep what others put there.
    pub fn differences(&self, has: &Application, remove_extra: &[ResourceAccess]) -> Properties {
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
            unique_name: None,
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

    /// Consent holds for what was asked when it was given: who gave it has to look at what is added.
    fn consent_anew(&self, application: &Application, properties: &Properties) -> Option<String> {
        let has = &application.required_resource_access;
        let access = properties.required_resource_access.as_ref()?;
        let added = access.iter().filter(|one| !has.contains(one)).count();
        let customers = self.observed.registration.customers.value.as_ref()?;
        let granted = |one: &&CustomerFacts| one.consent == CustomerConsent::Granted;
        let customers = customers.iter().filter(granted).count();
        let permissions = match added {
            0 => return None,
            1 => "the permission that is added".to_string(),
            many => format!("the {many} permissions that are added"),
        };
        match customers {
            0 => None,
            1 => Some(format!(
                "1 customer consented before; it has to consent again to {permissions}"
            )),
            many => Some(format!(
                "{many} customers consented before; each has to consent again to {permissions}"
            )),
        }
    }

    fn verify_publisher(&self, plan: &mut Plan, mpn_id: &str) {
        if self.observed.tenant.national_cloud {
            plan.notes.push(format!(
                "the publisher (MPN {mpn_id}) can't be verified in this cloud: Microsoft does that in its global cloud alone"
            ));
            return;
        }
        let application = self.observed.registration.application();
        let domain = application.and_then(|app| app.publisher_domain.as_deref());
        if let Some(domain) = domain.filter(|domain| domain.ends_with(".onmicrosoft.com")) {
            plan.notes.push(format!(
                "the publisher (MPN {mpn_id}) can't be verified for the publisher domain {domain}: set a verified domain of your own under Branding & properties first"
            ));
            return;
        }
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

    fn check_secrets_allowed(&self) -> Result<(), NoPlan> {
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
