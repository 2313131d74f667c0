//! What clients look up before a sign-in: a tenant's OpenID configuration, the keys that tokens are signed with, and
//! whether this host is a sign-in host at all.

use serde_json::{Value, json};

use super::super::exchange::{Answer, Request};
use super::super::state::State;
use super::named_tenant;
use super::refusal::{Refusal, refusal};

/// The configuration of a tenant by its ID or domain; `v2` is empty for the older endpoints.
pub(super) fn configuration(
    state: &State,
    request: &Request,
    tenant: &str,
    v2: bool,
) -> Result<Answer, Refusal> {
    let place = named_tenant(state, tenant)?;
    // Where no tenant is named, the issuer leaves it open.
    let id = place.map_or("{tenantid}".to_string(), |place| {
        state.tenants[place].id.to_string()
    });
    let origin = request.origin();
    let segment = place.map_or(tenant, |_| id.as_str());
    let host = host(&origin);
    let version = if v2 { "/v2.0" } else { "" };
    Ok(Answer::json(
        200,
        json!({
            "token_endpoint": format!("{origin}/{segment}/oauth2{version}/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{origin}/{segment}/discovery{version}/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": format!("{origin}/{id}/v2.0"),
            "request_uri_parameter_supported": false,
            "userinfo_endpoint": format!("{origin}/oidc/userinfo"),
            "authorization_endpoint": format!("{origin}/{segment}/oauth2{version}/authorize"),
            "device_authorization_endpoint": format!("{origin}/{segment}/oauth2{version}/devicecode"),
            "http_logout_supported": true,
            "frontchannel_logout_supported": true,
            "end_session_endpoint": format!("{origin}/{segment}/oauth2{version}/logout"),
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver", "oid"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": host,
            "cloud_graph_host_name": host,
            "msgraph_host": host,
        }),
    ))
}

/// The public half of the key that signs the tokens.
pub(super) fn keys(state: &State, request: &Request, tenant: &str) -> Result<Answer, Refusal> {
    let place = named_tenant(state, tenant)?;
    let id = place.map_or("{tenantid}".to_string(), |place| {
        state.tenants[place].id.to_string()
    });
    let mut key = state.signer.public_key();
    key["issuer"] = json!(format!("{}/{id}/v2.0", request.origin()));
    Ok(Answer::json(200, json!({ "keys": [key] })))
}

/// Whether the host of `authorization_endpoint` is a sign-in host: this one is.
pub(super) fn instance(request: &Request) -> Result<Answer, Refusal> {
    let origin = request.origin();
    let asked = request
        .query("authorization_endpoint")
        .and_then(|text| url::Url::parse(text).ok())
        .ok_or_else(|| {
            refusal(
                400,
                "invalid_request",
                900_144,
                "The request must contain the following parameter: 'authorization_endpoint'.",
            )
        })?;
    let asked_host = &asked[url::Position::BeforeHost..url::Position::AfterPort];
    if asked_host != host(&origin) {
        return Err(refusal(
            400,
            "invalid_instance",
            50049,
            "Unknown or invalid instance.",
        ));
    }
    let mut path = asked.path_segments().into_iter().flatten();
    let tenant = path
        .next()
        .filter(|one| !one.is_empty())
        .unwrap_or("common");
    let mut found = json!({
        "tenant_discovery_endpoint": format!("{origin}/{tenant}/v2.0/.well-known/openid-configuration"),
    });
    if let Some(version) = request.query("api-version") {
        found["api-version"] = json!(version);
    }
    if request.query("api-version") != Some("1.0") {
        found["metadata"] = json!([aliases(&origin)]);
    }
    Ok(Answer::json(200, found))
}

fn aliases(origin: &str) -> Value {
    let host = host(origin);
    json!({"preferred_network": host, "preferred_cache": host, "aliases": [host]})
}

fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
