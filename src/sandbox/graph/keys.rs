//! Certificates of an application or a service principal: written as a whole, or one by one with a proof that the caller
//! has the key of one that is there; read back without the key itself unless that is asked for by name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::exchange::Answer;
use super::super::signed::{Signed, certificates};
use super::super::state::days_from;
use super::Call;
use super::failure::{Failure, object};

/// For how many days a certificate is taken to be good whose dates were not stated.
const DAYS: i64 = 365;
/// The audience of a proof of possession.
const PROOF_AUDIENCE: &str = "00000002-0000-0000-c000-000000000000";
/// No proof may be good for longer, in seconds.
const LONGEST_PROOF: i64 = 600;

/// A change of an object with these properties, its certificates completed.
pub(super) fn with_completed(
    properties: &Map<String, Value>,
    mut change: Map<String, Value>,
    now: Timestamp,
) -> Result<Map<String, Value>, Failure> {
    if let Some(wanted) = change.get("keyCredentials") {
        let completed = completed(&properties["keyCredentials"], wanted, now)?;
        change.insert("keyCredentials".into(), completed);
    }
    Ok(change)
}

/// Completes the certificates that a change writes: what was left out comes from those that were there, or is made up as
/// Entra does.
fn completed(before: &Value, wanted: &Value, now: Timestamp) -> Result<Value, Failure> {
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

/// `addKey`: one more certificate beside those of the object with these properties.
pub(super) fn add(call: &Call<'_>, properties: &mut Map<String, Value>) -> Result<Answer, Failure> {
    let body = object(call.request)?;
    prove(call, properties, &body)?;
    let wanted = body.get("keyCredential").and_then(Value::as_object);
    let wanted = wanted.ok_or_else(|| Failure::invalid_value("keyCredential", "Application"))?;
    let text = |name: &str| wanted.get(name).and_then(Value::as_str);
    match (text("type"), text("usage")) {
        (Some("AsymmetricX509Cert"), Some("Verify")) => {}
        (Some("X509CertAndPassword"), Some("Sign")) => {
            let password = body.get("passwordCredential");
            if password
                .and_then(|one| one["secretText"].as_str())
                .is_none()
            {
                return Err(Failure::invalid_value("passwordCredential", "Application"));
            }
        }
        _ => return Err(Failure::invalid_value("usage", "KeyCredential")),
    }
    let made = completed_one(&Value::Null, wanted, call.now)?;
    let mut shown = Map::new();
    let context = call.context("microsoft.graph.keyCredential");
    shown.insert("@odata.context".into(), json!(context));
    if let Value::Object(members) = made.clone() {
        shown.extend(members);
    }
    shown.insert("key".into(), Value::Null);
    match properties
        .get_mut("keyCredentials")
        .and_then(Value::as_array_mut)
    {
        Some(all) => all.push(made),
        None => drop(properties.insert("keyCredentials".into(), json!([made]))),
    }
    Ok(Answer::json(200, Value::Object(shown)))
}

/// `removeKey`: one certificate less.
pub(super) fn remove(
    call: &Call<'_>,
    properties: &mut Map<String, Value>,
) -> Result<Answer, Failure> {
    let body = object(call.request)?;
    prove(call, properties, &body)?;
    let id = body
        .get("keyId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let all = properties
        .get_mut("keyCredentials")
        .and_then(Value::as_array_mut);
    let is = |one: &Value| {
        one["keyId"]
            .as_str()
            .is_some_and(|own| own.eq_ignore_ascii_case(id))
    };
    let place = all.as_ref().and_then(|all| all.iter().position(is));
    match (all, place) {
        (Some(all), Some(place)) => drop(all.remove(place)),
        _ => return Err(Failure::bad("No key credential found with keyId.")),
    }
    Ok(Answer::empty(204))
}

/// Whether the caller has the key of a certificate that the object bears already: it signs a text with it that says so.
fn prove(
    call: &Call<'_>,
    properties: &Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<(), Failure> {
    let refused = || {
        Failure::new(
            401,
            "Authentication_MissingOrMalformed",
            "Access Token missing or malformed.",
        )
    };
    let proof = body
        .get("proof")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let proof = Signed::parse(proof).map_err(|_| refused())?;
    let own = properties["id"].as_str().unwrap_or_default();
    let known = certificates(properties, call.now);
    let right = known.iter().any(|one| proof.check_signature(one).is_ok())
        && proof.claim("aud").eq_ignore_ascii_case(PROOF_AUDIENCE)
        && proof.claim("iss").eq_ignore_ascii_case(own)
        && proof.check_time(LONGEST_PROOF, call.now).is_ok();
    right.then_some(()).ok_or_else(refused)
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
