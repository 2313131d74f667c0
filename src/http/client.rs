//! Sends requests to one server and reads its answers.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::base::BaseUrl;
use super::clock::Clock;
use super::connect::{self, Authorization, ClientSettings};
use super::error::HttpError;
use super::exchange::Exchanged;
use super::request::{Answer, Method, Request};
use super::retry::{self, Limits, Outcome, Try, Verdict};

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

    pub(super) fn answered(&self, answer: &Answer) -> Outcome {
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

    /// The connection's machinery, for a call with rules of its own.
    pub(super) fn machinery(&self) -> &reqwest::Client {
        &self.inner
    }
}

/// A random share of 0 to 1.
fn random() -> f64 {
    // A version-4 UUID's first four bytes are random throughout.
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}
