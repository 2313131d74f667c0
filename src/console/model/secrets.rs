//! The client secrets of the fleet on screen: by their end, or only the earlier ones that wait to be removed.

use jiff::Timestamp;

use super::super::fleet_list::FleetList;
use super::super::list::ListState;
use crate::desk::retiring::DueSecret;
use crate::desk::secrets::DeviceSecrets;
use crate::registration::fleet::Fqdn;
use crate::registration::status::Urgency;

/// The orders of the devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecretSort {
    /// The secret in use that ends first.
    #[default]
    Ends,
    /// By device name.
    Name,
    /// The most secrets that nobody recognises or that a run left.
    Doubtful,
}

impl SecretSort {
    /// The next order.
    pub fn next(self) -> SecretSort {
        match self {
            SecretSort::Ends => SecretSort::Name,
            SecretSort::Name => SecretSort::Doubtful,
            SecretSort::Doubtful => SecretSort::Ends,
        }
    }

    /// Its words on screen.
    pub fn words(self) -> &'static str {
        match self {
            SecretSort::Ends => "ends first",
            SecretSort::Name => "name",
            SecretSort::Doubtful => "most of unknown origin",
        }
    }
}

/// The client secrets of the fleet.
#[derive(Debug, Default)]
pub struct SecretsScreen {
    /// They were read.
    pub read: bool,
    devices: Vec<DeviceSecrets>,
    due: Vec<DueSecret>,
    shown: Vec<u32>,
    /// Only the earlier secrets that wait to be removed.
    pub due_only: bool,
    /// Only devices whose secret in use is not good for long.
    pub problems_only: bool,
    /// The order of the devices.
    pub sort: SecretSort,
    /// The cursor of the devices, and that of the secrets that wait.
    pub lists: [ListState; 2],
}

impl SecretsScreen {
    /// Takes over what was read.
    pub fn load(&mut self, devices: Vec<DeviceSecrets>, due: Vec<DueSecret>) {
        self.read = true;
        self.devices = devices;
        self.due = due;
    }

    /// Filters and sorts anew; the cursor stays on its device if that is still there.
    pub fn arrange(&mut self, fleet: &FleetList, now: Timestamp) {
        let before = self.selected().cloned();
        let fits = |fqdn: &Fqdn| fleet.fits(fqdn, now);
        let mut shown: Vec<u32> = match self.due_only {
            true => {
                let all = self.due.iter().enumerate();
                all.filter(|(_, one)| fits(&one.device))
                    .map(|(at, _)| at as u32)
                    .collect()
            }
            false => {
                let all = self.devices.iter().enumerate();
                let wanted = |one: &DeviceSecrets| {
                    fits(&one.fqdn) && (!self.problems_only || one.urgency(now) != Urgency::Good)
                };
                all.filter(|(_, one)| wanted(one))
                    .map(|(at, _)| at as u32)
                    .collect()
            }
        };
        if !self.due_only {
            let key = |at: &u32| {
                let one = &self.devices[*at as usize];
                let doubtful = match self.sort {
                    SecretSort::Doubtful => std::cmp::Reverse(one.doubtful().count()),
                    _ => std::cmp::Reverse(0),
                };
                let ends = match self.sort {
                    SecretSort::Name => (false, None),
                    _ => (one.end().is_none(), one.end()),
                };
                (doubtful, ends, one.fqdn.as_str())
            };
            shown.sort_by(|a, b| key(a).cmp(&key(b)));
        }
        self.shown = shown;
        // Two secrets of a device may wait: the cursor only moves where its line is another device's now.
        if before.is_some() && self.selected() != before.as_ref() {
            let place = (0..self.shown.len()).find(|at| self.device_at(*at) == before.as_ref());
            if let Some(place) = place {
                self.list_mut().cursor = place;
            }
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Does nothing fit?
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// A device by its place on screen, when devices are shown.
    pub fn device(&self, at: usize) -> Option<&DeviceSecrets> {
        self.devices
            .get(*self.shown.get(at)? as usize)
            .filter(|_| !self.due_only)
    }

    /// A secret that waits by its place on screen, when these are shown.
    pub fn due(&self, at: usize) -> Option<&DueSecret> {
        self.due
            .get(*self.shown.get(at)? as usize)
            .filter(|_| self.due_only)
    }

    /// How many secrets are due to go now.
    pub fn due_now(&self, now: Timestamp) -> usize {
        self.due.iter().filter(|one| one.can_go(now)).count()
    }

    /// How many secrets wait, due or not.
    pub fn waiting(&self) -> usize {
        self.due.len()
    }

    /// The cursor of what is shown.
    pub fn list(&self) -> ListState {
        self.lists[usize::from(self.due_only)]
    }

    /// The same, to be moved.
    pub fn list_mut(&mut self) -> &mut ListState {
        &mut self.lists[usize::from(self.due_only)]
    }

    /// The device of the line under the cursor.
    pub fn selected(&self) -> Option<&Fqdn> {
        self.device_at(self.list().cursor)
    }

    fn device_at(&self, at: usize) -> Option<&Fqdn> {
        match self.due_only {
            true => self.due(at).map(|one| &one.device),
            false => self.device(at).map(|one| &one.fqdn),
        }
    }
}
