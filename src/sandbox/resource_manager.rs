//! The little of Azure Resource Manager that command lines ask for after a sign-in: which directories there are, and that
//! none of them has a subscription.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::state::{GRAPH_APP_ID, RESOURCE_MANAGER, State};

pub(super) fn is_its_path(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next();
    matches!(first, Some("tenants" | "subscriptions" | "metadata"))
}

pub(super) fn answer(state: &State, request: &Request, now: Timestamp) -> Answer {
    let path = request.path.trim_matches('/');
    if path == "metadata/endpoints" {
        return Answer::json(200, endpoints(request));
    }
    let failure = |status, code: &str, message: &str| {
        Answer::json(status, json!({"error": {"code": code, "message": message}}))
    };
    let token = request.bearer().unwrap_or_default();
    // Where a cloud is told that all its interfaces are at one address, the tokens for them are the same.
    let claims = [RESOURCE_MANAGER, GRAPH_APP_ID]
        .into_iter()
        .find_map(|audience| state.signer.verify(token, audience, now).ok());
    let Some(claims) = claims else {
        return failure(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing or invalid.",
        )
        .with_header(
            "www-authenticate",
            "Bearer realm=\"\", error=\"invalid_token\"",
        );
    };
    match (request.method.as_str(), path) {
        ("GET", "subscriptions") => Answer::json(
            200,
            json!({"value": [], "count": {"type": "Total", "value": 0}}),
        ),
        ("GET", "tenants") => {
            // An application is at home in its token's tenant, the operator may enter all of them.
            let own = claims.text("tid").filter(|_| claims.app_only());
            let tenants: Vec<Value> = state
                .tenants
                .iter()
                .filter(|one| own.is_none_or(|own| own == one.id.to_string()))
                .map(|one| {
                    json!({
                        "id": format!("/tenants/{}", one.id),
                        "tenantId": one.id,
                        "countryCode": "NL",
                        "displayName": one.name,
                        "domains": [one.primary_domain],
                        "tenantCategory": "Home",
                        "defaultDomain": one.primary_domain,
                        "tenantType": "AAD",
                    })
                })
                .collect();
            Answer::json(200, json!({ "value": tenants }))
        }
        _ => failure(404, "ResourceNotFound", "The sandbox has no such resource."),
    }
}

/// Where a cloud's interfaces are: all here.
fn endpoints(request: &Request) -> Value {
    let origin = request.origin();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let cloud = json!({
        "name": "umpdeck-sandbox",
        "portal": origin,
        "authentication": {
            "loginEndpoint": origin,
            "audiences": [origin.clone()],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graph": origin,
        "graphAudience": origin,
        "microsoftGraphResourceId": origin,
        "resourceManager": origin,
        "media": origin,
        "gallery": origin,
        "batch": origin,
        "sqlManagement": origin,
        "vmImageAliasDoc": origin,
        "suffixes": {
            "storage": host,
            "keyVaultDns": host,
            "sqlServerHostname": host,
            "acrLoginServer": host,
        },
    });
    match request.query("api-version") {
        Some("2015-01-01") => json!({
            "galleryEndpoint": origin,
            "graphEndpoint": origin,
            "portalEndpoint": origin,
            "authentication": {"loginEndpoint": origin, "audiences": [origin.clone()]},
        }),
        Some("2019-05-01") => json!([cloud]),
        _ => cloud,
    }
}
