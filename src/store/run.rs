//! A run and its journal, as words of the store.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::registration::fleet::Fqdn;

/// How old the last sign of life of an open run may be before others may take its registration over.
const HEARTBEAT_LIMIT: SignedDuration = SignedDuration::from_secs(60);

/// A run's identity: a version 7 UUID, so that runs sort by their beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub(super) Uuid);

impl RunId {
    /// A new one, by this machine's clock and random numbers.
    pub fn new() -> RunId {
        RunId(Uuid::now_v7())
    }

    /// Six lower-case characters of its random part: what operators say, and what a secret's name bears.
    pub fn short(&self) -> String {
        let all = self.0.simple().to_string();
        all.get(26..).unwrap_or(&all).to_string()
    }
}

impl Default for RunId {
    fn default() -> Self {
        RunId::new()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no run's identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a run's ID is a UUID, as `umpdeck runs` lists it")]
pub struct UnknownRunId;

impl FromStr for RunId {
    type Err = UnknownRunId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(RunId).map_err(|_| UnknownRunId)
    }
}

/// A run that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its identity.
    pub id: RunId,
    /// The device whose registration it changes.
    pub device: Fqdn,
    /// The other devices that share this registration: while somebody works on one of them, this run can't begin.
    pub sharing: Vec<Fqdn>,
    /// The device's tenant.
    pub tenant: Uuid,
    /// What it is for, in one word.
    pub intent: String,
    /// The plan, as it was shown; never a secret's value.
    pub plan: Value,
    /// Who runs it: OS user, host, process.
    pub owner: String,
    /// When it begins; also its first sign of life.
    pub at: Timestamp,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// Every step was done.
    Done,
    /// A step failed.
    Failed,
    /// The operator stopped it.
    Stopped,
    /// It gave no sign of life, and another run took its registration over.
    Abandoned,
}

impl RunOutcome {
    /// The word on screen and in the store.
    pub fn word(self) -> &'static str {
        match self {
            RunOutcome::Done => "done",
            RunOutcome::Failed => "failed",
            RunOutcome::Stopped => "stopped",
            RunOutcome::Abandoned => "abandoned",
        }
    }
}

impl FromStr for RunOutcome {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "done" => RunOutcome::Done,
            "failed" => RunOutcome::Failed,
            "stopped" => RunOutcome::Stopped,
            "abandoned" => RunOutcome::Abandoned,
            _ => return Err("no outcome of a run"),
        })
    }
}

/// Where a step of a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// About to be done: written before the request leaves.
    About,
    /// Done, and the answer says so.
    Done,
    /// Refused.
    Failed,
    /// The answer was lost: it may have been done.
    Unknown,
}

impl Phase {
    pub(super) fn word(self) -> &'static str {
        match self {
            Phase::About => "about",
            Phase::Done => "done",
            Phase::Failed => "failed",
            Phase::Unknown => "unknown",
        }
    }
}

impl FromStr for Phase {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "about" => Phase::About,
            "done" => Phase::Done,
            "failed" => Phase::Failed,
            "unknown" => Phase::Unknown,
            _ => return Err("no phase of a step"),
        })
    }
}

/// A run at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// Its identity.
    pub id: RunId,
    /// The device whose registration it changes.
    pub device: Fqdn,
    /// The directory ID of the device's tenant.
    pub tenant: Uuid,
    /// What it was for, in one word.
    pub intent: String,
    /// The plan, as it was shown.
    pub plan: Value,
    /// Who ran it: OS user, host, process.
    pub owner: String,
    /// When it began.
    pub began: Timestamp,
    /// Its last sign of life.
    pub heartbeat: Timestamp,
    /// How it ended; `None` = it is open.
    pub outcome: Option<RunOutcome>,
    /// What was noted when it was closed.
    pub note: String,
    /// When it was closed.
    pub ended: Option<Timestamp>,
}

impl RunSummary {
    /// What it was for in the end, in one word: that of the run which it took up, where it took one up.
    pub fn purpose(&self) -> &str {
        let intent = self.plan.pointer("/intent/purpose/intent");
        intent.and_then(Value::as_str).unwrap_or(&self.intent)
    }

    /// Whether somebody works on it: it is open and its last sign of life is younger than a minute.
    /// An open run without one is unfinished.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        // A sign of life from far ahead is one from before the clock was set back.
        self.outcome.is_none() && now.duration_since(self.heartbeat).abs() < HEARTBEAT_LIMIT
    }
}

/// One line of a run's journal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JournalEntry {
    /// The step, by its place in the plan, counted from 0.
    pub step: u32,
    /// Where it stood.
    pub phase: Phase,
    /// What belongs to it: object IDs, key IDs, hints, the failure's words; never a secret's value.
    pub detail: Value,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_are_six_lower_case_characters_and_differ_between_runs_of_the_same_moment() {
        let (one, other) = (RunId::new(), RunId::new());
        for id in [one, other] {
            let short = id.short();
            assert_eq!(short.len(), 6);
            assert!(
                short
                    .chars()
                    .all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
            );
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_ne!(one.short(), other.short());
        assert!(one < other, "runs sort by their beginning");
    }
}
