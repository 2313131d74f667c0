//! The device-code way: show a code, ask until somebody confirmed it on Microsoft's page.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::error::{Refusal, SignInError};
use super::token_endpoint::{self, Granted};
use crate::http::{Client, HttpError};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// RFC 8628: the interval when the server names none.
const INTERVAL: Duration = Duration::from_secs(5);
/// RFC 8628: what `slow_down` adds, for good.
const SLOWER: Duration = Duration::from_secs(5);
/// The longest wait between two questions while the server can't be reached.
const LONGEST: Duration = Duration::from_secs(60);
/// No server's number of seconds may keep a question open for longer.
const LONGEST_LIFE: u64 = 3600;

/// A device code that somebody has to type in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The code to type.
    pub user_code: String,
    /// The page to type it on; http(s), cleaned.
    pub verification_uri: String,
    /// When the code stops being of use.
    pub expires_at: Timestamp,
}

/// The secret half of a started flow.
#[derive(Debug)]
pub(super) struct Started {
    pub prompt: Prompt,
    device_code: SecretString,
    claims: String,
    interval: Duration,
    lives: Duration,
}

/// Asks for a code.
pub(super) async fn start(
    login: &Client,
    tenant: Uuid,
    client_id: Uuid,
    scope: &str,
    claims: &str,
) -> Result<Started, SignInError> {
    let form = vec![
        ("client_id", client_id.to_string().into()),
        ("scope", scope.into()),
        ("claims", claims.into()),
    ];
    let request = token_endpoint::request(tenant, "devicecode", form);
    let mut answer = login.send(&request, None).await?;
    if !answer.is_success() {
        return Err(Refusal::read(&answer).into());
    }
    let body = &mut answer.body;
    let device_code = match body.get_mut("device_code").map(Value::take) {
        Some(Value::String(code)) => SecretString::from(code),
        _ => return Err(SignInError::Answer("it holds no device_code".into())),
    };
    let text =
        |name: &str| crate::text::clean(body.get(name).and_then(Value::as_str).unwrap_or_default());
    let verification_uri = match text("verification_uri") {
        uri if uri.is_empty() => text("verification_url"),
        uri => uri,
    };
    let user_code = text("user_code");
    if user_code.is_empty() || !verification_uri.starts_with("http") {
        return Err(SignInError::Answer("it holds no code or no page".into()));
    }
    let lives = token_endpoint::seconds(body, "expires_in").unwrap_or(900);
    let lives = Duration::from_secs(lives.min(LONGEST_LIFE));
    let interval = token_endpoint::seconds(body, "interval").map_or(INTERVAL, Duration::from_secs);
    Ok(Started {
        prompt: Prompt {
            user_code,
            verification_uri,
            expires_at: login
                .clock()
                .now()
                .saturating_add(jiff::SignedDuration::from_secs(
                    i64::try_from(lives.as_secs()).unwrap_or(0),
                ))
                .unwrap_or(Timestamp::MAX),
        },
        device_code,
        claims: claims.to_string(),
        interval: interval.clamp(Duration::from_secs(1), LONGEST),
        lives,
    })
}

/// What one answer to "is it confirmed?" means.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Not yet: ask again after the interval.
    Wait,
    /// Ask more slowly from now on.
    SlowDown,
    /// Over.
    Stop(SignInError),
}

fn step(refusal: Refusal, status: u16) -> Step {
    match refusal.error.as_str() {
        "authorization_pending" => Step::Wait,
        "slow_down" => Step::SlowDown,
        "authorization_declined" | "access_denied" => Step::Stop(SignInError::Declined),
        "expired_token" | "code_expired" => Step::Stop(SignInError::Expired),
        _ if refusal.code == Some(70019) => Step::Stop(SignInError::Expired),
        "temporarily_unavailable" => Step::Wait,
        _ if status >= 500 || status == 408 => Step::Wait,
        _ if status == 429 => Step::SlowDown,
        _ => Step::Stop(refusal.into()),
    }
}

/// Asks until the code is confirmed, refused, run out or `cancel` is cancelled, which ends it at once.
pub(super) async fn poll(
    login: &Client,
    tenant: Uuid,
    client_id: Uuid,
    started: &Started,
    cancel: &CancellationToken,
) -> Result<Granted, SignInError> {
    let form = vec![
        ("grant_type", GRANT.into()),
        ("client_id", client_id.to_string().into()),
        ("device_code", started.device_code.clone().into()),
        // Where the token is given, the claims count once more.
        ("claims", started.claims.as_str().into()),
    ];
    let request = token_endpoint::request(tenant, "token", form);
    let clock = login.clock();
    let begun = clock.stopwatch();
    let mut interval = started.interval;
    let mut backoff = Duration::ZERO;
    loop {
        let left = started
            .lives
            .saturating_sub(clock.stopwatch().saturating_sub(begun));
        if left.is_zero() {
            return Err(SignInError::Expired);
        }
        let wait = interval.max(backoff).min(left);
        // Dropping a wait or a question loses nothing: the code is only confirmed on Microsoft's side.
        let asked = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(SignInError::Cancelled),
            asked = async {
                clock.wait(wait).await;
                login.send_once(&request, None).await
            } => asked,
        };
        match asked {
            Ok(answer) if answer.is_success() => return token_endpoint::granted(answer),
            Ok(answer) => {
                backoff = Duration::ZERO;
                match step(Refusal::read(&answer), answer.status) {
                    Step::Wait => {}
                    Step::SlowDown => interval += SLOWER,
                    Step::Stop(error) => return Err(error),
                }
            }
            Err(
                error @ (HttpError::Tls { .. }
                | HttpError::Setup { .. }
                | HttpError::BadRequest { .. }
                | HttpError::RedirectRefused { .. }),
            ) => return Err(error.into()),
            // A line that drops for a while does not lose the code.
            Err(_) => backoff = interval.max(backoff).saturating_mul(2).min(LONGEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: &str, code: Option<u32>) -> Refusal {
        Refusal {
            error: error.into(),
            code,
            description: String::new(),
            trace_id: None,
            claims: None,
        }
    }

    #[test]
    fn every_documented_answer_leads_to_its_action() {
        let step = |error, code, status| step(refused(error, code), status);
        assert_eq!(step("authorization_pending", Some(70016), 400), Step::Wait);
        assert_eq!(step("slow_down", None, 400), Step::SlowDown);
        for declined in ["authorization_declined", "access_denied"] {
            assert_eq!(step(declined, None, 400), Step::Stop(SignInError::Declined));
        }
        for (error, code) in [("expired_token", None), ("invalid_grant", Some(70019))] {
            assert_eq!(step(error, code, 400), Step::Stop(SignInError::Expired));
        }
        for stop in ["bad_verification_code", "invalid_grant", "invalid_client"] {
            assert!(
                matches!(step(stop, None, 400), Step::Stop(SignInError::Refused(_))),
                "{stop}"
            );
        }
        assert_eq!(step("HTTP 503", None, 503), Step::Wait);
        assert_eq!(step("HTTP 429", None, 429), Step::SlowDown);
    }
}
