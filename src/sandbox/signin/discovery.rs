//! A tenant's public OpenID configuration: where its endpoints are, and its directory ID.

use serde_json::json;

use super::super::exchange::{Answer, Request};
use super::super::state::State;
use super::named_tenant;
use super::refusal::Refusal;

/// The configuration of a tenant by its ID or domain.
pub(super) fn configuration(
    state: &State,
    request: &Request,
    tenant: &str,
) -> Result<Answer, Refusal> {
    let place = named_tenant(state, tenant)?;
    // Where no tenant is named, the issuer leaves it open.
    let id = place.map_or("{tenantid}".to_string(), |place| {
        state.tenants[place].id.to_string()
    });
    let origin = request.origin();
    let segment = place.map_or(tenant, |_| id.as_str());
    Ok(Answer::json(
        200,
        json!({
            "token_endpoint": format!("{origin}/{segment}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": format!("{origin}/{segment}/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": format!("{origin}/{id}/v2.0"),
            "request_uri_parameter_supported": false,
            "authorization_endpoint": format!("{origin}/{segment}/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": format!("{origin}/{segment}/oauth2/v2.0/devicecode"),
            "http_logout_supported": true,
            "frontchannel_logout_supported": true,
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
        }),
    ))
}
