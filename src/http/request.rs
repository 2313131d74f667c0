//! What is sent and what comes back, as plain data. Secrets have their own places, which no Debug output shows.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::HttpError;

/// What stands in a preview where a secret will be.
pub const SECRET_BLANK: &str = "{secret}";

/// HTTP's method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// POST: the only one that must not be repeated without thought.
    Post,
    /// PUT.
    Put,
    /// PATCH; every PATCH of this program states values, so repeating it changes nothing more.
    Patch,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A form field's value.
#[derive(Debug, Clone)]
pub enum FormValue {
    /// May be shown and logged.
    Plain(String),
    /// Must never be shown.
    Secret(SecretString),
}

impl From<&str> for FormValue {
    fn from(text: &str) -> Self {
        FormValue::Plain(text.to_string())
    }
}

impl From<String> for FormValue {
    fn from(text: String) -> Self {
        FormValue::Plain(text)
    }
}

impl From<SecretString> for FormValue {
    fn from(secret: SecretString) -> Self {
        FormValue::Secret(secret)
    }
}

/// A request's body.
#[derive(Debug, Clone)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// A form, as OAuth wants it.
    Form(Vec<(String, FormValue)>),
    /// JSON with a secret in one place; the template has anything there, and is what a preview shows.
    JsonWithSecret {
        /// The body, with a blank where the secret goes.
        template: Value,
        /// RFC 6901 pointer of that place; the place must exist in the template.
        pointer: String,
        /// What goes there when it is sent.
        secret: SecretString,
    },
}

impl Body {
    /// The body as it may be shown: secrets are [`SECRET_BLANK`].
    pub fn shown(&self) -> Value {
        match self {
            Body::Json(value) => value.clone(),
            Body::Form(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, value)| {
                        let shown = match value {
                            FormValue::Plain(text) => text.clone(),
                            FormValue::Secret(_) => SECRET_BLANK.to_string(),
                        };
                        (name.clone(), Value::String(shown))
                    })
                    .collect::<Map<_, _>>(),
            ),
            Body::JsonWithSecret {
                template, pointer, ..
            } => {
                let mut shown = template.clone();
                if let Some(place) = shown.pointer_mut(pointer) {
                    *place = Value::String(SECRET_BLANK.to_string());
                }
                shown
            }
        }
    }

    /// Content type and bytes, with the secrets in them; for the wire alone.
    pub(super) fn rendered(&self) -> Result<(&'static str, Zeroizing<Vec<u8>>), HttpError> {
        const JSON: &str = "application/json";
        match self {
            Body::Json(value) => Ok((JSON, Zeroizing::new(value.to_string().into_bytes()))),
            Body::Form(fields) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    form.append_pair(
                        name,
                        match value {
                            FormValue::Plain(text) => text,
                            FormValue::Secret(secret) => secret.expose_secret(),
                        },
                    );
                }
                Ok((
                    "application/x-www-form-urlencoded",
                    Zeroizing::new(form.finish().into_bytes()),
                ))
            }
            Body::JsonWithSecret {
                template,
                pointer,
                secret,
            } => {
                let mut value = template.clone();
                let Some(place) = value.pointer_mut(pointer) else {
                    return Err(HttpError::BadRequest {
                        why: format!("the body has no place {pointer} for its secret"),
                    });
                };
                // The secret itself never stands in a value, which nobody wipes: it takes the place of a mark.
                let mark = Uuid::new_v4().to_string();
                *place = Value::String(mark.clone());
                let text = value.to_string();
                let quoted = format!("\"{mark}\"");
                let (before, after) = text.split_once(&quoted).unwrap_or((&text, ""));
                let secret = secret.expose_secret();
                // A character becomes six at the most.
                let room = text.len() + 6 * secret.len();
                let mut bytes = Zeroizing::new(Vec::with_capacity(room));
                bytes.extend_from_slice(before.as_bytes());
                serde_json::to_writer(&mut *bytes, secret).map_err(|why| {
                    HttpError::BadRequest {
                        why: why.to_string(),
                    }
                })?;
                bytes.extend_from_slice(after.as_bytes());
                Ok((JSON, bytes))
            }
        }
    }
}

/// One request, as plain data: what a preview shows is what is sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// The HTTP method; it decides whether a lost answer lets the request be sent again.
    pub method: Method,
    /// Path and query below the server's base; begins with `/`. Values in it are [`encoded`](super::encoded).
    pub path: String,
    /// The `Prefer` header, such as `create-if-missing`.
    pub prefer: Option<String>,
    /// Sends `ConsistencyLevel: eventual`, which Graph's advanced queries need.
    pub consistency_eventual: bool,
    /// A POST that changes nothing (a token request), so that it may be sent again when its answer was lost.
    pub repeatable: bool,
    /// What is sent; `None` = nothing.
    pub body: Option<Body>,
}

impl Request {
    /// A request without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Request {
        Request {
            method,
            path: path.into(),
            prefer: None,
            consistency_eventual: false,
            repeatable: false,
            body: None,
        }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Request {
        Request::new(Method::Get, path)
    }

    /// The same with this body.
    pub fn with_body(mut self, body: Body) -> Request {
        self.body = Some(body);
        self
    }

    /// The same with `Prefer`.
    pub fn with_prefer(mut self, prefer: impl Into<String>) -> Request {
        self.prefer = Some(prefer.into());
        self
    }

    /// The same with `ConsistencyLevel: eventual`.
    pub fn eventual(mut self) -> Request {
        self.consistency_eventual = true;
        self
    }

    /// Whether sending it twice does no more than sending it once.
    pub fn may_repeat(&self) -> bool {
        self.method != Method::Post || self.repeatable
    }
}

/// What a server answered. Debug output leaves the body out: it may hold a token or a new secret.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The JSON body; `Null` when it was empty.
    pub body: Value,
    /// `request-id` (or `x-ms-request-id`), the server's name for this exchange.
    pub request_id: Option<String>,
    /// `client-request-id`: our own GUID for this exchange.
    pub client_request_id: String,
    /// `Retry-After`, verbatim.
    pub retry_after: Option<String>,
    /// `Date`, verbatim.
    pub date: Option<String>,
    /// `Location`, verbatim and untrusted.
    pub location: Option<String>,
    /// An earlier try of the same request went unanswered, so it may have been carried out before this one.
    pub perhaps_done_before: bool,
    /// `WWW-Authenticate`, verbatim and untrusted.
    pub www_authenticate: Option<String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("client_request_id", &self.client_request_id)
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_secret(pointer: &str) -> Body {
        Body::JsonWithSecret {
            template: json!({"clientId": "c", "secret": null}),
            pointer: pointer.to_string(),
            secret: SecretString::from("very~secret"),
        }
    }

    #[test]
    fn a_secret_is_on_the_wire_and_nowhere_else() {
        let bodies = [
            with_secret("/secret"),
            Body::Form(vec![(
                "client_secret".into(),
                SecretString::from("very~secret").into(),
            )]),
        ];
        for body in bodies {
            let (_, bytes) = body.rendered().unwrap();
            let wire = std::str::from_utf8(&bytes).unwrap();
            assert!(wire.contains("very~secret") || wire.contains("very%7Esecret"));
            assert!(body.shown().to_string().contains(SECRET_BLANK));
            let request = Request::new(Method::Post, "/x").with_body(body.clone());
            for shown in [format!("{request:?}"), body.shown().to_string()] {
                assert!(!shown.contains("very"), "{shown}");
            }
        }
    }

    #[test]
    fn a_secret_of_any_characters_arrives_as_it_is() {
        for text in ["plain~1", "\"quoted\\\n\u{1}", "ü€𝄞", ""] {
            let body = Body::JsonWithSecret {
                template: json!({"clientId": "c", "secret": null, "z": [1]}),
                pointer: "/secret".to_string(),
                secret: SecretString::from(text),
            };
            let (_, bytes) = body.rendered().unwrap();
            let sent: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(sent, json!({"clientId": "c", "secret": text, "z": [1]}));
        }
    }

    #[test]
    fn a_secret_without_a_place_is_an_error_not_a_body_without_it() {
        let error = with_secret("/nowhere").rendered().unwrap_err();
        assert!(error.to_string().contains("/nowhere"));
    }
}
