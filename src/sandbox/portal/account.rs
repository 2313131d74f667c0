//! The Microsoft 365 settings page: what the portal makes of the registration that it was given.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::directory::Secret;
use super::super::exchange::Answer;
use super::super::state::{Device, State};
use super::message;

/// The device's own.
pub(super) fn of_device(state: &State, place: usize, now: Timestamp) -> Value {
    let device = &state.devices[place];
    let roles = json!(["Teams Administrator"]);
    shown(state, device, roles, true, now)
}

/// A customer's.
pub(super) fn of_customer(state: &State, place: usize, short_name: &str, now: Timestamp) -> Answer {
    let device = &state.devices[place];
    let mut customers = device.customers.iter();
    match customers.find(|one| one.short_name == short_name) {
        None => message(200, "Error", "The customer was not found."),
        Some(one) => {
            let roles = json!(one.roles.clone().unwrap_or_default());
            Answer::json(200, shown(state, device, roles, one.authenticated, now))
        }
    }
}

fn shown(state: &State, device: &Device, roles: Value, consented: bool, now: Timestamp) -> Value {
    let secret = stored_secret(state, device);
    let days = secret.map(|secret| secret.end.duration_since(now).as_hours().div_euclid(24));
    let status = match (secret, consented) {
        (None, _) => "Failed: AADSTS7000215 Invalid client secret provided.",
        (Some(secret), _) if secret.end <= now => {
            "Failed: AADSTS7000222 The provided client secret keys are expired."
        }
        (Some(_), false) => "Failed: AADSTS65001 The user or administrator has not consented.",
        (Some(_), true) => "Success",
    };
    let asked = !device.portal.client_id.is_empty();
    json!({
        "ConnectedAccount": Value::Null,
        "ApplicationId": Some(&device.portal.client_id).filter(|id| !id.is_empty()),
        "SecretExpiry": secret.map(|secret| secret.end.strftime("%Y-%m-%d").to_string()),
        "DaysLeft": days,
        "Roles": if asked { roles } else { json!([]) },
        "LastAuthenticationStatus": if asked { json!(status) } else { Value::Null },
        "LastAuthenticationTime": asked.then(|| now.strftime("%Y-%m-%d %H:00").to_string()),
    })
}

/// The tenant's secret whose value the portal stores.
fn stored_secret<'a>(state: &'a State, device: &Device) -> Option<&'a Secret> {
    let stored = device.portal.secret.as_ref()?;
    let tenant = &state.tenants[device.tenant];
    let mut secrets = tenant.applications.iter().flat_map(|one| &one.secrets);
    secrets.find(|secret| secret.value == *stored)
}
