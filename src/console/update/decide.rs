//! Which one is right: the keys that choose between two plans.

use super::super::keymap::Action;
use super::super::message::Effect;
use super::super::model::{DecisionScreen, Model, Opens, Screen, Tone};
use super::{back, plan};
use crate::desk::decide::{Decision, NOTHING_TO_DECIDE};

/// Asks for both plans of the device that the pane is about.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(fqdn) = model.device().cloned() else {
        return vec![];
    };
    model.toast(Tone::Plain, "reading the device again for both plans");
    let question = model.questions.ask_to_open(&fqdn, Opens::Choice);
    vec![Effect::Decide(fqdn, question)]
}

/// Both plans are there, or there is nothing to choose.
pub(super) fn answered(model: &mut Model, decision: Option<Box<Decision>>) {
    match decision {
        Some(decision) => model.screens.push(Screen::Decision(DecisionScreen {
            decision: *decision,
            portal: false,
        })),
        None => model.toast(Tone::Plain, NOTHING_TO_DECIDE),
    }
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
