//! Signing in to a server that remembers its visitors by a cookie.

use reqwest::header;
use secrecy::SecretString;
use serde_json::Value;

use super::client::Client;
use super::error::HttpError;
use super::request::Request;
use super::trouble::innermost;

/// How much of a page that answers a sign-in is looked at, in bytes.
const LOOKED_AT: usize = 64 * 1024;

/// What a sign-in brought.
pub struct Entered {
    /// HTTP status.
    pub status: u16,
    /// The cookie with its name, as it goes back to the server; `None` = the server set none of that name.
    pub cookie: Option<SecretString>,
    /// What the server said; `Null` where that is no JSON.
    pub body: Value,
}

impl Client {
    /// Sends a sign-in and looks for the cookie of this name in its answer. A sign-in answers with a page or sends the
    /// visitor on, so neither is an error here; nothing is followed.
    ///
    /// # Errors
    /// The server was not reached.
    pub async fn enter(&self, request: &Request, cookie: &str) -> Result<Entered, HttpError> {
        let built = self.build(request, None, &uuid::Uuid::new_v4().to_string())?;
        let unreached = |error: &reqwest::Error| HttpError::Unreachable {
            host: self.base().host(),
            why: innermost(error),
        };
        let mut response = self
            .machinery()
            .execute(built)
            .await
            .map_err(|error| unreached(&error))?;
        let status = response.status().as_u16();
        let cookie = response
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .filter_map(|text| text.split(';').next())
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| *name == cookie && !value.is_empty())
            .map(|(name, value)| SecretString::from(format!("{name}={value}")));
        let mut bytes = zeroize::Zeroizing::new(Vec::new());
        while bytes.len() < LOOKED_AT
            && let Some(chunk) = response.chunk().await.map_err(|error| unreached(&error))?
        {
            bytes.extend_from_slice(&chunk);
        }
        tracing::debug!(path = request.path, status, "sign-in");
        Ok(Entered {
            status,
            cookie,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        })
    }
}
