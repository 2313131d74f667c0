//! `umpdeck status`: the fleet, worst first, for people and for scripts.

use std::collections::HashMap;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::choosing;
use super::exit::{self, Exit, Stop};
use super::output::Look;
use super::reading::{Reading, now};
use super::table::{Cell, Column, Kind, rigid_width, table};
use super::{Global, Outcome, document, watch};
use crate::desk::event::FleetRow;
use crate::desk::file::Scope;
use crate::desk::query::SYNTAX;
use crate::registration::fleet::Tenant;
use crate::registration::fleet_row::NOT_READ_YET;
use crate::registration::observed::Failure;
use crate::registration::status::{PortalState, Status, Verdict};
use crate::text::counted;
use crate::text::{age, days_left, days_words};

/// Options of `status`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_STATUS)]
pub struct StatusOptions {
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Only this tenant: name, directory ID or primary domain
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Only the devices that fit.
    #[arg(long, value_name = "QUERY", conflicts_with = "watch", help = format!("Only the devices that fit this filter, as in the console: {SYNTAX}"))]
    pub filter: Option<String>,
    /// Only what was read before and is in the store: nothing is read now
    #[arg(long)]
    pub stored: bool,
    /// Read again and again, and print a line for each change, until you stop it
    #[arg(long, conflicts_with = "stored")]
    pub watch: bool,
    /// The time between two readings of --watch, such as 30s or 5m
    #[arg(long, value_name = "TIME", default_value = "5m", requires = "watch", value_parser = waiting_time)]
    pub every: std::time::Duration,
}

fn waiting_time(text: &str) -> Result<std::time::Duration, String> {
    let time = text.parse::<jiff::SignedDuration>();
    time.ok()
        .and_then(|time| std::time::Duration::try_from(time).ok())
        .filter(|time| time.as_secs() >= 1)
        .ok_or_else(|| "give a time of at least one second, such as 30s or 5m".to_string())
}

/// The reason gets at least so many cells, or another column has to go.
const REASON: usize = 24;

/// Reads (unless told not to) and lists.
pub(super) async fn run(global: &Global, options: &StatusOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let only = match &options.tenant {
        Some(name) => Some(reading.tenant(name)?.id),
        None => None,
    };
    if options.watch {
        match watch::run(&mut reading, only, options).await? {}
    }
    let failures = if options.stored {
        HashMap::new()
    } else {
        reading
            .refresh(only.map_or(Scope::All, Scope::Tenant))
            .await
    };
    let now = now();
    let is_asked_for = |tenant: Uuid| only.is_none_or(|only| only == tenant);
    let mut rows = choosing::fitting(&reading, options.filter.as_deref())?;
    rows.retain(|row| is_asked_for(row.tenant));
    let tenants: Vec<Tenant> = reading
        .tenants
        .iter()
        .filter(|tenant| is_asked_for(tenant.id))
        .cloned()
        .collect();
    let text = if options.json {
        let told = json(&tenants, &failures, &rows, now, reading.desk.is_sandbox());
        document::text(told)
    } else {
        words(&reading, &tenants, &failures, &rows, now)
    };
    Ok(Outcome {
        text,
        exit: Exit::of_statuses(rows.iter().map(FleetRow::status), failures.is_empty()),
    })
}

/// The fleet as a document.
pub(super) fn json(
    tenants: &[Tenant],
    failures: &HashMap<Uuid, Failure>,
    rows: &[FleetRow],
    now: Timestamp,
    sandbox: bool,
) -> Map<String, Value> {
    let mut all = document::head("umpdeck.status/1", now, sandbox);
    let tenants: Vec<Value> = tenants
        .iter()
        .map(|tenant| document::tenant(tenant, failures.get(&tenant.id)))
        .collect();
    let devices: Vec<Value> = rows.iter().map(|row| document::device(row, now)).collect();
    all.insert("tenants".into(), tenants.into());
    all.insert("devices".into(), devices.into());
    all
}

fn words(
    reading: &Reading,
    tenants: &[Tenant],
    failures: &HashMap<Uuid, Failure>,
    rows: &[FleetRow],
    now: Timestamp,
) -> String {
    let mut text = fleet_table(&reading.look, rows, now);
    let work = rows.iter().filter(|row| row.status() != Status::Ok).count();
    text.push_str(&match work {
        _ if rows.is_empty() => "\nNo device fits the filter.\n".to_string(),
        0 => format!("\n{}, all in order\n", counted(rows.len(), "device")),
        work => format!("\n{}, {work} not in order\n", counted(rows.len(), "device")),
    });
    for tenant in tenants {
        if let Some(failure) = failures.get(&tenant.id) {
            text.push_str(&reading.failure_line(tenant, failure));
        }
    }
    text
}

/// The columns, and the order in which they go where there is little room; 0 stays.
const COLUMNS: [(&str, Kind, u8); 10] = [
    ("", Kind::Mark, 0),
    ("STATUS", Kind::Words, 0),
    ("DEVICE", Kind::Words, 0),
    ("CHECKS", Kind::Numbers, 5),
    ("PERMS", Kind::Numbers, 4),
    ("SECRET", Kind::Numbers, 6),
    ("PORTAL", Kind::Words, 3),
    ("CUSTOMERS", Kind::Numbers, 2),
    ("AGE", Kind::Numbers, 1),
    ("REASON", Kind::Wrapped, 0),
];

fn fleet_table(look: &Look, rows: &[FleetRow], now: Timestamp) -> String {
    let mut kept: Vec<usize> = (0..COLUMNS.len()).collect();
    let rows: Vec<Vec<Cell>> = rows.iter().map(|row| cells(look, row, now)).collect();
    loop {
        let columns: Vec<Column> = kept
            .iter()
            .map(|at| (COLUMNS[*at].0, COLUMNS[*at].1))
            .collect();
        let shown: Vec<Vec<Cell>> = rows
            .iter()
            .map(|row| kept.iter().map(|at| row[*at].clone()).collect())
            .collect();
        let fits = look
            .width
            .is_none_or(|width| rigid_width(&columns, &shown) + REASON <= width);
        let first_to_go = kept
            .iter()
            .copied()
            .filter(|at| COLUMNS[*at].2 > 0)
            .min_by_key(|at| COLUMNS[*at].2);
        match first_to_go.filter(|_| !fits) {
            Some(gone) => kept.retain(|at| *at != gone),
            None => return table(look, &columns, &shown),
        }
    }
}

fn cells(look: &Look, row: &FleetRow, now: Timestamp) -> Vec<Cell> {
    let status = row.status();
    let (glyph, colour) = look.urgency(status.urgency());
    let none = || Cell::plain(look.glyphs.none);
    let Some(verdict) = &row.verdict else {
        let mut cells = vec![none(); COLUMNS.len()];
        cells[0] = Cell::coloured(glyph, colour);
        cells[1] = Cell::coloured(NOT_READ_YET, colour);
        cells[2] = Cell::plain(row.fqdn.as_str());
        cells[9] = Cell::plain(row.reason());
        return cells;
    };
    let counted = |text: Option<String>| text.map_or_else(none, Cell::plain);
    let checks = format!("{}/{}", verdict.checks_met, verdict.checks_all);
    let permissions = verdict
        .permissions
        .map(|count| format!("{}/{}", count.present, count.wanted));
    let secret = verdict
        .secret_end
        .map(|end| days_words(days_left(end, now)));
    // In order, and nothing unknown: there is nothing to say that the other columns don't.
    let said = verdict.status == Status::Ok && verdict.checks_met == verdict.checks_all;
    let customers = match verdict.customers_pending {
        0 => verdict.customers.to_string(),
        pending => format!("{} {} {pending}", verdict.customers, look.glyphs.waiting),
    };
    vec![
        Cell::coloured(glyph, colour),
        Cell::coloured(status_words(verdict), colour),
        Cell::plain(row.fqdn.as_str()),
        counted(verdict.read_at.map(|_| checks)),
        counted(permissions),
        counted(secret),
        portal(look, verdict, now),
        Cell::plain(customers),
        counted(verdict.read_at.map(|at| age(at, now))),
        match said {
            true => Cell::default(),
            false => Cell::plain(verdict.reason.as_str()),
        },
    ]
}

/// The status in words; `?` before them says that the newest try to read failed.
pub(super) fn status_words(verdict: &Verdict) -> String {
    let mark = match verdict.stale && verdict.read_at.is_some() {
        true => "?",
        false => "",
    };
    format!("{mark}{}", verdict.status.words())
}

fn portal(look: &Look, verdict: &Verdict, now: Timestamp) -> Cell {
    match &verdict.portal {
        PortalState::NotKnown => Cell::plain(look.glyphs.none),
        PortalState::InStep => Cell::plain("matches"),
        PortalState::Differs => Cell::plain("differs"),
        PortalState::Empty => Cell::plain("empty"),
        PortalState::NoRecord => Cell::plain("no record"),
        PortalState::Stated(at) => Cell::plain(format!("stated {}", age(*at, now))),
        PortalState::Pushed(at) => Cell::plain(format!("pushed {}", age(*at, now))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::Glyphs;
    use crate::registration::fixtures::World;
    use crate::text::width;

    fn row() -> FleetRow {
        let world = World::right();
        let observed = world.observed();
        let list = crate::registration::checklist::checklist(
            &world.blueprint,
            &world.device,
            observed,
            Timestamp::UNIX_EPOCH,
        );
        let verdict = crate::registration::status::verdict(
            &world.blueprint,
            &world.device,
            observed,
            &list,
            Timestamp::UNIX_EPOCH,
        );
        FleetRow {
            fqdn: world.device.fqdn.clone(),
            tenant: world.device.tenant,
            verdict: Some(verdict),
        }
    }

    #[test]
    fn narrow_terminals_lose_columns_by_priority_and_never_status_device_or_reason() {
        let mut before = COLUMNS.len() + 1;
        for cells in [200, 120, 100, 90, 80, 70, 60] {
            let look = Look {
                glyphs: Glyphs::UNICODE,
                ascii: false,
                colour: false,
                width: Some(cells),
            };
            let text = fleet_table(&look, &[row()], Timestamp::UNIX_EPOCH);
            assert!(text.lines().all(|line| width(line) <= cells), "{text}");
            let head = text.lines().next().unwrap();
            let names: Vec<_> = head.split_whitespace().collect();
            for kept in ["STATUS", "DEVICE", "REASON"] {
                assert!(names.contains(&kept), "{cells}: {head}");
            }
            assert!(names.len() <= before);
            before = names.len();
        }
        assert!(before < COLUMNS.len() - 1);
    }
}
