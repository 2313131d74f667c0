//! From a checklist to one word: the status of a device's registration, worst first, with its reason.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod next_step;

use super::blueprint::Blueprint;
use super::checklist::{CheckId, Checklist, Outcome, PermissionCount};
use super::fleet::Device;
use super::observed::{Observed, PortalRecord, RecordSource};
use super::secret::{Life, SecretInUse, next_turn};
pub use next_step::NextStep;

/// The statuses of a device's registration, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The secret in use ran out, or Entra no longer has it: sign-in fails now.
    SecretExpired,
    /// There is no registration for this device.
    NotRegistered,
    /// Entra differs from the blueprint, or the portal from Entra.
    Drift,
    /// The portal has no settings, or nobody knows what it has.
    NotPushed,
    /// The secret in use runs out soon.
    SecretExpiring,
    /// A customer is known not to have consented.
    ConsentPending,
    /// The registration was never read.
    Unreachable,
    /// In order.
    Ok,
}

/// How urgent a status is, by which its glyph and colour are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Sign-in fails now.
    Broken,
    /// The provider has work to do.
    NeedsWork,
    /// Somebody else has to act.
    Waiting,
    /// In order.
    Good,
    /// Not known.
    Unknown,
}

impl Urgency {
    /// All of them, the worst first; each stands at the place of its own number.
    pub const ALL: [Urgency; 5] = [
        Urgency::Broken,
        Urgency::NeedsWork,
        Urgency::Waiting,
        Urgency::Good,
        Urgency::Unknown,
    ];
}

impl Status {
    /// All statuses, worst first.
    pub const ALL: [Status; 8] = [
        Status::SecretExpired,
        Status::NotRegistered,
        Status::Drift,
        Status::NotPushed,
        Status::SecretExpiring,
        Status::ConsentPending,
        Status::Unreachable,
        Status::Ok,
    ];

    /// The words on screen.
    pub fn words(self) -> &'static str {
        match self {
            Status::SecretExpired => "Secret expired",
            Status::NotRegistered => "Not registered",
            Status::Drift => "Drift",
            Status::NotPushed => "Not pushed",
            Status::SecretExpiring => "Secret expiring",
            Status::ConsentPending => "Consent pending",
            Status::Unreachable => "Unreachable",
            Status::Ok => "OK",
        }
    }

    /// The same as one word, for scripts and filters.
    pub fn key(self) -> &'static str {
        match self {
            Status::SecretExpired => "secret-expired",
            Status::NotRegistered => "not-registered",
            Status::Drift => "drift",
            Status::NotPushed => "not-pushed",
            Status::SecretExpiring => "secret-expiring",
            Status::ConsentPending => "consent-pending",
            Status::Unreachable => "unreachable",
            Status::Ok => "ok",
        }
    }

    /// How urgent it is.
    pub fn urgency(self) -> Urgency {
        match self {
            Status::SecretExpired => Urgency::Broken,
            Status::NotRegistered | Status::Drift | Status::NotPushed | Status::SecretExpiring => {
                Urgency::NeedsWork
            }
            Status::ConsentPending => Urgency::Waiting,
            Status::Unreachable => Urgency::Unknown,
            Status::Ok => Urgency::Good,
        }
    }
}

/// What the list says of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortalState {
    /// Nothing to compare yet.
    NotKnown,
    /// Read, and equal to Entra.
    InStep,
    /// Read or stated, and different from Entra.
    Differs,
    /// Read, and without settings.
    Empty,
    /// Neither readable nor ever stated.
    NoRecord,
    /// Stated by an operator at this time, and equal to Entra.
    Stated(Timestamp),
    /// Pushed by the console at this time, not readable now, and equal to Entra.
    Pushed(Timestamp),
}

/// The judgement of one device: what the list shows, and all that it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The worst that any check leads to.
    pub status: Status,
    /// Why, as one sentence that stays true as long as the verdict holds.
    pub reason: String,
    /// What an operator would do about it.
    pub next: NextStep,
    /// How many of the checks that apply are met; one that is unknown is not.
    pub checks_met: u16,
    /// How many checks apply to this device.
    pub checks_all: u16,
    /// Permissions present and wanted; `None` = no registration to look at.
    pub permissions: Option<PermissionCount>,
    /// When the secret in use ends; `None` = no secret, or Entra gives no end.
    pub secret_end: Option<Timestamp>,
    /// The secret in use is assumed to be the newest one: no push or statement is on record.
    pub secret_assumed: bool,
    /// How the portal stands to Entra.
    pub portal: PortalState,
    /// How many customers the portal or the inventory lists.
    pub customers: u32,
    /// Customers known not to have consented.
    pub customers_pending: u32,
    /// When the registration was last read; `None` = never.
    pub read_at: Option<Timestamp>,
    /// The newest try to read the registration or the portal failed; the verdict stands on older facts.
    pub stale: bool,
    /// From when on the verdict must be made anew though nothing was read: a secret runs out.
    pub holds_until: Option<Timestamp>,
}

impl Verdict {
    /// How the secret in use stands to its end, whatever the status says; `None` = no secret, or Entra gives no end.
    pub fn secret_life(&self, now: Timestamp) -> Option<Life> {
        let end = self.secret_end?;
        // The last turn that is left is the end: the one before it, to "expiring", has passed.
        let expires_next = self
            .holds_until
            .is_none_or(|turn| turn >= end || turn <= now);
        Some(match (end <= now, expires_next) {
            (true, _) => Life::Expired,
            (false, true) => Life::Expiring,
            (false, false) => Life::Good,
        })
    }
}

/// Judges a device by its checklist.
pub fn verdict(
    blueprint: &Blueprint,
    device: &Device,
    observed: Observed<'_>,
    checklist: &Checklist,
    now: Timestamp,
) -> Verdict {
    let facts = observed.registration;
    let (status, reason) = status_and_reason(checklist, observed);
    let secret = SecretInUse::of(facts);
    let secret_end = secret.credential().and_then(|credential| credential.end);
    let customers = facts.customers.value.as_deref();
    let (met, all) = checklist.count();
    Verdict {
        status,
        next: next_step::of(status, device, checklist, observed),
        reason,
        checks_met: met,
        checks_all: all,
        permissions: checklist.permissions,
        secret_end,
        secret_assumed: matches!(secret, SecretInUse::Assumed(_)),
        portal: portal_state(checklist, observed),
        customers: customers.map_or(device.customers.len(), <[_]>::len) as u32,
        customers_pending: checklist.customers_pending,
        read_at: facts.application.at,
        stale: facts.application.failure.is_some() || facts.portal.failure.is_some(),
        holds_until: secret_end.and_then(|end| next_turn(end, blueprint.secret_days.expiring, now)),
    }
}

/// The reason of a device that nobody has read yet.
pub const NEVER_READ: &str = "never read";

fn status_and_reason(checklist: &Checklist, observed: Observed<'_>) -> (Status, String) {
    let application = &observed.registration.application;
    if application.value.is_none() {
        let why = match &application.failure {
            Some(failure) => format!("{NEVER_READ}: {}", failure.why),
            None => NEVER_READ.to_string(),
        };
        return (Status::Unreachable, why);
    }
    let Some(worst) = checklist
        .items
        .iter()
        .filter_map(|item| item.outcome.status())
        .min()
    else {
        return (Status::Ok, in_order(checklist));
    };
    let because: Vec<_> = checklist
        .items
        .iter()
        .filter(|item| item.outcome.status() == Some(worst))
        .collect();
    let reason = match because.as_slice() {
        [first, ..] if worst != Status::Drift || because.len() == 1 => match &first.outcome {
            Outcome::Unmet { reason, .. } => reason.clone(),
            Outcome::Unknown { why, .. } => why.clone(),
            Outcome::Met { .. } | Outcome::NotApplicable { .. } => String::new(),
        },
        several => {
            let names: Vec<_> = several.iter().map(|item| item.check.title).collect();
            format!("{} checks differ: {}", several.len(), names.join(", "))
        }
    };
    (worst, reason)
}

fn in_order(checklist: &Checklist) -> String {
    let unknown: Vec<_> = checklist
        .items
        .iter()
        .filter(|item| matches!(item.outcome, Outcome::Unknown { .. }))
        .map(|item| item.check.title)
        .collect();
    if unknown.is_empty() {
        "every check that applies is met".to_string()
    } else {
        format!("no check fails; not known: {}", unknown.join(", "))
    }
}

fn portal_state(checklist: &Checklist, observed: Observed<'_>) -> PortalState {
    let facts = observed.registration;
    if facts.application().is_none() {
        return PortalState::NotKnown;
    }
    let portal = |id: CheckId| checklist.outcome(id);
    let differs = [
        CheckId::PortalClientId,
        CheckId::PortalRedirectUri,
        CheckId::PortalSecret,
    ]
    .into_iter()
    .any(|id| portal(id).is_some_and(|outcome| outcome.status() == Some(Status::Drift)));
    // The portal has what is wanted, and Entra does not: that is another one, too.
    let entra_lacks = portal(CheckId::PortalRedirectUri).is_some_and(Outcome::is_met)
        && !entra_has_the_portals_redirect_uri(observed);
    if differs || entra_lacks {
        return PortalState::Differs;
    }
    let met = portal(CheckId::PortalClientId).is_some_and(Outcome::is_met)
        && portal(CheckId::PortalRedirectUri).is_some_and(Outcome::is_met)
        && portal(CheckId::PortalSecret).is_some_and(|outcome| outcome.status().is_none());
    match (facts.portal_as_read(), &facts.record) {
        (Some(_), _) if met => PortalState::InStep,
        (Some(_), _) => PortalState::Empty,
        (
            None,
            Some(PortalRecord {
                source: RecordSource::Stated,
                at,
                ..
            }),
        ) => PortalState::Stated(*at),
        (
            None,
            Some(PortalRecord {
                source: RecordSource::Pushed,
                at,
                ..
            }),
        ) => PortalState::Pushed(*at),
        (None, None) => PortalState::NoRecord,
    }
}

/// As far as is known what the portal has.
fn entra_has_the_portals_redirect_uri(observed: Observed<'_>) -> bool {
    let facts = observed.registration;
    let read = facts.portal_as_read().map(|one| &one.redirect_uri);
    let portals = read.or(facts.record.as_ref().map(|one| &one.redirect_uri));
    let application = facts.application();
    application.is_some_and(|app| portals.is_none_or(|uri| app.web_redirect_uris.contains(uri)))
}

#[cfg(test)]
mod tests;
