//! The JSON of the commands that change several devices: their combined plan, and what came of it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::document;
use super::reading::now;
use crate::desk::bulk::{BulkPlan, BulkReport, Work};
use crate::desk::event::{BulkOutcome, RunId};
use crate::registration::fleet::Fqdn;

/// The document: without a report, of a plan that was not carried out.
pub(super) fn json_text(
    plan: &BulkPlan,
    report: Option<&BulkReport>,
    runs: &HashMap<Fqdn, Vec<RunId>>,
    sandbox: bool,
) -> String {
    let mut all = document::head("umpdeck.bulk/1", now(), sandbox);
    let totals = plan.totals();
    all.insert("intent".into(), plan.intent.word().into());
    all.insert("carriedOut".into(), report.is_some().into());
    all.insert(
        "totals".into(),
        json!({
            "devices": totals.devices,
            "ready": totals.ready,
            "nothing": totals.nothing,
            "byHand": totals.by_hand,
            "cannot": totals.cannot,
            "changes": totals.changes,
            "requests": totals.requests,
            "secretsAdded": totals.adds,
            "secretsRemoved": totals.removes,
        }),
    );
    let outcomes: HashMap<&Fqdn, &BulkOutcome> = report
        .into_iter()
        .flat_map(|report| &report.outcomes)
        .map(|(device, outcome)| (device, outcome))
        .collect();
    let devices = plan.items.iter().map(|item| {
        let outcome = outcomes.get(&item.device);
        let failure = match outcome {
            Some(BulkOutcome::Failed(trouble)) => {
                json!({"what": trouble.what, "why": trouble.why, "next": trouble.next})
            }
            _ => Value::Null,
        };
        let runs = runs.get(&item.device).into_iter().flatten();
        json!({
            "fqdn": item.device.as_str(),
            "tenant": item.tenant,
            "work": work_key(&item.work),
            "what": item.clauses(),
            "notes": item.notes(),
            "after": item.after.as_ref().map(Fqdn::as_str),
            "outcome": outcome.map(|outcome| match outcome {
                BulkOutcome::NotBegun => "not-begun",
                BulkOutcome::Done(_) => "done",
                BulkOutcome::Failed(_) => "failed",
                BulkOutcome::Stopped => "stopped",
            }),
            "failure": failure,
            "runs": runs.map(|run| run.short()).collect::<Vec<_>>(),
        })
    });
    all.insert("devices".into(), devices.collect());
    document::text(all)
}

/// What there is to do, as JSON names it.
pub(super) fn work_key(work: &Work) -> &'static str {
    match work {
        Work::Ready { .. } => "ready",
        Work::Nothing(_) => "nothing",
        Work::ByHand(_) => "by-hand",
        Work::Cannot(_) => "cannot",
    }
}
