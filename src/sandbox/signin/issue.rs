//! What a token says: whose it is, for which resource, and which permissions of those asked for it bears.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::exchange::{Answer, Request};
use super::super::graph::OPERATOR_ROLE;
use super::super::identity::new_opaque;
use super::super::state::{GRAPH_APP_ID, PORTAL_AUDIENCE, RefreshToken, State, Tenant};
use super::super::token::LIFETIME_SECONDS;
use super::refusal::{Refusal, no_randomness, refusal};

/// What the training operator may do by delegation.
const OPERATOR_SCOPES: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "CrossTenantInformation.ReadBasic.All",
    "DelegatedPermissionGrant.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Domain.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "RoleManagement.Read.Directory",
    "User.Read",
];
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// What a token request asks for.
pub(super) struct Wanted {
    pub audience: &'static str,
    /// Names without the resource; `.default` among them means all.
    pub names: Vec<String>,
}

/// The resource and names of a scope text; only one resource at a time.
pub(super) fn wanted(scope: &str) -> Result<Wanted, Refusal> {
    let mut audience = None;
    let mut names = Vec::new();
    for one in scope.split_whitespace() {
        if OPENID_SCOPES.contains(&one) {
            names.push(one.to_string());
            continue;
        }
        let (resource, name) = one.rsplit_once('/').unwrap_or(("", one));
        let resource = resource.trim_end_matches('/');
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        let of = if resource.is_empty()
            || resource == GRAPH_APP_ID
            || resource == "https://graph.microsoft.com"
            || local.iter().any(|start| resource.starts_with(start))
        {
            GRAPH_APP_ID
        } else if resource == PORTAL_AUDIENCE {
            PORTAL_AUDIENCE
        } else {
            return Err(refusal(
                400,
                "invalid_resource",
                500_011,
                format!("The resource principal named {resource} was not found in the tenant."),
            ));
        };
        if audience.is_some_and(|before| before != of) {
            return Err(refusal(
                400,
                "invalid_request",
                28002,
                "The provided value for the input parameter 'scope' is not valid: it names more than one resource.",
            ));
        }
        audience = Some(of);
        names.push(name.to_string());
    }
    Ok(Wanted {
        audience: audience.unwrap_or(GRAPH_APP_ID),
        names,
    })
}

pub(super) fn common_claims(
    request: &Request,
    tenant: &Tenant,
    client_id: Uuid,
    audience: &str,
    now: Timestamp,
) -> Value {
    let second = now.as_second();
    json!({
        "aud": audience,
        "iss": format!("{}/{}/v2.0", request.origin(), tenant.id),
        "iat": second,
        "nbf": second,
        "exp": second + LIFETIME_SECONDS,
        "appid": client_id,
        "tid": tenant.id,
        "ver": "1.0",
    })
}

/// Tokens for the operator, whose home is one tenant, to work in this or another one.
pub(super) fn delegated(
    state: &mut State,
    request: &Request,
    client_id: Uuid,
    home: usize,
    place: usize,
    scope: &str,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let asked = wanted(scope)?;
    if asked.audience != GRAPH_APP_ID {
        return Err(refusal(
            400,
            "invalid_grant",
            65001,
            "The user or administrator has not consented to use the application for this resource.",
        ));
    }
    let asks = |name: &str| asked.names.iter().any(|one| one == name);
    let granted: Vec<&str> = OPERATOR_SCOPES
        .iter()
        .copied()
        .filter(|name| asks(".default") || asks(name))
        .chain(
            ["openid", "profile", "email"]
                .into_iter()
                .filter(|name| asks(name)),
        )
        .collect();
    let tenant = &state.tenants[place];
    let (object_id, upn) = state.tenants[home].operator();
    let mut claims = common_claims(request, tenant, client_id, asked.audience, now);
    claims["oid"] = json!(object_id);
    claims["sub"] = json!(object_id);
    claims["idtyp"] = json!("user");
    claims["name"] = json!("NOC Operator");
    claims["upn"] = json!(upn);
    claims["preferred_username"] = json!(upn);
    claims["wids"] = json!([OPERATOR_ROLE]);
    claims["amr"] = json!(["pwd", "mfa"]);
    let mut identity = claims.clone();
    claims["scp"] = json!(granted.join(" "));
    let token = state.signer.sign(&claims).ok_or_else(no_randomness)?;
    let mut body = json!({
        "token_type": "Bearer",
        "scope": granted
            .iter()
            .map(|name| match OPENID_SCOPES.contains(name) {
                true => (*name).to_string(),
                false => format!("https://graph.microsoft.com/{name}"),
            })
            .collect::<Vec<_>>()
            .join(" "),
        "expires_in": LIFETIME_SECONDS - 1,
        "ext_expires_in": LIFETIME_SECONDS - 1,
        "access_token": token,
    });
    if asks("openid") {
        identity["aud"] = json!(client_id);
        body["id_token"] = json!(state.signer.sign(&identity).ok_or_else(no_randomness)?);
    }
    if asks("offline_access") {
        let refresh = new_opaque();
        body["refresh_token"] = json!(refresh);
        state
            .refresh_tokens
            .insert(refresh, RefreshToken { home, client_id });
    }
    Ok(Answer::json(200, body))
}
