//! The documented procedure, line by line, held against what Entra and the portal say now.
//!
//! [`CHECKS`] is the one table of checks: checklist, status, JSON and documents are made from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::blueprint::Blueprint;
use super::fleet::Device;
use super::observed::{Application, CustomerConsent, Observed};
use super::permissions::permission_lines;
use super::status::Status;

mod checks;
pub use checks::{CHECKS, Check, CheckId};

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As wanted.
    Met {
        /// What was found.
        found: String,
    },
    /// Not as wanted.
    Unmet {
        /// What is wanted.
        wanted: String,
        /// What was found.
        found: String,
        /// The status that it leads to; `None` = advisory.
        status: Option<Status>,
        /// The same in one sentence, for the status line.
        reason: String,
    },
    /// Could not be read.
    Unknown {
        /// Why not.
        why: String,
        /// The status that not knowing leads to; `None` = it changes nothing.
        status: Option<Status>,
    },
    /// Does not apply to this device.
    NotApplicable {
        /// Why not.
        why: String,
    },
}

impl Outcome {
    /// The status that the outcome leads to, when it is not in order.
    pub fn status(&self) -> Option<Status> {
        match self {
            Outcome::Unmet { status, .. } | Outcome::Unknown { status, .. } => *status,
            Outcome::Met { .. } | Outcome::NotApplicable { .. } => None,
        }
    }

    /// As wanted?
    pub fn is_met(&self) -> bool {
        matches!(self, Outcome::Met { .. })
    }

    /// The outcome as one word, for scripts.
    pub fn key(&self) -> &'static str {
        match self {
            Outcome::Met { .. } => "met",
            Outcome::Unmet { .. } => "unmet",
            Outcome::Unknown { .. } => "unknown",
            Outcome::NotApplicable { .. } => "not-applicable",
        }
    }
}

/// One line of a checklist.
#[derive(Debug, Clone)]
pub struct Item {
    /// The row of [`CHECKS`] that it is about.
    pub check: &'static Check,
    /// What came of it.
    pub outcome: Outcome,
}

/// How many of the wanted permissions are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionCount {
    /// How many of them the registration asks for.
    pub present: u16,
    /// How many the blueprint wants.
    pub wanted: u16,
}

/// A device's checklist.
#[derive(Debug, Clone)]
pub struct Checklist {
    /// One line a check, in the order of [`CHECKS`].
    pub items: Vec<Item>,
    /// Permissions counted one by one; `None` = no registration to look at.
    pub permissions: Option<PermissionCount>,
    /// Customers known not to have consented.
    pub customers_pending: u32,
}

impl Checklist {
    /// (met, applicable); unknown counts as not met.
    pub fn count(&self) -> (u16, u16) {
        let applies = |item: &&Item| !matches!(item.outcome, Outcome::NotApplicable { .. });
        let all = self.items.iter().filter(applies).count();
        let met = self
            .items
            .iter()
            .filter(|item| item.outcome.is_met())
            .count();
        (met as u16, all as u16)
    }

    /// The outcome of one check.
    pub fn outcome(&self, id: CheckId) -> Option<&Outcome> {
        self.items
            .iter()
            .find(|item| item.check.id == id)
            .map(|item| &item.outcome)
    }
}

/// What a judgement looks at.
pub(super) struct Case<'a> {
    pub blueprint: &'a Blueprint,
    pub device: &'a Device,
    pub observed: Observed<'a>,
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// The application, or what the check's outcome is without one.
    pub fn application(&self, wanted: impl Into<String>) -> Result<&'a Application, Outcome> {
        let reading = &self.observed.registration.application;
        match &reading.value {
            Some(Some(application)) => Ok(application),
            Some(None) => Err(Outcome::Unmet {
                wanted: wanted.into(),
                found: "no registration".to_string(),
                status: Some(Status::NotRegistered),
                reason: match self.observed.registration.candidates.as_slice() {
                    [] => "the tenant has no registration for this device".to_string(),
                    [one] if one.deleted.is_some() => format!(
                        "no registration; the deleted application \"{}\" (object ID {}) can be restored",
                        one.display_name, one.object_id
                    ),
                    [one] => format!(
                        "the application \"{}\" (object ID {}) may be this device's registration",
                        one.display_name, one.object_id
                    ),
                    several => format!(
                        "{} applications may be this device's registration: choose one",
                        several.len()
                    ),
                },
            }),
            None => Err(Outcome::Unknown {
                why: reading
                    .failure
                    .as_ref()
                    .map_or_else(|| "not read yet".to_string(), |failure| failure.why.clone()),
                status: Some(Status::Unreachable),
            }),
        }
    }
}

/// Holds a device against its blueprint: one line for each check, each met, unmet (wanted, found), unknown (why) or
/// not applicable.
pub fn checklist(
    blueprint: &Blueprint,
    device: &Device,
    observed: Observed<'_>,
    now: Timestamp,
) -> Checklist {
    let case = Case {
        blueprint,
        device,
        observed,
        now,
    };
    let items = CHECKS
        .iter()
        .map(|check| Item {
            check,
            outcome: (check.judge)(&case),
        })
        .collect();
    let permissions = observed.registration.application().map(|_| {
        let lines = permission_lines(blueprint, observed);
        let wanted = lines.iter().filter(|line| line.wanted);
        PermissionCount {
            present: wanted.clone().filter(|line| line.present).count() as u16,
            wanted: wanted.count() as u16,
        }
    });
    let customers = observed.registration.customers().iter();
    let pending = customers
        .filter(|one| one.consent == CustomerConsent::Pending)
        .count();
    Checklist {
        items,
        permissions,
        customers_pending: pending as u32,
    }
}

#[cfg(test)]
mod tests;
