//! Which one is right: the keys that choose between two plans.

use super::super::keymap::Action;
use super::super::message::Effect;
use super::super::model::{DecisionScreen, Model, Screen, Tone};
use super::{back, plan};
use crate::desk::decide::Decision;

/// Asks for both plans of the device that the pane is about.
pub(super) fn ask(model: &Model) -> Vec<Effect> {
    let fqdn = model.device().cloned();
    fqdn.map(Effect::Decide).into_iter().collect()
}

/// Both plans are there.
pub(super) fn open(model: &mut Model, decision: Decision) -> Vec<Effect> {
    // A key pressed twice asks twice.
    if matches!(model.screens.last(), Some(Screen::Decision(_))) {
        model.screens.pop();
    }
    model.screens.push(Screen::Decision(DecisionScreen {
        decision,
        portal: false,
    }));
    vec![]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Decision(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    match action {
        Action::Down | Action::Next => screen.portal = true,
        Action::Up | Action::Previous => screen.portal = false,
        Action::Back => back(model),
        Action::Open => {
            let chosen = match screen.portal {
                true => &screen.decision.portal_is_right,
                false => &screen.decision.entra_is_right,
            };
            let file = screen.decision.file.clone();
            match chosen.clone() {
                Ok(chosen) => {
                    // The plan takes the place of the question: Esc leads back to where it was asked.
                    back(model);
                    return plan::planned(model, chosen, file);
                }
                Err(trouble) => {
                    model.toast(Tone::Bad, format!("{}: {}", trouble.what, trouble.why))
                }
            }
        }
        _ => {}
    }
    vec![]
}
