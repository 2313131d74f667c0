//! Certificates of an application or a service principal: written as a whole, read back without the key itself unless
//! that is asked for by name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::state::days_from;
use super::failure::Failure;

/// For how many days a certificate is taken to be good whose dates were not stated.
const DAYS: i64 = 365;

/// Completes the certificates that a change writes: what was left out comes from those that were there, or is made up as
/// Entra does.
pub(super) fn completed(before: &Value, wanted: &Value, now: Timestamp) -> Result<Value, Failure> {
    let wrong = || Failure::invalid_value("keyCredentials", "Application");
    let list = wanted.as_array().ok_or_else(wrong)?;
    let all: Result<Vec<Value>, Failure> = list
        .iter()
        .map(|one| completed_one(before, one.as_object().ok_or_else(wrong)?, now))
        .collect();
    all.map(Value::Array)
}

fn completed_one(
    before: &Value,
    wanted: &Map<String, Value>,
    now: Timestamp,
) -> Result<Value, Failure> {
    let given = |name: &str| wanted.get(name).filter(|value| !value.is_null());
    let same = before.as_array().into_iter().flatten().find(|one| {
        let id = given("keyId").and_then(Value::as_str);
        id.is_some_and(|id| {
            one["keyId"]
                .as_str()
                .is_some_and(|own| own.eq_ignore_ascii_case(id))
        })
    });
    let earlier = |name: &str| same.and_then(|one| one.get(name)).cloned();
    let key = given("key")
        .cloned()
        .or_else(|| earlier("key"))
        .ok_or_else(|| Failure::invalid_value("key", "KeyCredential"))?;
    let bytes = key
        .as_str()
        .and_then(decoded)
        .ok_or_else(|| Failure::invalid_value("key", "KeyCredential"))?;
    let thumbprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let text = |name: &str, otherwise: Value| {
        given(name)
            .cloned()
            .or_else(|| earlier(name))
            .unwrap_or(otherwise)
    };
    Ok(json!({
        "customKeyIdentifier": text("customKeyIdentifier", json!(STANDARD.encode(thumbprint))),
        "displayName": text("displayName", Value::Null),
        "endDateTime": text("endDateTime", json!(days_from(now, DAYS).to_string())),
        "key": key,
        "keyId": text("keyId", json!(Uuid::new_v4())),
        "startDateTime": text("startDateTime", json!(now.to_string())),
        "type": text("type", json!("AsymmetricX509Cert")),
        "usage": text("usage", json!("Verify")),
    }))
}

/// A certificate's bytes; line breaks in its text mean nothing.
pub(in crate::sandbox) fn decoded(text: &str) -> Option<Vec<u8>> {
    let letters: String = text.split_whitespace().collect();
    STANDARD.decode(letters).ok()
}

/// The certificates as a plain read shows them: without the key.
pub(super) fn hide(object: &mut Value) {
    if let Some(keys) = object
        .get_mut("keyCredentials")
        .and_then(Value::as_array_mut)
    {
        for key in keys {
            key["key"] = Value::Null;
        }
    }
}
