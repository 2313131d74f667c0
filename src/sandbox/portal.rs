//! The multitenant portals, one for each device, with an interface for the sync app's settings that real sites may or
//! may not have. Tenants without an interface answer 404: there, only a person can type the values in.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::{Answer, Request};
use super::state::{Customer, Device, PORTAL_AUDIENCE, PortalContent, State};

/// Answers a request to `/portal/{fqdn}/tenantui/…`.
pub(super) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let ["portal", fqdn, "tenantui", rest @ ..] = segments.as_slice() else {
        return missing();
    };
    let Some(place) = state.device_index(fqdn) else {
        return missing();
    };
    let tenant = &state.tenants[state.devices[place].tenant];
    if !tenant.portal_interface {
        return missing();
    }
    let tenant_id = tenant.id.to_string();
    let verified = request
        .bearer()
        .ok_or("Authorization is missing.")
        .and_then(|token| {
            state
                .signer
                .verify(token, PORTAL_AUDIENCE, now)
                .map_err(super::token::Refusal::words)
        });
    match verified {
        Err(why) => return message(401, "Error", why).with_header("www-authenticate", "Bearer"),
        Ok(claims) if !claims.app_only() || claims.text("tid") != Some(tenant_id.as_str()) => {
            return message(
                403,
                "Error",
                "The token is not one of this provider's applications.",
            );
        }
        Ok(_) => {}
    }
    let device = &mut state.devices[place];
    match (request.method.as_str(), rest) {
        ("GET", ["api", "settings", "auth-tokens"]) => Answer::json(200, settings(device)),
        ("PUT", ["api", "settings", "auth-tokens"]) => put(device, request),
        ("GET", ["api", "settings", "invitations"]) => {
            Answer::json(200, device.customers.iter().map(invitation).collect())
        }
        ("GET", ["api", "v3", "customer"]) => {
            Answer::json(200, device.customers.iter().map(customer).collect())
        }
        _ => missing(),
    }
}

fn missing() -> Answer {
    message(404, "Error", "There is no such interface.")
}

fn message(status: u16, kind: &str, text: &str) -> Answer {
    Answer::json(status, json!({"Message": {"Kind": kind, "Text": text}}))
}

fn settings(device: &Device) -> Value {
    json!({
        "ClientId": device.portal.client_id,
        "RedirectUrl": device.portal.redirect_url,
        "ClientSecretSet": device.portal.secret.is_some(),
        "CustomerAuthenticationPortalUrl": format!("https://{}/authenticate", device.fqdn),
    })
}

/// The portal's errors come with status 200: a client that looks at the status alone is misled, as in the field.
fn put(device: &mut Device, request: &Request) -> Answer {
    let outcome = request
        .json()
        .map_err(|_| "The request could not be read.")
        .and_then(|body| read_settings(&body, &device.portal));
    match outcome {
        Ok(content) => {
            device.portal = content;
            message(200, "Success", "Settings were applied")
        }
        Err(why) => message(200, "Error", why),
    }
}

/// The portal's settings out of a body; a secret that is left out is kept.
pub(super) fn read_settings(
    body: &Value,
    before: &PortalContent,
) -> Result<PortalContent, &'static str> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::trim);
    let client_id = text("ClientId").ok_or("ClientId is missing")?;
    if Uuid::parse_str(client_id).is_err() {
        return Err("ClientId is not a valid GUID");
    }
    let redirect_url = text("RedirectUrl").ok_or("RedirectUrl is missing")?;
    let https = url::Url::parse(redirect_url).is_ok_and(|url| url.scheme() == "https");
    if !https {
        return Err("RedirectUrl must be an https URL");
    }
    let secret = match body.get("ClientSecret") {
        None | Some(Value::Null) => before.secret.clone(),
        Some(Value::String(value)) if !value.trim().is_empty() => Some(value.clone()),
        Some(_) => return Err("ClientSecret is empty"),
    };
    Ok(PortalContent {
        client_id: client_id.to_string(),
        redirect_url: redirect_url.to_string(),
        secret,
    })
}

fn customer(one: &Customer) -> Value {
    json!({
        "UmpCustomerGuid": one.guid,
        "CustomerShortName": one.short_name,
        "CustomerFullName": one.full_name,
        "LicenseType": "Essentials",
        "LicensedUsersCount": one.users,
        "MsTenantId": one.tenant_id,
        "ActiveUserCount": one.users * 4 / 5,
    })
}

fn invitation(one: &Customer) -> Value {
    json!({
        "ID": one.short_name,
        "FullName": one.full_name,
        "DeviceAuthenticated": one.authenticated,
        "MsTenantId": one.tenant_id,
        "AdminRoles": one.roles,
    })
}
