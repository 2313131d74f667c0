//! The settings' calls of an http profile: rendered as plain requests, and their answers understood.

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::door::{Door, Person};
use super::error::PortalError;
use super::profile::{BodyKind, LoginWay, Profile, ReadMethod, WriteMethod};
use crate::http::{Answer, Authorization, Body, Client, FormValue, Method, Request, encoded};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::PortalSettings;
use crate::text::clean;

/// What a push writes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Client ID, as text, since a preview may not know it yet.
    pub client_id: String,
    /// The secret; `None` = the portal keeps the one it has.
    pub client_secret: Option<SecretString>,
    /// The redirect URI that the portal is to send.
    pub redirect_uri: String,
}

/// One device's portal.
#[derive(Debug, Clone)]
pub struct Portal {
    /// The way to it; the base is the portal's address.
    pub client: Client,
    /// The profile that describes its interface.
    pub profile: Profile,
    /// The device whose settings it holds.
    pub device: Fqdn,
    pub(super) door: Door,
}

/// How far a task of the portal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// It goes on; the portal's words.
    UnderWay(String),
    /// It ended well; a task that failed is a [`PortalError`].
    Done,
}

impl Portal {
    /// A device's portal by a profile; `person` signs in where that asks for user and password.
    pub fn new(client: Client, profile: Profile, device: Fqdn, person: Option<Person>) -> Portal {
        Portal {
            client,
            profile,
            device,
            door: Door::of(person),
        }
    }

    /// Whether the settings can be read.
    pub fn reads(&self) -> bool {
        self.profile.read.is_some()
    }

    /// Whether a call of the settings goes with a token of Entra.
    pub fn wants_token(&self) -> bool {
        self.reads() && self.profile.login.way == LoginWay::ClientCredentials
    }

    /// Who the portal's settings are read and written as; `None` = as an application, which the caller knows.
    pub fn identity(&self) -> Option<String> {
        match self.profile.login.way {
            LoginWay::None => Some("nobody (the portal asks for no sign-in)".to_string()),
            LoginWay::ClientCredentials => None,
            LoginWay::Basic | LoginWay::Form => {
                self.door.person.as_ref().map(|one| one.user.clone())
            }
        }
    }

    /// A path with its blanks filled in.
    pub(super) fn filled(&self, path: &str, blanks: &[(&str, &str)]) -> String {
        let mut filled = path.replace("{fqdn}", &encoded(self.device.as_str()));
        for (name, value) in blanks {
            filled = filled.replace(&format!("{{{name}}}"), &encoded(value));
        }
        filled
    }

    /// The request that reads the settings.
    ///
    /// # Errors
    /// [`PortalError::NoCall`] for a profile without one.
    pub fn read_request(&self) -> Result<Request, PortalError> {
        let read = self.profile.read.as_ref().ok_or(PortalError::NoCall)?;
        let path = self.filled(&read.path, &[]);
        Ok(match read.method {
            ReadMethod::Get => Request::get(path),
            ReadMethod::Post => Request {
                repeatable: true,
                ..Request::new(Method::Post, path)
            },
        })
    }

    /// The request that writes the settings.
    ///
    /// # Errors
    /// [`PortalError::NoCall`] for a profile without one.
    pub fn write_request(&self, settings: &Settings) -> Result<Request, PortalError> {
        let write = self.profile.write.as_ref().ok_or(PortalError::NoCall)?;
        let method = match write.method {
            WriteMethod::Put => Method::Put,
            WriteMethod::Patch => Method::Patch,
            WriteMethod::Post => Method::Post,
        };
        let plain = [
            (&write.client_id, &settings.client_id),
            (&write.redirect_uri, &settings.redirect_uri),
        ];
        let plain = plain.into_iter().chain(&write.constants);
        let body = match write.body {
            BodyKind::Form => {
                let mut fields: Vec<(String, FormValue)> = plain
                    .map(|(name, value)| (name.clone(), value.clone().into()))
                    .collect();
                if let Some(secret) = &settings.client_secret {
                    fields.push((write.client_secret.clone(), secret.clone().into()));
                }
                Body::Form(fields)
            }
            BodyKind::Json => {
                let mut body = Value::Object(Map::new());
                for (name, value) in plain {
                    set(&mut body, name, value.clone().into());
                }
                match &settings.client_secret {
                    None => Body::Json(body),
                    Some(secret) => {
                        set(&mut body, &write.client_secret, Value::Null);
                        Body::JsonWithSecret {
                            template: body,
                            pointer: pointer(&write.client_secret),
                            secret: secret.clone(),
                        }
                    }
                }
            }
        };
        Ok(Request::new(method, self.filled(&write.path, &[])).with_body(body))
    }

    /// Sends a request and looks for an error inside of the answer.
    ///
    /// # Errors
    /// Not reached, not understood, or refused.
    pub(super) async fn send_as(
        &self,
        request: &Request,
        way: LoginWay,
        token: Option<&Authorization>,
    ) -> Result<Answer, PortalError> {
        let answer = self.knock(request, way, token).await?;
        let error = self.profile.error.as_ref();
        let text = |pointer: &str| answer.body.pointer(pointer).and_then(Value::as_str);
        let inside = error.is_some_and(|error| text(&error.kind) == Some(error.is.as_str()));
        if inside || !answer.is_success() {
            let words = error.and_then(|error| text(&error.text)).map(clean);
            return Err(PortalError::Refused {
                status: answer.status,
                why: words.unwrap_or_else(|| "it does not say why".to_string()),
                request_id: answer.request_id,
            });
        }
        Ok(answer)
    }

    /// Sends a request about the settings.
    ///
    /// # Errors
    /// As above.
    pub async fn send(
        &self,
        request: &Request,
        token: Option<&Authorization>,
    ) -> Result<Answer, PortalError> {
        self.send_as(request, self.profile.login.way, token).await
    }

    /// Sends the write. What is neither an error nor a success by the profile is refused too.
    ///
    /// # Errors
    /// As for [`Portal::send`].
    pub async fn write(
        &self,
        request: &Request,
        token: Option<&Authorization>,
    ) -> Result<Answer, PortalError> {
        let answer = self.send(request, token).await?;
        let Some(success) = &self.profile.success else {
            return Ok(answer);
        };
        let found = answer.body.pointer(&success.at).map(shown);
        match found {
            Some(word) if success.is.contains(&word) => Ok(answer),
            found => Err(PortalError::Refused {
                status: answer.status,
                why: match found {
                    Some(word) => {
                        format!("it says \"{word}\", which its profile does not count as success")
                    }
                    None => format!(
                        "its answer has no {}, where its profile looks for success",
                        success.at
                    ),
                },
                request_id: answer.request_id,
            }),
        }
    }

    /// The task that a write's answer names, where the profile says that it is one.
    ///
    /// # Errors
    /// [`PortalError::Misunderstood`], when the answer names none.
    pub fn task_of(&self, answer: &Answer) -> Result<Option<String>, PortalError> {
        let write = self.profile.write.as_ref();
        let Some(place) = write.and_then(|write| write.task.as_ref()) else {
            return Ok(None);
        };
        let id = answer.body.pointer(place).map(shown);
        id.filter(|id| !id.is_empty())
            .map(Some)
            .ok_or_else(|| PortalError::Misunderstood {
                pointer: place.clone(),
            })
    }

    /// How far a task is.
    ///
    /// # Errors
    /// As for [`Portal::send`]; or [`PortalError::TaskFailed`].
    pub async fn task(
        &self,
        id: &str,
        token: Option<&Authorization>,
    ) -> Result<TaskState, PortalError> {
        let task = self.profile.task.as_ref().ok_or(PortalError::NoCall)?;
        let request = Request::get(self.filled(&task.path, &[("id", id)]));
        let answer = self.send(&request, token).await?;
        let state = answer
            .body
            .pointer(&task.status)
            .map(shown)
            .ok_or_else(|| PortalError::Misunderstood {
                pointer: task.status.clone(),
            })?;
        if task.done.contains(&state) {
            return Ok(TaskState::Done);
        }
        if task.under_way.contains(&state) {
            return Ok(TaskState::UnderWay(state));
        }
        let text = task.text.as_ref();
        Err(PortalError::TaskFailed {
            id: clean(id),
            state,
            text: text
                .and_then(|place| answer.body.pointer(place))
                .map(shown)
                .filter(|text| !text.is_empty()),
        })
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// As for [`Portal::send`]; or the answer lacks what the profile names.
    pub async fn read(&self, token: Option<&Authorization>) -> Result<PortalSettings, PortalError> {
        let answer = self.send(&self.read_request()?, token).await?;
        self.understood(&answer.body)
    }

    /// The settings in an answer.
    ///
    /// # Errors
    /// [`PortalError::Misunderstood`].
    pub(super) fn understood(&self, body: &Value) -> Result<PortalSettings, PortalError> {
        let read = self.profile.read.as_ref().ok_or(PortalError::NoCall)?;
        let at = |pointer: &str| {
            let missing = || PortalError::Misunderstood {
                pointer: pointer.to_string(),
            };
            let value = body.pointer(pointer).ok_or_else(missing)?;
            Ok::<_, PortalError>(clean(value.as_str().unwrap_or_default()))
        };
        let optional =
            |pointer: &Option<String>| pointer.as_ref().and_then(|pointer| body.pointer(pointer));
        Ok(PortalSettings {
            client_id: at(&read.client_id)?,
            redirect_uri: at(&read.redirect_uri)?,
            has_client_secret: optional(&read.has_client_secret).and_then(Value::as_bool),
            customer_portal_url: optional(&read.customer_portal_url)
                .and_then(Value::as_str)
                .map(clean),
        })
    }
}

/// A value of an answer as one harmless line; null and what is no single value are empty.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A field's place as a JSON pointer: it may be one already.
pub(super) fn pointer(field: &str) -> String {
    if field.starts_with('/') {
        field.to_string()
    } else {
        format!("/{}", field.replace('~', "~0").replace('/', "~1"))
    }
}

/// Puts a value in its place, and makes the objects around it; `None` = something else stands in the way.
pub(super) fn set(body: &mut Value, field: &str, value: Value) -> Option<()> {
    let pointer = pointer(field);
    let mut place = body;
    let mut names = pointer.split('/').skip(1).peekable();
    while let Some(name) = names.next() {
        let name = name.replace("~1", "/").replace("~0", "~");
        let object = place.as_object_mut()?;
        if names.peek().is_none() {
            if object.contains_key(&name) {
                return None;
            }
            object.insert(name, value);
            return Some(());
        }
        place = object
            .entry(name)
            .or_insert_with(|| Value::Object(Map::new()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn portal(profile: &str) -> Portal {
        let profile = Profile::built_in()
            .into_iter()
            .find(|one| one.name == profile)
            .unwrap();
        let client = Client::new(
            crate::http::BaseUrl::parse("http://127.0.0.1:1/tenantui").unwrap(),
            &crate::http::ClientSettings::default(),
            std::sync::Arc::new(crate::http::SystemClock::new()),
        )
        .unwrap();
        let device = Fqdn::parse("ump.example.com").unwrap();
        Portal::new(client, profile, device, None)
    }

    fn settings(secret: bool) -> Settings {
        Settings {
            client_id: "the-id".into(),
            client_secret: secret.then(|| "very~secret".into()),
            redirect_uri: "https://ump.example.com/a".into(),
        }
    }

    #[test]
    fn nested_fields_constants_and_blanks_stand_where_the_profile_says() {
        let request = portal("sandbox-tasks")
            .write_request(&settings(true))
            .unwrap();
        assert_eq!(request.path, "/api/ump/ump.example.com/system-settings");
        assert_eq!(
            request.body.unwrap().shown(),
            json!({"SyncApplication": {
                "ClientId": "the-id",
                "RedirectUri": "https://ump.example.com/a",
                "ClientSecret": "{secret}",
            }})
        );
        let request = portal("sandbox-form")
            .write_request(&settings(false))
            .unwrap();
        assert!(matches!(request.body, Some(Body::Form(_))));
        assert_eq!(
            request.body.unwrap().shown(),
            json!({
                "clientId": "the-id",
                "redirectUri": "https://ump.example.com/a",
                "action": "apply",
            })
        );
    }

    #[test]
    fn a_secret_is_never_in_what_a_preview_shows() {
        for profile in ["sandbox", "sandbox-form", "sandbox-tasks"] {
            let request = portal(profile).write_request(&settings(true)).unwrap();
            let shown = request.body.as_ref().unwrap().shown().to_string();
            assert!(
                shown.contains("{secret}") && !shown.contains("very"),
                "{shown}"
            );
            assert!(!format!("{request:?}").contains("very"));
        }
    }

    #[test]
    fn a_field_in_anothers_place_is_not_put_there() {
        let mut body = json!({});
        assert!(set(&mut body, "/a/b", json!(1)).is_some());
        assert!(set(&mut body, "/a/b", json!(2)).is_none());
        assert!(set(&mut body, "/a/b/c", json!(3)).is_none());
        assert!(set(&mut body, "a/b", json!(4)).is_some());
        assert_eq!(body, json!({"a": {"b": 1}, "a/b": 4}));
    }
}
