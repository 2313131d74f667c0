//! `umpdeck check`: one device, line by line.

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::change_document::candidate;
use super::choosing::find;
use super::exit::{self, Exit, Stop};
use super::output::Look;
use super::reading::{Reading, now};
use super::status::status_words;
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document, values};
use crate::desk::event::FleetRow;
use crate::desk::file::{DeviceFile, Scope};
use crate::registration::checklist;
use crate::registration::observed::Failure;
use crate::registration::status::Verdict;
use crate::text::ago;

/// Options of `check`.
#[derive(Debug, Args)]
#[command(after_help = exit::OF_STATUS)]
pub struct CheckOptions {
    /// The device: its FQDN, or its first label if only one device has that
    pub device: String,
    /// Read consent in the customers' own tenants too, where this identity may sign in
    #[arg(long)]
    pub customers: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// Reads the device and prints its checklist.
pub(super) async fn run(global: &Global, options: &CheckOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let fqdn = find(&reading.desk.fleet(now())?, &options.device)?;
    let failures = reading.refresh(Scope::Device(fqdn.clone())).await;
    if options.customers {
        let desk = reading.desk.clone();
        reading.attended(desk.read_customers(&fqdn)).await?;
    }
    let now = now();
    let file = reading.desk.device(&fqdn)?;
    let verdict = file.verdict(now);
    let failure = failures.get(&file.device.tenant);
    let text = if options.json {
        json_text(&file, &verdict, failure, now, reading.desk.is_sandbox())
    } else {
        let mut text = words(&reading.look, &file, &verdict, now);
        if let Some(failure) = failure {
            text.push('\n');
            text.push_str(&reading.failure_line(&file.tenant, failure));
        }
        text
    };
    Ok(Outcome {
        text,
        exit: Exit::of_statuses([verdict.status], failure.is_none()),
    })
}

/// What a check found, what it wants, and why, in words.
struct Line<'a> {
    found: &'a str,
    wanted: &'a str,
    why: &'a str,
}

fn line(outcome: &checklist::Outcome) -> Line<'_> {
    use checklist::Outcome::{Met, NotApplicable, Unknown, Unmet};
    match outcome {
        Met { found } => Line {
            found,
            wanted: "",
            why: "",
        },
        Unmet {
            wanted,
            found,
            reason,
            ..
        } => Line {
            found,
            wanted,
            why: reason,
        },
        Unknown { why, .. } | NotApplicable { why } => Line {
            found: "",
            wanted: "",
            why,
        },
    }
}

fn words(look: &Look, file: &DeviceFile, verdict: &Verdict, now: Timestamp) -> String {
    let (glyph, colour) = look.urgency(verdict.status.urgency());
    let read = match verdict.read_at {
        Some(at) => format!("read {}", ago(at, now)),
        None => "never read".to_string(),
    };
    let status = format!("{glyph} {}", status_words(verdict));
    let about = format!(
        "{}/{} checks  {}  {}  {read}",
        verdict.checks_met, verdict.checks_all, file.tenant.name, file.blueprint.name
    );
    let mut text = format!(
        "{}  {}  {}\n{}\n",
        look.line(file.device.fqdn.as_str()),
        look.coloured(&status, Some(colour)),
        look.line(&about),
        look.line(&verdict.reason),
    );
    if !verdict.next.words().is_empty() {
        let command = verdict.next.command().map_or_else(String::new, |word| {
            format!(" (umpdeck {word} {})", file.device.fqdn.short())
        });
        text.push_str(&look.line(&format!("Next: {}{command}", verdict.next.words())));
        text.push('\n');
    }
    for orphan in &file.orphans {
        let words = format!(
            "Left over: the secret \"{}\". Reason: {}",
            orphan.name, orphan.why
        );
        text.push_str(&look.line(&words));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&checks_table(look, file, now));
    let count = verdict.permissions.map_or_else(String::new, |count| {
        format!(" {}/{}", count.present, count.wanted)
    });
    text.push_str(&format!("\nPermissions{count}\n"));
    text.push_str(&permissions_table(look, file));
    text.push_str("\nValues\n");
    text.push_str(&values::table_of(look, file));
    text
}

fn checks_table(look: &Look, file: &DeviceFile, now: Timestamp) -> String {
    table_of(look, &file.checklist(now).items)
}

/// Checks line by line.
pub(super) fn table_of(look: &Look, items: &[checklist::Item]) -> String {
    let columns = [
        ("STEP", Kind::Numbers),
        ("", Kind::Mark),
        ("CHECK", Kind::Words),
        ("FOUND", Kind::Wrapped),
        ("WANTED", Kind::Wrapped),
    ];
    let rows: Vec<Vec<Cell>> = items
        .iter()
        .map(|item| {
            let (glyph, colour) = look.outcome(&item.outcome);
            let line = line(&item.outcome);
            let found = match item.outcome {
                checklist::Outcome::Unknown { .. } => format!("unknown: {}", line.why),
                checklist::Outcome::NotApplicable { .. } => {
                    format!("does not apply: {}", line.why)
                }
                _ => line.found.to_string(),
            };
            vec![
                Cell::plain(item.check.steps),
                Cell::coloured(glyph, colour),
                Cell::plain(item.check.title),
                Cell::plain(found),
                Cell::plain(line.wanted),
            ]
        })
        .collect();
    table(look, &columns, &rows)
}

fn permissions_table(look: &Look, file: &DeviceFile) -> String {
    use crate::registration::status::Urgency;
    let columns = [("", Kind::Mark), ("", Kind::Wrapped), ("", Kind::Wrapped)];
    let was_read = file.facts.application.value.is_some();
    let rows: Vec<Vec<Cell>> = file
        .permissions()
        .iter()
        .map(|line| {
            let (urgency, words) = match (line.wanted, line.present) {
                _ if !was_read => (Urgency::Unknown, "unknown"),
                (true, true) => (Urgency::Good, "present"),
                (true, false) => (Urgency::NeedsWork, "missing"),
                (false, _) => (Urgency::Waiting, "extra: the blueprint does not ask for it"),
            };
            let (glyph, colour) = look.urgency(urgency);
            vec![
                Cell::coloured(glyph, colour),
                Cell::plain(line.full_name()),
                Cell::plain(words),
            ]
        })
        .collect();
    table(look, &columns, &rows)
}

/// A check as JSON has it.
pub(super) fn check_value(item: &checklist::Item) -> Value {
    let some = |words: &str| Some(words.to_string()).filter(|words| !words.is_empty());
    let line = line(&item.outcome);
    json!({
        "key": item.check.key,
        "steps": item.check.steps,
        "title": item.check.title,
        "outcome": item.outcome.key(),
        "found": some(line.found),
        "wanted": some(line.wanted),
        "why": some(line.why),
    })
}

fn json_text(
    file: &DeviceFile,
    verdict: &Verdict,
    failure: Option<&Failure>,
    now: Timestamp,
    sandbox: bool,
) -> String {
    let row = FleetRow {
        fqdn: file.device.fqdn.clone(),
        tenant: file.device.tenant,
        verdict: Some(verdict.clone()),
    };
    let checks: Vec<Value> = file.checklist(now).items.iter().map(check_value).collect();
    let permissions: Vec<Value> = file
        .permissions()
        .iter()
        .map(|line| {
            json!({
                "name": line.value,
                "resource": line.resource,
                "kind": line.access.kind.word(),
                "id": line.access.id,
                "wanted": line.wanted,
                "present": line.present,
                "consented": line.consented,
            })
        })
        .collect();
    let mut all = document::head("umpdeck.check/1", now, sandbox);
    all.insert("tenant".into(), document::tenant(&file.tenant, failure));
    all.insert("device".into(), document::device(&row, now));
    all.insert("blueprint".into(), file.blueprint.name.clone().into());
    all.insert("checks".into(), checks.into());
    all.insert("permissions".into(), permissions.into());
    all.insert("values".into(), values::fields(file));
    let orphans = file
        .orphans
        .iter()
        .map(|one| json!({"keyId": one.key_id, "name": one.name, "why": one.why}));
    all.insert("leftOverSecrets".into(), orphans.collect());
    let candidates = file.facts.candidates.iter().map(candidate);
    all.insert("candidates".into(), candidates.collect());
    all.insert("sharedWith".into(), json!(file.facts.shared_with));
    document::text(all)
}
