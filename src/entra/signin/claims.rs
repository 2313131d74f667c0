//! What a token says of itself. Read for display and for better words, never as a proof: the signature is not checked.

use base64::Engine as _;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::registration::observed::Identity;

/// The identity in an access token's payload; `None` when the token is not one that can be read (it may be opaque).
pub fn identity(token: &str) -> Option<Identity> {
    let claims = payload(token)?;
    let text = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .map(crate::text::clean)
            .filter(|text| !text.is_empty())
    };
    let list = |name: &str| -> Vec<String> {
        let all = claims.get(name).and_then(Value::as_array);
        all.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(crate::text::clean)
            .collect()
    };
    let scopes = text("scp");
    let delegated = match claims.get("idtyp").and_then(Value::as_str) {
        Some("app") => false,
        Some("user") => true,
        _ => scopes.is_some(),
    };
    let names: &[&str] = if delegated {
        &["upn", "preferred_username", "unique_name", "name", "oid"]
    } else {
        &["app_displayname", "appid", "azp"]
    };
    Some(Identity {
        name: names
            .iter()
            .find_map(|name| text(name))
            .unwrap_or_else(|| "unknown".to_string()),
        delegated,
        permissions: if delegated {
            scopes
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_string)
                .collect()
        } else {
            list("roles")
        },
        directory_roles: list("wids")
            .iter()
            .filter_map(|id| Uuid::parse_str(id).ok())
            .collect(),
        mfa: list("amr").iter().any(|way| way == "mfa"),
    })
}

/// The tenant that a token is for, and when it ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TenantAndEnd {
    pub tenant: Option<Uuid>,
    pub end: Option<Timestamp>,
}

/// What of the two a token says.
pub(super) fn tenant_and_end(token: &str) -> TenantAndEnd {
    let Some(claims) = payload(token) else {
        return TenantAndEnd::default();
    };
    let tenant = claims.get("tid").and_then(Value::as_str);
    let end = claims.get("exp").and_then(Value::as_i64);
    TenantAndEnd {
        tenant: tenant.and_then(|id| Uuid::parse_str(id).ok()),
        end: end.and_then(|second| Timestamp::from_second(second).ok()),
    }
}

fn payload(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn token(claims: &Value) -> String {
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        format!("e30.{}.sig", engine.encode(claims.to_string()))
    }

    #[test]
    fn a_users_token_names_the_user_scopes_roles_and_mfa() {
        let role = Uuid::from_u128(9);
        let identity = identity(&token(&json!({
            "upn": "noc@finebak.com", "scp": "User.Read Application.ReadWrite.All", "wids": [role, "x"],
            "amr": ["pwd", "mfa"], "appid": "a",
        })))
        .unwrap();
        assert_eq!(identity.name, "noc@finebak.com");
        assert!(identity.delegated && identity.mfa);
        assert_eq!(
            identity.permissions,
            ["User.Read", "Application.ReadWrite.All"]
        );
        assert_eq!(identity.directory_roles, [role]);
    }

    #[test]
    fn an_applications_token_has_roles() {
        let claims = json!({"idtyp": "app", "appid": "abc", "roles": ["Application.Read.All"]});
        let identity = identity(&token(&claims)).unwrap();
        assert_eq!((identity.name.as_str(), identity.delegated), ("abc", false));
        assert_eq!(identity.permissions, ["Application.Read.All"]);
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_without_a_panic(text in ".{0,80}") {
            let _ = identity(&text);
            let _ = identity(&token(&json!({"upn": text, "wids": text, "scp": [text]})));
        }
    }
}
