//! The token endpoint's requests and answers.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::error::{Refusal, SignInError};
use crate::http::{Answer, Body, FormValue, Method, Request};

/// A token request. It changes nothing, so it may be repeated when its answer is lost.
pub(super) fn request(tenant: Uuid, endpoint: &str, form: Vec<(&str, FormValue)>) -> Request {
    let fields = form
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect();
    let mut request =
        Request::new(Method::Post, path(tenant, endpoint)).with_body(Body::Form(fields));
    request.repeatable = true;
    request
}

/// An endpoint's path below the sign-in host.
pub(super) fn path(tenant: Uuid, endpoint: &str) -> String {
    format!("/{tenant}/oauth2/v2.0/{endpoint}")
}

/// Tokens as Entra hands them out.
#[derive(Debug)]
pub(super) struct Granted {
    pub access: SecretString,
    pub lives: Duration,
    pub refresh: Option<SecretString>,
}

/// Reads a token answer; the tokens are taken out of it.
pub(super) fn granted(mut answer: Answer) -> Result<Granted, SignInError> {
    if !answer.is_success() {
        return Err(Refusal::read(&answer).into());
    }
    let mut secret = |name: &str| match answer.body.get_mut(name).map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Some(SecretString::from(text)),
        _ => None,
    };
    let (access, refresh) = (secret("access_token"), secret("refresh_token"));
    Ok(Granted {
        access: access.ok_or_else(|| SignInError::Answer("it holds no access_token".into()))?,
        lives: Duration::from_secs(seconds(&answer.body, "expires_in").unwrap_or(3600)),
        refresh,
    })
}

/// A number of seconds, which some servers write as text.
pub(super) fn seconds(body: &Value, name: &str) -> Option<u64> {
    let value = body.get(name)?;
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}
