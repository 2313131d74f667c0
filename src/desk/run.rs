//! Carrying out a plan: step by step, each announced in the journal before it is sent and closed after it was answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::bulk::Pace;
use super::event::{DeskEvent, RunEnd, RunEvent, Trouble};
use super::file::{DeviceFile, PlanFile, Scope};
use super::steps::Work;
use super::{Desk, Inner, guard, owner};
use crate::registration::fleet::Fqdn;
use crate::registration::plan::{Action, Plan};
use crate::store::{NewRun, Phase, RunId, RunOutcome, RunSummary};

/// How often a run under way gives a sign of life.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The strings on a run that is under way.
#[derive(Debug, Clone)]
pub(super) struct RunControl {
    /// The device whose registration it changes.
    pub device: Fqdn,
    /// Ends it between two steps.
    pub stop: CancellationToken,
    /// The process is about to end: what only it knows is lost with it.
    pub leaving: Arc<AtomicBool>,
    /// The operator has applied the values of a handoff.
    pub applied: Arc<Notify>,
}

/// How a run ended, with the failure if there was one.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// How it ended.
    pub end: RunEnd,
    /// What failed, and what to do; `None` where nothing did, or the operator stopped it.
    pub trouble: Option<Trouble>,
}

/// Why a step did not end well.
pub(super) enum StepEnd {
    /// A request was refused, or its outcome is not known: what, why, and what to do.
    Failed(Trouble),
    /// The operator stopped the run while it waited.
    Stopped,
    /// What was done or is to be done could not be written down: the run stays open, to be taken up.
    Unwritten(Trouble),
}

impl From<Trouble> for StepEnd {
    fn from(trouble: Trouble) -> StepEnd {
        StepEnd::Failed(trouble)
    }
}

impl From<crate::store::StoreError> for StepEnd {
    fn from(error: crate::store::StoreError) -> StepEnd {
        StepEnd::Unwritten(error.into())
    }
}

/// A run that was opened in the journal and waits to be carried out.
pub struct OpenRun {
    run: RunId,
    plan: Plan,
    file: DeviceFile,
    control: RunControl,
}

impl OpenRun {
    /// The run.
    pub fn id(&self) -> RunId {
        self.run
    }
}

impl Desk {
    /// Opens a run in the journal. Only one at a time may work on a registration, across processes.
    ///
    /// # Errors
    /// [`Trouble`], when nothing may be changed there, somebody else is at work on this device or was since the plan was
    /// made, or the journal can't be written: then nothing is done.
    pub fn open_run(&self, file: &PlanFile) -> Result<OpenRun, Trouble> {
        let plan = file.plan.clone();
        self.may_change(plan.tenant)?;
        let run = RunId::new();
        let document = serde_json::to_value(&plan).unwrap_or(Value::Null);
        let operator = &self.inner.site.operator;
        let new = NewRun {
            id: run,
            device: plan.device.clone(),
            sharing: self
                .inner
                .store
                .registration_facts(&plan.device)?
                .shared_with,
            tenant: plan.tenant,
            intent: plan.intent.word().to_string(),
            plan: document,
            owner: owner::of_this_process(operator),
            at: Timestamp::now(),
        };
        let is_gone = |open: &RunSummary| owner::is_gone(&open.owner, operator);
        self.inner.store.begin_run(&new, file.seen, is_gone)?;
        let prepared = self
            .inner
            .remember_choice(&plan)
            .and_then(|()| self.inner.file(&plan.device));
        let file = prepared.inspect_err(|why| {
            // Nothing was done yet, and nobody is to wait for this run.
            let note = format!("{}: {}", why.what, why.why);
            let now = Timestamp::now();
            let store = &self.inner.store;
            if let Err(error) = store.close_run(run, RunOutcome::Failed, &note, now) {
                tracing::error!(%run, %error, "the run that did not start could not be closed in the journal");
            }
        })?;
        let control = RunControl {
            device: plan.device.clone(),
            stop: CancellationToken::new(),
            leaving: Arc::default(),
            applied: Arc::new(Notify::new()),
        };
        guard(&self.inner.runs).insert(run, control.clone());
        Ok(OpenRun {
            run,
            plan,
            file,
            control,
        })
    }

    /// Carries an open run out, then reads the device anew. Never ends early because nobody watches: spawn it.
    pub async fn carry_out(&self, open: OpenRun) -> RunReport {
        let OpenRun {
            run,
            plan,
            file,
            control,
        } = open;
        let device = plan.device.clone();
        let outcome = self.inner.steps(run, &plan, file, &control).await;
        let close = |outcome: RunOutcome, note: &str| {
            let closed = self
                .inner
                .store
                .close_run(run, outcome, note, Timestamp::now());
            closed.map_err(Trouble::from)
        };
        let (end, closed_as, trouble) = match outcome {
            Ok(()) => match close(RunOutcome::Done, "") {
                Ok(()) => (RunEnd::Done, RunOutcome::Done, None),
                Err(why) => {
                    let why = unfinished(run, why);
                    self.inner.tell(DeskEvent::Run {
                        run,
                        device: device.clone(),
                        event: RunEvent::Failed {
                            step: plan.steps.len().saturating_sub(1),
                            why: why.clone(),
                        },
                    });
                    (RunEnd::Failed, RunOutcome::Failed, Some(why))
                }
            },
            // The value of its secret is lost with this process: it stays open, so that it is offered to be taken up.
            Err(StepEnd::Stopped) if self.leaves_a_secret(&plan, &control) => {
                (RunEnd::Stopped, RunOutcome::Stopped, None)
            }
            Err(StepEnd::Stopped) => {
                let trouble = close(RunOutcome::Stopped, "").err();
                let trouble = trouble.map(|why| unfinished(run, why));
                (RunEnd::Stopped, RunOutcome::Stopped, trouble)
            }
            Err(StepEnd::Failed(why)) => {
                let note = format!("{}: {}", why.what, why.why);
                if let Err(error) = close(RunOutcome::Failed, &note) {
                    tracing::error!(%run, why = error.why, "the run could not be closed in the journal");
                }
                (RunEnd::Failed, RunOutcome::Failed, Some(why))
            }
            Err(StepEnd::Unwritten(why)) => (
                RunEnd::Failed,
                RunOutcome::Failed,
                Some(unfinished(run, why)),
            ),
        };
        let anchor = self.inner.anchor(run, &device, closed_as.word());
        self.inner.tell(DeskEvent::Run {
            run,
            device: device.clone(),
            event: RunEvent::Anchored(anchor),
        });
        guard(&self.inner.runs).remove(&run);
        self.inner.run_ended.notify_one();
        // What the run changed is read before it is called over, so that the result shows it.
        self.refresh(Scope::Device(device.clone())).await;
        self.inner.tell_whether_its_secret_waits(&device);
        self.inner.tell(DeskEvent::Run {
            run,
            device,
            event: RunEvent::Ended(end),
        });
        RunReport { end, trouble }
    }

    /// Whether this process ends with a secret in hand that the run was to bring to a portal.
    fn leaves_a_secret(&self, plan: &Plan, control: &RunControl) -> bool {
        let mut steps = plan.steps.iter();
        let adds = steps.any(|step| matches!(step.action, Action::AddSecret { .. }));
        let held = guard(&self.inner.secrets).contains_key(&plan.device);
        control.leaving.load(Ordering::Relaxed) && adds && held
    }

    /// Stops a run after the step under way.
    pub fn stop_run(&self, run: RunId) {
        if let Some(control) = guard(&self.inner.runs).get(&run) {
            control.stop.cancel();
        }
    }

    /// The operator says that the values of a handoff are applied.
    pub fn applied(&self, run: RunId) {
        if let Some(control) = guard(&self.inner.runs).get(&run) {
            control.applied.notify_one();
        }
    }

    /// Stops every run after its step under way, and waits for that, at most `patience`; the journal has the rest.
    pub async fn stop_all(&self, patience: Duration) {
        self.pace_bulk(Pace::Halted);
        for control in guard(&self.inner.runs).values() {
            control.leaving.store(true, Ordering::Relaxed);
            control.stop.cancel();
        }
        let all_ended = async {
            while !guard(&self.inner.runs).is_empty() {
                self.inner.run_ended.notified().await;
            }
        };
        let _ = tokio::time::timeout(patience, all_ended).await;
    }
}

/// What the journal says of a step that did not end well.
fn ended(work: &Work<'_>) -> Phase {
    match work.lost {
        true => Phase::Unknown,
        false => Phase::Failed,
    }
}

/// The journal has a run as open that nobody works on any more.
fn unfinished(run: RunId, why: Trouble) -> Trouble {
    let next = why.next.trim_end_matches('.');
    let next = format!(
        "{next}; then resume the run: umpdeck runs resume {}.",
        run.short()
    );
    Trouble::new("the journal of the run could not be written", why.why, next)
}

impl Inner {
    async fn steps(
        self: &Arc<Self>,
        run: RunId,
        plan: &Plan,
        file: DeviceFile,
        control: &RunControl,
    ) -> Result<(), StepEnd> {
        let mut work = Work::new(self.clone(), run, plan, file, control.clone());
        let tell = |event| {
            self.tell(DeskEvent::Run {
                run,
                device: plan.device.clone(),
                event,
            })
        };
        for (at, step) in plan.steps.iter().enumerate() {
            if control.stop.is_cancelled() {
                return Err(StepEnd::Stopped);
            }
            let began = Timestamp::now();
            let about = json!({"action": step.action.title()});
            let place = at as u32;
            if let Err(error) = self.store.journal(run, place, Phase::About, &about, began) {
                let why = Trouble::from(error);
                tell(RunEvent::Failed {
                    step: at,
                    why: why.clone(),
                });
                return Err(StepEnd::Unwritten(why));
            }
            tell(RunEvent::Started {
                step: at,
                at: began,
            });
            let outcome = self.alive(run, work.step(at, &step.action)).await;
            let now = Timestamp::now();
            match outcome {
                Ok(done) => {
                    self.store
                        .journal(run, place, Phase::Done, &done.detail, now)?;
                    let took = now.duration_since(began);
                    tell(RunEvent::Done {
                        step: at,
                        outcome: done.words,
                        took,
                    });
                }
                Err(StepEnd::Unwritten(why)) => {
                    tell(RunEvent::Failed {
                        step: at,
                        why: why.clone(),
                    });
                    return Err(StepEnd::Unwritten(why));
                }
                Err(StepEnd::Stopped) => {
                    let detail = json!({"stopped": true});
                    self.store.journal(run, place, ended(&work), &detail, now)?;
                    return Err(StepEnd::Stopped);
                }
                Err(StepEnd::Failed(why)) => {
                    let detail = json!({"what": why.what, "why": why.why});
                    let kept = self.store.journal(run, place, ended(&work), &detail, now);
                    tell(RunEvent::Failed {
                        step: at,
                        why: why.clone(),
                    });
                    kept?;
                    return Err(StepEnd::Failed(why));
                }
            }
        }
        Ok(())
    }

    /// Gives signs of life for a run while a step of it takes its time.
    async fn alive<T>(&self, run: RunId, step: impl Future<Output = T>) -> T {
        let mut sign = tokio::time::interval(SIGN_OF_LIFE);
        tokio::pin!(step);
        loop {
            tokio::select! {
                biased;
                ended = &mut step => return ended,
                _ = sign.tick() => {
                    // If another process took over, the journal refuses the next step; this one must end first.
                    if let Err(error) = self.store.heartbeat(run, Timestamp::now()) {
                        tracing::warn!(%run, %error, "the run's sign of life could not be written");
                    }
                }
            }
        }
    }
}
