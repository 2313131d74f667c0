//! `umpdeck secrets`: the client secrets of the whole fleet, the first to run out first.

use std::collections::HashMap;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::exit::{Exit, Stop};
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::desk::file::Scope;
use crate::desk::secrets::{DeviceSecrets, SecretLine};
use crate::registration::fleet::Tenant;
use crate::registration::observed::Failure;
use crate::registration::status::Urgency;
use crate::text::{age, days_left, days_words};

/// Options of `secrets`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing to do; 1 a secret in use ends soon or is missing; 2 one has \
expired; 3 unknown."
)]
pub struct SecretsOptions {
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Only devices whose secret in use ends within this number of days, or has expired
    #[arg(long, value_name = "DAYS")]
    pub due_in: Option<u32>,
    /// Only this tenant: name, directory ID or primary domain
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Only what was read before and is in the store: nothing is read now
    #[arg(long)]
    pub stored: bool,
}

/// Cells of the bar that shows how much of a secret's life is left.
const BAR: usize = 10;

/// Reads (unless told not to) and lists.
pub(super) async fn run(global: &Global, options: &SecretsOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let only = match &options.tenant {
        Some(name) => Some(reading.tenant(name)?.id),
        None => None,
    };
    let failures = match options.stored {
        true => HashMap::new(),
        false => {
            let scope = only.map_or(Scope::All, Scope::Tenant);
            reading.refresh(scope).await
        }
    };
    let now = now();
    let mut all = reading.desk.secrets()?;
    all.retain(|one| only.is_none_or(|only| only == one.tenant));
    if let Some(days) = options.due_in {
        let ends = |one: &DeviceSecrets| one.end().map(|end| days_left(end, now));
        all.retain(|one| ends(one).is_some_and(|left| left <= i64::from(days)));
    }
    // Those without an end to go by come last.
    all.sort_by_key(|one| (one.end().is_none(), one.end(), one.fqdn.clone()));
    let exits = all.iter().map(|one| match one.urgency(now) {
        Urgency::Broken => Exit::Broken,
        Urgency::NeedsWork => Exit::Work,
        Urgency::Good | Urgency::Waiting => Exit::Good,
        Urgency::Unknown => match one.read_at {
            // There is no registration: nothing that could run out.
            Some(_) if !one.registered => Exit::Good,
            _ => Exit::Unknown,
        },
    });
    let read = if failures.is_empty() {
        Exit::Good
    } else {
        Exit::Unknown
    };
    let exit = Exit::worst(exits.chain([read]));
    let tenants: Vec<Tenant> = reading
        .tenants
        .iter()
        .filter(|tenant| only.is_none_or(|only| only == tenant.id))
        .cloned()
        .collect();
    let text = match options.json {
        true => json_text(&tenants, &failures, &all, now, reading.desk.is_sandbox()),
        false => words(&reading, &tenants, &failures, &all, now),
    };
    Ok(Outcome { text, exit })
}

fn words(
    reading: &Reading,
    tenants: &[Tenant],
    failures: &HashMap<Uuid, Failure>,
    all: &[DeviceSecrets],
    now: Timestamp,
) -> String {
    let look = &reading.look;
    let columns = [
        ("", Kind::Mark),
        ("DEVICE", Kind::Words),
        ("LEFT", Kind::Numbers),
        ("", Kind::Words),
        ("UNTIL", Kind::Words),
        ("BEGINS", Kind::Words),
        ("AGE", Kind::Numbers),
        ("NOTES", Kind::Wrapped),
    ];
    let rows: Vec<Vec<Cell>> = all
        .iter()
        .map(|one| {
            let (glyph, colour) = look.urgency(one.urgency(now));
            let none = || look.glyphs.none.to_string();
            let in_use = one.in_use();
            let left = one.end().map(|end| days_words(days_left(end, now)));
            let until = one.end().map(crate::text::day);
            let hint = in_use.and_then(|line| line.credential.hint.clone());
            let left_of_life = in_use.and_then(|line| line.life_left(now));
            let read = one.read_at.map(|at| age(at, now));
            let read = read.map_or_else(none, |age| match one.stale {
                true => format!("{age}?"),
                false => age,
            });
            vec![
                Cell::coloured(glyph, colour),
                Cell::plain(one.fqdn.as_str()),
                Cell::coloured(left.unwrap_or_else(none), colour),
                Cell::plain(left_of_life.map_or_else(String::new, |left| bar(left, look.ascii))),
                Cell::plain(until.unwrap_or_else(none)),
                Cell::plain(hint.unwrap_or_else(none)),
                Cell::plain(read),
                Cell::plain(one.summary(now)),
            ]
        })
        .collect();
    let mut text = table(look, &columns, &rows);
    let doubtful: usize = all.iter().map(|one| one.doubtful().count()).sum();
    if doubtful > 0 {
        text.push_str(&format!(
            "\nSecrets of unknown origin, or left by a run: {doubtful}. \
             To remove one: `umpdeck runs retire DEVICE --secret KEY-ID`; --json lists the key IDs.\n"
        ));
    }
    for tenant in tenants {
        if let Some(failure) = failures.get(&tenant.id) {
            text.push_str(&reading.failure_line(tenant, failure));
        }
    }
    text
}

/// How much of a secret's life is left, as a bar.
fn bar(left: f64, ascii: bool) -> String {
    let (full, empty) = if ascii { ("#", ".") } else { ("█", "░") };
    let cells = (left * BAR as f64).ceil() as usize;
    full.repeat(cells.min(BAR)) + &empty.repeat(BAR.saturating_sub(cells))
}

fn json_text(
    tenants: &[Tenant],
    failures: &HashMap<Uuid, Failure>,
    all: &[DeviceSecrets],
    now: Timestamp,
    sandbox: bool,
) -> String {
    let mut head = document::head("umpdeck.secrets/1", now, sandbox);
    let tenants = tenants
        .iter()
        .map(|tenant| document::tenant(tenant, failures.get(&tenant.id)));
    head.insert("tenants".into(), tenants.collect());
    let device = |one: &DeviceSecrets| {
        let lines =
            |all: &[SecretLine]| all.iter().map(|line| secret(line, now)).collect::<Value>();
        json!({
            "fqdn": one.fqdn.as_str(),
            "tenant": one.tenant,
            "registered": one.registered,
            "inUse": one.in_use().map(|line| secret(line, now)),
            "gone": one.gone,
            "others": lines(one.others()),
            "sharedWith": one.shared_with.iter().map(|fqdn| fqdn.as_str()).collect::<Vec<_>>(),
            "readAt": one.read_at,
            "stale": one.stale,
        })
    };
    head.insert("devices".into(), all.iter().map(device).collect());
    document::text(head)
}

fn secret(line: &SecretLine, now: Timestamp) -> Value {
    let credential = &line.credential;
    json!({
        "keyId": credential.key_id,
        "name": credential.display_name,
        "hint": credential.hint,
        "start": credential.start,
        "end": credential.end,
        "daysLeft": credential.end.map(|end| days_left(end, now)),
        "daysOld": credential.start.map(|start| now.duration_since(start).as_hours().max(0) / 24),
        "role": line.role.key(),
        "what": line.role.words(now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_at_the_beginning_and_empty_only_at_the_end() {
        assert_eq!(bar(1.0, false), "██████████");
        assert_eq!(bar(0.001, true), "#.........");
        assert_eq!(bar(0.0, true), "..........");
    }
}
