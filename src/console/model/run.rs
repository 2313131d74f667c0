//! A plan, the run that carries it out, and the portal's page that an operator fills in.

use jiff::{SignedDuration, Timestamp};

use super::super::list::ListState;
use super::Judged;
use crate::desk::event::{Anchor, RunEnd, RunId, Trouble};
use crate::desk::file::PlanFile;

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
}

/// How far a run is.
#[derive(Debug, Clone)]
pub struct RunProgress {
    /// The run.
    pub run: RunId,
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
    /// The field under the cursor: client ID, secret, redirect URI.
    pub field: usize,
    /// When each field was copied.
    pub copied: [Option<Timestamp>; 3],
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
