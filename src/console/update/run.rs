//! A run's keys and its progress.

use super::super::geometry;
use super::super::keymap::Action;
use super::super::list::{ListState, Move};
use super::super::message::{Ask, Effect, Then};
use super::super::model::{
    BareLine, HandoffScreen, Model, Overlay, RunProgress, RunScreen, Screen, StepState, Tone,
};
use super::handoff::NOT_STATED;
use super::{asking, back, bulk, copy_value, fleet, stop, value_text};
use crate::desk::event::RunId;
use crate::desk::event::{RunEnd, RunEvent, Trouble};
use crate::registration::fleet::Fqdn;
use crate::registration::values::ValueKind;

/// A run began, or could not.
pub(super) fn began(
    model: &mut Model,
    fqdn: &Fqdn,
    outcome: Result<RunId, Trouble>,
) -> Vec<Effect> {
    let run = match outcome {
        Ok(run) => run,
        Err(trouble) => {
            model.given_up.remove(fqdn);
            for screen in &mut model.screens {
                match screen {
                    Screen::Plan(screen) if screen.file.plan.device == *fqdn => {
                        screen.applying = false;
                    }
                    Screen::Handoff(screen) if screen.file.plan.device == *fqdn => {
                        screen.starting = false;
                    }
                    _ => {}
                }
            }
            model.trouble(&trouble);
            return vec![];
        }
    };
    model.running.insert(run, fqdn.clone());
    if model.given_up.remove(fqdn) {
        return vec![stop(model, run)];
    }
    let began = model.now;
    let progress = |steps: usize| RunProgress {
        run,
        began,
        steps: vec![StepState::Planned; steps],
        end: None,
        stopping: false,
        anchor: None,
    };
    match model.screens.last_mut() {
        Some(Screen::Handoff(screen)) if screen.file.plan.device == *fqdn => {
            screen.starting = false;
            screen.progress = Some(progress(screen.file.plan.steps.len()));
        }
        Some(Screen::Plan(screen)) if screen.file.plan.device == *fqdn => {
            let file = screen.file.clone();
            // Plan, form and an earlier result are done with: Esc leads back to the device or the fleet.
            while matches!(
                model.screens.last(),
                Some(Screen::Plan(_) | Screen::Create(_) | Screen::Adopt(_) | Screen::Run(_))
            ) {
                model.screens.pop();
            }
            let shown = RunScreen {
                progress: progress(file.plan.steps.len()),
                file,
                judged: None,
                list: ListState::default(),
                revealed: false,
                from_top: false,
            };
            // The result of an earlier one on this device gives way.
            model.runs.retain(|_, one| one.file.plan.device != *fqdn);
            model.runs.insert(run, shown);
            model.screens.push(Screen::Run(run));
        }
        _ => {}
    }
    vec![]
}

/// Something happened in a run.
pub(super) fn event(model: &mut Model, run: RunId, device: &Fqdn, event: RunEvent) -> Vec<Effect> {
    let mut effects = Vec::new();
    let ended = match &event {
        RunEvent::Ended(end) => Some(*end),
        RunEvent::YourTurn { .. } => {
            effects.push(asking::load(model, device.clone(), Then::Show));
            None
        }
        _ => None,
    };
    if let Some(end) = ended {
        model.running.remove(&run);
        model.stopping.remove(&run);
        effects.push(asking::load(model, device.clone(), Then::Show));
        let short = device.short();
        let what = match model.runs.get(&run) {
            Some(shown) => format!("{} {short}", shown.file.plan.intent.word()),
            None => short.to_string(),
        };
        let (tone, words) = match end {
            RunEnd::Done => (Tone::Good, format!("{what}: done")),
            RunEnd::Failed => (Tone::Bad, format!("{what}: a step failed")),
            RunEnd::Stopped if model.handoffs_left.remove(&run) => {
                (Tone::Plain, format!("{short}: {NOT_STATED}"))
            }
            RunEnd::Stopped => (Tone::Plain, format!("{what}: stopped")),
        };
        model.toast(tone, words);
    }
    if let RunEvent::Anchored(anchor) = &event
        && let Some(words) = anchor.not_kept()
    {
        model.toast(Tone::Bad, words);
    }
    if let Some(progress) = progress_of(model, run) {
        take(progress, event);
    }
    effects
}

/// Shows the run on the device, under way or over but not looked at since, else the bulk run.
pub(super) fn show(model: &mut Model) -> Vec<Effect> {
    let device = model.device().cloned();
    let mut runs = model.runs.iter();
    let here = runs.find(|(_, shown)| Some(&shown.file.plan.device) == device.as_ref());
    match here.map(|(run, shown)| (*run, shown.progress.end.is_some())) {
        Some((run, over)) => {
            // One that lies under what is shown comes up, and once only.
            let is_it = |screen: &Screen| matches!(screen, Screen::Run(open) if *open == run);
            model.screens.retain(|screen| !is_it(screen));
            model.screens.push(Screen::Run(run));
            let load = device.filter(|_| over);
            let load = load.map(|fqdn| asking::load(model, fqdn, Then::Show));
            load.into_iter().collect()
        }
        None => {
            bulk::show(model);
            vec![]
        }
    }
}

fn progress_of(model: &mut Model, run: RunId) -> Option<&mut RunProgress> {
    if let Some(shown) = model.runs.get_mut(&run) {
        return Some(&mut shown.progress);
    }
    model.screens.iter_mut().find_map(|screen| match screen {
        Screen::Handoff(HandoffScreen {
            progress: Some(progress),
            ..
        }) if progress.run == run => Some(progress),
        _ => None,
    })
}

fn take(progress: &mut RunProgress, event: RunEvent) {
    let mut set = |step: usize, state: StepState| {
        if let Some(place) = progress.steps.get_mut(step) {
            *place = state;
        }
    };
    match event {
        RunEvent::Started { step, at } => set(step, StepState::Running(at)),
        RunEvent::Waiting { step, on, since } => set(step, StepState::Waiting(on, since)),
        RunEvent::YourTurn { step } => set(step, StepState::YourTurn),
        RunEvent::Done {
            step,
            outcome,
            took,
        } => set(step, StepState::Done(outcome, took)),
        RunEvent::Failed { step, why } => set(step, StepState::Failed(why)),
        RunEvent::Anchored(anchor) => progress.anchor = Some(anchor),
        RunEvent::Ended(end) => progress.end = Some(end),
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::card_page(model);
    let Some(screen) = model.run_shown_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        // Above the first value there are the steps, which have no cursor.
        let up = matches!(step, Move::Top | Move::By(..0) | Move::HalfPages(..0));
        screen.from_top = up && (screen.list.cursor == 0 || step == Move::Top);
        screen.list.go(step, ValueKind::ALL.len(), page);
        return vec![];
    }
    let file = screen.judged.as_ref().map(|judged| judged.file.clone());
    match action {
        Action::Back if screen.progress.end.is_none() => {
            back(model);
            let words = match model.keys.row(model.context(), Action::ShowRun) {
                Some(row) => format!("the run goes on; {} shows it again", row.key()),
                None => "the run goes on".to_string(),
            };
            model.toast(Tone::Plain, words);
        }
        Action::Back => {
            // A result that was looked at is done with.
            if let Some(Screen::Run(run)) = model.screens.last() {
                model.runs.remove(run);
            }
            back(model);
        }
        Action::Push => return asking::plan(model, Ask::Push),
        Action::Repair => return asking::plan(model, Ask::Repair(vec![])),
        Action::Rotate => return asking::plan(model, Ask::Rotate),
        Action::CopyMenu => return fleet::copy_menu(model),
        Action::Reveal => screen.revealed = !screen.revealed,
        Action::Copy(kind) => match file {
            Some(file) => return copy_value(model, &file, kind),
            None => model.toast(Tone::Plain, "the values can be copied when the run is over"),
        },
        Action::BareLine => {
            let kind = ValueKind::ALL.get(screen.list.cursor).copied();
            if let (Some(file), Some(kind)) = (file, kind)
                && let Ok(text) = value_text(&file, kind)
            {
                model.overlays.push(Overlay::BareLine(BareLine {
                    label: kind.title().to_string(),
                    text,
                }));
            }
        }
        _ => {}
    }
    vec![]
}
