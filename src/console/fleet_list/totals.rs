//! What the devices of the list come to: counted once when the list changes, since every frame shows it.

use uuid::Uuid;

use super::FleetList;
use crate::registration::status::{Status, Urgency};

/// What the devices of a tenant come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// How many there are.
    pub devices: usize,
    /// How many were judged and are not OK.
    pub not_ok: usize,
    /// How many were never judged.
    pub not_read: usize,
    /// The worst status.
    pub worst: Option<Status>,
    /// How many there are of each urgency, in the order of [`Urgency::ALL`].
    pub by_urgency: [usize; Urgency::ALL.len()],
}

impl FleetList {
    /// What the devices of a tenant, or all, come to.
    pub fn total(&self, tenant: Option<Uuid>) -> Total {
        self.totals.get(&tenant).copied().unwrap_or_default()
    }

    /// Counts once what every frame shows.
    pub(super) fn count(&mut self) {
        self.totals.clear();
        for row in &self.rows {
            let status = row.status();
            for of in [None, Some(row.tenant)] {
                let total = self.totals.entry(of).or_default();
                total.devices += 1;
                total.not_ok += usize::from(status != Status::Ok && row.verdict.is_some());
                total.not_read += usize::from(row.verdict.is_none());
                total.by_urgency[status.urgency() as usize] += 1;
                total.worst = Some(total.worst.map_or(status, |worst| worst.min(status)));
            }
        }
        let read = |at: &u32| {
            let verdict = self.rows[*at as usize].verdict.as_ref()?;
            verdict.read_at
        };
        self.oldest = self.visible.iter().filter_map(read).min();
        let not_ok = |at: &&u32| {
            let row = &self.rows[**at as usize];
            row.status() != Status::Ok && row.verdict.is_some()
        };
        self.not_ok_shown = self.visible.iter().filter(not_ok).count();
    }
}
