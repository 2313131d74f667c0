//! A claims challenge: a server takes no token that bears less than it says here (continuous access evaluation,
//! Conditional Access). What it says goes with the next sign-in as it came.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

/// What umpdeck says of itself with each sign-in: it can answer a claims challenge. Only then does Entra issue tokens
/// that live long and are taken back at once when an account is disabled or a policy changes.
const CAPABILITY: &str = "CP1";
/// No challenge is longer, in bytes.
const LONGEST: usize = 8 * 1024;

/// The claims that a `WWW-Authenticate` header asks for; `None` when it has none that can be sent.
pub fn claims_in(header: &str) -> Option<String> {
    let (_, after) = header.split_once("claims=")?;
    let after = after.trim_start();
    let coded = match after.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => after.split([',', ' ']).next()?,
    };
    let coded = coded.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD
        .decode(coded)
        .or_else(|_| URL_SAFE_NO_PAD.decode(coded))
        .ok()?;
    checked(std::str::from_utf8(&bytes).ok()?)
}

/// Claims that came from a server, when they are what may be sent on: a JSON object of a sensible size.
pub(super) fn checked(text: &str) -> Option<String> {
    let object = text.len() <= LONGEST
        && matches!(serde_json::from_str(text), Ok(Value::Object(claims)) if !claims.is_empty());
    object.then(|| text.to_string())
}

/// What a token request says as `claims`: what a server asked for, where one did, and what umpdeck can do.
pub(super) fn with_capability(asked: Option<&str>) -> String {
    let asked = asked.and_then(|asked| serde_json::from_str(asked).ok());
    let mut claims = match asked {
        Some(Value::Object(claims)) => claims,
        _ => Map::new(),
    };
    let of_access_token = claims.entry("access_token").or_insert(Value::Null);
    if !of_access_token.is_object() {
        *of_access_token = json!({});
    }
    of_access_token["xms_cc"] = json!({"values": [CAPABILITY]});
    Value::Object(claims).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_asks_for_goes_with_what_umpdeck_can_do() {
        let sent = |asked| -> Value { serde_json::from_str(&with_capability(asked)).unwrap() };
        let capability = json!({"values": ["CP1"]});
        for nothing in [None, Some(""), Some("[]"), Some(r#"{"access_token":null}"#)] {
            assert_eq!(
                sent(nothing),
                json!({"access_token": {"xms_cc": capability}})
            );
        }
        let both = sent(Some(CLAIMS));
        assert_eq!(both["access_token"]["xms_cc"], capability);
        assert_eq!(both["access_token"]["nbf"]["value"], "1604106651");
    }

    const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

    #[test]
    fn the_claims_are_found_in_each_form_that_servers_send() {
        let coded = STANDARD_NO_PAD.encode(CLAIMS);
        for header in [
            format!(
                r#"Bearer realm="", authorization_uri="https://x/", error="insufficient_claims", claims="{coded}==""#
            ),
            format!("Bearer error=insufficient_claims, claims={coded}, realm=x"),
            format!(r#"Bearer claims="{coded}""#),
        ] {
            assert_eq!(claims_in(&header).as_deref(), Some(CLAIMS), "{header}");
        }
    }

    #[test]
    fn what_is_no_object_is_not_sent_on() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST));
        for text in ["", "[]", "{}", "hello", "\"x\"", long.as_str()] {
            let header = format!("Bearer claims=\"{}\"", STANDARD_NO_PAD.encode(text));
            assert_eq!(claims_in(&header), None, "{header}");
        }
        assert_eq!(claims_in("Bearer realm=\"\""), None);
        assert_eq!(claims_in("Bearer claims=\"%%%\""), None);
    }
}
