//! Getting in: each request goes with what the profile's sign-in asks for. A cookie is kept until the portal no longer
//! takes it, then the form is sent anew, once.

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::error::PortalError;
use super::interface::Portal;
use super::profile::{BodyKind, LoginWay};
use crate::http::{Answer, Authorization, Body, HttpError, Method, Request};
use crate::text::clean;

/// A user of the portal with a password.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name to sign in with.
    pub user: String,
    /// Their password; debug output does not show it.
    pub password: SecretString,
}

/// What opens a portal's door: who may come in, and the cookie of the one that is in.
#[derive(Debug, Clone, Default)]
pub(super) struct Door {
    pub person: Option<Person>,
    cookie: Arc<Mutex<Option<Authorization>>>,
}

impl Door {
    pub fn of(person: Option<Person>) -> Door {
        Door {
            person,
            cookie: Arc::default(),
        }
    }

    fn person(&self) -> Result<&Person, PortalError> {
        self.person
            .as_ref()
            .ok_or(PortalError::NoCredentials("user and password"))
    }
}

impl Portal {
    /// Sends a request as the profile's sign-in wants it. `token` is Entra's, for sign-in by client credentials.
    pub(super) async fn knock(
        &self,
        request: &Request,
        way: LoginWay,
        token: Option<&Authorization>,
    ) -> Result<Answer, PortalError> {
        match way {
            LoginWay::None => Ok(self.client.send(request, None).await?),
            LoginWay::Basic => {
                let person = self.door.person()?;
                let basic = Authorization::basic(&person.user, &person.password);
                Ok(self.client.send(request, Some(&basic)).await?)
            }
            LoginWay::ClientCredentials => {
                let token = token.ok_or(PortalError::NoCredentials("client credentials"))?;
                Ok(self.client.send(request, Some(token)).await?)
            }
            LoginWay::Form => {
                let cookie = self.cookie(None).await?;
                let sent = self.client.send(request, Some(&cookie)).await;
                if !is_shown_out(&sent, request.method) {
                    return Ok(sent?);
                }
                let cookie = self.cookie(Some(&cookie)).await?;
                Ok(self.client.send(request, Some(&cookie)).await?)
            }
        }
    }

    /// The cookie that is there, or a new one; one that was `spent` is not used again.
    async fn cookie(&self, spent: Option<&Authorization>) -> Result<Authorization, PortalError> {
        // Held while the form is sent: those who come in at the same time use one cookie.
        let mut kept = self.door.cookie.lock().await;
        if let Some(cookie) = kept.as_ref()
            && spent.is_none_or(|spent| !spent.is_same(cookie))
        {
            return Ok(cookie.clone());
        }
        let (request, name) = self.sign_in_request()?;
        let entered = self.client.enter(&request, &name).await?;
        let refused = entered.status >= 400;
        match entered.cookie.filter(|_| !refused) {
            Some(cookie) => {
                let cookie = Authorization::cookie(&cookie);
                *kept = Some(cookie.clone());
                Ok(cookie)
            }
            None => {
                *kept = None;
                let words = self.profile.error.as_ref().and_then(|error| {
                    entered
                        .body
                        .pointer(&error.text)
                        .and_then(Value::as_str)
                        .map(clean)
                });
                Err(PortalError::NotLetIn {
                    status: entered.status,
                    why: words.unwrap_or_else(|| format!("it sets no cookie {name}")),
                })
            }
        }
    }

    /// The sign-in form with user and password, and the name of the cookie that it sets.
    fn sign_in_request(&self) -> Result<(Request, String), PortalError> {
        let login = &self.profile.login;
        let (Some(path), Some(user), Some(password), Some(cookie)) =
            (&login.path, &login.user, &login.password, &login.cookie)
        else {
            return Err(PortalError::NoCall);
        };
        let person = self.door.person()?;
        let body = match login.body {
            BodyKind::Form => Body::Form(vec![
                (user.clone(), person.user.clone().into()),
                (password.clone(), person.password.clone().into()),
            ]),
            BodyKind::Json => {
                let mut template = Map::new();
                template.insert(user.clone(), person.user.clone().into());
                template.insert(password.clone(), Value::Null);
                Body::JsonWithSecret {
                    template: Value::Object(template),
                    pointer: super::interface::pointer(password),
                    secret: person.password.clone(),
                }
            }
        };
        let request = Request::new(Method::Post, self.filled(path, &[])).with_body(body);
        Ok((request, cookie.clone()))
    }
}

/// Whether the portal no longer takes a cookie: it says so, or sends a reader back to its sign-in page. A write that is
/// sent on elsewhere may have been carried out, so that is not repeated.
fn is_shown_out(sent: &Result<Answer, HttpError>, method: Method) -> bool {
    match sent {
        Ok(answer) => matches!(answer.status, 401 | 403),
        Err(HttpError::RedirectRefused { .. }) => method == Method::Get,
        Err(_) => false,
    }
}
