//! The audit trail on screen.

use super::super::list::ListState;
use crate::desk::audit::{AuditRow, TrailState};
use crate::registration::fleet::Fqdn;

/// The audit trail: of one device or of all.
#[derive(Debug)]
pub struct AuditScreen {
    /// Only this device's rows.
    pub device: Option<Fqdn>,
    /// The rows, newest first, and whether all of the trail is as it was written; once they are read.
    pub trail: Option<(Vec<AuditRow>, TrailState)>,
    /// The cursor.
    pub list: ListState,
}

impl AuditScreen {
    /// The rows that are there.
    pub fn rows(&self) -> &[AuditRow] {
        self.trail.as_ref().map_or(&[], |(rows, _)| rows)
    }
}
