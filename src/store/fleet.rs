//! The list at a glance: one narrow row a device, in columns, so that the first frame waits for nothing.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};

use super::columns::{fqdn, milliseconds, milliseconds_up, timestamp_or_nothing, unreadable, uuid};
use super::{Store, StoreError};
use crate::registration::checklist::PermissionCount;
use crate::registration::fleet::Fqdn;
use crate::registration::fleet_row::FleetRow;
use crate::registration::status::{NextStep, PortalState, Status, Verdict};

/// The columns by their places, as the rows are read.
const FLEET: &str = "SELECT fqdn, tenant, status, reason, next, checks_met, checks_all, \
     permissions_present, permissions_wanted, secret_end, secret_assumed, portal, portal_at, \
     customers, customers_pending, read_at, stale, holds_until FROM fleet ORDER BY fqdn";

impl Store {
    /// All listed devices, by FQDN, as they were last judged.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn fleet(&self) -> Result<Vec<FleetRow>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(FLEET)?;
            let rows = statement.query_map([], |row| {
                Ok(FleetRow {
                    fqdn: fqdn(row, 0)?,
                    tenant: uuid(row, 1)?,
                    verdict: read_verdict(row)?,
                })
            })?;
            let mut rows: Vec<FleetRow> = rows.collect::<Result<_, _>>()?;
            // Kept as long as the console is open: what the list grew by in advance would be, too.
            rows.shrink_to_fit();
            Ok(rows)
        })
    }

    /// Keeps verdicts that were made anew from stored facts, because time passed or a blueprint changed.
    /// A device that is no longer listed is passed over.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written; nothing is kept then.
    pub fn save_verdicts(&self, verdicts: &[(Fqdn, Verdict)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            verdicts
                .iter()
                .try_for_each(|(device, verdict)| put_verdict(transaction, device, verdict))
        })
    }
}

pub(super) fn put_verdict(
    transaction: &Transaction<'_>,
    device: &Fqdn,
    verdict: &Verdict,
) -> rusqlite::Result<()> {
    let (portal, portal_at) = portal_code(&verdict.portal);
    transaction
        .prepare_cached(
            "UPDATE fleet SET status = ?2, reason = ?3, next = ?4, checks_met = ?5, checks_all = ?6,
                 permissions_present = ?7, permissions_wanted = ?8, secret_end = ?9, secret_assumed = ?10,
                 portal = ?11, portal_at = ?12, customers = ?13, customers_pending = ?14, read_at = ?15,
                 stale = ?16, holds_until = ?17
             WHERE fqdn = ?1",
        )?
        .execute(params![
            device.as_str(),
            status_code(verdict.status),
            verdict.reason,
            next_code(verdict.next),
            verdict.checks_met,
            verdict.checks_all,
            verdict.permissions.map(|count| count.present),
            verdict.permissions.map(|count| count.wanted),
            verdict.secret_end.map(milliseconds),
            verdict.secret_assumed,
            portal,
            portal_at.map(milliseconds),
            verdict.customers,
            verdict.customers_pending,
            verdict.read_at.map(milliseconds),
            verdict.stale,
            verdict.holds_until.map(milliseconds_up),
        ])
        .map(drop)
}

fn read_verdict(row: &Row<'_>) -> rusqlite::Result<Option<Verdict>> {
    let Some(status) = row.get::<_, Option<i64>>(2)? else {
        return Ok(None);
    };
    let present: Option<u16> = row.get(7)?;
    let wanted: Option<u16> = row.get(8)?;
    let portal_at = timestamp_or_nothing(row, 12)?;
    Ok(Some(Verdict {
        status: decode("status", &Status::ALL, status_code, status)?,
        reason: row.get(3)?,
        next: decode("next", &NEXT_STEPS, next_code, row.get(4)?)?,
        checks_met: row.get(5)?,
        checks_all: row.get(6)?,
        permissions: present
            .zip(wanted)
            .map(|(present, wanted)| PermissionCount { present, wanted }),
        secret_end: timestamp_or_nothing(row, 9)?,
        secret_assumed: row.get(10)?,
        portal: read_portal(row.get(11)?, portal_at)?,
        customers: row.get(13)?,
        customers_pending: row.get(14)?,
        read_at: timestamp_or_nothing(row, 15)?,
        stale: row.get(16)?,
        holds_until: timestamp_or_nothing(row, 17)?,
    }))
}

/// The stored number of a status. Numbers are never given anew, whatever the order of the statuses becomes.
fn status_code(status: Status) -> i64 {
    match status {
        Status::SecretExpired => 1,
        Status::NotRegistered => 2,
        Status::Drift => 3,
        Status::NotPushed => 4,
        Status::SecretExpiring => 5,
        Status::ConsentPending => 6,
        Status::Unreachable => 7,
        Status::Ok => 8,
    }
}

const NEXT_STEPS: [NextStep; 10] = [
    NextStep::Create,
    NextStep::Adopt,
    NextStep::Repair,
    NextStep::Push,
    NextStep::Rotate,
    NextStep::Consent,
    NextStep::Refresh,
    NextStep::Nothing,
    NextStep::HandOff,
    NextStep::Decide,
];

fn next_code(next: NextStep) -> i64 {
    match next {
        NextStep::Create => 1,
        NextStep::Adopt => 2,
        NextStep::Repair => 3,
        NextStep::Push => 4,
        NextStep::Rotate => 5,
        NextStep::Consent => 6,
        NextStep::Refresh => 7,
        NextStep::Nothing => 8,
        NextStep::HandOff => 9,
        NextStep::Decide => 10,
    }
}

fn portal_code(portal: &PortalState) -> (i64, Option<Timestamp>) {
    match portal {
        PortalState::NotKnown => (1, None),
        PortalState::InStep => (2, None),
        PortalState::Differs => (3, None),
        PortalState::Empty => (4, None),
        PortalState::NoRecord => (5, None),
        PortalState::Stated(at) => (6, Some(*at)),
        PortalState::Pushed(at) => (7, Some(*at)),
    }
}

fn read_portal(code: i64, at: Option<Timestamp>) -> rusqlite::Result<PortalState> {
    Ok(match (code, at) {
        (1, _) => PortalState::NotKnown,
        (2, _) => PortalState::InStep,
        (3, _) => PortalState::Differs,
        (4, _) => PortalState::Empty,
        (5, _) => PortalState::NoRecord,
        (6, Some(at)) => PortalState::Stated(at),
        (7, Some(at)) => PortalState::Pushed(at),
        _ => return Err(unreadable("portal", format!("{code} has no meaning"))),
    })
}

fn decode<T: Copy>(
    column: &str,
    all: &[T],
    code: fn(T) -> i64,
    number: i64,
) -> rusqlite::Result<T> {
    all.iter()
        .copied()
        .find(|one| code(*one) == number)
        .ok_or_else(|| unreadable(column, format!("{number} has no meaning")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_status_and_step_has_a_number_of_its_own_and_is_found_by_it() {
        let numbers: HashSet<i64> = Status::ALL.map(status_code).into_iter().collect();
        assert_eq!(numbers.len(), Status::ALL.len());
        for status in Status::ALL {
            assert_eq!(
                decode("status", &Status::ALL, status_code, status_code(status)).unwrap(),
                status
            );
        }
        let numbers: HashSet<i64> = NEXT_STEPS.map(next_code).into_iter().collect();
        assert_eq!(numbers.len(), NEXT_STEPS.len());
    }

    #[test]
    fn a_number_without_meaning_is_an_error_and_no_status() {
        assert!(decode("status", &Status::ALL, status_code, 99).is_err());
        assert!(read_portal(6, None).is_err());
    }
}
