//! The client credentials grant: with a secret for the training application and for every registration of a tenant, with
//! a certificate for the training application.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::super::directory::Tenant;
use super::super::exchange::{Answer, Request};
use super::super::state::{GRAPH_APP_ID, PORTAL_AUDIENCE, State};
use super::super::token::LIFETIME_SECONDS;
use super::client_certificate::check_assertion;
use super::issue::{answers_a_challenge, common_claims, signed, wanted};
use super::refusal::{Refusal, refusal, unknown_client, wrong_secret};
use super::{basic, client, field, required};

/// What the training application may do by itself.
const TRAINING_ROLES: &[&str] = &[
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Domain.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "Policy.ReadWrite.ApplicationConfiguration",
];

pub(super) fn by_client_secret(
    state: &mut State,
    request: &Request,
    form: &[(String, String)],
    tenant: Option<usize>,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let place = tenant.ok_or_else(|| {
        refusal(
            400,
            "invalid_request",
            9_001_023,
            "The grant type is not supported over the /common or /organizations endpoints. Use a tenant-specific endpoint.",
        )
    })?;
    let tenant = &state.tenants[place];
    let client_id = client(request, form)?;
    let asked = wanted(state, required(form, "scope")?)?;
    if asked.names != [".default"] {
        return Err(refusal(
            400,
            "invalid_scope",
            1_002_012,
            "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
        ));
    }
    let training = client_id == state.training_client_id;
    let by_header = basic(request).map(|(_, secret)| secret);
    let secret = field(form, "client_secret").or(by_header.as_deref());
    match (field(form, "client_assertion"), secret) {
        (Some(_), None) => check_assertion(state, tenant, request, form, client_id, now)?,
        (_, Some(secret)) if training => {
            if secret != tenant.client_secret {
                return Err(wrong_secret(client_id));
            }
        }
        (_, Some(secret)) => check_secret(tenant, client_id, secret, now)?,
        (None, None) => {
            return Err(refusal(
                401,
                "invalid_client",
                7_000_216,
                "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
            ));
        }
    }
    if asked.audience == PORTAL_AUDIENCE && !training {
        return Err(refusal(
            400,
            "invalid_grant",
            501_051,
            format!(
                "Application '{client_id}' is not assigned to a role for the application '{PORTAL_AUDIENCE}'."
            ),
        ));
    }
    let principal = tenant
        .principal_by_app_id(client_id)
        .filter(|principal| principal.is_within_reach(now));
    if principal.is_none() {
        return Err(refusal(
            400,
            "unauthorized_client",
            7_000_229,
            format!(
                "The client application {client_id} is missing service principal in the tenant {}.",
                tenant.id
            ),
        ));
    }
    let object_id = principal.map(|principal| principal.object_id);
    let mut claims = common_claims(request, tenant, client_id, &asked.audience, now);
    claims["oid"] = json!(object_id);
    claims["sub"] = json!(object_id);
    claims["idtyp"] = json!("app");
    if asked.audience == GRAPH_APP_ID {
        let assigned = assigned_roles(state, tenant, object_id);
        let roles = if training {
            TRAINING_ROLES
        } else {
            &assigned[..]
        };
        if !roles.is_empty() {
            claims["roles"] = json!(roles);
        }
    }
    let token = signed(state, &claims, answers_a_challenge(form))?;
    Ok(Answer::json(
        200,
        json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS - 1,
            "ext_expires_in": LIFETIME_SECONDS - 1,
            "access_token": token,
        }),
    ))
}

fn check_secret(
    tenant: &Tenant,
    client_id: Uuid,
    value: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let application = tenant
        .application_by_app_id(client_id)
        .filter(|one| one.is_within_reach(now))
        .ok_or_else(|| unknown_client(&client_id.to_string(), &tenant.name))?;
    // `az ad sp credential reset` puts its secrets on the service principal.
    let principal = tenant.principal_by_app_id(client_id);
    let of_principal = principal.into_iter().flat_map(|one| &one.secrets);
    let secret = application
        .secrets
        .iter()
        .chain(of_principal)
        .find(|secret| secret.value == value && secret.usable_from <= now)
        .ok_or_else(|| wrong_secret(client_id))?;
    if secret.end > now {
        return Ok(());
    }
    Err(refusal(
        401,
        "invalid_client",
        7_000_222,
        format!(
            "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new keys for your app."
        ),
    ))
}

/// The names of Graph's app roles that a principal holds.
fn assigned_roles<'a>(state: &'a State, tenant: &Tenant, principal: Option<Uuid>) -> Vec<&'a str> {
    tenant
        .assignments
        .iter()
        .filter(|one| Some(one.principal_id) == principal)
        .filter_map(|one| {
            let graph = state
                .resources
                .iter()
                .find(|resource| resource.app_id.to_string() == GRAPH_APP_ID)?;
            let role = graph.roles.iter().find(|role| role.id == one.app_role_id)?;
            Some(role.value.as_str())
        })
        .collect()
}
