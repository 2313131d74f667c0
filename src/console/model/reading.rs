//! What is being read: by how many readings a tenant, and since when. From [`LONG`] on the header counts the seconds and
//! says which key stops it.

use jiff::{SignedDuration, Timestamp};

use super::{Model, TenantState};

/// From when on a reading is long: it is counted, and can be stopped.
pub const LONG: SignedDuration = SignedDuration::from_secs(2);

/// The readings of a tenant that are under way: of all of it, and of single devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// When the first of them began.
    pub since: Timestamp,
    /// How many they are.
    pub under_way: usize,
}

impl TenantState {
    /// One more reading began.
    pub fn reading_began(&mut self, now: Timestamp) {
        let reading = self.reading.get_or_insert(Reading {
            since: now,
            under_way: 0,
        });
        reading.under_way += 1;
    }

    /// One reading came to its end.
    pub fn reading_ended(&mut self) {
        self.reading = self.reading.filter(|one| one.under_way > 1);
        if let Some(reading) = &mut self.reading {
            reading.under_way -= 1;
        }
    }
}

impl Model {
    /// The tenants that the screen is about: the device's, the one that the list is narrowed to, or all.
    pub fn tenants_in_view(&self) -> Vec<&TenantState> {
        let only = match self.device().filter(|_| !self.on_list()) {
            Some(fqdn) => match self.fleet.of(fqdn) {
                Some(row) => Some(row.tenant),
                None => return vec![],
            },
            None => self.fleet.tenant,
        };
        let shown = |one: &&TenantState| only.is_none_or(|id| id == one.tenant.id);
        self.tenants.iter().filter(shown).collect()
    }

    /// Since when what is on screen is being read.
    pub fn reading_since(&self) -> Option<Timestamp> {
        let shown = self.tenants_in_view();
        let since = shown.iter().filter_map(|one| one.reading);
        since.map(|reading| reading.since).min()
    }

    /// For how long what is on screen has been read, once that is long.
    pub fn long_reading(&self) -> Option<SignedDuration> {
        let elapsed = self.now.duration_since(self.reading_since()?);
        (elapsed >= LONG).then_some(elapsed)
    }
}
