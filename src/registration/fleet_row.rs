//! A device as a list shows it, and the order of that list.

use std::cmp::Ordering;

use uuid::Uuid;

use super::fleet::Fqdn;
use super::status::{NEVER_READ, Status, Verdict};

/// What stands for the status of a device that was never judged.
pub const NOT_READ_YET: &str = "Not read yet";

/// A device in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetRow {
    /// The device.
    pub fqdn: Fqdn,
    /// Its tenant.
    pub tenant: Uuid,
    /// How it was last judged; `None` = never. Times are whole milliseconds.
    pub verdict: Option<Verdict>,
}

impl FleetRow {
    /// Its status; a device that was never judged was never reached.
    pub fn status(&self) -> Status {
        self.verdict
            .as_ref()
            .map_or(Status::Unreachable, |verdict| verdict.status)
    }

    /// Why it has that status.
    pub fn reason(&self) -> &str {
        match &self.verdict {
            Some(verdict) => &verdict.reason,
            None => NEVER_READ,
        }
    }

    /// The order of the list: worst status first; among secrets that ran out or soon will, the one that ends first;
    /// then by name.
    pub fn worst_first(&self, other: &FleetRow) -> Ordering {
        let end = |row: &FleetRow| row.verdict.as_ref().and_then(|verdict| verdict.secret_end);
        self.status()
            .cmp(&other.status())
            .then_with(|| match self.status() {
                Status::SecretExpired | Status::SecretExpiring => end(self).cmp(&end(other)),
                _ => Ordering::Equal,
            })
            .then_with(|| self.fqdn.cmp(&other.fqdn))
    }
}
