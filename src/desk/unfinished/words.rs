//! What is told of a dead run, from its plan and its journal alone.

use serde_json::Value;

use super::{Abandonment, UnfinishedRun};
use crate::desk::file::RunSummary;
use crate::registration::observed::PasswordCredential;
use crate::registration::plan::{Action, Intent, Plan, Remains, bears};
use crate::store::{JournalEntry, Phase};

/// Where each step stands: by the last line that the journal has of it.
fn standing(journal: &[JournalEntry], step: usize) -> Option<&JournalEntry> {
    journal
        .iter()
        .rev()
        .find(|entry| usize::try_from(entry.step) == Ok(step))
}

/// Tells of a run that died, from its plan and its journal.
pub(super) fn tell(summary: RunSummary, journal: &[JournalEntry]) -> UnfinishedRun {
    let Ok(plan) = serde_json::from_value::<Plan>(summary.plan.clone()) else {
        return UnfinishedRun {
            purpose: summary.intent.clone(),
            done: format!("unknown; its journal has {} lines", journal.len()),
            unknown: "its plan is not understood; another version of umpdeck may have made it"
                .to_string(),
            resume_will: "do nothing: this run can only be abandoned".to_string(),
            summary,
        };
    };
    let (mut done, mut unknown, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (at, step) in plan.steps.iter().enumerate() {
        let title = step.action.title();
        match standing(journal, at) {
            Some(entry) if entry.phase == Phase::Done => {
                if !step.action.reads_only() {
                    done.push(done_words(title, &entry.detail));
                }
            }
            Some(_) => {
                if !step.action.reads_only() {
                    unknown.push(title.clone());
                }
                left.push(&step.action);
            }
            None => left.push(&step.action),
        }
    }
    let resume_will = resume_words(&summary, &plan, &left);
    UnfinishedRun {
        purpose: plan.intent.purpose().word().to_string(),
        done: listed(&done, "nothing was changed"),
        unknown: match unknown.is_empty() {
            true => "nothing".to_string(),
            false => format!("{}: it may have been done", unknown.join(", ")),
        },
        resume_will,
        summary,
    }
}

/// What became of each step of a run, as its journal has it.
pub(super) fn story(summary: &RunSummary, journal: &[JournalEntry]) -> Vec<String> {
    let began = summary.began.strftime("%Y-%m-%d %H:%M UTC");
    let mut paragraphs = vec![format!(
        "{} {}, begun {began} by {}",
        summary.intent, summary.device, summary.owner
    )];
    let Ok(plan) = serde_json::from_value::<Plan>(summary.plan.clone()) else {
        paragraphs.push(
            "its plan is not understood; another version of umpdeck may have made it".to_string(),
        );
        return paragraphs;
    };
    for (at, step) in plan.steps.iter().enumerate() {
        let title = step.action.title();
        let words = match standing(journal, at) {
            None => "not begun".to_string(),
            Some(entry) => match entry.phase {
                Phase::Done => "done".to_string(),
                Phase::About => "begun; how it ended is unknown".to_string(),
                Phase::Unknown => match why(entry) {
                    Some(_) => "its answer was lost: it may have been done".to_string(),
                    None => "stopped while it was under way: it may have been done".to_string(),
                },
                Phase::Failed => match why(entry) {
                    Some(why) => format!("failed: {why}"),
                    None => "stopped".to_string(),
                },
            },
        };
        paragraphs.push(format!("{}. {title}: {words}", at + 1));
    }
    let outcome = match (summary.outcome, summary.note.is_empty()) {
        (None, _) => "The run is not closed.".to_string(),
        (Some(outcome), true) => format!("In the end: {}", outcome.word()),
        (Some(outcome), false) => format!("In the end: {}: {}", outcome.word(), summary.note),
    };
    paragraphs.push(outcome);
    paragraphs
}

/// Why a step did not end well; `None` = it was stopped while it waited.
fn why(entry: &JournalEntry) -> Option<&str> {
    entry.detail.get("why").and_then(Value::as_str)
}

fn listed(words: &[String], none: &str) -> String {
    match words.is_empty() {
        true => none.to_string(),
        false => words.join(", "),
    }
}

fn done_words(title: String, detail: &Value) -> String {
    match detail.get("hint").and_then(Value::as_str) {
        Some(hint) => format!("{title} (it begins with \"{hint}\"; its value is lost)"),
        None => title,
    }
}

fn resume_words(summary: &RunSummary, plan: &Plan, left: &[&Action]) -> String {
    let remains = Remains::of(summary.id.short(), plan);
    let mut words = vec![format!(
        "read {} again and make a new plan to {}",
        summary.device.short(),
        plan.intent.purpose().word()
    )];
    if left.is_empty() {
        words.push("every step was done, so little is left to do".to_string());
    }
    if remains.added || remains.delivered {
        words.push(
            "add a new secret, because the value was lost with the process (not if the interrupted run had proven its secret)"
                .to_string(),
        );
    }
    if remains.delivered {
        words.push("push it to the portal and prove it".to_string());
    }
    if remains.added {
        words.push(format!(
            "then remove the secrets named after run {}",
            remains.runs.join(" or ")
        ));
    }
    words.join("; ")
}

/// What giving a run up does: its secrets go, unless a portal may have one of them. `plan`: `None` = it is not understood,
/// so nobody can say what it brought where.
pub(super) fn abandonment(
    run: RunSummary,
    plan: Option<&Plan>,
    journal: &[JournalEntry],
    credentials: &[PasswordCredential],
) -> Abandonment {
    let delivers = |action: &Action| {
        matches!(
            action,
            Action::WritePortal {
                with_secret: true,
                ..
            } | Action::HandOff {
                with_secret: true,
                ..
            }
        )
    };
    let refused = |entry: &JournalEntry| entry.phase == Phase::Failed;
    let begun = plan.is_none_or(|plan| {
        plan.steps.iter().enumerate().any(|(at, step)| {
            delivers(&step.action) && standing(journal, at).is_some_and(|entry| !refused(entry))
        })
    });
    let short = run.id.short();
    // A resume that died may leave what the runs before it left, and those may have reached the portal.
    let earlier = match plan.map(|plan| &plan.intent) {
        Some(Intent::Resume { remains, .. }) => remains.clone(),
        _ => Remains::default(),
    };
    let may_be_in_use = begun || earlier.delivered;
    let own: Vec<&PasswordCredential> = credentials
        .iter()
        .filter(|one| bears(&one.display_name, &short) || earlier.named(&one.display_name))
        .collect();
    let names = |all: &[&PasswordCredential]| {
        let names: Vec<_> = all
            .iter()
            .map(|one| format!("\"{}\"", one.display_name))
            .collect();
        names.join(", ")
    };
    let words = match (own.is_empty(), may_be_in_use) {
        (true, _) => format!("run {short} is closed; it left no secret in Entra"),
        (false, false) => format!(
            "run {short} is closed; removed, since its value is lost: {}",
            names(&own)
        ),
        (false, true) => format!(
            "run {short} is closed; not removed, since the portal may be using it: {}",
            names(&own)
        ),
    };
    let (removes, leaves) = match may_be_in_use {
        true => (
            vec![],
            own.iter().map(|one| one.display_name.clone()).collect(),
        ),
        false => (
            own.iter()
                .map(|one| (one.key_id, one.display_name.clone()))
                .collect(),
            vec![],
        ),
    };
    Abandonment {
        run,
        removes,
        leaves,
        words,
    }
}
