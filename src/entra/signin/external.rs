//! A token that a command prints, in the JSON of `az account get-access-token`.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use uuid::Uuid;

use super::claims;
use super::error::SignInError;
use super::token_endpoint::Granted;
use crate::command::{self, Cancel};

/// Without any word of its end, a token counts as good for so long.
const ASSUMED: Duration = Duration::from_secs(300);

/// Runs the command, and takes the token for `tenant` out of what it prints. Who drops this stops the command.
pub(super) async fn token(
    words: &[String],
    tenant: Uuid,
    now: Timestamp,
) -> Result<Granted, SignInError> {
    let cancel = Cancel::default();
    let _stop = StopOnDrop(cancel.clone());
    let owned = words.to_vec();
    let ran =
        tokio::task::spawn_blocking(move || command::run(&owned, command::TIME, &cancel)).await;
    let printed = match ran {
        Ok(printed) => printed?,
        // Only when the program itself is ending.
        Err(_) => return Err(SignInError::Cancelled),
    };
    read(&printed, tenant, now).map_err(SignInError::CommandAnswer)
}

struct StopOnDrop(Cancel);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        Arc::clone(&self.0).store(true, Ordering::Relaxed);
    }
}

fn read(printed: &str, tenant: Uuid, now: Timestamp) -> Result<Granted, String> {
    // A byte order mark is what PowerShell puts before its output.
    let text = printed.trim_start_matches('\u{feff}').trim();
    let Ok(mut body) = serde_json::from_str::<Value>(text) else {
        return Err("it printed no JSON".into());
    };
    let token = ["accessToken", "access_token", "token"]
        .into_iter()
        .find_map(|name| match body.get_mut(name).map(Value::take) {
            Some(Value::String(token)) if !token.is_empty() => Some(SecretString::from(token)),
            _ => None,
        })
        .ok_or("its JSON holds no accessToken")?;
    let own = claims::tenant_and_end(token.expose_secret());
    let named = body.get("tenant").and_then(Value::as_str);
    let of = own.tenant.or_else(|| Uuid::parse_str(named?).ok());
    if let Some(other) = of.filter(|of| *of != tenant) {
        return Err(format!(
            "its token is for the tenant {other}, not for {tenant}"
        ));
    }
    let lives = match end(&body).or(own.end) {
        Some(end) => {
            let left = end.duration_since(now).as_secs();
            Duration::from_secs(u64::try_from(left).unwrap_or(0))
        }
        None => ASSUMED,
    };
    if lives.is_zero() {
        return Err("its token has expired already".into());
    }
    Ok(Granted {
        access: token,
        lives,
        refresh: None,
    })
}

/// When the token ends, by the command's own words: the number is exact, the text may be this machine's local time.
fn end(body: &Value) -> Option<Timestamp> {
    let number = body.get("expires_on").and_then(|value| {
        let text = value.as_str().and_then(|text| text.trim().parse().ok());
        value.as_i64().or(text)
    });
    if let Some(second) = number {
        return Timestamp::from_second(second).ok();
    }
    let text = ["expiresOn", "expires_on"]
        .into_iter()
        .find_map(|name| body.get(name).and_then(Value::as_str))?
        .trim();
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        TimeZone::system().to_timestamp(local).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use serde_json::json;

    const TENANT: Uuid = Uuid::from_u128(7);

    fn now() -> Timestamp {
        Timestamp::from_second(1_000_000).unwrap()
    }

    fn taken(body: Value) -> Result<u64, String> {
        read(&body.to_string(), TENANT, now()).map(|granted| granted.lives.as_secs())
    }

    #[test]
    fn the_number_of_seconds_counts_before_the_local_time() {
        let both = json!({"accessToken": "t", "expires_on": 1_000_100, "expiresOn": "1990-01-01 00:00:00.000000"});
        assert_eq!(taken(both), Ok(100));
        assert_eq!(
            taken(json!({"accessToken": "t", "expires_on": "1000200"})),
            Ok(200)
        );
        let zoned = json!({"token": "t", "expiresOn": "1970-01-12T13:51:40Z"});
        assert_eq!(taken(zoned), Ok(300));
        let local = TimeZone::system().to_datetime(now()) + Duration::from_secs(60);
        let local = json!({"accessToken": "t", "expiresOn": local.strftime("%Y-%m-%d %H:%M:%S.000000").to_string()});
        assert_eq!(taken(local), Ok(60));
        assert_eq!(taken(json!({"access_token": "t"})), Ok(ASSUMED.as_secs()));
    }

    #[test]
    fn the_tokens_own_claims_tell_its_tenant_and_its_end() {
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let token = |claims: Value| format!("e30.{}.s", engine.encode(claims.to_string()));
        let right = token(json!({"tid": TENANT, "exp": 1_000_400}));
        assert_eq!(taken(json!({"accessToken": right})), Ok(400));
        let foreign = token(json!({"tid": Uuid::from_u128(8), "exp": 1_000_400}));
        let error = taken(json!({"accessToken": foreign, "tenant": TENANT})).unwrap_err();
        assert!(error.contains("not for"), "{error}");
        let named = json!({"accessToken": "opaque", "tenant": Uuid::from_u128(8)});
        assert!(taken(named).is_err());
    }

    #[test]
    fn what_is_no_token_is_refused_without_repeating_it() {
        for body in [
            "",
            "hush",
            "[]",
            "{}",
            r#"{"accessToken": 1}"#,
            r#"{"accessToken": ""}"#,
        ] {
            let error = read(body, TENANT, now()).unwrap_err();
            assert!(!error.contains("hush"), "{error}");
        }
        let over = taken(json!({"accessToken": "t", "expires_on": 999_999}));
        assert!(over.unwrap_err().contains("expired"));
        read("\u{feff}{\"accessToken\": \"t\"}\r\n", TENANT, now()).unwrap();
    }
}
