//! Many devices at once: one combined plan, then ordinary runs, a few at a time, each with its own line in the journal.
//! Should the process die, what is left are unfinished runs like any other.

mod engine;
mod words;

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

pub use engine::{BulkReport, OpenBulk, Pace};

use super::Desk;
use super::event::Trouble;
use super::file::{DeviceFile, PlanFile};
use super::retiring::Standing;
use crate::registration::beside::of_another;
use crate::registration::bulk::{Member, lanes};
use crate::registration::fleet::Fqdn;
use crate::registration::plan::{Action, CreateForm, Intent};

/// What is to be done with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkIntent {
    /// Make the registrations that are missing, and put each in its portal.
    Create,
    /// Change what differs in Entra.
    Repair,
    /// Put the settings in the portals.
    Push,
    /// A new secret for each.
    Rotate,
    /// Remove the earlier secret that is due to go.
    Retire,
}

impl BulkIntent {
    /// All, in the order in which a device meets them.
    pub const ALL: [BulkIntent; 5] = [
        BulkIntent::Create,
        BulkIntent::Repair,
        BulkIntent::Push,
        BulkIntent::Rotate,
        BulkIntent::Retire,
    ];

    /// One word, as runs have it.
    pub fn word(self) -> &'static str {
        match self {
            BulkIntent::Create => "create",
            BulkIntent::Repair => "repair",
            BulkIntent::Push => "push",
            BulkIntent::Rotate => "rotate",
            BulkIntent::Retire => "retire",
        }
    }

    /// What it is for one device.
    ///
    /// # Errors
    /// [`Trouble`], when no form can be suggested for the device.
    pub fn of_device(self, file: &DeviceFile, now: Timestamp) -> Result<Intent, Trouble> {
        Ok(match self {
            BulkIntent::Create => {
                let form = CreateForm::suggested(&file.blueprint, &file.device, now);
                Intent::Create(form.map_err(|why| {
                    Trouble::new(
                        "there is no plan",
                        why.to_string(),
                        "Correct the device in the settings file.",
                    )
                })?)
            }
            BulkIntent::Repair => Intent::Repair {
                remove_extra: vec![],
            },
            BulkIntent::Push => Intent::Push {
                secret_in_hand: None,
            },
            BulkIntent::Rotate => Intent::Rotate,
            BulkIntent::Retire => Intent::Retire {
                key_id: file.secret_due(now).ok_or_else(|| {
                    Trouble::new(
                        "there is no plan",
                        "no secret of this device is due for removal",
                        "`umpdeck runs --due` lists the secrets that are due, and those that wait.",
                    )
                })?,
                put_down: true,
                others: vec![],
            },
        })
    }
}

/// What there is to do for one device.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// There is something to do, and nothing speaks against it.
    Ready {
        /// The plan.
        plan: Box<PlanFile>,
        /// What comes after it.
        then: Then,
    },
    /// Nothing has to be done; why, as one clause.
    Nothing(String),
    /// A person has to fill in the portal's page, so it can't be one of many; what they have to do, as one clause.
    ByHand(String),
    /// It can't be done.
    Cannot(Trouble),
}

/// What comes after a device's plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing: the device is done.
    Nothing,
    /// The new secret is pushed at once, since nobody but this process has its value.
    Push,
    /// A person fills in the portal's page.
    ByHand,
}

/// One device of a combined plan.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkItem {
    /// The device that is to be changed.
    pub device: Fqdn,
    /// The directory ID of the device's tenant.
    pub tenant: Uuid,
    /// Devices of one lane share a registration and go one after the other.
    pub lane: usize,
    /// The device before it in its lane that is ready too: after that one it is read and planned anew.
    pub after: Option<Fqdn>,
    /// What there is to do.
    pub work: Work,
}

/// What is to be done with many devices.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkPlan {
    /// What is to be done, the same for every device.
    pub intent: BulkIntent,
    /// The devices, in the order in which they begin.
    pub items: Vec<BulkItem>,
}

/// What a combined plan comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many devices it is about.
    pub devices: usize,
    /// How many are ready.
    pub ready: usize,
    /// How many have nothing to be done.
    pub nothing: usize,
    /// How many need a person at the portal's page.
    pub by_hand: usize,
    /// How many can't be done.
    pub cannot: usize,
    /// How many properties change.
    pub changes: usize,
    /// How many requests are known to be made; waiting for replication makes more.
    pub requests: usize,
    /// How many client secrets are added.
    pub adds: usize,
    /// How many are removed.
    pub removes: usize,
}

impl BulkPlan {
    /// What it comes to.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals {
            devices: self.items.len(),
            ..Totals::default()
        };
        for item in &self.items {
            match &item.work {
                Work::Nothing(_) => totals.nothing += 1,
                Work::ByHand(_) => totals.by_hand += 1,
                Work::Cannot(_) => totals.cannot += 1,
                Work::Ready { plan, .. } => {
                    let count = |fits: fn(&Action) -> bool| {
                        let steps = plan.plan.steps.iter();
                        steps.filter(|step| fits(&step.action)).count()
                    };
                    totals.ready += 1;
                    totals.changes += plan.plan.changes();
                    totals.requests += plan.requests.iter().map(Vec::len).sum::<usize>();
                    totals.adds += count(|action| matches!(action, Action::AddSecret { .. }));
                    totals.removes += count(|action| matches!(action, Action::RemoveSecret { .. }));
                }
            }
        }
        totals
    }

    /// The devices that are ready, in their order.
    pub fn ready(&self) -> impl Iterator<Item = &BulkItem> {
        let ready = |item: &&BulkItem| matches!(item.work, Work::Ready { .. });
        self.items.iter().filter(ready)
    }
}

/// A device as it is planned for, and what tells whom it shares a registration with.
struct Drafted {
    device: Fqdn,
    tenant: Uuid,
    registration: Option<Uuid>,
    shared_with: Vec<Fqdn>,
    work: Work,
}

/// Puts drafted devices into lanes.
fn combined(intent: BulkIntent, drafted: Vec<Drafted>) -> BulkPlan {
    let members: Vec<Member<'_>> = drafted
        .iter()
        .map(|one| Member {
            device: &one.device,
            registration: one.registration,
            shared_with: &one.shared_with,
        })
        .collect();
    let lanes = lanes(&members);
    let mut last_of: HashMap<usize, Fqdn> = HashMap::new();
    let items = drafted
        .into_iter()
        .zip(lanes)
        .map(|(one, lane)| {
            let after = match &one.work {
                Work::Ready { .. } => last_of.insert(lane, one.device.clone()),
                _ => None,
            };
            BulkItem {
                device: one.device,
                tenant: one.tenant,
                lane,
                after,
                work: one.work,
            }
        })
        .collect();
    BulkPlan { intent, items }
}

impl Desk {
    /// Plans the same for many devices, from what is stored. A device that can't be planned for is in the plan with
    /// the reason.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device or the store can't be read.
    pub fn plan_bulk(
        &self,
        devices: &[Fqdn],
        intent: BulkIntent,
        now: Timestamp,
    ) -> Result<BulkPlan, Trouble> {
        let mut drafted: Vec<Drafted> = Vec::with_capacity(devices.len());
        for fqdn in devices {
            let file = self.device(fqdn)?;
            let application = file.facts.application();
            drafted.push(Drafted {
                device: fqdn.clone(),
                tenant: file.device.tenant,
                registration: application.map(|one| one.object_id),
                shared_with: file.facts.shared_with.clone(),
                work: self.work(&file, intent, now),
            });
        }
        Ok(combined(intent, drafted))
    }

    /// What there is to do for one of many.
    fn work(&self, file: &DeviceFile, intent: BulkIntent, now: Timestamp) -> Work {
        if let Some(dead) = &file.unfinished {
            let short = dead.summary.id.short();
            return Work::Cannot(Trouble::new(
                "a run on this device was interrupted",
                format!("run {short} ({}) is not finished", dead.purpose),
                format!(
                    "Resume it first: `umpdeck runs resume {short}`, or in the device's history."
                ),
            ));
        }
        if intent == BulkIntent::Retire {
            match file.secret_due(now).map(|due| file.standing(due, now)) {
                None => return Work::Nothing("no secret of it is due for removal".into()),
                Some(Standing::Unsure(why)) => {
                    return Work::Cannot(Trouble::new(
                        "it is not certain that the secret may be removed",
                        why,
                        "If you are certain, remove it by itself: `umpdeck runs retire DEVICE`.",
                    ));
                }
                Some(_) => {}
            }
        }
        if intent == BulkIntent::Create && file.facts.application().is_some() {
            return Work::Nothing("it has a registration; repair changes what differs".into());
        }
        let planned = intent
            .of_device(file, now)
            .and_then(|intent| self.plan(&file.device.fqdn, intent, None, now));
        let plan = match planned {
            Ok((plan, _)) => plan,
            Err(trouble) => return Work::Cannot(trouble),
        };
        if plan.plan.steps.is_empty() {
            let left = plan.plan.left_alone.first().or(plan.plan.notes.first());
            return Work::Nothing(match left {
                Some(left) => format!("nothing differs; {left}"),
                None => "nothing differs from the blueprint".to_string(),
            });
        }
        if intent == BulkIntent::Rotate && of_another(&file.settings_beside(), &file.page) {
            return Work::ByHand(
                "its portal holds another client ID than Entra: decide first which one is right"
                    .into(),
            );
        }
        let steps = plan.plan.steps.iter();
        if hands_off(steps.map(|step| &step.action)) && !self.has_secret_command() {
            return Work::ByHand(
                "its portal's page is filled in by hand: do this device by itself".into(),
            );
        }
        let then = match intent {
            BulkIntent::Create => match self.would_push_after(&plan) {
                Ok(true) => Then::Push,
                Ok(false) => Then::ByHand,
                Err(trouble) => return Work::Cannot(trouble),
            },
            _ => Then::Nothing,
        };
        let plan = Box::new(plan);
        Work::Ready { plan, then }
    }
}

fn hands_off<'a>(mut actions: impl Iterator<Item = &'a Action>) -> bool {
    actions.any(|action| matches!(action, Action::HandOff { .. }))
}

#[cfg(test)]
mod tests;
