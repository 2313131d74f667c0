//! The handoff's keys: one field after another, the secret added only when its field is reached.

use super::super::keymap::Action;
use super::super::message::Effect;
use super::super::model::{BareLine, HandoffScreen, Model, Overlay, Screen, StepState, Tone};
use super::{back, stop, value_text};
use crate::registration::plan::Action as PlanAction;
use crate::registration::values::ValueKind;

/// The fields of the portal's page, in its order.
pub const FIELDS: [ValueKind; 3] = [
    ValueKind::ClientId,
    ValueKind::SecretValue,
    ValueKind::RedirectUri,
];

const SECRET: usize = 1;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let now = model.now;
    let Some(Screen::Handoff(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    match action {
        Action::Back => {
            let under_way = screen
                .progress
                .as_ref()
                .filter(|progress| progress.end.is_none());
            if let Some(run) = under_way.map(|progress| progress.run) {
                back(model);
                model.toast(
                    Tone::Plain,
                    "not stated: the handoff ends here, its secret stays in memory until you leave",
                );
                return vec![stop(model, run)];
            }
            if over(screen) {
                leave(model);
                return vec![];
            }
            if screen.starting {
                let device = screen.file.plan.device.clone();
                model.given_up.insert(device);
            }
            back(model);
        }
        // Moving only looks: nothing is added before Enter asks for it.
        Action::Down => screen.field = (screen.field + 1).min(FIELDS.len() - 1),
        Action::Up => screen.field = screen.field.saturating_sub(1),
        Action::Reveal => screen.revealed = !screen.revealed,
        Action::CopyAndGoOn => {
            if over(screen) {
                leave(model);
                return vec![];
            }
            let kind = FIELDS[screen.field];
            let Ok(text) = value_text(&screen.judged.file, kind) else {
                let starting = begin(screen);
                if starting.is_empty() {
                    model.toast(Tone::Plain, "the secret is being added; a moment");
                }
                return starting;
            };
            let label = kind.title().to_string();
            screen.copied[screen.field] = Some(now);
            let mut effects = vec![Effect::Copy {
                label,
                text,
                secret: kind == ValueKind::SecretValue,
            }];
            effects.extend(go(screen, screen.field + 1));
            return effects;
        }
        Action::BareLine => {
            let kind = FIELDS[screen.field];
            if let Ok(text) = value_text(&screen.judged.file, kind) {
                screen.copied[screen.field] = Some(now);
                let label = kind.title().to_string();
                model
                    .overlays
                    .push(Overlay::BareLine(BareLine { label, text }));
            }
        }
        Action::Applied => return applied(model),
        _ => {}
    }
    vec![]
}

/// Leaves a handoff that is over, and the result that it was begun from: both are done with.
fn leave(model: &mut Model) {
    back(model);
    if matches!(model.screens.last(), Some(Screen::Run(_))) {
        back(model);
    }
}

/// Whether the run is over.
fn over(screen: &HandoffScreen) -> bool {
    screen
        .progress
        .as_ref()
        .is_some_and(|progress| progress.end.is_some())
}

fn go(screen: &mut HandoffScreen, field: usize) -> Vec<Effect> {
    screen.field = field.min(FIELDS.len() - 1);
    if screen.field >= SECRET {
        begin(screen)
    } else {
        vec![]
    }
}

/// Begins the run, once: it adds the secret, then waits for the operator.
fn begin(screen: &mut HandoffScreen) -> Vec<Effect> {
    if screen.starting || screen.progress.is_some() {
        return vec![];
    }
    screen.starting = true;
    vec![Effect::StartRun(Box::new(screen.file.clone()))]
}

fn applied(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Handoff(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    let place = screen
        .file
        .plan
        .steps
        .iter()
        .position(|step| matches!(step.action, PlanAction::HandOff { .. }));
    let waits = |screen: &HandoffScreen| {
        let progress = screen.progress.as_ref()?;
        let state = progress.steps.get(place?)?;
        (*state == StepState::YourTurn).then_some(progress.run)
    };
    match waits(screen) {
        Some(_) if screen.copied.contains(&None) && !screen.asked => {
            screen.asked = true;
            let copied = screen.copied.iter().flatten().count();
            let words = format!(
                "you have copied {copied} of 3 fields; a again records all three as applied"
            );
            model.toast(Tone::Bad, words);
            vec![]
        }
        Some(run) if !screen.applied => {
            screen.applied = true;
            vec![Effect::Applied(run)]
        }
        Some(_) => vec![],
        None if over(screen) => vec![],
        None => {
            model.toast(
                Tone::Plain,
                "copy the values first: Enter copies a field and goes on; on the secret's it adds one",
            );
            vec![]
        }
    }
}
