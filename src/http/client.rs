//! Sends requests to one server and reads its answers.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use uuid::Uuid;

use super::base::BaseUrl;
use super::clock::Clock;
use super::connect::{self, Authorization, ClientSettings};
use super::error::HttpError;
use super::request::{Answer, Method, Request};
use super::retry::{self, Limits, Outcome, Try, Verdict};
use super::trouble::{innermost, lost, tls_trouble};

const BODY_LIMIT_MIB: usize = 16;

/// The way to one server. Clones share connections and the server's wish to be left alone for a while.
#[derive(Clone)]
pub struct Client {
    base: BaseUrl,
    inner: reqwest::Client,
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// No request begins before this reading of the stopwatch: somebody was told "later".
    quiet_until: Arc<Mutex<Duration>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing of the connection: a proxy's URL may bear a password.
        f.debug_tuple("Client").field(&self.base).finish()
    }
}

impl Client {
    /// Makes a client for one base address. On loopback neither proxies nor the system's certificates matter, so that
    /// a training server works on a machine that has none. Fails with [`HttpError::Setup`].
    ///
    /// # Errors
    /// [`HttpError`], when the proxy or the file with certificates can't be used.
    pub fn new(
        base: BaseUrl,
        settings: &ClientSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Client, HttpError> {
        let inner = connect::build(&base, settings)?;
        Ok(Client {
            base,
            inner,
            limits: Limits::default(),
            clock,
            quiet_until: Arc::new(Mutex::new(Duration::ZERO)),
        })
    }

    /// The way to another server by the same machinery, with a quiet of its own: certificates and proxy are read
    /// once for all servers. `None` where the two differ in whether they are on this machine.
    pub fn toward(&self, base: BaseUrl) -> Option<Client> {
        (base.is_loopback() == self.base.is_loopback()).then(|| Client {
            base,
            inner: self.inner.clone(),
            limits: self.limits,
            clock: self.clock.clone(),
            quiet_until: Arc::new(Mutex::new(Duration::ZERO)),
        })
    }

    /// The same client with other limits.
    pub fn with_limits(mut self, limits: Limits) -> Client {
        self.limits = limits;
        self
    }

    /// The server's base address.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The clock that this client waits by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Sends a request, again where [`retry::decide`] says so. Any status but a redirect comes back as an answer.
    /// A request that changes something and may or may not have been carried out is [`HttpError::UnknownOutcome`].
    ///
    /// # Errors
    /// [`HttpError`], which says whether the request may have arrived.
    pub async fn send(
        &self,
        request: &Request,
        authorization: Option<&Authorization>,
    ) -> Result<Answer, HttpError> {
        let begun = self.clock.stopwatch();
        let changes = request.method != Method::Get && !request.repeatable;
        let mut lost_before = false;
        let mut perhaps_done = false;
        for attempt in 1.. {
            self.keep_quiet().await;
            let (outcome, result) = match self.exchange(request, authorization).await {
                Ok(Exchanged::Answered(mut answer)) => {
                    answer.perhaps_done_before = perhaps_done;
                    (self.answered(&answer), Ok(answer))
                }
                Ok(Exchanged::NotJson { outcome, error }) => (outcome, Err(error)),
                Ok(Exchanged::Unanswered(outcome)) => {
                    let error = match &outcome {
                        Outcome::NotSent(lost) | Outcome::Lost(lost) => {
                            HttpError::from_lost(&self.base.host(), lost)
                        }
                        Outcome::Answered { .. } => continue,
                    };
                    (outcome, Err(error))
                }
                Err(error) => return Err(error),
            };
            let verdict = retry::decide(
                Try {
                    may_repeat: request.may_repeat(),
                    changes,
                    outcome: &outcome,
                    lost_before,
                    attempt,
                    elapsed: self.clock.stopwatch().saturating_sub(begun),
                    random: random(),
                },
                &self.limits,
            );
            match verdict {
                Verdict::Retry { after } => {
                    tracing::debug!(method = %request.method, path = request.path, attempt, ?after, "again");
                    lost_before |= matches!(outcome, Outcome::Lost(_));
                    perhaps_done |= lost_before
                        || matches!(
                            outcome,
                            Outcome::Answered {
                                status: 408 | 500 | 502 | 504,
                                ..
                            }
                        );
                    if let Outcome::Answered { status: 429, .. } = outcome {
                        self.leave_alone(after);
                    }
                    self.clock.wait(after).await;
                }
                Verdict::GiveUp => {
                    return match result {
                        // The server carried it out and what it said of that is lost.
                        Err(
                            ref error @ HttpError::NotJson {
                                status: 200..=299, ..
                            },
                        ) if changes => Err(HttpError::UnknownOutcome {
                            host: self.base.host(),
                            why: error.to_string(),
                        }),
                        other => other,
                    };
                }
                Verdict::UnknownOutcome => {
                    return Err(HttpError::UnknownOutcome {
                        host: self.base.host(),
                        why: match result {
                            Ok(answer) => format!("it answered {}", answer.status),
                            Err(error) => error.to_string(),
                        },
                    });
                }
            }
        }
        // Not reached: the count of tries is bounded by the limits long before it runs out.
        Err(HttpError::BadRequest {
            why: "too many tries".to_string(),
        })
    }

    /// Sends a request once, whatever comes: for callers with a rhythm of their own.
    ///
    /// # Errors
    /// As for [`Client::send`].
    pub async fn send_once(
        &self,
        request: &Request,
        authorization: Option<&Authorization>,
    ) -> Result<Answer, HttpError> {
        match self.exchange(request, authorization).await? {
            Exchanged::Answered(answer) => Ok(answer),
            Exchanged::NotJson { error, .. } => Err(error),
            Exchanged::Unanswered(Outcome::NotSent(lost) | Outcome::Lost(lost)) => {
                Err(HttpError::from_lost(&self.base.host(), &lost))
            }
            Exchanged::Unanswered(Outcome::Answered { status, .. }) => Err(HttpError::NotJson {
                host: self.base.host(),
                status,
                what: "nothing".to_string(),
            }),
        }
    }

    fn answered(&self, answer: &Answer) -> Outcome {
        Outcome::Answered {
            status: answer.status,
            retry_after: retry::retry_after(answer, self.clock.now()),
        }
    }

    async fn keep_quiet(&self) {
        let until = *self
            .quiet_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let wait = until.saturating_sub(self.clock.stopwatch());
        if !wait.is_zero() {
            self.clock.wait(wait).await;
        }
    }

    /// Lets no request of this client or its clones begin for a while: the server wished so.
    pub fn leave_alone(&self, wait: Duration) {
        let until = self.clock.stopwatch().saturating_add(wait);
        let mut quiet = self
            .quiet_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *quiet = (*quiet).max(until);
    }

    /// One try. `Err` is what no repetition mends.
    async fn exchange(
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
        let mut response = match self.inner.execute(built).await {
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
        let host = self.base.host();
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
                        "JSON that breaks at line {} column {}",
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

    /// The connection's machinery, for a call with rules of its own.
    pub(super) fn machinery(&self) -> &reqwest::Client {
        &self.inner
    }

    pub(super) fn build(
        &self,
        request: &Request,
        authorization: Option<&Authorization>,
        client_request_id: &str,
    ) -> Result<reqwest::Request, HttpError> {
        let bad = |why: String| HttpError::BadRequest { why };
        let url = self
            .base
            .join(&request.path)
            .map_err(|e| bad(e.to_string()))?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut built = self
            .inner
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
            let mut value = HeaderValue::from_str(authorization.value().expose_secret())
                .map_err(|_| bad("the token can't stand in a header".to_string()))?;
            value.set_sensitive(true);
            built = built.header(authorization.header(), value);
        }
        if let Some(body) = &request.body {
            let (kind, bytes) = body.rendered()?;
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
                host: self.base.host(),
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

/// What one try brought.
enum Exchanged {
    Answered(Answer),
    NotJson { outcome: Outcome, error: HttpError },
    Unanswered(Outcome),
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_string)
}

/// A random share of 0 to 1.
fn random() -> f64 {
    // A version-4 UUID's first four bytes are random throughout.
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}
