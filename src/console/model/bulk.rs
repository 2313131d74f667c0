//! Many devices at once: their combined plan, and how far the bulk run of this console is.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::list::ListState;
use super::run::UnderWay;
use crate::desk::bulk::{BulkIntent, BulkPlan, Pace, Totals};
use crate::desk::event::{BulkOutcome, RunId, Trouble};
use crate::registration::fleet::Fqdn;

/// The combined plan for many devices, before anything is done.
#[derive(Debug)]
pub struct BulkPlanScreen {
    /// The plan; shared, since it may be of thousands of devices.
    pub plan: Arc<BulkPlan>,
    /// What it comes to.
    pub totals: Totals,
    /// The cursor among the devices.
    pub list: ListState,
    /// The bulk run has been asked for.
    pub applying: bool,
}

/// How far a device of a bulk run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkState {
    /// Its turn has not come.
    Waiting,
    /// It is its turn: the step under way, in words.
    UnderWay(String),
    /// Done; in words, where there is more to say.
    Done(Option<String>),
    /// It failed.
    Failed(Trouble),
    /// Stopped between two steps.
    Stopped,
    /// Its turn did not come before the stop.
    NotBegun,
}

impl BulkState {
    /// The order on screen: what goes on, what failed, what is left, what is done.
    fn rank(&self) -> usize {
        match self {
            BulkState::UnderWay(_) => 0,
            BulkState::Failed(_) => 1,
            BulkState::Stopped => 2,
            BulkState::NotBegun => 3,
            BulkState::Waiting => 4,
            BulkState::Done(_) => 5,
        }
    }

    /// It is not done, and will not be by itself.
    pub fn is_left(&self) -> bool {
        matches!(
            self,
            BulkState::Failed(_) | BulkState::Stopped | BulkState::NotBegun
        )
    }
}

/// A device of a bulk run.
#[derive(Debug, Clone)]
pub struct BulkLine {
    /// The device.
    pub device: Fqdn,
    /// How far it is.
    pub state: BulkState,
    /// The titles of the steps of its run.
    steps: Vec<String>,
}

/// How many devices of a bulk run are how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BulkCounts {
    /// In all.
    pub all: usize,
    /// Under way.
    pub under_way: usize,
    /// Failed.
    pub failed: usize,
    /// Stopped between two steps.
    pub stopped: usize,
    /// Not begun before the stop.
    pub not_begun: usize,
    /// Their turn will come.
    pub waiting: usize,
    /// Done.
    pub done: usize,
}

/// The bulk run of this console, under way or over.
#[derive(Debug)]
pub struct BulkProgress {
    /// What for.
    pub intent: BulkIntent,
    /// How it goes on.
    pub pace: Pace,
    /// Nothing more will happen.
    pub over: bool,
    /// The cursor among the devices as they are shown.
    pub list: ListState,
    lines: Vec<BulkLine>,
    places: HashMap<Fqdn, usize>,
    runs: HashMap<RunId, usize>,
    counts: [usize; 6],
    /// The places of the lines in the order on screen.
    order: Vec<usize>,
}

impl BulkProgress {
    /// All its devices, in no order.
    pub fn devices(&self) -> impl Iterator<Item = &Fqdn> {
        self.lines.iter().map(|line| &line.device)
    }

    /// A bulk run that begins.
    pub fn of(plan: &BulkPlan) -> BulkProgress {
        let lines: Vec<BulkLine> = plan
            .ready()
            .map(|item| BulkLine {
                device: item.device.clone(),
                state: BulkState::Waiting,
                steps: vec![],
            })
            .collect();
        let names = lines.iter().enumerate();
        let mut counts = [0; 6];
        counts[BulkState::Waiting.rank()] = lines.len();
        BulkProgress {
            intent: plan.intent,
            pace: Pace::Going,
            over: false,
            list: ListState::default(),
            places: names.map(|(at, line)| (line.device.clone(), at)).collect(),
            runs: HashMap::new(),
            counts,
            order: (0..lines.len()).collect(),
            lines,
        }
    }

    /// How many lines it has.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// A line by its place on screen.
    pub fn line(&self, at: usize) -> Option<&BulkLine> {
        self.order.get(at).map(|place| &self.lines[*place])
    }

    /// The line under the cursor.
    pub fn here(&self) -> Option<&BulkLine> {
        self.line(self.list.cursor)
    }

    /// How many are how far.
    pub fn counts(&self) -> BulkCounts {
        let [under_way, failed, stopped, not_begun, waiting, done] = self.counts;
        BulkCounts {
            all: self.lines.len(),
            under_way,
            failed,
            stopped,
            not_begun,
            waiting,
            done,
        }
    }

    /// A device's turn has come, and it is not done with.
    pub fn works_on(&self, device: &Fqdn) -> bool {
        let state = self.places.get(device).map(|at| &self.lines[*at].state);
        matches!(state, Some(BulkState::UnderWay(_)))
    }

    /// What is being done with a device whose turn it is.
    pub fn under_way(&self, device: &Fqdn) -> Option<UnderWay> {
        match &self.lines[*self.places.get(device)?].state {
            BulkState::UnderWay(step) => Some(UnderWay {
                what: self.intent.word(),
                step: step.clone(),
            }),
            _ => None,
        }
    }

    /// The devices that failed, were stopped or did not begin, in the order of the plan.
    pub fn left(&self) -> Vec<Fqdn> {
        let left = self.lines.iter().filter(|line| line.state.is_left());
        left.map(|line| line.device.clone()).collect()
    }

    /// It is a device's turn.
    pub fn began(&mut self, device: &Fqdn) {
        self.set(device, BulkState::UnderWay("reading".to_string()));
    }

    /// A run of it begins.
    pub fn run(&mut self, device: &Fqdn, run: RunId, steps: Vec<String>) {
        if let Some(at) = self.places.get(device) {
            self.runs.insert(run, *at);
            self.lines[*at].steps = steps;
        }
    }

    /// Whether a run is one of it.
    pub fn has(&self, run: RunId) -> bool {
        self.runs.contains_key(&run)
    }

    /// A step of one of its runs is under way, or waits for something.
    pub fn step(&mut self, run: RunId, step: usize, waits_for: Option<&str>) {
        let Some(at) = self.runs.get(&run).copied() else {
            return;
        };
        let steps = &self.lines[at].steps;
        let title = steps.get(step).map_or("", String::as_str);
        let words = match waits_for {
            Some(what) => format!("step {} of {}: waiting for {what}", step + 1, steps.len()),
            None => format!("step {} of {}: {title}", step + 1, steps.len()),
        };
        let device = self.lines[at].device.clone();
        self.set(&device, BulkState::UnderWay(words));
    }

    /// A device is done with.
    pub fn ended(&mut self, device: &Fqdn, outcome: BulkOutcome) {
        let state = match outcome {
            BulkOutcome::NotBegun => BulkState::NotBegun,
            BulkOutcome::Done(words) => BulkState::Done(words),
            BulkOutcome::Failed(trouble) => BulkState::Failed(trouble),
            BulkOutcome::Stopped => BulkState::Stopped,
        };
        self.set(device, state);
    }

    /// Nothing more will happen: whose turn did not come is said not to have begun.
    pub fn end(&mut self) {
        self.over = true;
        for line in &mut self.lines {
            if line.state == BulkState::Waiting {
                line.state = BulkState::NotBegun;
            }
        }
        self.counts[BulkState::NotBegun.rank()] += self.counts[BulkState::Waiting.rank()];
        self.counts[BulkState::Waiting.rank()] = 0;
        self.arrange();
    }

    fn set(&mut self, device: &Fqdn, state: BulkState) {
        let Some(line) = self.places.get(device).map(|at| &mut self.lines[*at]) else {
            return;
        };
        let (before, after) = (line.state.rank(), state.rank());
        line.state = state;
        if before != after {
            self.counts[before] -= 1;
            self.counts[after] += 1;
            self.arrange();
        }
    }

    /// The cursor stays where it is on screen: at the top, what goes on is seen without a key.
    fn arrange(&mut self) {
        let lines = &self.lines;
        self.order
            .sort_unstable_by_key(|place| (lines[*place].state.rank(), *place));
    }
}
