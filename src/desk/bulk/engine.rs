//! Carrying a combined plan out: a few devices at a time, paused, gone on with and stopped between two of them.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{BulkIntent, BulkItem, BulkPlan, Then, Work};
use crate::desk::event::{BulkEvent, BulkOutcome, DeskEvent, RunEnd, Trouble};
use crate::desk::file::PlanFile;
use crate::desk::run::RunReport;
use crate::desk::{Desk, guard};
use crate::registration::bulk::{Bounds, Queue, Waiting, does_the_same};
use crate::registration::fleet::Fqdn;
use crate::registration::plan::Intent;

/// How a bulk run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// The next device begins as soon as it may.
    Going,
    /// No device begins until it goes on; those under way come to their end.
    Paused,
    /// No device begins any more; those under way come to their end, so that no secret is left half way.
    Stopping,
    /// Those under way stop too, each after the step under way.
    Halted,
}

/// A combined plan that waits to be carried out.
pub struct OpenBulk {
    plan: BulkPlan,
    bounds: Bounds,
    pace: watch::Receiver<Pace>,
}

/// What came of a combined plan: its ready devices in their order, each with its outcome.
#[derive(Debug, Clone)]
pub struct BulkReport {
    /// The devices.
    pub outcomes: Vec<(Fqdn, BulkOutcome)>,
}

impl Desk {
    /// Opens a bulk run. This process carries out one at a time.
    ///
    /// # Errors
    /// [`Trouble`], when one is under way.
    pub fn open_bulk(&self, plan: BulkPlan, bounds: Bounds) -> Result<OpenBulk, Trouble> {
        let mut slot = guard(&self.inner.bulk);
        if slot.as_ref().is_some_and(|pace| !pace.is_closed()) {
            return Err(Trouble::new(
                "the bulk run did not begin",
                "another one is under way",
                "Wait for its end, or stop it.",
            ));
        }
        let (sender, pace) = watch::channel(Pace::Going);
        *slot = Some(sender);
        Ok(OpenBulk { plan, bounds, pace })
    }

    /// Pauses the bulk run under way, goes on with it, or stops it. A stop is not taken back.
    pub fn pace_bulk(&self, pace: Pace) {
        if let Some(sender) = guard(&self.inner.bulk).as_ref() {
            sender.send_if_modified(|now| {
                let taken = *now < Pace::Stopping || pace > *now;
                if taken {
                    *now = pace;
                }
                taken
            });
        }
    }

    /// Carries a bulk run out. Never ends early because nobody watches: spawn it.
    pub async fn carry_out_bulk(&self, open: OpenBulk) -> BulkReport {
        let OpenBulk {
            plan,
            bounds,
            mut pace,
        } = open;
        let ready: Vec<BulkItem> = plan.ready().cloned().collect();
        let order = ready.iter().enumerate().map(|(place, item)| Waiting {
            place,
            tenant: item.tenant,
            lane: item.lane,
        });
        let mut queue = Queue::new(order, bounds);
        let mut outcomes = vec![BulkOutcome::NotBegun; ready.len()];
        let mut tasks: JoinSet<BulkOutcome> = JoinSet::new();
        let mut places: HashMap<tokio::task::Id, usize> = HashMap::new();
        loop {
            let now = *pace.borrow_and_update();
            while now == Pace::Going
                && let Some(place) = queue.begin_next()
            {
                let (desk, item, intent) = (self.clone(), ready[place].clone(), plan.intent);
                let pace = pace.clone();
                self.tell_bulk(BulkEvent::Began(item.device.clone()));
                let task = tasks.spawn(async move { desk.one_of_many(item, intent, pace).await });
                places.insert(task.id(), place);
            }
            if queue.is_idle() && (now >= Pace::Stopping || queue.not_begun().next().is_none()) {
                break;
            }
            tokio::select! {
                Some(ended) = tasks.join_next_with_id(), if !tasks.is_empty() => {
                    let (id, outcome) = ended.unwrap_or_else(|error| {
                        let why = "umpdeck has a defect";
                        let next = "See the log file and report it; `umpdeck runs` lists the runs that were interrupted.";
                        tracing::error!(%error, "a device of a bulk run did not finish");
                        (error.id(), BulkOutcome::Failed(Trouble::new("the run did not finish", why, next)))
                    });
                    if let Some(place) = places.remove(&id) {
                        queue.ended(place);
                        let device = ready[place].device.clone();
                        self.tell_bulk(BulkEvent::Ended(device, outcome.clone()));
                        outcomes[place] = outcome;
                    }
                }
                // The desk holds the other end for as long as this runs.
                _ = pace.changed() => {}
            }
        }
        // The next one may begin as soon as this one is said to be over.
        drop(pace);
        self.tell_bulk(BulkEvent::Over);
        let devices = ready.into_iter().map(|item| item.device);
        BulkReport {
            outcomes: devices.zip(outcomes).collect(),
        }
    }

    async fn one_of_many(
        &self,
        item: BulkItem,
        intent: BulkIntent,
        pace: watch::Receiver<Pace>,
    ) -> BulkOutcome {
        let (plan, then) = match self.at_its_turn(&item, intent).await {
            Ok(ready) => ready,
            Err(outcome) => return outcome,
        };
        let report = match self.run_of_many(&plan, pace.clone()).await {
            Ok(report) => report,
            Err(trouble) => return BulkOutcome::Failed(trouble),
        };
        let ended = outcome(report);
        if !matches!(ended, BulkOutcome::Done(_)) {
            return ended;
        }
        match then {
            Then::Nothing => ended,
            Then::ByHand => {
                let words = "registered; its portal's page is filled in by hand";
                BulkOutcome::Done(Some(words.to_string()))
            }
            Then::Push => match self.push_of_many(&item.device, pace).await {
                Ok(outcome) => outcome,
                Err(trouble) => BulkOutcome::Failed(trouble),
            },
        }
    }

    /// The plan at a device's turn, on the newest facts. It must do what was shown; only a device whose registration
    /// has just been changed for another one is read and planned anew.
    async fn at_its_turn(
        &self,
        item: &BulkItem,
        intent: BulkIntent,
    ) -> Result<(PlanFile, Then), BulkOutcome> {
        let failed = |trouble: Trouble| BulkOutcome::Failed(trouble);
        let Work::Ready { plan: shown, .. } = &item.work else {
            return Err(BulkOutcome::NotBegun);
        };
        if item.after.is_some() {
            self.read_for(&item.device).await.map_err(failed)?;
        }
        let file = self.device(&item.device).map_err(failed)?;
        match self.work(&file, intent, Timestamp::now()) {
            Work::Ready { plan, then } => {
                if item.after.is_none() && !does_the_same(&shown.plan, &plan.plan) {
                    return Err(failed(Trouble::new(
                        "the plan that was shown is out of date",
                        "what is known of this device has changed since",
                        "Nothing was done. Plan it again.",
                    )));
                }
                Ok((*plan, then))
            }
            Work::Nothing(why) => Err(BulkOutcome::Done(Some(why))),
            Work::ByHand(why) => Err(failed(Trouble::new(
                "this needs a person",
                why,
                "Push this device by itself, in the console.",
            ))),
            Work::Cannot(trouble) => Err(failed(trouble)),
        }
    }

    /// Brings the secret of a create to the portal. Whoever stops gently stops before a device or after its push.
    async fn push_of_many(
        &self,
        device: &Fqdn,
        pace: watch::Receiver<Pace>,
    ) -> Result<BulkOutcome, Trouble> {
        if !self.pushes_after_create(device)? {
            let words = "registered; no new secret to push";
            return Ok(BulkOutcome::Done(Some(words.to_string())));
        }
        let push = Intent::Push {
            secret_in_hand: None,
        };
        let (plan, _) = self.plan_anew(device, push, None).await?;
        Ok(outcome(self.run_of_many(&plan, pace).await?))
    }

    /// An ordinary run, which ends early only when everything is halted.
    async fn run_of_many(
        &self,
        plan: &PlanFile,
        mut pace: watch::Receiver<Pace>,
    ) -> Result<RunReport, Trouble> {
        let open = self.open_run(plan)?;
        let run = open.id();
        let steps = plan.plan.steps.iter().map(|step| step.action.title());
        self.tell_bulk(BulkEvent::Run {
            device: plan.plan.device.clone(),
            run,
            steps: steps.collect(),
        });
        let work = self.carry_out(open);
        tokio::pin!(work);
        let halted = async move { pace.wait_for(|now| *now == Pace::Halted).await.map(drop) };
        tokio::select! {
            biased;
            report = &mut work => return Ok(report),
            _ = halted => self.stop_run(run),
        }
        Ok(work.await)
    }

    fn tell_bulk(&self, event: BulkEvent) {
        self.inner.tell(DeskEvent::Bulk(event));
    }
}

fn outcome(report: RunReport) -> BulkOutcome {
    match (report.end, report.trouble) {
        (RunEnd::Done, _) => BulkOutcome::Done(None),
        (_, Some(trouble)) => BulkOutcome::Failed(trouble),
        (_, None) => BulkOutcome::Stopped,
    }
}
