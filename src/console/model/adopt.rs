//! The applications that may be a device's registration, for the operator to choose.

use super::super::list::ListState;
use crate::desk::file::DeviceFile;
use crate::registration::observed::Candidate;

/// The applications that may be a device's registration.
#[derive(Debug)]
pub struct AdoptScreen {
    /// The device's file, with what was found.
    pub file: DeviceFile,
    /// The cursor.
    pub list: ListState,
}

impl AdoptScreen {
    /// What was found, live ones first.
    pub fn candidates(&self) -> &[Candidate] {
        &self.file.facts.candidates
    }

    /// The one under the cursor.
    pub fn here(&self) -> Option<&Candidate> {
        self.candidates().get(self.list.cursor)
    }
}
