//! What is remembered on this machine.
use crate::registration::{fleet::Fqdn, status::Verdict};
use uuid::Uuid;
/// A run's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(pub Uuid);
/// A row of the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetRow {
    /// Its device.
    pub fqdn: Fqdn,
    /// Its tenant.
    pub tenant: Uuid,
    /// Its verdict; `None` = never read.
    pub verdict: Option<Verdict>,
}
/// A run, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
}
