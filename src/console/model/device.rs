//! The device screen: its tabs, and what is known of the device.

use jiff::Timestamp;

use super::super::list::ListState;
use crate::desk::file::DeviceFile;
use crate::registration::checklist::Checklist;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::ResourceAccess;
use crate::registration::status::Verdict;

/// One device.
#[derive(Debug)]
pub struct DeviceScreen {
    /// The device.
    pub fqdn: Fqdn,
    /// What is known of it, once it is loaded.
    pub judged: Option<Judged>,
    /// The tab that is shown.
    pub tab: DeviceTab,
    /// The cursor of each tab.
    pub lists: [ListState; 7],
    /// Extra permissions that a repair is to take away.
    pub remove_extra: Vec<ResourceAccess>,
    /// The secret's value is shown.
    pub revealed: bool,
}

/// The tabs of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceTab {
    /// The checklist.
    Checklist,
    /// The permissions.
    Permissions,
    /// The values to copy.
    Values,
    /// The portal beside Entra.
    Portal,
    /// The customers.
    Customers,
    /// The runs.
    History,
    /// The registration's client secrets.
    Secrets,
}

impl DeviceTab {
    /// All tabs, in the order of their numbers.
    pub const ALL: [DeviceTab; 7] = [
        DeviceTab::Checklist,
        DeviceTab::Permissions,
        DeviceTab::Values,
        DeviceTab::Portal,
        DeviceTab::Customers,
        DeviceTab::History,
        DeviceTab::Secrets,
    ];
}

/// The device whose checklist stands beside the list.
#[derive(Debug, Default)]
pub struct Peek {
    /// The device that was asked for last.
    pub of: Option<Fqdn>,
    /// What is shown: that device's, or the one's before until it is there.
    pub judged: Option<Judged>,
}

impl Peek {
    /// Another device's checklist is still shown than the one that was asked for.
    pub fn follows(&self) -> bool {
        let shown = self.judged.as_ref().map(|one| &one.file.device.fqdn);
        shown.is_some() && self.of.is_some() && shown != self.of.as_ref()
    }
}

/// A device's file with what follows from it at a time.
#[derive(Debug)]
pub struct Judged {
    /// The file.
    pub file: DeviceFile,
    /// Its checklist.
    pub checklist: Checklist,
    /// Its verdict.
    pub verdict: Verdict,
}

impl Judged {
    /// Judges a file at `now`.
    pub fn of(file: DeviceFile, now: Timestamp) -> Judged {
        let checklist = file.checklist(now);
        let verdict = file.verdict(now);
        Judged {
            file,
            checklist,
            verdict,
        }
    }
}
