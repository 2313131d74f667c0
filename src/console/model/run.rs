//! A plan, the run that carries it out, and the portal's page that an operator fills in.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::super::list::ListState;
use super::Judged;
use crate::desk::event::{Anchor, RunEnd, RunId, Trouble};
use crate::desk::file::{CopyMark, PlanFile};
use crate::registration::fleet::Fqdn;
use crate::registration::plan::Action;
use crate::registration::portal_page::{FormField, Holds};
use crate::registration::values::SHOWN_ONCE;

/// A plan.
#[derive(Debug)]
pub struct PlanScreen {
    /// The plan with its requests.
    pub file: PlanFile,
    /// The portal's settings side by side, when the plan writes them.
    pub portal: Option<SideBySide>,
    /// The bodies of the requests are shown.
    pub details: bool,
    /// What is on screen of it.
    pub list: ListState,
    /// The run has been asked for.
    pub applying: bool,
}

/// The portal's settings: what it holds, and what it will hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBySide {
    /// The portal's page.
    pub page: String,
    /// When the portal was read; `None` = it can't be.
    pub read_at: Option<Timestamp>,
    /// Label, now, will be.
    pub rows: [(String, String, String); 3],
}

/// A run and its result.
#[derive(Debug)]
pub struct RunScreen {
    /// What is carried out.
    pub file: PlanFile,
    /// The run, once it began.
    pub progress: RunProgress,
    /// The device's file, read anew when the run is over: the values to copy.
    pub judged: Option<Judged>,
    /// The cursor among the values.
    pub list: ListState,
    /// The secret's value is shown.
    pub revealed: bool,
    /// It is shown from its first step on, though the cursor is below.
    pub from_top: bool,
}

impl RunScreen {
    /// The device and what is being done with it; `None` when the run is over.
    pub(super) fn under_way(&self) -> Option<(&Fqdn, UnderWay)> {
        let RunProgress { end, steps, .. } = &self.progress;
        if end.is_some() {
            return None;
        }
        let done = |state: &StepState| matches!(state, StepState::Done(..));
        let at = steps.iter().position(|state| !done(state));
        let at = at.unwrap_or(steps.len().saturating_sub(1));
        let what = match steps.get(at) {
            Some(StepState::Waiting(on, _)) => format!("waiting for {on}"),
            _ => {
                let step = self.file.plan.steps.get(at);
                step.map_or_else(String::new, |step| step.action.title())
            }
        };
        let under_way = UnderWay {
            what: self.file.plan.intent.word(),
            step: format!("step {} of {}: {what}", at + 1, steps.len()),
        };
        Some((&self.file.plan.device, under_way))
    }
}

/// What a run is doing with a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// What the run is for, as one word.
    pub what: &'static str,
    /// Its step, in words.
    pub step: String,
}

/// How far a run is.
#[derive(Debug, Clone)]
pub struct RunProgress {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub began: Timestamp,
    /// One state a step.
    pub steps: Vec<StepState>,
    /// How it ended; `None` = under way.
    pub end: Option<RunEnd>,
    /// A stop was asked for.
    pub stopping: bool,
    /// The head of the audit trail at its end.
    pub anchor: Option<Anchor>,
}

/// The state of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Planned,
    /// Under way, since when.
    Running(Timestamp),
    /// Waits for something outside: for what, since when.
    Waiting(String, Timestamp),
    /// Waits for the operator.
    YourTurn,
    /// Done: what came of it, how long it took.
    Done(String, SignedDuration),
    /// Failed.
    Failed(Trouble),
}

/// The portal's page, field by field.
#[derive(Debug)]
pub struct HandoffScreen {
    /// The plan whose secret is added when its field is reached.
    pub file: PlanFile,
    /// The device.
    pub judged: Judged,
    /// The field under the cursor, by its place on the page.
    pub field: usize,
    /// When each field was copied in this handoff, by its key.
    pub copied: HashMap<String, Timestamp>,
    /// What was copied in one before that was not stated.
    pub before: Vec<CopyMark>,
    /// The run, once the secret's field was reached.
    pub progress: Option<RunProgress>,
    /// The run has been asked for.
    pub starting: bool,
    /// The operator was asked whether the fields that were not copied are applied too.
    pub asked: bool,
    /// The operator said that the values are applied.
    pub applied: bool,
    /// The secret's value is shown.
    pub revealed: bool,
}

impl HandoffScreen {
    /// The page's fields with what is to stand in them now.
    pub fn fields(&self) -> Vec<FormField> {
        let mut fields = self.judged.file.form();
        if !self.has_secret() {
            for field in &mut fields {
                if field.holds == Holds::ClientSecret {
                    field.leave();
                }
            }
        }
        fields
    }

    /// Whether a secret is handed off too; else the page keeps the one that it has.
    pub fn has_secret(&self) -> bool {
        let mut steps = self.file.plan.steps.iter();
        !steps.any(|step| {
            matches!(
                step.action,
                Action::HandOff {
                    with_secret: false,
                    ..
                }
            )
        })
    }

    /// What a field is filled with; the secret while this process holds it.
    ///
    /// # Errors
    /// Why there is nothing to fill in.
    pub fn text(&self, field: &FormField) -> Result<SecretString, &'static str> {
        if field.holds == Holds::ClientSecret {
            let secret = self.judged.file.secret.as_ref();
            return secret.map(|secret| secret.value.clone()).ok_or(SHOWN_ONCE);
        }
        field.value.clone().map(SecretString::from)
    }

    /// When a field was copied in a handoff before this one, and whether what was copied then is still right.
    pub fn earlier(&self, field: &FormField) -> Option<(Timestamp, bool)> {
        let mark = self.before.iter().find(|mark| mark.field == field.key)?;
        let right = match (&field.value, &self.judged.file.secret) {
            (Ok(value), _) => *value == mark.what,
            (Err(_), Some(secret)) => secret.key_id.to_string() == mark.what,
            (Err(_), None) => false,
        };
        Some((mark.at, right))
    }

    /// Whether the run is over.
    pub fn is_over(&self) -> bool {
        let progress = self.progress.as_ref();
        progress.is_some_and(|progress| progress.end.is_some())
    }
}
