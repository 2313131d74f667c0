//! A registration where there is none: the application with all that the blueprint asks for, and what it needs beside.

use super::Drafting;
use super::{Action, CreateForm, MINTED_IN_HANDOFF, NoPlan, Plan, Properties, Step};
use crate::registration::changes;
use crate::registration::fleet::{Device, RedirectUri};
use crate::registration::observed::{Application, Observed};
use crate::registration::redirect::wanted_redirect_uris;
use crate::registration::rights::{NOT_IN_THIS_CLOUD, Right, Verdict};

/// Why there is no create: applications that may be the device's are there, and one has to be chosen.
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
        "{} may have a registration already: {}; adopt the right one, or rename the wrong ones in Entra and read the device again",
        device.fqdn,
        names.join(", ")
    ))
}

impl Drafting<'_> {
    /// The steps from nothing to a registration, its first secret included where no person is needed for that.
    pub fn create(&self, plan: &mut Plan, form: &CreateForm) -> Result<(), NoPlan> {
        for one in &self.observed.registration.candidates {
            plan.notes.push(format!(
                "the deleted application \"{}\" (object ID {}) has the device's redirect URI: adopt it instead, which restores it",
                one.display_name, one.object_id
            ));
        }
        let device = Device {
            redirect_uri: Some(form.redirect_uri.clone()),
            ..self.device.clone()
        };
        let uris = wanted_redirect_uris(self.blueprint, &device);
        let properties = Properties {
            display_name: Some(form.name.clone()),
            sign_in_audience: Some(self.blueprint.sign_in_audience.clone()),
            web_redirect_uris: Some(uris.iter().map(RedirectUri::to_string).collect()),
            enable_access_token_issuance: Some(self.blueprint.enable_access_token_issuance),
            enable_id_token_issuance: Some(self.blueprint.enable_id_token_issuance),
            is_fallback_public_client: Some(self.blueprint.is_fallback_public_client),
            required_resource_access: Some(self.wanted_permissions()),
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

    /// The step that verifies the publisher, or the note that says why it can't be done.
    pub fn verify_publisher(&self, plan: &mut Plan, mpn_id: &str) {
        if self.observed.tenant.national_cloud {
            plan.notes.push(format!(
                "the publisher (MPN {mpn_id}) can't be verified here: {NOT_IN_THIS_CLOUD}"
            ));
            return;
        }
        let application = self.observed.registration.application();
        if let Some(Err(domain)) = application.map(Application::verifiable_domain) {
            plan.notes.push(format!(
                "the publisher (MPN {mpn_id}) can't be verified while the publisher domain is {domain}: set a verified domain of your own under Branding & properties first"
            ));
            return;
        }
        if let Some(identity) = &self.observed.tenant.identity.value {
            match Right::VerifyPublisher.of(identity) {
                Verdict::Never(why) => {
                    plan.notes.push(format!(
                        "the publisher (MPN {mpn_id}) can't be verified: {why}"
                    ));
                    return;
                }
                Verdict::May | Verdict::Perhaps(_) | Verdict::RolesNotTold(_) => {}
                // By the token alone: Microsoft may know better.
                no @ (Verdict::Lacks(_) | Verdict::NoRole(_) | Verdict::NoMfa) => {
                    plan.notes.push(format!(
                        "verifying the publisher is likely to be refused: {}",
                        no.why()
                    ));
                }
            }
        }
        plan.steps.push(Step::new(Action::VerifyPublisher {
            mpn_id: mpn_id.to_string(),
        }));
    }
}
