//! Finds a tenant by its domain: its public OpenID configuration names the directory ID. Nobody has to sign in for it.

use jiff::Timestamp;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::error::{Refusal, SignInError};
use crate::http::retry::http_date;
use crate::http::{Client, Request, encoded};

/// The directory ID of the tenant that has this domain in the cloud that `login` leads to.
///
/// # Errors
/// [`SignInError::Refused`] (AADSTS90002) when no tenant has it.
pub async fn directory_id(login: &Client, domain: &str) -> Result<Uuid, SignInError> {
    let path = format!("/{}/v2.0/.well-known/openid-configuration", encoded(domain));
    let answer = login.send(&Request::get(path), None).await?;
    if !answer.is_success() {
        return Err(Refusal::read(&answer).into());
    }
    let issuer = answer.body.get("issuer").and_then(Value::as_str);
    issuer.and_then(first_id).ok_or_else(|| {
        SignInError::Answer("its OpenID configuration names no directory ID".to_string())
    })
}

/// What the sign-in service's clock says, when it says it: whoever asks learns that it answers, and knows the tenant.
///
/// # Errors
/// [`SignInError`] when it does not answer, or there is no such tenant.
pub async fn server_time(login: &Client, tenant: Uuid) -> Result<Option<Timestamp>, SignInError> {
    let path = format!("/{tenant}/v2.0/.well-known/openid-configuration");
    let answer = login.send(&Request::get(path), None).await?;
    if !answer.is_success() {
        return Err(Refusal::read(&answer).into());
    }
    Ok(answer.date.as_deref().and_then(http_date))
}

/// An issuer is `https://host/{directory ID}/v2.0`.
fn first_id(issuer: &str) -> Option<Uuid> {
    let url = Url::parse(issuer).ok()?;
    Uuid::parse_str(url.path_segments()?.next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_names_one_tenant_or_none() {
        let id = Uuid::from_u128(5);
        assert_eq!(
            first_id(&format!("https://sts.windows.net/{id}/")),
            Some(id)
        );
        assert_eq!(first_id(&format!("https://x/{id}/v2.0")), Some(id));
        for none in ["https://x/{tenantid}/v2.0", "https://x", "", "x"] {
            assert_eq!(first_id(none), None);
        }
    }
}
