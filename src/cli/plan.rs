//! `umpdeck plan`: what would be done, for people and as the document that `umpdeck apply` takes.

use clap::Args;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::arguments::Which;
use super::bulk_document::work_key;
use super::choosing::chosen;
use super::exit::{Exit, Stop};
use super::reading::{Reading, now};
use super::{Global, Outcome, bulk, change, document};
use crate::desk::bulk::{BulkIntent, BulkItem, BulkPlan, Work};
use crate::desk::event::Trouble;
use crate::desk::file::{DeviceFile, PlanFile, RequestPreview};

/// Options of `plan`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing to do; 1 something to do; 3 it could not be planned."
)]
pub struct PlanOptions {
    /// What to plan for
    pub purpose: Purpose,
    /// The devices.
    #[command(flatten)]
    pub which: Which,
    /// Print JSON, for scripts, and for `umpdeck apply`
    #[arg(long)]
    pub json: bool,
}

/// What to plan for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Purpose {
    /// Create the registrations that are missing
    Create,
    /// Change in Entra what differs from the blueprint
    Repair,
    /// Push the settings to the portals
    Push,
    /// Add new secrets and push them
    Rotate,
    /// Remove the earlier secrets that are due for removal
    Retire,
}

/// The document's name.
pub(super) const SCHEMA: &str = "umpdeck.plan/1";

impl From<Purpose> for BulkIntent {
    fn from(purpose: Purpose) -> BulkIntent {
        match purpose {
            Purpose::Create => BulkIntent::Create,
            Purpose::Repair => BulkIntent::Repair,
            Purpose::Push => BulkIntent::Push,
            Purpose::Rotate => BulkIntent::Rotate,
            Purpose::Retire => BulkIntent::Retire,
        }
    }
}

/// Reads the devices and plans for them.
pub(super) async fn run(global: &Global, options: &PlanOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let intent = options.purpose.into();
    let devices = chosen(&mut reading, &options.which).await?;
    let plan = bulk::planned(&reading, &devices, intent)?;
    let drafted: Vec<Option<PlanFile>> = plan
        .items
        .iter()
        .map(|item| drafted(&reading, item, intent))
        .collect::<Result<_, _>>()?;
    let text = match (options.json, plan.items.as_slice(), drafted.as_slice()) {
        (true, ..) => json_text(&reading, &plan, &drafted)?,
        (false, _, [Some(only)]) => change::words(&reading.look, only),
        (false, [only], _) => match &only.work {
            Work::Cannot(trouble) => return Err(trouble.clone().into()),
            _ => bulk::words(&reading.look, &plan),
        },
        (false, ..) => bulk::words(&reading.look, &plan),
    };
    let totals = plan.totals();
    let exit = match totals.ready + totals.by_hand {
        0 if totals.cannot == 0 => Exit::Good,
        0 => Exit::Unknown,
        _ => Exit::Work,
    };
    Ok(Outcome { text, exit })
}

/// An item's plan, where there is one; a person's part in it makes no difference here.
fn drafted(
    reading: &Reading,
    item: &BulkItem,
    intent: BulkIntent,
) -> Result<Option<PlanFile>, Trouble> {
    match &item.work {
        Work::Ready { plan, .. } => Ok(Some(plan.as_ref().clone())),
        Work::ByHand(_) => {
            let file = reading.desk.device(&item.device)?;
            let now = jiff::Timestamp::now();
            let intent = intent.of_device(&file, now)?;
            Ok(Some(reading.desk.plan(&item.device, intent, None, now)?.0))
        }
        Work::Nothing(_) | Work::Cannot(_) => Ok(None),
    }
}

/// The key IDs of a registration's client secrets: what adds one is not to be done when they are others.
pub(super) fn secrets(file: &DeviceFile) -> Vec<Uuid> {
    let application = file.facts.application();
    let all = application.map(|app| app.password_credentials.iter());
    let mut ids: Vec<Uuid> = all.into_iter().flatten().map(|one| one.key_id).collect();
    ids.sort_unstable();
    ids
}

fn json_text(
    reading: &Reading,
    plan: &BulkPlan,
    drafted: &[Option<PlanFile>],
) -> Result<String, Stop> {
    let mut all = document::head(SCHEMA, now(), reading.desk.is_sandbox());
    all.insert("intent".into(), plan.intent.word().into());
    let mut devices = Vec::new();
    for (item, drafted) in plan.items.iter().zip(drafted) {
        let secrets = secrets(&reading.desk.device(&item.device)?);
        devices.push(Value::Object(device(item, drafted.as_ref(), &secrets)));
    }
    all.insert("devices".into(), devices.into());
    Ok(document::text(all))
}

fn device(item: &BulkItem, drafted: Option<&PlanFile>, secrets: &[Uuid]) -> Map<String, Value> {
    let why = match &item.work {
        Work::Ready { .. } => None,
        Work::Nothing(why) | Work::ByHand(why) => Some(why.clone()),
        Work::Cannot(trouble) => Some(trouble.to_string()),
    };
    let plan = drafted.map(|drafted| &drafted.plan);
    let steps: Vec<Value> = drafted.map_or_else(Vec::new, steps);
    let mut device = Map::new();
    let mut put = |key: &str, value: Value| device.insert(key.into(), value);
    put("fqdn", item.device.as_str().into());
    put("tenant", json!(item.tenant));
    put("work", work_key(&item.work).into());
    put("why", json!(why));
    put("blueprint", json!(plan.map(|plan| &plan.blueprint)));
    put("steps", steps.into());
    put(
        "leftAlone",
        json!(plan.map_or(&[][..], |plan| &plan.left_alone)),
    );
    put("notes", json!(plan.map_or(&[][..], |plan| &plan.notes)));
    put("secrets", json!(secrets));
    put("plan", json!(plan));
    device
}

pub(super) fn steps(drafted: &PlanFile) -> Vec<Value> {
    let shown = |at: usize| drafted.requests.get(at).into_iter().flatten();
    let steps = drafted.plan.steps.iter().enumerate();
    steps
        .map(|(at, step)| {
            json!({
                "title": step.action.title(),
                "readsOnly": step.action.reads_only(),
                "repeatable": shown(at).all(|one| one.may_repeat),
                "changes": step.changes.iter().map(|change| json!({
                    "field": change.field,
                    "from": change.from,
                    "to": change.to,
                })).collect::<Vec<_>>(),
                "requests": shown(at).map(request).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn request(request: &RequestPreview) -> Value {
    json!({
        "method": request.method,
        "path": request.path,
        "header": request.header,
        "body": request.body,
    })
}
