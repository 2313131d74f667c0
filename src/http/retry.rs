//! The rule of what may be sent again, and when. Pure: no clock, no randomness of its own.

use std::time::Duration;

use jiff::Timestamp;

use super::request::Answer;

/// How long and how often a request is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tries in all when the server answers "later".
    pub tries: u32,
    /// Tries in all when the server does not answer.
    pub unanswered_tries: u32,
    /// Longest wait before the second try when the server names none; it doubles with each.
    pub base: Duration,
    /// Longest wait that is chosen here. What a server asks for is bounded by `deadline` alone.
    pub cap: Duration,
    /// No try begins later than this after the first.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            tries: 6,
            unanswered_tries: 3,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
        }
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The system's words, cleaned.
    pub why: String,
    /// A time ran out, rather than something broke.
    pub timeout: bool,
}

/// What came of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No connection came about: the server surely saw nothing.
    NotSent(Lost),
    /// It was sent, at least in part, and no whole answer came.
    Lost(Lost),
    /// The server answered.
    Answered {
        /// HTTP status.
        status: u16,
        /// What `Retry-After` asks for, read by [`retry_after`].
        retry_after: Option<Duration>,
    },
}

/// One try, with all that the rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Try<'a> {
    /// Sending the request twice does no more than sending it once ([`Request::may_repeat`](super::Request::may_repeat)).
    pub may_repeat: bool,
    /// The request changes something, so that "was it carried out?" matters.
    pub changes: bool,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// An earlier try of the same request was [`Outcome::Lost`].
    pub lost_before: bool,
    /// The number of this try, from 1.
    pub attempt: u32,
    /// Time since the first try began.
    pub elapsed: Duration,
    /// At random, 0 to 1: spreads the waits of many clients.
    pub random: f64,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send it again after this wait.
    Retry {
        /// How long to wait.
        after: Duration,
    },
    /// Hand out what there is: the answer, or that there is none.
    GiveUp,
    /// Hand out that nobody knows whether it was carried out.
    UnknownOutcome,
}

/// Says whether a request is sent again: answers of 408, 429, 502, 503 and 504 and lost connections for what may be
/// repeated; only what was surely not carried out (never sent, 429, 503) for what may not.
pub fn decide(this: Try<'_>, limits: &Limits) -> Verdict {
    let (may_repeat_now, wanted, tries) = match this.outcome {
        Outcome::NotSent(_) => (true, None, limits.unanswered_tries),
        Outcome::Lost(_) => (this.may_repeat, None, limits.unanswered_tries),
        Outcome::Answered {
            status,
            retry_after,
        } => match status {
            429 | 503 => (true, *retry_after, limits.tries),
            408 | 502 | 504 => (this.may_repeat, *retry_after, limits.tries),
            _ => return Verdict::GiveUp,
        },
    };
    let after = wanted.unwrap_or_else(|| jittered(this.attempt, this.random, limits));
    if may_repeat_now
        && this.attempt < tries
        && this.elapsed.saturating_add(after) <= limits.deadline
    {
        return Verdict::Retry { after };
    }
    // A gateway that gave up waiting (504, 502, 408) says nothing of what the server behind it did.
    let maybe_done = match this.outcome {
        Outcome::NotSent(_) => this.lost_before,
        Outcome::Lost(_) => true,
        Outcome::Answered { status, .. } => {
            matches!(status, 408 | 502 | 504) || (this.lost_before && matches!(status, 429 | 503))
        }
    };
    if this.changes && maybe_done {
        Verdict::UnknownOutcome
    } else {
        Verdict::GiveUp
    }
}

/// Full jitter: anything up to a bound that doubles with each try, never above the cap.
fn jittered(attempt: u32, random: f64, limits: &Limits) -> Duration {
    let doubled = 2u32.saturating_pow(attempt.saturating_sub(1));
    let bound = limits.base.saturating_mul(doubled).min(limits.cap);
    let share = if random.is_finite() {
        random.clamp(0.0, 1.0)
    } else {
        1.0
    };
    bound.mul_f64(share)
}

/// Reads an answer's `Retry-After`: seconds, or an HTTP date, which is held against the server's own `Date` where it
/// sent one, since this machine's clock may be off. `None` when there is none that can be read.
pub fn retry_after(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let text = answer.retry_after.as_deref()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let until = http_date(text)?;
    let now = answer.date.as_deref().and_then(http_date).unwrap_or(now);
    let wait = until.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}

/// The time that an HTTP header such as `Date` names.
pub fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text.trim())
        .ok()
        .map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn answer(retry_after: &str, date: Option<&str>) -> Answer {
        Answer {
            status: 429,
            body: Value::Null,
            request_id: None,
            client_request_id: String::new(),
            retry_after: Some(retry_after.to_string()),
            date: date.map(str::to_string),
            location: None,
            perhaps_done_before: false,
            www_authenticate: None,
        }
    }

    fn lost() -> Lost {
        Lost {
            why: "gone".into(),
            timeout: false,
        }
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Outcome::NotSent(lost())),
            Just(Outcome::Lost(lost())),
            (
                prop_oneof![
                    Just(429u16),
                    Just(503),
                    Just(504),
                    Just(502),
                    Just(408),
                    100u16..600
                ],
                proptest::option::of(0u64..1000),
            )
                .prop_map(|(status, seconds)| Outcome::Answered {
                    status,
                    retry_after: seconds.map(Duration::from_secs),
                }),
        ]
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date_by_the_servers_own_clock() {
        let now = Timestamp::from_second(0).unwrap();
        let read = |text, date| retry_after(&answer(text, date), now);
        assert_eq!(read("17", None), Some(Duration::from_secs(17)));
        let date = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        let wait = read("Wed, 21 Oct 2026 07:28:30 GMT", date);
        assert_eq!(wait, Some(Duration::from_secs(30)));
        let past = read("Wed, 21 Oct 2026 07:27:00 GMT", date);
        assert_eq!(past, Some(Duration::ZERO));
        assert_eq!(read("soon", None), None);
        assert_eq!(read("-1", None), None);
    }

    #[test]
    fn a_post_is_sent_again_only_when_it_surely_was_not_carried_out() {
        let post = |outcome: &Outcome| {
            decide(
                Try {
                    may_repeat: false,
                    changes: true,
                    outcome,
                    lost_before: false,
                    attempt: 1,
                    elapsed: Duration::ZERO,
                    random: 0.5,
                },
                &Limits::default(),
            )
        };
        let answered = |status| Outcome::Answered {
            status,
            retry_after: None,
        };
        for again in [Outcome::NotSent(lost()), answered(429), answered(503)] {
            assert!(matches!(post(&again), Verdict::Retry { .. }), "{again:?}");
        }
        for unknown in [Outcome::Lost(lost()), answered(504), answered(502)] {
            assert_eq!(post(&unknown), Verdict::UnknownOutcome, "{unknown:?}");
        }
        for plain in [answered(201), answered(400), answered(500)] {
            assert_eq!(post(&plain), Verdict::GiveUp, "{plain:?}");
        }
    }

    proptest! {
        #[test]
        fn every_rule_holds_for_every_try(
            outcome in outcomes(),
            may_repeat: bool,
            changes: bool,
            lost_before: bool,
            attempt in 1u32..50,
            elapsed in 0u64..500,
            random in any::<f64>(),
        ) {
            let limits = Limits::default();
            let elapsed = Duration::from_secs(elapsed);
            let verdict =
                decide(Try { may_repeat, changes, outcome: &outcome, lost_before, attempt, elapsed, random }, &limits);
            match verdict {
                Verdict::Retry { after } => {
                    // bounded in number and in time
                    prop_assert!(attempt < limits.tries);
                    prop_assert!(elapsed + after <= limits.deadline);
                    match &outcome {
                        // never repeats what may have been carried out and must not be done twice
                        Outcome::Lost(_) => prop_assert!(may_repeat),
                        Outcome::NotSent(_) => prop_assert!(after <= limits.cap),
                        Outcome::Answered { status, retry_after } => {
                            prop_assert!(matches!(status, 408 | 429 | 502 | 503 | 504));
                            prop_assert!(may_repeat || matches!(status, 429 | 503));
                            // the server's word is kept to the second
                            match retry_after {
                                Some(wanted) => prop_assert_eq!(after, *wanted),
                                None => prop_assert!(after <= limits.cap),
                            }
                        }
                    }
                }
                Verdict::GiveUp => {
                    // never says "it failed" of a change that may have happened
                    if changes {
                        prop_assert!(!matches!(outcome, Outcome::Lost(_)));
                    }
                }
                Verdict::UnknownOutcome => prop_assert!(changes),
            }
        }
    }
}
