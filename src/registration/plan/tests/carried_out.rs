//! The world after a plan: what Graph makes of its steps, and what is not right then.

use super::*;

/// What Graph's PATCH does: sets what is stated, leaves the rest.
fn apply(application: &mut Application, properties: &Properties) {
    fn set<T: Clone>(field: &mut T, value: &Option<T>) {
        if let Some(value) = value {
            field.clone_from(value);
        }
    }
    let Properties {
        unique_name,
        display_name,
        sign_in_audience,
        web_redirect_uris,
        spa_redirect_uris,
        public_client_redirect_uris,
        enable_access_token_issuance,
        enable_id_token_issuance,
        is_fallback_public_client,
        required_resource_access,
        notes,
    } = properties;
    if unique_name.is_some() {
        application.unique_name.clone_from(unique_name);
    }
    set(&mut application.display_name, display_name);
    set(&mut application.sign_in_audience, sign_in_audience);
    set(&mut application.web_redirect_uris, web_redirect_uris);
    set(&mut application.spa_redirect_uris, spa_redirect_uris);
    set(
        &mut application.public_client_redirect_uris,
        public_client_redirect_uris,
    );
    set(
        &mut application.enable_access_token_issuance,
        enable_access_token_issuance,
    );
    set(
        &mut application.enable_id_token_issuance,
        enable_id_token_issuance,
    );
    set(
        &mut application.is_fallback_public_client,
        is_fallback_public_client,
    );
    set(
        &mut application.required_resource_access,
        required_resource_access,
    );
    set(&mut application.notes, notes);
}

/// The world after a plan's steps that concern the registration were carried out.
pub(super) fn carry_out(world: &mut World, plan: &Plan) {
    for step in &plan.steps {
        match &step.action {
            Action::CreateApplication { properties, .. } => {
                let mut made = Application {
                    display_name: String::new(),
                    sign_in_audience: "AzureADMyOrg".into(),
                    web_redirect_uris: vec![],
                    enable_access_token_issuance: false,
                    enable_id_token_issuance: false,
                    is_fallback_public_client: false,
                    required_resource_access: vec![],
                    password_credentials: vec![],
                    verified_publisher: None,
                    created: Some(world.now),
                    ..application()
                };
                apply(&mut made, properties);
                world.facts.application = Reading::of(Some(made), world.now);
            }
            Action::UpdateApplication { properties } => apply(world.app(), properties),
            Action::EnsureServicePrincipal => world.facts.principal = facts().principal,
            Action::VerifyPublisher { mpn_id } => {
                world.app().verified_publisher = Some(VerifiedPublisher {
                    id: mpn_id.clone(),
                    display_name: "Finebak".into(),
                });
            }
            Action::AddSecret { end, .. } => {
                let (start, end) = (world.now, *end);
                world
                    .app()
                    .password_credentials
                    .push(secret(KEY_ID, start, end));
            }
            _ => {}
        }
    }
}

/// The checks of Entra's side (not the portal's) that are drift.
pub(super) fn entra_drift(world: &World) -> Vec<CheckId> {
    let list = world.checklist();
    let drift = list
        .items
        .iter()
        .filter(|item| item.outcome.status() == Some(Status::Drift) && !item.check.id.is_portals());
    drift.map(|item| item.check.id).collect()
}
