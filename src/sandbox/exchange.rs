//! A request and its answer, apart from how they travel: so a batch's inner requests take the same way as outer ones.

use serde_json::Value;
use uuid::Uuid;

/// What came in.
pub(super) struct Request {
    pub method: String,
    /// The decoded path, without the query.
    pub path: String,
    /// Path and query as they came.
    pub target: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether it came over TLS.
    pub secure: bool,
}

/// Why a body can't be used.
pub(super) enum BodyError {
    Missing,
    NotJson,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The part below the version of an address that a batch names. Microsoft's client for Python writes it with the host
    /// that it asks; no other host is meant.
    pub fn below_version<'a>(&self, url: &'a str) -> Option<&'a str> {
        let path = match url.strip_prefix(&self.origin()) {
            Some(path) => path,
            None if url.starts_with("http://") || url.starts_with("https://") => return None,
            None => url,
        };
        Some(path.strip_prefix("/v1.0").unwrap_or(path))
    }

    /// `http://host:port` (or https) as the caller addressed the server: every link in an answer begins so.
    pub fn origin(&self) -> String {
        let host = self
            .header("host")
            .filter(|host| {
                !host.is_empty()
                    && host
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(c))
            })
            .unwrap_or("127.0.0.1");
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{host}")
    }

    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    }

    pub fn json(&self) -> Result<Value, BodyError> {
        if self.body.is_empty() {
            return Err(BodyError::Missing);
        }
        serde_json::from_slice(&self.body).map_err(|_| BodyError::NotJson)
    }

    /// The body of an HTML form, decoded.
    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }
}

/// What goes out.
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content: Content,
}

/// An answer's body.
pub(super) enum Content {
    None,
    Json(Value),
    Text { kind: &'static str, text: String },
}

impl Answer {
    pub fn json(status: u16, body: Value) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            content: Content::Json(body),
        }
    }

    pub fn empty(status: u16) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            content: Content::None,
        }
    }

    /// A page for a browser.
    pub fn page(status: u16, html: String) -> Answer {
        Answer {
            content: Content::Text {
                kind: "text/html; charset=utf-8",
                text: html,
            },
            ..Answer::empty(status)
        }
    }

    pub fn plain(status: u16, text: String) -> Answer {
        Answer {
            content: Content::Text {
                kind: "text/plain",
                text,
            },
            ..Answer::empty(status)
        }
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}

/// The caller's `client-request-id`, if it is a GUID, else a new one.
pub(super) fn client_request_id(request: &Request) -> Uuid {
    request
        .header("client-request-id")
        .and_then(|text| Uuid::parse_str(text).ok())
        .unwrap_or_else(Uuid::new_v4)
}

/// Undoes percent-encoding; a path that is not UTF-8 afterwards is kept as it came.
pub(super) fn decode_path(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match hex {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| path.to_string())
}

/// Parts a path and query as they stand in a request line or in a batch's `url`.
pub(super) fn split_target(target: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    (decode_path(path), query)
}
