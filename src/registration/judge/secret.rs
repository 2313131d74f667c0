//! The client secret in use, and how long it lasts.

use super::{customer_count, met, record_words, unmet};
use crate::registration::checklist::{Case, Outcome};
use crate::registration::secret::{Life, SecretInUse, expiry_words};
use crate::registration::status::Status;
use crate::text::counted;

pub(in crate::registration) fn secret_in_use(case: &Case<'_>) -> Outcome {
    let wanted = "a client secret";
    application!(case, wanted);
    let facts = case.observed.registration;
    match (SecretInUse::of(facts), &facts.record) {
        (SecretInUse::Known(secret), Some(record)) => {
            met(format!("{}, {}", secret.display_name, record_words(record)))
        }
        (SecretInUse::Gone, Some(record)) => unmet(
            "the secret on record",
            format!("{}, no longer in Entra", record_words(record)),
            Status::SecretExpired,
            format!(
                "the secret {} is no longer in Entra: token sign-in fails (AADSTS7000215)",
                record_words(record)
            ),
        ),
        (SecretInUse::Known(secret) | SecretInUse::Assumed(secret), record) => {
            let why = match record {
                None => "nothing on record",
                Some(_) if facts.record_of_application().is_none() => {
                    "the record is of another registration"
                }
                Some(_) => "the record does not say which",
            };
            met(format!("{} (assumed: {why})", secret.display_name))
        }
        (SecretInUse::None | SecretInUse::Gone, _) if portal_has_client(case) => unmet(
            wanted,
            "none",
            Status::SecretExpired,
            "the registration has no client secret, so any secret in the portal is refused (AADSTS7000215)",
        ),
        (SecretInUse::None | SecretInUse::Gone, _) => unmet(
            wanted,
            "none",
            Status::NotPushed,
            "the registration has no client secret yet",
        ),
    }
}

fn portal_has_client(case: &Case<'_>) -> bool {
    let facts = case.observed.registration;
    match facts.portal_as_read() {
        Some(portal) => !portal.client_id.is_empty(),
        None => facts.record.is_some(),
    }
}

pub(in crate::registration) fn secret_expiry(case: &Case<'_>) -> Outcome {
    let days = case.blueprint.secret_days.expiring;
    let wanted = format!("more than {days} days left");
    application!(case, wanted.clone());
    let secret = SecretInUse::of(case.observed.registration);
    let Some(credential) = secret.credential() else {
        let status = secret_in_use(case).status();
        return Outcome::Unmet {
            wanted,
            found: "no secret".to_string(),
            status,
            reason: "there is no client secret".to_string(),
        };
    };
    let Some(end) = credential.end else {
        return Outcome::Unknown {
            why: "Entra gives no end date for the secret".to_string(),
            status: None,
        };
    };
    let words = expiry_words(end, case.now);
    let assumed = if matches!(secret, SecretInUse::Assumed(_)) {
        " (assumed the one in use)"
    } else {
        ""
    };
    let found = format!("{words}{assumed}");
    let date = crate::text::day(end);
    match Life::of(end, days, case.now) {
        Life::Expired => {
            let customers = match customer_count(case) {
                0 => String::new(),
                some => format!(" for {}", counted(some, "customer")),
            };
            let reason = format!(
                "the secret in use expired on {date}; token sign-in fails{customers} (AADSTS7000222)"
            );
            unmet(wanted, found, Status::SecretExpired, reason)
        }
        Life::Expiring => {
            let reason = format!("the secret in use expires on {date}");
            unmet(wanted, found, Status::SecretExpiring, reason)
        }
        Life::Good => met(found),
    }
}
