//! One exchange with a server: the request as it goes out, and what came of it.

use reqwest::header::{self, HeaderMap, HeaderValue};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use uuid::Uuid;

use super::client::Client;
use super::connect::Authorization;
use super::error::HttpError;
use super::request::{Answer, Method, Request};
use super::retry::Outcome;
use super::trouble::{innermost, lost, tls_trouble};

const BODY_LIMIT_MIB: usize = 16;

/// What one try brought.
pub(super) enum Exchanged {
    Answered(Answer),
    NotJson { outcome: Outcome, error: HttpError },
    Unanswered(Outcome),
}

impl Client {
    /// One try. `Err` is what no repetition mends.
    pub(super) async fn exchange(
        &self,
        request: &Request,
        authorization: Option<&Authorization>,
    ) -> Result<Exchanged, HttpError> {
        let client_request_id = Uuid::new_v4().to_string();
        let built = self.build(request, authorization, &client_request_id)?;
        let log = |status: u16, request_id: Option<&str>| {
            tracing::debug!(
                method = %request.method, path = request.path, status, client_request_id, request_id, "call"
            );
        };
        let mut response = match self.machinery().execute(built).await {
            Ok(response) => response,
            Err(error) => {
                log(0, None);
                return self.unanswered(&error);
            }
        };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let request_id = text(&headers, "request-id").or_else(|| text(&headers, "x-ms-request-id"));
        log(status, request_id.as_deref());
        let host = self.base().host();
        if (300..400).contains(&status) && status != 304 {
            let to = text(&headers, "location").unwrap_or_default();
            return Err(HttpError::RedirectRefused {
                host,
                status,
                to: crate::text::clean(&to),
            });
        }
        let mut bytes = zeroize::Zeroizing::new(Vec::new());
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > BODY_LIMIT_MIB << 20 => {
                    return Err(HttpError::TooLarge {
                        host,
                        limit_mib: BODY_LIMIT_MIB,
                    });
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Ok(Exchanged::Unanswered(Outcome::Lost(lost(&error)))),
            }
        }
        let mut answer = Answer {
            status,
            body: Value::Null,
            request_id,
            client_request_id,
            retry_after: text(&headers, "retry-after"),
            date: text(&headers, "date"),
            location: text(&headers, "location"),
            perhaps_done_before: false,
            www_authenticate: text(&headers, "www-authenticate"),
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Exchanged::Answered(answer));
        }
        match serde_json::from_slice(&bytes) {
            Ok(body) => {
                answer.body = body;
                Ok(Exchanged::Answered(answer))
            }
            Err(error) => {
                let kind = text(&headers, "content-type").unwrap_or_default();
                let what = if kind.contains("json") {
                    // serde_json's own words can quote the text; the place is enough.
                    format!(
                        "JSON that is broken at line {}, column {}",
                        error.line(),
                        error.column()
                    )
                } else if kind.is_empty() {
                    "something without a content type".to_string()
                } else {
                    crate::text::clean(&kind)
                };
                Ok(Exchanged::NotJson {
                    outcome: self.answered(&answer),
                    error: HttpError::NotJson { host, status, what },
                })
            }
        }
    }

    pub(super) fn build(
        &self,
        request: &Request,
        authorization: Option<&Authorization>,
        client_request_id: &str,
    ) -> Result<reqwest::Request, HttpError> {
        let bad = |why: String| HttpError::BadRequest { why };
        let url = self
            .base()
            .join(&request.path)
            .map_err(|e| bad(e.to_string()))?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut built = self
            .machinery()
            .request(method, url)
            .header(header::ACCEPT, "application/json")
            .header("client-request-id", client_request_id)
            .header("return-client-request-id", "true");
        if let Some(prefer) = &request.prefer {
            built = built.header("prefer", prefer);
        }
        if request.consistency_eventual {
            built = built.header("ConsistencyLevel", "eventual");
        }
        if let Some(authorization) = authorization {
            let mut value =
                HeaderValue::from_str(authorization.value().expose_secret()).map_err(|_| {
                    bad("the token has characters that a header can't have".to_string())
                })?;
            value.set_sensitive(true);
            built = built.header(authorization.header(), value);
        }
        if let Some(body) = &request.body {
            let (kind, bytes) = body.rendered()?;
            // Wiped when the last of them is on its way.
            let bytes = bytes::Bytes::from_owner(bytes);
            built = built.header(header::CONTENT_TYPE, kind).body(bytes);
        } else if request.method == Method::Post {
            built = built.header(header::CONTENT_LENGTH, 0);
        }
        built.build().map_err(|e| bad(innermost(&e)))
    }

    fn unanswered(&self, error: &reqwest::Error) -> Result<Exchanged, HttpError> {
        if error.is_builder() {
            return Err(HttpError::BadRequest {
                why: innermost(error),
            });
        }
        if let Some(why) = tls_trouble(error) {
            return Err(HttpError::Tls {
                host: self.base().host(),
                why,
            });
        }
        Ok(Exchanged::Unanswered(if error.is_connect() {
            Outcome::NotSent(lost(error))
        } else {
            Outcome::Lost(lost(error))
        }))
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_string)
}
