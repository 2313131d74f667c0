//! The calls of an http profile: rendered as plain requests, and their answers understood.

use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::profile::{Profile, WriteMethod};
use crate::http::{Answer, Authorization, Body, Client, HttpError, Method, Request};
use crate::registration::observed::{CustomerConsent, CustomerFacts, FailureKind, PortalSettings};
use crate::text::clean;

/// Why a call to the portal failed.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The server was not reached, or not understood.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The portal refused it, by status or inside of an HTTP 200.
    #[error("the portal refuses it (HTTP {status}): {why}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The portal's words, cleaned.
        why: String,
        /// The portal's request ID.
        request_id: Option<String>,
    },
    /// The answer lacks what the profile says is there.
    #[error("the portal's answer has no {pointer}, which its profile names")]
    Misunderstood {
        /// The pointer.
        pointer: String,
    },
    /// The profile has no such call.
    #[error("the portal's profile describes no such call")]
    NoCall,
}

impl PortalError {
    /// What to do.
    pub fn next(&self) -> String {
        match self {
            PortalError::Http(error) => error.next().to_string(),
            PortalError::Refused {
                status: 401 | 403, ..
            } => "Check the portal credentials of this tenant in the settings.".to_string(),
            PortalError::Refused { status: 404, .. } => {
                "The portal has no such interface: use the profile \"handoff\" for this device."
                    .to_string()
            }
            PortalError::Refused { .. } => {
                "Mend what the portal names, then push again.".to_string()
            }
            PortalError::Misunderstood { .. } | PortalError::NoCall => {
                "Check the portal profile of this device.".to_string()
            }
        }
    }

    /// The portal's own ID of the request, where it answered with one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            PortalError::Refused { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// The kind under which it is remembered.
    pub fn kind(&self) -> FailureKind {
        match self {
            PortalError::Http(_) => FailureKind::Unreachable,
            PortalError::Refused { status: 401, .. } => FailureKind::SignIn,
            PortalError::Refused { status: 403, .. } => FailureKind::NotPermitted,
            PortalError::Refused { .. }
            | PortalError::Misunderstood { .. }
            | PortalError::NoCall => FailureKind::Answer,
        }
    }
}

/// What a push writes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Client ID, as text, since a preview may not know it yet.
    pub client_id: String,
    /// The secret; `None` = the portal keeps the one it has.
    pub client_secret: Option<SecretString>,
    /// Redirect URI.
    pub redirect_uri: String,
}

/// The request that reads the settings.
///
/// # Errors
/// [`PortalError::NoCall`] for a profile without one.
pub fn read_request(profile: &Profile) -> Result<Request, PortalError> {
    let read = profile.read.as_ref().ok_or(PortalError::NoCall)?;
    Ok(Request::get(read.path.clone()))
}

/// The request that writes the settings.
///
/// # Errors
/// [`PortalError::NoCall`] for a profile without one.
pub fn write_request(profile: &Profile, settings: &Settings) -> Result<Request, PortalError> {
    let write = profile.write.as_ref().ok_or(PortalError::NoCall)?;
    let mut body = Map::new();
    body.insert(write.client_id.clone(), settings.client_id.clone().into());
    body.insert(
        write.redirect_uri.clone(),
        settings.redirect_uri.clone().into(),
    );
    let body = match &settings.client_secret {
        None => Body::Json(Value::Object(body)),
        Some(secret) => {
            body.insert(write.client_secret.clone(), Value::Null);
            let pointer = format!(
                "/{}",
                write.client_secret.replace('~', "~0").replace('/', "~1")
            );
            Body::JsonWithSecret {
                template: Value::Object(body),
                pointer,
                secret: secret.clone(),
            }
        }
    };
    let method = match write.method {
        WriteMethod::Put => Method::Put,
        WriteMethod::Patch => Method::Patch,
        WriteMethod::Post => Method::Post,
    };
    Ok(Request::new(method, write.path.clone()).with_body(body))
}

/// One device's portal.
#[derive(Debug, Clone)]
pub struct Portal {
    /// The way to it; the base is the portal's address.
    pub client: Client,
    /// Its profile.
    pub profile: Profile,
}

impl Portal {
    /// Sends a request and looks for an error inside of the answer.
    ///
    /// # Errors
    /// Not reached, not understood, or refused.
    pub async fn send(
        &self,
        request: &Request,
        login: &Authorization,
    ) -> Result<Answer, PortalError> {
        let answer = self.client.send(request, Some(login)).await?;
        let text = |pointer: &str| answer.body.pointer(pointer).and_then(Value::as_str);
        let words = self
            .profile
            .error
            .as_ref()
            .and_then(|error| text(&error.text))
            .map(clean);
        let inside = self
            .profile
            .error
            .as_ref()
            .is_some_and(|error| text(&error.kind) == Some(error.is.as_str()));
        if inside || !answer.is_success() {
            let why = words.unwrap_or_else(|| "it does not say why".to_string());
            return Err(PortalError::Refused {
                status: answer.status,
                why,
                request_id: answer.request_id,
            });
        }
        Ok(answer)
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// As for [`Portal::send`]; or the answer lacks what the profile names.
    pub async fn read(&self, login: &Authorization) -> Result<PortalSettings, PortalError> {
        let answer = self.send(&read_request(&self.profile)?, login).await?;
        let read = self.profile.read.as_ref().ok_or(PortalError::NoCall)?;
        let at = |pointer: &str| {
            let missing = || PortalError::Misunderstood {
                pointer: pointer.to_string(),
            };
            let value = answer.body.pointer(pointer).ok_or_else(missing)?;
            Ok::<_, PortalError>(clean(value.as_str().unwrap_or_default()))
        };
        let optional = |pointer: &Option<String>| {
            pointer
                .as_ref()
                .and_then(|pointer| answer.body.pointer(pointer))
        };
        Ok(PortalSettings {
            client_id: at(&read.client_id)?,
            redirect_uri: at(&read.redirect_uri)?,
            has_client_secret: optional(&read.has_client_secret).and_then(Value::as_bool),
            customer_portal_url: optional(&read.customer_portal_url)
                .and_then(Value::as_str)
                .map(clean),
        })
    }

    /// Reads the customers; `None` = the profile describes no such call.
    ///
    /// # Errors
    /// As for [`Portal::send`]; or the answer is no list.
    pub async fn customers(
        &self,
        login: &Authorization,
    ) -> Result<Option<Vec<CustomerFacts>>, PortalError> {
        let Some(call) = &self.profile.customers else {
            return Ok(None);
        };
        let answer = self.send(&Request::get(call.path.clone()), login).await?;
        let list = answer
            .body
            .as_array()
            .ok_or_else(|| PortalError::Misunderstood {
                pointer: "list".to_string(),
            })?;
        let customers = list.iter().map(|entry| {
            let at = |pointer: &Option<String>| {
                pointer.as_ref().and_then(|pointer| entry.pointer(pointer))
            };
            let text = |pointer: &Option<String>| at(pointer).and_then(Value::as_str).map(clean);
            CustomerFacts {
                short_name: text(&Some(call.short_name.clone())).unwrap_or_default(),
                full_name: text(&call.full_name).unwrap_or_default(),
                tenant_id: text(&call.tenant_id).and_then(|id| Uuid::try_parse(&id).ok()),
                consent: match at(&call.consented).and_then(Value::as_bool) {
                    Some(true) => CustomerConsent::Granted,
                    Some(false) => CustomerConsent::Pending,
                    None => CustomerConsent::Unknown("the portal does not say".to_string()),
                },
                admin_roles: at(&call.admin_roles)
                    .and_then(Value::as_array)
                    .map(|roles| roles.iter().filter_map(Value::as_str).map(clean).collect()),
            }
        });
        Ok(Some(customers.collect()))
    }
}
