//! `umpdeck apply`: carries out what `umpdeck plan --json` printed, if it still holds. Nothing in the document is done as
//! it stands: each device is planned anew, and the document only says what was agreed to.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use uuid::Uuid;

use super::arguments::{CommandWords, Doing};
use super::choosing::find;
use super::exit::{self, Stop};
use super::output;
use super::plan::{SCHEMA, secrets};
use super::reading::{Reading, now};
use super::{Global, Outcome, bulk, choosing};
use crate::desk::bulk::{BulkIntent, BulkPlan, Work};
use crate::desk::event::Trouble;
use crate::registration::bulk::does_the_same;
use crate::registration::fleet::Fqdn;
use crate::registration::plan::{Action, Plan};

/// Options of `apply`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} The devices are read and planned again. If a new plan would not do the same as the plan in the file, \
nothing is done for any device.", exit::OF_CHANGE))]
pub struct ApplyOptions {
    /// The file with what `umpdeck plan --json` printed; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How.
    #[command(flatten)]
    pub doing: Doing,
    /// For portals that are filled in by hand: a command, its words separated by spaces, that takes the secret on its
    /// standard input
    #[arg(long, value_name = "WORDS")]
    pub secret_command: Option<CommandWords>,
}

/// No document is longer, in bytes: ten thousand devices' are not.
const LONGEST: u64 = 256 * 1024 * 1024;
const WHAT: &str = "the plan can't be applied";

/// The parts of the document that count; the rest is for readers.
#[derive(Debug, Deserialize)]
struct Document {
    schema: String,
    sandbox: bool,
    intent: String,
    devices: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    fqdn: String,
    secrets: Vec<Uuid>,
    plan: Option<Plan>,
}

/// Reads the document, plans its devices anew, and carries it out when nothing has changed.
pub(super) async fn run(global: &Global, options: &ApplyOptions) -> Result<Outcome, Stop> {
    let document = read(&options.file)?;
    let intent = BulkIntent::ALL
        .into_iter()
        .find(|intent| intent.word() == document.intent)
        .ok_or_else(|| refused(format!("its intent \"{}\" is unknown", document.intent)))?;
    let mut reading = Reading::open(global).await?;
    if let Some(words) = &options.secret_command {
        reading.desk.hand_over_to(words.0.clone());
    }
    if document.sandbox != reading.desk.is_sandbox() {
        return Err(refused(match document.sandbox {
            true => "it was made on a sandbox, and these are real tenants".to_string(),
            false => "it was made on real tenants, and this is a sandbox".to_string(),
        }));
    }
    let rows = reading.desk.fleet(now())?;
    let mut agreed: HashMap<Fqdn, Agreed> = HashMap::new();
    let mut devices = Vec::new();
    for entry in document.devices {
        let Some(plan) = entry.plan else {
            continue;
        };
        let fqdn = find(&rows, &entry.fqdn)?;
        let says_another = plan.device != fqdn;
        let secrets = entry.secrets;
        let twice = agreed.insert(fqdn.clone(), Agreed { plan, secrets });
        if says_another || twice.is_some() {
            return Err(refused(format!(
                "its plans for {fqdn} contradict each other"
            )));
        }
        devices.push(fqdn);
    }
    if devices.is_empty() {
        output::note("The plan has nothing to do.");
        return Ok(Outcome::done(String::new()));
    }
    choosing::read(&mut reading, &devices).await?;
    let plan = bulk::planned(&reading, &devices, intent)?;
    let changed = changed(&reading, &plan, &agreed)?;
    if !changed.is_empty() {
        return Err(Trouble::new(
            "the plan is out of date, and nothing was done",
            changed.join("; "),
            "Make a new plan with `umpdeck plan`, and read it.",
        )
        .into());
    }
    bulk::go(&mut reading, plan, &options.doing).await
}

/// What was agreed to for a device.
struct Agreed {
    plan: Plan,
    /// The client secrets that there were.
    secrets: Vec<Uuid>,
}

/// The devices that would not be planned so any more, each with why.
fn changed(
    reading: &Reading,
    plan: &BulkPlan,
    agreed: &HashMap<Fqdn, Agreed>,
) -> Result<Vec<String>, Stop> {
    let mut changed = Vec::new();
    for item in &plan.items {
        let device = &item.device;
        let Some(agreed) = agreed.get(device) else {
            continue;
        };
        match &item.work {
            // What it was to bring about is so already.
            Work::Nothing(_) => {}
            // It is left for a person, as the new plan says.
            Work::ByHand(_) => {}
            Work::Ready { plan, .. } => {
                let mut steps = plan.plan.steps.iter();
                let adds = steps.any(|step| matches!(step.action, Action::AddSecret { .. }));
                // Without this, a plan that adds a secret could be applied again and again.
                if adds && secrets(&reading.desk.device(device)?) != agreed.secrets {
                    changed.push(format!("the client secrets of {device} have changed since"));
                } else if !does_the_same(&agreed.plan, &plan.plan) {
                    changed.push(format!("a new plan for {device} would do something else"));
                }
            }
            Work::Cannot(trouble) => changed.push(trouble.why.clone()),
        }
    }
    Ok(changed)
}

fn refused(why: String) -> Stop {
    Stop::usage(Trouble::new(
        WHAT,
        why,
        "Give the file that `umpdeck plan INTENT DEVICE --json` was written to.",
    ))
}

fn read(file: &Path) -> Result<Document, Stop> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => io::stdin().lock().take(LONGEST).read_to_string(&mut text),
        false => File::open(file).and_then(|file| file.take(LONGEST).read_to_string(&mut text)),
    };
    let place = file.display();
    read.map_err(|why| refused(format!("{place}: {why}")))?;
    let document: Document = serde_json::from_str(&text)
        .map_err(|why| refused(format!("{place} is not a plan of this version: {why}")))?;
    match document.schema == SCHEMA {
        true => Ok(document),
        false => Err(refused(format!(
            "{place} is {}, not {SCHEMA}",
            document.schema
        ))),
    }
}
