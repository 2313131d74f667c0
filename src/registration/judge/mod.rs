//! How each check of the table in `checklist` is judged: Entra's side, the secret, the portal, the consents.
//!
//! Only the table knows these functions; the words for an outcome that they share live here.

use super::checklist::{Case, Outcome};
use super::fleet::InvalidValue;
use super::observed::{Failure, PortalRecord};
use super::status::Status;
use super::values::NO_REDIRECT_URI;

fn met(found: impl Into<String>) -> Outcome {
    Outcome::Met {
        found: found.into(),
    }
}

fn unmet(
    wanted: impl Into<String>,
    found: impl Into<String>,
    status: Status,
    reason: impl Into<String>,
) -> Outcome {
    Outcome::Unmet {
        wanted: wanted.into(),
        found: found.into(),
        status: Some(status),
        reason: reason.into(),
    }
}

fn not_applicable(why: impl Into<String>) -> Outcome {
    Outcome::NotApplicable { why: why.into() }
}

fn drift(
    wanted: impl Into<String>,
    found: impl Into<String>,
    reason: impl Into<String>,
) -> Outcome {
    unmet(wanted, found, Status::Drift, reason)
}

fn no_redirect_uri(why: &InvalidValue) -> Outcome {
    let reason = format!("{NO_REDIRECT_URI}: {why}");
    drift("a redirect URI", "none", reason)
}

/// Leaves a judgement with the outcome that stands for "there is no application to look at".
macro_rules! application {
    ($case:expr, $wanted:expr) => {
        match $case.application($wanted) {
            Ok(application) => application,
            Err(outcome) => return outcome,
        }
    };
}

mod consent;
mod entra;
mod portal;
mod secret;

pub(super) use consent::*;
pub(super) use entra::*;
pub(super) use portal::*;
pub(super) use secret::*;

fn unread(failure: &Option<Failure>) -> Outcome {
    let why = match failure {
        Some(failure) => failure.why.clone(),
        None => "not read yet".to_string(),
    };
    Outcome::Unknown { why, status: None }
}

/// "pushed 2026-10-02 by ana" / "stated 2026-10-02 by ana".
fn record_words(record: &PortalRecord) -> String {
    let how = record.source.word();
    format!("{how} {} by {}", crate::text::day(record.at), record.by)
}

fn customer_count(case: &Case<'_>) -> usize {
    case.observed
        .registration
        .customers
        .value
        .as_ref()
        .map_or(case.device.customers.len(), Vec::len)
}
