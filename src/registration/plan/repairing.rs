//! Bringing a registration that is there to what the blueprint asks for: only what differs, and what others put there stays.

use super::Drafting;
use super::{Action, Plan, Properties, Step};
use crate::registration::changes;
use crate::registration::fleet::{Device, Fqdn, RedirectUri};
use crate::registration::observed::{Application, CustomerConsent, CustomerFacts, ResourceAccess};
use crate::registration::permissions::permission_lines;
use crate::registration::redirect::{device_redirect_uri, wanted_redirect_uris};

impl Drafting<'_> {
    /// The steps that change what differs. Permissions that nobody asked for go only where `remove_extra` names them.
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
                "the service principal is disabled, perhaps on purpose; enable it in Entra under Enterprise applications"
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
                "shared with {}: the change is for all of them",
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
        let wanted = self.wanted_permissions();
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
                .then(|| self.device.default_name()),
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
}
