//! `umpdeck runs --due` and `umpdeck runs retire`: the earlier secrets that were put down to go.

use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use super::arguments::Doing;
use super::change::carry_through;
use super::exit::{Exit, Stop};
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use super::{Outcome, bulk, choosing, document};
use crate::desk::bulk::BulkIntent;
use crate::desk::retiring::{DueSecret, Standing};

/// Options of `runs retire`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, or nothing to do; 1 only planned, or a secret has to stay; 3 something \
failed."
)]
pub struct RetireOptions {
    /// The devices whose earlier secret is due for removal: each by its FQDN, or its first label if only one device has that
    #[arg(value_name = "DEVICE", required_unless_present = "due")]
    pub devices: Vec<String>,
    /// Every device that has such a secret
    #[arg(long, conflicts_with = "devices")]
    pub due: bool,
    /// Remove this secret of the device, by its key ID, due or not: whoever still uses it can't sign in afterwards
    #[arg(long, value_name = "KEY-ID", conflicts_with = "due")]
    pub secret: Option<Uuid>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Do it without asking; without --yes, umpdeck asks on a terminal, and a script only gets what would be done
    #[arg(long)]
    pub yes: bool,
}

/// Plans, and removes what is due when that is agreed to.
pub(super) async fn run(reading: &mut Reading, options: &RetireOptions) -> Result<Outcome, Stop> {
    let mut devices = choosing::named(reading, &options.devices)?;
    if let Some(key_id) = options.secret {
        let [device] = devices.as_slice() else {
            return Err(Stop::command_line(
                "--secret names a secret of one device",
                "Give only that device.",
            ));
        };
        let (desk, device) = (reading.desk.clone(), device.clone());
        let (plan, _) = reading.attended(desk.plan_retire(&device, key_id)).await?;
        return carry_through(reading, plan, &Doing::of(options.yes, options.json)).await;
    }
    if options.due {
        let due = reading.desk.due(now())?.into_iter();
        devices = due
            .filter(|one| one.is_due(now()))
            .map(|one| one.device)
            .collect();
        devices.dedup();
        if devices.is_empty() && !options.json {
            return Ok(Outcome::done(
                "No earlier secret is due for removal.\n".to_string(),
            ));
        }
    }
    if !devices.is_empty() {
        choosing::read(reading, &devices).await?;
    }
    let plan = bulk::planned(reading, &devices, BulkIntent::Retire)?;
    bulk::go(reading, plan, &Doing::of(options.yes, options.json)).await
}

/// Exit code 1 when one is due.
pub(super) fn list(reading: &Reading, as_json: bool) -> Result<Outcome, Stop> {
    let now = now();
    let all = reading.desk.due(now)?;
    let exit = match all.iter().any(|one| one.is_due(now)) {
        true => Exit::Work,
        false => Exit::Good,
    };
    if as_json {
        let mut document = document::head("umpdeck.due/1", now, reading.desk.is_sandbox());
        document.insert("due".into(), all.iter().map(|one| line(one, now)).collect());
        return Ok(Outcome {
            text: document::text(document),
            exit,
        });
    }
    if all.is_empty() {
        return Ok(Outcome::done(
            "No earlier secret waits to be removed.\n".to_string(),
        ));
    }
    let columns = [
        ("", Kind::Mark),
        ("DEVICE", Kind::Words),
        ("DUE", Kind::Words),
        ("SECRET", Kind::Words),
        ("STANDING", Kind::Wrapped),
    ];
    let rows = all.iter().map(|one| {
        let (glyph, colour) = reading.look.urgency(one.urgency(now));
        vec![
            Cell::coloured(glyph, colour),
            Cell::plain(one.device.as_str()),
            Cell::plain(one.due_words(now)),
            Cell::plain(one.name.as_str()),
            Cell::plain(one.standing.words()),
        ]
    });
    let rows: Vec<_> = rows.collect();
    Ok(Outcome {
        text: table(&reading.look, &columns, &rows),
        exit,
    })
}

fn line(one: &DueSecret, now: jiff::Timestamp) -> Value {
    let (standing, why) = match &one.standing {
        Standing::Ready => ("ready", None),
        Standing::Unsure(why) => ("unsure", Some(why)),
        Standing::Held(why) => ("held", Some(why)),
    };
    json!({
        "device": one.device.as_str(),
        "tenant": one.tenant,
        "keyId": one.key_id,
        "name": one.name,
        "due": one.due,
        "isDue": one.is_due(now),
        "run": one.run.short(),
        "standing": standing,
        "why": why,
    })
}
