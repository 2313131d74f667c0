//! What the portal holds: as read, else as pushed or stated.

use super::{drift, met, no_redirect_uri, record_words, unmet};
use crate::registration::checklist::{Case, Outcome};
use crate::registration::observed::{FailureKind, PortalRecord, PortalSettings, ProofOutcome};
use crate::registration::redirect::device_redirect_uri;
use crate::registration::secret::SecretInUse;
use crate::registration::status::Status;

/// What is said of a value that is Entra's.
const SAME: &str = "= Entra";

fn no_record(wanted: &str) -> Outcome {
    let reason = "it is unknown what the portal holds: nothing was pushed or stated";
    unmet(wanted, "no record", Status::NotPushed, reason)
}

/// Judges one portal value: read, or on record, or nowhere; `same` is said of one that is as wanted.
fn portal_value(
    case: &Case<'_>,
    what: &str,
    wanted: &str,
    same: &str,
    read: impl Fn(&PortalSettings) -> String,
    recorded: impl Fn(&PortalRecord) -> String,
) -> Outcome {
    let facts = case.observed.registration;
    if let Some(portal) = facts.portal_as_read() {
        let found = read(portal);
        if found == wanted {
            return met(same);
        }
        if found.is_empty() {
            return unmet(
                wanted,
                "empty",
                Status::NotPushed,
                "the portal holds no settings yet",
            );
        }
        return drift(
            wanted,
            found.clone(),
            format!("the portal's {what} is {found}, Entra's is {wanted}"),
        );
    }
    if let Some(record) = &facts.record {
        let found = recorded(record);
        if found == wanted {
            return met(format!("{same}, {}", record_words(record)));
        }
        return drift(
            wanted,
            format!("{found}, {}", record_words(record)),
            format!(
                "the portal's {what} was {}, and is no longer Entra's",
                record_words(record)
            ),
        );
    }
    match &facts.portal.failure {
        Some(failure) if failure.kind != FailureKind::Answer => Outcome::Unknown {
            why: format!("the portal could not be read: {}", failure.why),
            status: Some(Status::NotPushed),
        },
        _ => no_record(wanted),
    }
}

pub(in crate::registration) fn portal_client_id(case: &Case<'_>) -> Outcome {
    let application = application!(case, "the registration's client ID");
    let wanted = application.app_id.to_string();
    portal_value(
        case,
        "client ID",
        &wanted,
        SAME,
        |portal| portal.client_id.to_ascii_lowercase(),
        |record| record.client_id.to_string(),
    )
}

pub(in crate::registration) fn portal_redirect_uri(case: &Case<'_>) -> Outcome {
    let wanted = match device_redirect_uri(case.blueprint, case.device) {
        Ok(uri) => uri.to_string(),
        Err(why) => {
            application!(case, "a redirect URI");
            return no_redirect_uri(&why);
        }
    };
    let application = application!(case, wanted.clone());
    let same = match application.web_redirect_uris.contains(&wanted) {
        true => SAME,
        false => "as wanted; Entra's differs",
    };
    let outcome = portal_value(
        case,
        "redirect URI",
        &wanted,
        same,
        |portal| portal.redirect_uri.clone(),
        |record| record.redirect_uri.clone(),
    );
    let facts = case.observed.registration;
    let record = facts.record.as_ref();
    let record = record.filter(|_| facts.portal_as_read().is_none());
    let unstated = record.map_or(vec![], |record| record.unstated(case.device));
    match (outcome, record) {
        (Outcome::Met { .. }, Some(record)) if !unstated.is_empty() => drift(
            "the redirect URIs of its customers too",
            record_words(record),
            format!(
                "the redirect URI of {} was not in the portal yet when that was stated",
                unstated.join(", ")
            ),
        ),
        (outcome, _) => outcome,
    }
}

pub(in crate::registration) fn portal_secret(case: &Case<'_>) -> Outcome {
    let wanted = "the secret in use";
    application!(case, wanted);
    let facts = case.observed.registration;
    let read = facts.portal_as_read();
    let holds_one = read.and_then(|portal| portal.has_client_secret);
    if holds_one == Some(false) {
        return unmet(
            wanted,
            "empty",
            Status::NotPushed,
            "the portal holds no client secret",
        );
    }
    match (facts.record_of_application(), read) {
        (Some(record), _) if SecretInUse::of(facts) == SecretInUse::Gone => drift(
            wanted,
            format!("{}, no longer in Entra", record_words(record)),
            format!("the secret {} is no longer in Entra", record_words(record)),
        ),
        (Some(record), _) => match &record.proof {
            Some(proof) => match &proof.outcome {
                ProofOutcome::Accepted => met(format!(
                    "{}; Entra accepted it {}",
                    record_words(record),
                    crate::text::day(proof.at)
                )),
                ProofOutcome::Refused(why) => drift(
                    wanted,
                    format!("{}; Entra refused it", record_words(record)),
                    format!("Entra refused the secret that went to the portal: {why}"),
                ),
                ProofOutcome::Unknown(why) => {
                    met(format!("{}; not proven: {why}", record_words(record)))
                }
            },
            None => met(record_words(record)),
        },
        (None, Some(_)) if holds_one == Some(true) => {
            met("the portal holds one, it does not show which")
        }
        (None, Some(_)) => Outcome::Unknown {
            why: "the portal does not say whether it holds one, and nothing is on record"
                .to_string(),
            status: None,
        },
        (None, None) if let Some(record) = &facts.record => drift(
            wanted,
            format!("{}, of another registration", record_words(record)),
            format!(
                "the secret {} belongs to another registration",
                record_words(record)
            ),
        ),
        (None, None) => no_record(wanted),
    }
}
