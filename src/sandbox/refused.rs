//! The refusals that faults ask for, in the form of whoever is asked: Graph, sign-in, or a portal.

use jiff::Timestamp;
use serde_json::json;

use super::exchange::{Answer, Request};
use super::faults::Refused;
use super::graph::{Failure, challenge};
use super::signin;
use super::state::State;
use super::token::Claims;

/// What a fault has against a request to Graph, if anything.
pub(super) fn by_graph(
    state: &mut State,
    request: &Request,
    claims: &Claims,
    now: Timestamp,
) -> Option<Failure> {
    let token = claims.text("uti").unwrap_or_default();
    if state.revoked.contains(token) {
        return Some(challenge(request, now));
    }
    let State { faults, lots, .. } = &mut *state;
    let refused = faults.refusal(&request.method, &request.path, lots)?;
    let wait = faults.retry_after;
    let policy = super::graph::DEFAULT_POLICY;
    Some(match refused {
        Refused::Throttled { told } => {
            let mut failure = Failure::new(
                429,
                "TooManyRequests",
                "Too many requests, please try again later.",
            );
            if told {
                failure
                    .headers
                    .push(("retry-after", seconds(wait).to_string()));
            }
            failure
        }
        Refused::Unavailable => {
            let mut failure = Failure::new(
                503,
                "ServiceUnavailable",
                "The service is temporarily unavailable. Please try again later.",
            );
            if wait.is_some() {
                failure
                    .headers
                    .push(("retry-after", seconds(wait).to_string()));
            }
            failure
        }
        Refused::Revoked if state.answers_a_challenge.contains(token) => return None,
        Refused::Revoked => {
            state.revoked.insert(token.to_string());
            challenge(request, now)
        }
        Refused::Lifetime => Failure::lifetime(policy),
        Refused::NoPasswords => Failure::no_passwords(policy),
    })
}

/// What a fault has against a request to another part, if anything.
pub(super) fn elsewhere(state: &mut State, request: &Request, now: Timestamp) -> Option<Answer> {
    if request.path.starts_with("/devicelogin") {
        return None;
    }
    let State { faults, lots, .. } = &mut *state;
    let refused = faults.refusal(&request.method, &request.path, lots)?;
    let wait = faults.retry_after;
    let (status, code, words, wait) = match refused {
        Refused::Throttled { told } => {
            let words = "Too many requests. Try again later.";
            (429, 90055, words, told.then(|| seconds(wait)))
        }
        Refused::Unavailable => {
            let words = "A transient error occurred. Please try again.";
            (503, 90033, words, wait.map(|wait| seconds(Some(wait))))
        }
        // These are Graph's alone.
        Refused::Revoked | Refused::Lifetime | Refused::NoPasswords => return None,
    };
    let answer = match request.path.starts_with("/portal/") {
        true => Answer::json(status, json!({"status": "Error", "message": words})),
        false => signin::temporary(request, status, code, words, now),
    };
    Some(match wait {
        Some(wait) => answer.with_header("retry-after", wait.to_string()),
        None => answer,
    })
}

fn seconds(wait: Option<std::time::Duration>) -> u64 {
    wait.map_or(1, |wait| {
        wait.as_millis().div_ceil(1000).try_into().unwrap_or(1)
    })
}
