//! What the token endpoint is sent: by an application with its proof, and with the refresh token of a person.

use secrecy::SecretString;
use uuid::Uuid;

use super::super::certificate::ClientCertificate;
use super::super::challenge::with_capability;
use super::super::error::SignInError;
use super::super::token_endpoint::{self, Granted};
use super::{Kept, Session};
use crate::http::FormValue;

/// What an assertion is, by RFC 7523.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Session {
    /// A token for an application that proves itself.
    pub(super) async fn by_itself(
        &self,
        client_id: Uuid,
        proof: Vec<(&str, FormValue)>,
        kept: &Kept,
    ) -> Result<Granted, SignInError> {
        let mut form = vec![
            ("grant_type", "client_credentials".into()),
            ("client_id", client_id.to_string().into()),
            ("scope", self.all_consented().into()),
        ];
        form.extend(proof);
        form.push(("claims", with_capability(kept.claims.as_deref()).into()));
        let request = token_endpoint::request(self.inner.settings.tenant, "token", form);
        token_endpoint::granted(self.inner.login.send(&request, None).await?)
    }

    /// The proof by certificate: a signed assertion.
    pub(super) fn assertion(
        &self,
        client_id: Uuid,
        certificate: &ClientCertificate,
    ) -> Result<Vec<(&'static str, FormValue)>, SignInError> {
        let path = token_endpoint::path(self.inner.settings.tenant, "token");
        let login = &self.inner.login;
        let signed = certificate.assertion(
            client_id,
            &format!("{}{path}", login.base()),
            login.clock().now(),
        );
        let signed = signed.ok_or_else(|| {
            SignInError::Answer("this machine has no randomness to sign with".to_string())
        })?;
        Ok(vec![
            ("client_assertion_type", ASSERTION_TYPE.into()),
            ("client_assertion", signed.into()),
        ])
    }

    /// A token for a refresh token.
    pub(super) async fn refreshed(
        &self,
        refresh: &SecretString,
        claims: Option<&str>,
    ) -> Result<Granted, SignInError> {
        let settings = &self.inner.settings;
        let client_id = settings.way.client_id().ok_or(SignInError::NotSignedIn)?;
        let mut form = vec![
            ("grant_type", "refresh_token".into()),
            ("client_id", client_id.to_string().into()),
            ("refresh_token", refresh.clone().into()),
            ("scope", self.scope().into()),
        ];
        form.push(("claims", with_capability(claims).into()));
        let request = token_endpoint::request(settings.tenant, "token", form);
        let mut granted = token_endpoint::granted(self.inner.login.send(&request, None).await?)?;
        // A new refresh token comes with each answer; where none comes, the old one stays good.
        granted.refresh = granted.refresh.or_else(|| Some(refresh.clone()));
        Ok(granted)
    }

    fn all_consented(&self) -> String {
        format!("{}/.default", self.inner.settings.resource)
    }

    /// What a person's sign-in asks for, by OAuth's `scope`.
    pub(super) fn scope(&self) -> String {
        let settings = &self.inner.settings;
        let resource = &settings.resource;
        let mut scope = if settings.scopes.is_empty() {
            self.all_consented()
        } else {
            let named = settings.scopes.iter();
            named
                .map(|one| format!("{resource}/{one}"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        // offline_access brings the refresh token.
        scope.push_str(" offline_access openid profile");
        scope
    }
}
