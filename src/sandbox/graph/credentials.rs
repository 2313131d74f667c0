//! Client secrets of an application or a service principal: made, shown once, removed; certificates go the same way.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Bearer, Secret, Tenant};
use super::super::exchange::Answer;
use super::super::identity::new_secret;
use super::super::state::later;
use super::failure::{Failure, object};
use super::{Call, keys, policies};

/// `addPassword`, `removePassword`, `addKey` and `removeKey`.
pub(super) fn change(
    call: &Call<'_>,
    tenant: &mut Tenant,
    bearer: Bearer,
    action: &str,
) -> Result<Answer, Failure> {
    let answer = match action {
        "addPassword" => add(call, tenant, bearer)?,
        "removePassword" => remove(call, &mut tenant.bearer(bearer).secrets)?,
        "addKey" => keys::add(call, &mut tenant.bearer(bearer).properties)?,
        _ => keys::remove(call, &mut tenant.bearer(bearer).properties)?,
    };
    tenant.bearer_changed(bearer);
    Ok(answer)
}

fn add(call: &Call<'_>, tenant: &mut Tenant, bearer: Bearer) -> Result<Answer, Failure> {
    let secret = new_secret_of(call)?;
    if let Bearer::Application(place) = bearer {
        let application = &tenant.applications[place];
        policies::allow_password(tenant, application, secret.start, secret.end)?;
    }
    let shown = handed_out(call, &secret);
    tenant.values.push(secret.value.clone());
    tenant.bearer(bearer).secrets.push(secret);
    Ok(shown)
}

/// The secret that the request asks for.
fn new_secret_of(call: &Call<'_>) -> Result<Secret, Failure> {
    let body = if call.request.body.is_empty() {
        Map::new()
    } else {
        object(call.request)?
    };
    if let Some(unknown) = body.keys().find(|name| *name != "passwordCredential") {
        return Err(Failure::bad(format!("Invalid property '{unknown}'.")));
    }
    let empty = Map::new();
    let wanted = match body.get("passwordCredential") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(wanted)) => wanted,
        Some(_) => return Err(invalid("passwordCredential")),
    };
    let known = ["displayName", "startDateTime", "endDateTime"];
    if let Some((other, _)) = wanted.iter().find(|(name, value)| {
        !known.contains(&name.as_str()) && !value.is_null() && !name.contains("@odata.")
    }) {
        return Err(Failure::bad(format!(
            "Property '{other}' cannot be chosen by the caller."
        )));
    }
    let display_name = match wanted.get("displayName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => return Err(invalid("displayName")),
    };
    let start = moment(wanted, "startDateTime")?.unwrap_or(call.now);
    let end = match moment(wanted, "endDateTime")? {
        Some(end) => end,
        None => two_years_after(start),
    };
    if end <= start {
        return Err(invalid("endDateTime"));
    }
    Ok(Secret {
        key_id: Uuid::new_v4(),
        display_name,
        value: new_secret(),
        start,
        end,
        usable_from: later(call.now, call.secret_lag),
    })
}

/// The one answer that bears a secret's value.
fn handed_out(call: &Call<'_>, secret: &Secret) -> Answer {
    let mut shown = Map::new();
    shown.insert(
        "@odata.context".into(),
        json!(call.context("microsoft.graph.passwordCredential")),
    );
    if let Value::Object(credential) = rendered(secret, Some(&secret.value)) {
        shown.extend(credential);
    }
    Answer::json(200, Value::Object(shown))
}

fn remove(call: &Call<'_>, secrets: &mut Vec<Secret>) -> Result<Answer, Failure> {
    let body = object(call.request)?;
    let key_id = body
        .get("keyId")
        .and_then(Value::as_str)
        .and_then(|text| Uuid::parse_str(text).ok())
        .ok_or_else(|| invalid("keyId"))?;
    let before = secrets.len();
    secrets.retain(|one| one.key_id != key_id);
    match secrets.len() == before {
        true => Err(Failure::bad("No password credential found with keyId.")),
        false => Ok(Answer::empty(204)),
    }
}

/// A secret as Graph shows it; its value only in the answer that made it.
pub(super) fn rendered(secret: &Secret, value: Option<&str>) -> Value {
    let hint: String = secret.value.chars().take(3).collect();
    json!({
        "customKeyIdentifier": null,
        "displayName": secret.display_name,
        "endDateTime": secret.end.to_string(),
        "hint": hint,
        "keyId": secret.key_id,
        "secretText": value,
        "startDateTime": secret.start.to_string(),
    })
}

fn moment(from: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Failure> {
    match from.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| invalid(name)),
    }
}

fn two_years_after(start: Timestamp) -> Timestamp {
    start
        .to_zoned_datetime(TimeZone::UTC)
        .checked_add(Span::new().years(2))
        .map_or(start, |end| end.timestamp())
}

fn invalid(property: &str) -> Failure {
    Failure::invalid_value(property, "passwordCredential")
}
