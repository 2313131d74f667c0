//! `umpdeck audit`: the audit trail of this machine, listed or verified.

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::choosing::find;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::reading::now;
use super::site::{self, Start};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::desk::Desk;
use crate::desk::audit::{AuditHead, AuditRow, TrailState};
use crate::registration::fleet::Fqdn;
use crate::registration::status::Urgency;
use crate::text::counted;

/// Options of `audit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 listed, or intact; 2 broken; 3 unknown. Each row's hash covers the row before it, so --verify finds an altered row. \
But whoever can write the store can write a whole new trail. Only a head (the newest row's number and hash) that is kept \
elsewhere shows that: each run prints the head at its end, and [audit] syslog in the settings sends it to syslog."
)]
pub struct AuditOptions {
    /// Only this device: its FQDN, or its first label if only one device has that
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<String>,
    /// Only from this date on, or only this number of days; without it, the newest 100 rows
    #[arg(long, value_name = "DATE|DAYS", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// List nothing, but verify that every row fits its hash
    #[arg(long, conflicts_with_all = ["device", "since"])]
    pub verify: bool,
    /// Verify also that the trail contains this head, which was kept elsewhere
    #[arg(long, value_name = "HEAD", requires = "verify")]
    pub head: Option<AuditHead>,
}

/// How many rows are listed where no time is given.
const LISTED: usize = 100;

/// Lists the trail, or verifies it. Nothing is read but the store.
pub(super) async fn run(global: &Global, options: &AuditOptions) -> Result<Outcome, Stop> {
    let Start {
        site,
        settings,
        sandbox: _sandbox,
        ..
    } = site::start(global).await?;
    let look = Look::of(global, settings.screen.ascii);
    let (desk, _events) = Desk::open(site)?;
    if options.verify {
        return verify(&desk, &look, options);
    }
    let now = now();
    let device = match &options.device {
        Some(name) => Some(device(&desk, name)?),
        None => None,
    };
    let since = options.since.map(|since| since.before(now));
    let most = if since.is_some() { usize::MAX } else { LISTED };
    let rows = desk.audit(device.as_ref(), since, most)?;
    if since.is_none() && rows.len() == LISTED {
        output::note(&format!(
            "These are the newest {LISTED} rows; --since 90 goes back 90 days."
        ));
    }
    let text = match options.json {
        true => {
            let mut all = document::head("umpdeck.audit/1", now, desk.is_sandbox());
            all.insert("rows".into(), rows.iter().map(row).collect());
            document::text(all)
        }
        false => words(&look, &rows),
    };
    Ok(Outcome::done(text))
}

/// A device of the inventory; one that is listed no more by its whole name.
fn device(desk: &Desk, name: &str) -> Result<Fqdn, Stop> {
    match find(&desk.fleet(now())?, name) {
        Ok(fqdn) => Ok(fqdn),
        Err(stop) => match Fqdn::parse(name) {
            Ok(fqdn) if !desk.audit(Some(&fqdn), None, 1)?.is_empty() => Ok(fqdn),
            _ => Err(stop),
        },
    }
}

fn verify(desk: &Desk, look: &Look, options: &AuditOptions) -> Result<Outcome, Stop> {
    let state = desk.verify_audit(options.head.as_ref())?;
    let exit = match state {
        TrailState::Intact(_) => Exit::Good,
        TrailState::Broken { .. } => Exit::Broken,
    };
    let text = match options.json {
        true => {
            let mut all = document::head("umpdeck.audit-verification/1", now(), desk.is_sandbox());
            let (head, broken, why) = match &state {
                TrailState::Intact(head) => (Some(head.to_string()), None, None),
                TrailState::Broken { row, why } => (None, Some(*row), Some(why.why.as_str())),
            };
            all.insert("intact".into(), json!(head.is_some()));
            all.insert("head".into(), json!(head));
            all.insert("brokenRow".into(), json!(broken));
            all.insert("why".into(), json!(why));
            let known = options.head.as_ref().map(AuditHead::to_string);
            all.insert("knownHead".into(), json!(known));
            document::text(all)
        }
        false => {
            let (urgency, words) = match &state {
                TrailState::Intact(head) => (Urgency::Good, intact(head, options.head.as_ref())),
                TrailState::Broken { why, .. } => {
                    (Urgency::Broken, format!("{}. {}", why.why, why.next))
                }
            };
            let (glyph, colour) = look.urgency(urgency);
            format!(
                "{} {}\n",
                look.coloured(glyph, Some(colour)),
                look.line(&words)
            )
        }
    };
    Ok(Outcome { text, exit })
}

fn intact(head: &AuditHead, known: Option<&AuditHead>) -> String {
    let counted = counted(usize::try_from(head.rows).unwrap_or_default(), "row");
    match known {
        None => format!(
            "The audit trail is intact: {counted}, head {head}. This check finds accidents; to find forgery too, give a head that \
             was kept elsewhere: --head HEAD."
        ),
        Some(known) => format!(
            "The audit trail is intact: {counted}, head {head}, and it has grown from the head {known}."
        ),
    }
}

fn words(look: &Look, rows: &[AuditRow]) -> String {
    if rows.is_empty() {
        return "No matching change is recorded on this machine.\n".to_string();
    }
    let columns = [
        ("ROW", Kind::Numbers),
        ("WHEN (UTC)", Kind::Words),
        ("BY", Kind::Words),
        ("SIGNED IN AS", Kind::Wrapped),
        ("DEVICE", Kind::Words),
        ("RUN", Kind::Words),
        ("WHAT", Kind::Words),
        ("REQUEST", Kind::Wrapped),
        ("REQUEST ID", Kind::Wrapped),
        ("OUTCOME", Kind::Wrapped),
    ];
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let entry = &row.entry;
            let or_none = |words: Option<String>| words.unwrap_or_else(|| look.glyphs.none.into());
            [
                row.row.to_string(),
                entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
                entry.os_user.clone(),
                entry.identity.clone(),
                or_none(entry.device.as_ref().map(Fqdn::to_string)),
                or_none(entry.run.map(|run| run.short().to_string())),
                entry.what().to_string(),
                entry.request_words(),
                or_none(entry.request_id.clone()),
                entry.outcome.clone(),
            ]
            .into_iter()
            .map(Cell::plain)
            .collect()
        })
        .collect();
    table(look, &columns, &cells)
}

fn row(row: &AuditRow) -> Value {
    let entry = &row.entry;
    json!({
        "row": row.row,
        "at": entry.at,
        "osUser": entry.os_user,
        "identity": Some(&entry.identity).filter(|name| !name.is_empty()),
        "device": entry.device.as_ref().map(Fqdn::as_str),
        "run": entry.run,
        "method": entry.method,
        "path": Some(&entry.path).filter(|path| !path.is_empty()),
        "requestId": entry.request_id,
        "outcome": entry.outcome,
        "hash": row.hash,
    })
}

/// From when on rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From this moment.
    At(Timestamp),
    /// From so many days ago.
    Days(u16),
}

impl Since {
    /// Understands a date (its beginning in UTC), a moment, or a number of days.
    ///
    /// # Errors
    /// What it should be.
    fn parse(text: &str) -> Result<Since, String> {
        if let Ok(days) = text.trim_end_matches('d').parse() {
            return Ok(Since::Days(days));
        }
        if let Ok(at) = text.parse() {
            return Ok(Since::At(at));
        }
        let begins = |day: Date| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok();
        match text.parse().ok().and_then(begins) {
            Some(at) => Ok(Since::At(at)),
            None => {
                Err("it is a date such as 2026-11-24, or a number of days such as 30".to_string())
            }
        }
    }

    fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Since::At(at) => at,
            Since::Days(days) => now
                .saturating_sub(SignedDuration::from_hours(24 * i64::from(days)))
                .unwrap_or(Timestamp::MIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_date_a_moment_or_a_number_of_days() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            Since::parse("2026-11-24"),
            Ok(Since::At(at("2026-11-24T00:00:00Z")))
        );
        let moment = "2026-11-24T12:30:00Z";
        assert_eq!(Since::parse(moment), Ok(Since::At(at(moment))));
        assert_eq!(Since::parse("30"), Ok(Since::Days(30)));
        assert_eq!(Since::parse("7d"), Ok(Since::Days(7)));
        assert_eq!(
            Since::Days(1).before(at("2026-11-24T12:00:00Z")),
            at("2026-11-23T12:00:00Z")
        );
        for wrong in ["", "yesterday", "-3", "2026-13-01"] {
            assert!(Since::parse(wrong).is_err(), "{wrong}");
        }
    }
}
