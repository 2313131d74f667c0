//! `umpdeck status --watch`: the fleet line by line, for screen readers and logs. Every line stands alone; after the
//! first reading only what changed is said. With `--json`, a line is a whole document, again only when something changed.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::exit::Stop;
use super::reading::{Reading, now};
use super::status::StatusOptions;
use super::status::{self, status_words};
use super::{document, output};
use crate::desk::event::FleetRow;
use crate::desk::file::Scope;
use crate::registration::fleet::{Fqdn, Tenant};
use crate::registration::fleet_row::NOT_READ_YET;
use crate::registration::observed::Failure;
use crate::registration::status::Status;
use crate::text::counted;

/// Says how things stand, then goes on reading and says what changes, until it is stopped or nobody listens.
///
/// # Errors
/// [`Stop::ReaderGone`], or that the store can't be read.
pub(super) async fn run(
    reading: &mut Reading,
    only: Option<Uuid>,
    options: &StatusOptions,
) -> Result<std::convert::Infallible, Stop> {
    let mut before: Option<Seen> = None;
    loop {
        let failures = reading
            .refresh(only.map_or(Scope::All, Scope::Tenant))
            .await;
        let now = now();
        let mut rows = reading.desk.fleet(now)?;
        rows.retain(|row| only.is_none_or(|only| only == row.tenant));
        rows.sort_by(FleetRow::worst_first);
        let seen = Seen::of(&rows, &failures);
        if options.json {
            if before.as_ref() != Some(&seen) {
                let is_asked_for = |tenant: &&Tenant| only.is_none_or(|only| only == tenant.id);
                let tenants = reading.tenants.iter().filter(is_asked_for);
                let tenants: Vec<Tenant> = tenants.cloned().collect();
                let sandbox = reading.desk.is_sandbox();
                let told = status::json(&tenants, &failures, &rows, now, sandbox);
                output::print(&document::line(told))?;
            }
            before = Some(seen);
            tokio::time::sleep(options.every).await;
            continue;
        }
        let lines = match &before {
            None => first(&rows, &reading.tenants, &failures),
            Some(before) => changes(before, &seen, &rows, &reading.tenants, &failures),
        };
        for line in lines {
            let line = reading.look.line(&line);
            output::print(&format!("{} {line}\n", clock(now)))?;
        }
        before = Some(seen);
        tokio::time::sleep(options.every).await;
    }
}

/// What was said last, so that only what differs is said again.
#[derive(PartialEq, Eq)]
struct Seen {
    devices: BTreeMap<Fqdn, (Status, String)>,
    failures: HashMap<Uuid, String>,
}

impl Seen {
    fn of(rows: &[FleetRow], failures: &HashMap<Uuid, Failure>) -> Seen {
        let devices = rows
            .iter()
            .map(|row| (row.fqdn.clone(), (row.status(), row.reason().to_string())));
        let failures = failures
            .iter()
            .map(|(id, failure)| (*id, failure.why.clone()));
        Seen {
            devices: devices.collect(),
            failures: failures.collect(),
        }
    }
}

fn words(row: &FleetRow) -> String {
    match &row.verdict {
        Some(verdict) => status_words(verdict),
        None => NOT_READ_YET.to_string(),
    }
}

fn first(rows: &[FleetRow], tenants: &[Tenant], failures: &HashMap<Uuid, Failure>) -> Vec<String> {
    let work: Vec<&FleetRow> = rows
        .iter()
        .filter(|row| row.status() != Status::Ok)
        .collect();
    let mut lines = vec![format!(
        "{}, {} not in order.",
        counted(rows.len(), "device"),
        work.len()
    )];
    let each = work
        .iter()
        .map(|row| format!("{}: {}: {}.", row.fqdn.as_str(), words(row), row.reason()));
    lines.extend(each);
    let failing = tenants
        .iter()
        .filter_map(|tenant| Some(failed(tenant, failures.get(&tenant.id)?)));
    lines.extend(failing);
    lines
}

fn changes(
    before: &Seen,
    after: &Seen,
    rows: &[FleetRow],
    tenants: &[Tenant],
    failures: &HashMap<Uuid, Failure>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for row in rows {
        let (status, reason) = (row.status(), row.reason().to_string());
        match before.devices.get(&row.fqdn) {
            Some((earlier, _)) if *earlier != status => lines.push(format!(
                "{}: {}, was {}: {reason}.",
                row.fqdn.as_str(),
                words(row),
                earlier.words(),
            )),
            Some((_, earlier)) if *earlier != reason => {
                lines.push(format!(
                    "{}: still {}: {reason}.",
                    row.fqdn.as_str(),
                    words(row)
                ));
            }
            Some(_) => {}
            None => lines.push(format!("{}: {}: {reason}.", row.fqdn.as_str(), words(row))),
        }
    }
    for tenant in tenants {
        match (
            before.failures.get(&tenant.id),
            after.failures.get(&tenant.id),
        ) {
            (earlier, Some(why)) if earlier != Some(why) => {
                lines.extend(
                    failures
                        .get(&tenant.id)
                        .map(|failure| failed(tenant, failure)),
                );
            }
            (Some(_), None) => lines.push(format!("{} can be read again.", tenant.name)),
            _ => {}
        }
    }
    lines
}

fn failed(tenant: &Tenant, failure: &Failure) -> String {
    let why = failure.why.trim_end_matches('.');
    format!("{} could not be read: {why}. {}", tenant.name, failure.next)
}

/// The time of day where the program runs.
fn clock(now: Timestamp) -> String {
    now.to_zoned_datetime(TimeZone::system())
        .strftime("%H:%M")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: Status, reason: &str) -> FleetRow {
        let mut verdict = crate::registration::fixtures::World::right().verdict();
        verdict.status = status;
        verdict.reason = reason.to_string();
        FleetRow {
            fqdn: Fqdn::parse("ump.finebak.com").unwrap(),
            tenant: Uuid::from_u128(1),
            verdict: Some(verdict),
        }
    }

    #[test]
    fn only_what_changed_is_said_again() {
        let none = HashMap::new();
        let before = [row(Status::Drift, "one check differs")];
        let seen = Seen::of(&before, &none);
        assert!(changes(&seen, &seen, &before, &[], &none).is_empty());
        let after = [row(Status::Ok, "every check that applies is met")];
        let now = Seen::of(&after, &none);
        assert_eq!(
            changes(&seen, &now, &after, &[], &none),
            ["ump.finebak.com: OK, was Drift: every check that applies is met."]
        );
        let other = [row(Status::Drift, "two checks differ")];
        let now = Seen::of(&other, &none);
        assert_eq!(
            changes(&seen, &now, &other, &[], &none),
            ["ump.finebak.com: still Drift: two checks differ."]
        );
    }

    #[test]
    fn the_first_reading_counts_and_names_only_what_is_not_in_order() {
        let mut good = row(Status::Ok, "");
        good.fqdn = Fqdn::parse("fine.finebak.com").unwrap();
        let lines = first(
            &[row(Status::Drift, "one check differs"), good],
            &[],
            &HashMap::new(),
        );
        assert_eq!(
            lines,
            [
                "2 devices, 1 not in order.",
                "ump.finebak.com: Drift: one check differs."
            ]
        );
    }
}
