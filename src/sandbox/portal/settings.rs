//! The sync app's settings, as three generations of the interface show and take them. Errors come with status 200: a
//! client that looks at the status alone is misled, as in the field.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::exchange::{Answer, Request};
use super::super::state::{Device, PortalContent};
use super::message;

/// Generation 1.
pub(super) fn tokens(device: &Device) -> Value {
    json!({
        "ClientId": device.portal.client_id,
        "RedirectUrl": device.portal.redirect_url,
        "ClientSecretSet": device.portal.secret.is_some(),
        "CustomerAuthenticationPortalUrl": customer_portal(device),
    })
}

fn customer_portal(device: &Device) -> String {
    format!("https://{}/authenticate", device.fqdn)
}

/// Generation 1's write.
pub(super) fn put_tokens(device: &mut Device, request: &Request) -> Answer {
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

/// Generation 2.
pub(super) fn status(device: &Device) -> Value {
    json!({"data": {
        "clientId": device.portal.client_id,
        "redirectUri": device.portal.redirect_url,
        "hasSecret": device.portal.secret.is_some(),
    }})
}

/// Generation 2's write: a form, with the button that was pressed.
pub(super) fn post_status(device: &mut Device, request: &Request) -> Answer {
    let form = request.form();
    let field = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map_or(Value::Null, |(_, value)| json!(value))
    };
    if field("action") != "apply" {
        return message(200, "Error", "No button was pressed.");
    }
    let body = json!({
        "ClientId": field("clientId"),
        "ClientSecret": field("clientSecret"),
        "RedirectUrl": field("redirectUri"),
    });
    match read_settings(&body, &device.portal) {
        Ok(content) => {
            device.portal = content;
            Answer::json(200, json!({"result": "ok"}))
        }
        Err(why) => message(200, "Error", why),
    }
}

/// Generation 3.
pub(super) fn system(device: &Device) -> Value {
    json!({
        "SyncApplication": {
            "ClientId": device.portal.client_id,
            "RedirectUri": device.portal.redirect_url,
            "ClientSecretSet": device.portal.secret.is_some(),
        },
        "CustomerAuthenticationPortalUrl": customer_portal(device),
        "ServiceUser": "ump-service",
    })
}

/// Generation 3's body, as generation 1 names the same.
pub(super) fn of_system(body: &Value) -> Value {
    let application = &body["SyncApplication"];
    json!({
        "ClientId": application["ClientId"],
        "ClientSecret": application["ClientSecret"],
        "RedirectUrl": application["RedirectUri"],
    })
}

/// The portal's settings out of a body; a secret that is left out is kept.
pub(in super::super) fn read_settings(
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
