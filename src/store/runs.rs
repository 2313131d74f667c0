//! The journal of runs: who works on which registration, and how far each run came.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use super::columns::{fqdn, limit, milliseconds, parsed, parsed_or_nothing, timestamp};
use super::columns::{timestamp_or_nothing, unreadable, uuid};
use super::documents::document;
use super::run::{JournalEntry, NewRun, Phase, RunId, RunOutcome, RunSummary};
use super::{Rejected, Store, StoreError};
use crate::registration::fleet::Fqdn;

const RUN: &str = "SELECT * FROM run";

impl Store {
    /// Opens a run. An open run of the same device whose last sign of life is too old is closed as abandoned, with
    /// a note that names this one; so is one of which `is_gone` says that its owner's process is known to be gone.
    /// `seen` is what [`Store::runs_seen`] said when what the run builds on was read; `None` = it builds on nothing.
    ///
    /// # Errors
    /// [`StoreError::RunInProgress`] while somebody works on this registration, [`StoreError::Overtaken`] when
    /// somebody has since.
    pub fn begin_run(
        &self,
        run: &NewRun,
        seen: Option<RunsSeen>,
        is_gone: impl Fn(&RunSummary) -> bool,
    ) -> Result<(), StoreError> {
        let plan = document("a plan", &run.plan)?;
        self.write(|transaction| -> Result<(), Rejected> {
            let overtaken = match seen {
                Some(seen) => runs_seen(transaction, &run.device)? != seen,
                None => false,
            };
            let at_work = |open: &RunSummary| open.is_alive(run.at) && !is_gone(open);
            // One that died on a device that shares the registration is that device's to take up.
            for other in &run.sharing {
                if let Some(open) = open_run(transaction, other)?.filter(at_work) {
                    return Err(in_progress(open));
                }
            }
            if let Some(open) = open_run(transaction, &run.device)? {
                if at_work(&open) {
                    return Err(in_progress(open));
                }
                let note = format!(
                    "no sign of life since {}; run {} by {} took over",
                    open.heartbeat,
                    run.id.short(),
                    run.owner
                );
                close(transaction, open.id, RunOutcome::Abandoned, &note, run.at)?;
            }
            if overtaken {
                let owner = transaction
                    .prepare_cached(
                        "SELECT owner FROM run WHERE device = ?1 ORDER BY rowid DESC LIMIT 1",
                    )?
                    .query_row([run.device.as_str()], |row| row.get(0))?;
                return Err(Rejected::Store(StoreError::Overtaken {
                    device: run.device.clone(),
                    owner,
                }));
            }
            let at = milliseconds(run.at);
            transaction
                .prepare_cached(
                    "INSERT INTO run (id, device, tenant, intent, plan, owner, began, heartbeat)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                )?
                .execute(params![
                    run.id.to_string(),
                    run.device.as_str(),
                    run.tenant.to_string(),
                    run.intent,
                    plan,
                    run.owner,
                    at
                ])?;
            Ok(())
        })
    }

    /// How far the runs of a device are: it differs as soon as one of them begins, goes on or ends.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn runs_seen(&self, device: &Fqdn) -> Result<RunsSeen, StoreError> {
        self.read(|connection| runs_seen(connection, device))
    }

    /// Gives a sign of life.
    ///
    /// # Errors
    /// [`StoreError::RunClosed`] when the run was closed meanwhile, by another process that took over for example:
    /// stop at once. [`StoreError::NoSuchRun`].
    pub fn heartbeat(&self, id: RunId, at: Timestamp) -> Result<(), StoreError> {
        self.write(|transaction| -> Result<(), Rejected> {
            beat(transaction, id, at)?;
            require_open(transaction, id)
        })
    }

    /// Writes a line of a run's journal, which is on disk when this returns, and gives a sign of life.
    ///
    /// # Errors
    /// [`StoreError::RunClosed`] when the run was closed meanwhile: stop at once. A line that announces something
    /// ([`Phase::About`]) is not written then, so it must not be done; what was done already is written all the same.
    /// [`StoreError::NoSuchRun`].
    pub fn journal(
        &self,
        id: RunId,
        step: u32,
        phase: Phase,
        detail: &Value,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let detail = document("a line of the journal", detail)?;
        let state = self.write(|transaction| -> Result<_, Rejected> {
            let state = run_state(transaction, id)?;
            if matches!(&state, RunState::Open) || phase != Phase::About {
                transaction
                    .prepare_cached(
                        "INSERT INTO journal (run, step, phase, detail, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![id.to_string(), step, phase.word(), detail, milliseconds(at)])?;
                beat(transaction, id, at)?;
            }
            Ok(state)
        })?;
        state.open(id)
    }

    /// Closes a run.
    ///
    /// # Errors
    /// [`StoreError::RunClosed`] when it was closed before; it keeps its first outcome. [`StoreError::NoSuchRun`].
    pub fn close_run(
        &self,
        id: RunId,
        outcome: RunOutcome,
        note: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|transaction| -> Result<(), Rejected> {
            require_open(transaction, id)?;
            close(transaction, id, outcome, note, at)?;
            Ok(())
        })
    }

    /// All open runs, oldest first; [`RunSummary::is_alive`] tells who is at work from what was left unfinished.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn open_runs(&self) -> Result<Vec<RunSummary>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("{RUN} WHERE outcome IS NULL ORDER BY began, id"))?
                .query_map([], read_run)?
                .collect()
        })
    }

    /// The newest runs, newest first, of one device or of all, at most `rows` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn runs(&self, device: Option<&Fqdn>, rows: usize) -> Result<Vec<RunSummary>, StoreError> {
        const NEWEST: &str = "ORDER BY began DESC, id DESC LIMIT";
        self.read(|connection| match device {
            Some(device) => connection
                .prepare_cached(&format!("{RUN} WHERE device = ?1 {NEWEST} ?2"))?
                .query_map(params![device.as_str(), limit(rows)], read_run)?
                .collect(),
            None => connection
                .prepare_cached(&format!("{RUN} {NEWEST} ?1"))?
                .query_map([limit(rows)], read_run)?
                .collect(),
        })
    }

    /// The newest run of a device with this short ID; `None` = this journal has none.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn run_of_device(
        &self,
        device: &Fqdn,
        short: &str,
    ) -> Result<Option<RunSummary>, StoreError> {
        // Of one device, since each secret of each device asks at each reading: its index finds that device's few.
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "{RUN} WHERE device = ?1 AND substr(id, -6) = ?2 ORDER BY began DESC LIMIT 1"
                ))?
                .query_row([device.as_str(), short], read_run)
                .optional()
        })
    }

    /// All runs with this short ID, newest first: among thousands it may be several runs'.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn runs_of_short(&self, short: &str) -> Result<Vec<RunSummary>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "{RUN} WHERE substr(id, -6) = ?1 ORDER BY began DESC, id DESC"
                ))?
                .query_map([short], read_run)?
                .collect()
        })
    }

    /// One run.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`].
    pub fn run(&self, id: RunId) -> Result<RunSummary, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("{RUN} WHERE id = ?1"))?
                .query_row([id.to_string()], read_run)
                .optional()
        })?
        .ok_or(StoreError::NoSuchRun { run: id })
    }

    /// A run's journal, in the order it was written; empty for a run that isn't there.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn run_journal(&self, id: RunId) -> Result<Vec<JournalEntry>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM journal WHERE run = ?1 ORDER BY seq")?
                .query_map([id.to_string()], |row| {
                    Ok(JournalEntry {
                        step: row.get("step")?,
                        phase: parsed(row, "phase")?,
                        detail: parsed(row, "detail")?,
                        at: timestamp(row, "at")?,
                    })
                })?
                .collect()
        })
    }
}

/// What [`Store::runs_seen`] says of a device. Whole counts, so that no clock can make them lie; the later the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct RunsSeen {
    begun: i64,
    ended: i64,
    /// Lines in the journal of the one that is open.
    lines: i64,
}

/// The open run of a device; there is never more than one.
fn open_run(connection: &Connection, device: &Fqdn) -> rusqlite::Result<Option<RunSummary>> {
    connection
        .prepare_cached(&format!("{RUN} WHERE device = ?1 AND outcome IS NULL"))?
        .query_row([device.as_str()], read_run)
        .optional()
}

fn in_progress(open: RunSummary) -> Rejected {
    Rejected::Store(StoreError::RunInProgress {
        device: open.device,
        owner: open.owner,
        since: open.began,
    })
}

fn runs_seen(connection: &Connection, device: &Fqdn) -> rusqlite::Result<RunsSeen> {
    connection
        .prepare_cached(
            "SELECT count(*), count(ended),
                 (SELECT count(*) FROM journal WHERE run = (SELECT id FROM run WHERE device = ?1 AND outcome IS NULL))
             FROM run WHERE device = ?1",
        )?
        .query_row([device.as_str()], |row| {
            Ok(RunsSeen {
                begun: row.get(0)?,
                ended: row.get(1)?,
                lines: row.get(2)?,
            })
        })
}

enum RunState {
    Open,
    Closed { outcome: RunOutcome, note: String },
}

impl RunState {
    fn open(self, run: RunId) -> Result<(), StoreError> {
        match self {
            RunState::Open => Ok(()),
            RunState::Closed { outcome, note } => Err(StoreError::RunClosed { run, outcome, note }),
        }
    }
}

fn require_open(connection: &Connection, id: RunId) -> Result<(), Rejected> {
    run_state(connection, id)?.open(id).map_err(Rejected::Store)
}

fn run_state(connection: &Connection, id: RunId) -> Result<RunState, Rejected> {
    let state = connection
        .prepare_cached("SELECT outcome, note FROM run WHERE id = ?1")?
        .query_row([id.to_string()], |row| {
            let outcome: Option<RunOutcome> = parsed_or_nothing(row, "outcome")?;
            let note = row.get("note")?;
            Ok(outcome.map_or(RunState::Open, |outcome| RunState::Closed { outcome, note }))
        })
        .optional()?;
    match state {
        Some(state) => Ok(state),
        None => Err(Rejected::Store(StoreError::NoSuchRun { run: id })),
    }
}

fn beat(transaction: &Transaction<'_>, id: RunId, at: Timestamp) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE run SET heartbeat = ?2 WHERE id = ?1 AND outcome IS NULL")?
        .execute(params![id.to_string(), milliseconds(at)])
        .map(drop)
}

fn close(
    transaction: &Transaction<'_>,
    id: RunId,
    outcome: RunOutcome,
    note: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE run SET outcome = ?2, note = ?3, ended = ?4 WHERE id = ?1 AND outcome IS NULL",
        )?
        .execute(params![
            id.to_string(),
            outcome.word(),
            note,
            milliseconds(at)
        ])
        .map(drop)
}

fn read_run(row: &Row<'_>) -> rusqlite::Result<RunSummary> {
    let plan: String = row.get("plan")?;
    Ok(RunSummary {
        id: RunId(uuid(row, "id")?),
        device: fqdn(row, "device")?,
        tenant: uuid(row, "tenant")?,
        intent: row.get("intent")?,
        plan: serde_json::from_str(&plan).map_err(|why| unreadable("plan", why))?,
        owner: row.get("owner")?,
        began: timestamp(row, "began")?,
        heartbeat: timestamp(row, "heartbeat")?,
        outcome: parsed_or_nothing(row, "outcome")?,
        note: row.get("note")?,
        ended: timestamp_or_nothing(row, "ended")?,
    })
}
