//! The keys of combined plans and of the bulk run, and what the desk tells of it.

use std::sync::Arc;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::list::{ListState, Move};
use super::super::message::Effect;
use super::super::model::{BulkPlanScreen, BulkProgress, Model, Screen, Tone};
use super::{back, fleet};
use crate::desk::bulk::{BulkIntent, BulkPlan, Pace};
use crate::desk::event::{BulkEvent, RunEvent, RunId, Trouble};

/// What a key of the fleet means for many devices.
fn intent(action: Action) -> Option<BulkIntent> {
    Some(match action {
        Action::Create => BulkIntent::Create,
        Action::Repair => BulkIntent::Repair,
        Action::Push => BulkIntent::Push,
        Action::Rotate => BulkIntent::Rotate,
        _ => return None,
    })
}

/// Asks for the combined plan of all marked devices, when there are any and the key is for them.
pub(super) fn ask(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let intent = intent(action).filter(|_| model.fleet.marked() > 0)?;
    let devices = model.fleet.marked_devices();
    let words = match devices.len() {
        1 => format!("planning {} for 1 device", intent.word()),
        many => format!("planning {} for {many} devices", intent.word()),
    };
    model.toast(Tone::Plain, words);
    Some(vec![Effect::PlanBulk(devices, intent)])
}

/// A combined plan came: it takes the place of an earlier one that nothing was done with. It does not lie itself over
/// what the operator turned to meanwhile.
pub(super) fn planned(model: &mut Model, plan: BulkPlan) {
    match model.screens.last() {
        None | Some(Screen::BulkRun) => {}
        Some(Screen::BulkPlan(screen)) if screen.applying => return,
        Some(Screen::BulkPlan(_)) => drop(model.screens.pop()),
        Some(_) => {
            let words = format!(
                "the plan to {} many devices is dropped: ask for it again in the fleet",
                plan.intent.word()
            );
            model.toast(Tone::Plain, words);
            return;
        }
    }
    model.screens.push(Screen::BulkPlan(BulkPlanScreen {
        totals: plan.totals(),
        plan: Arc::new(plan),
        list: ListState::default(),
        applying: false,
    }));
}

/// The bulk run began, or could not.
pub(super) fn began(model: &mut Model, outcome: Result<(), Trouble>) {
    let asked = |screen: &Screen| matches!(screen, Screen::BulkPlan(screen) if screen.applying);
    let Some(place) = model.screens.iter().position(asked) else {
        return;
    };
    if let Err(trouble) = outcome {
        if let Some(Screen::BulkPlan(screen)) = model.screens.get_mut(place) {
            screen.applying = false;
        }
        model.trouble(&trouble);
        return;
    }
    if let Screen::BulkPlan(screen) = model.screens.remove(place) {
        model.bulk = Some(BulkProgress::of(&screen.plan));
        model.fleet.unmark_all();
        // What was shown of an earlier one shows this one.
        model
            .screens
            .retain(|screen| !matches!(screen, Screen::BulkRun));
        model.screens.push(Screen::BulkRun);
    }
}

/// Something happened in the bulk run.
pub(super) fn event(model: &mut Model, event: BulkEvent) {
    let page = geometry::bulk_page(model);
    let Some(bulk) = &mut model.bulk else { return };
    match event {
        BulkEvent::Began(device) => bulk.began(&device),
        BulkEvent::Run { device, run, steps } => bulk.run(&device, run, steps),
        BulkEvent::Ended(device, outcome) => bulk.ended(&device, outcome),
        BulkEvent::Over => {
            bulk.end();
            bulk.list.keep_in_view(bulk.count(), page);
            let counts = bulk.counts();
            let (word, left) = (bulk.intent.word(), counts.all - counts.done);
            match left {
                0 => model.toast(Tone::Good, format!("{word}: all {} done", counts.all)),
                left => model.toast(
                    Tone::Bad,
                    format!("{word}: {} done, {left} left", counts.done),
                ),
            }
        }
    }
}

/// Something happened in a run; says whether it is one of the bulk run's.
pub(super) fn run_event(model: &mut Model, run: RunId, event: &RunEvent) -> bool {
    let Some(bulk) = model.bulk.as_mut().filter(|bulk| bulk.has(run)) else {
        return false;
    };
    match event {
        RunEvent::Started { step, .. } => bulk.step(run, *step, None),
        RunEvent::Waiting { step, on, .. } => bulk.step(run, *step, Some(on)),
        RunEvent::Anchored(anchor) => {
            if let Some(words) = anchor.not_kept() {
                model.toast(Tone::Bad, words);
            }
        }
        _ => {}
    }
    true
}

/// Ctrl-C: no other device begins. Nothing when no bulk run is under way, or it is stopping already.
pub(super) fn interrupt(model: &mut Model) -> Option<Effect> {
    let bulk = model.bulk.as_mut()?;
    if bulk.over || bulk.pace >= Pace::Stopping {
        return None;
    }
    bulk.pace = Pace::Stopping;
    Some(Effect::PaceBulk(Pace::Stopping))
}

/// Shows the bulk run, under way or over.
pub(super) fn show(model: &mut Model) {
    if model.bulk.is_some() {
        model.screens.push(Screen::BulkRun);
        return;
    }
    let [mark, create, repair, push, rotate] = [
        Action::Mark,
        Action::Create,
        Action::Repair,
        Action::Push,
        Action::Rotate,
    ]
    .map(|action| model.keys.key(Context::Fleet, action));
    let words = format!(
        "there was no bulk run yet; {mark} marks devices, then {create}, {repair}, {push} or {rotate}"
    );
    model.toast(Tone::Plain, words);
}

/// The keys of a combined plan.
pub(super) fn plan_act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::bulk_page(model);
    let stop = model.keys.key(Context::BulkPlan, Action::Interrupt);
    let Some(Screen::BulkPlan(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        screen.list.go(step, screen.plan.items.len(), page);
        return vec![];
    }
    match action {
        Action::Back if screen.applying => {
            let words = format!("the bulk run is beginning; {stop} stops it");
            model.toast(Tone::Plain, words);
        }
        Action::Back => back(model),
        Action::Apply if !screen.applying => {
            screen.applying = true;
            return vec![Effect::StartBulk(screen.plan.clone())];
        }
        _ => {}
    }
    vec![]
}

/// The keys of the bulk run.
pub(super) fn run_act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::bulk_page(model);
    let Some(bulk) = &mut model.bulk else {
        back(model);
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        bulk.list.go(step, bulk.count(), page);
        return vec![];
    }
    match action {
        Action::Back => {
            let goes = match (bulk.over, bulk.pace) {
                (true, _) => None,
                (false, Pace::Paused) => Some("is paused"),
                (false, _) => Some("goes on"),
            };
            back(model);
            if let Some(goes) = goes {
                let key = model.keys.key(Context::Fleet, Action::ShowRun);
                let words = format!("the bulk run {goes}; {key} shows it again");
                model.toast(Tone::Plain, words);
            }
        }
        Action::Pause => {
            bulk.pace = match bulk.pace {
                Pace::Going => Pace::Paused,
                Pace::Paused => Pace::Going,
                stopping => stopping,
            };
            return vec![Effect::PaceBulk(bulk.pace)];
        }
        Action::Open => {
            if let Some(device) = bulk.here().map(|line| line.device.clone()) {
                model
                    .screens
                    .retain(|screen| matches!(screen, Screen::BulkRun));
                return fleet::open(model, device);
            }
        }
        Action::Retry => {
            let (left, intent) = (bulk.left(), bulk.intent);
            return vec![Effect::PlanBulk(left, intent)];
        }
        _ => {}
    }
    vec![]
}

/// On another size every cursor stays on screen.
pub(super) fn keep_in_view(model: &mut Model) {
    let page = geometry::bulk_page(model);
    if let Some(bulk) = &mut model.bulk {
        bulk.list.go(Move::By(0), bulk.count(), page);
    }
    for screen in &mut model.screens {
        if let Screen::BulkPlan(screen) = screen {
            screen.list.go(Move::By(0), screen.plan.items.len(), page);
        }
    }
}
