//! Asking the desk: the question's number goes along, and says of the answer whether anybody still waits for it.

use super::super::keymap::Context;
use super::super::message::{Ask, Effect, Then};
use super::super::model::{Awaited, DeviceTab, Model, Opens, Question, Screen, Tone};
use crate::desk::event::Trouble;
use crate::registration::fleet::Fqdn;

/// Asks for a device's file.
pub(super) fn load(model: &mut Model, fqdn: Fqdn, then: Then) -> Effect {
    let questions = &mut model.questions;
    let question = match then {
        Then::Create => questions.ask_to_open(&fqdn, Opens::Form),
        Then::Adopt => questions.ask_to_open(&fqdn, Opens::Choice),
        Then::Show | Then::Peek => questions.ask(),
    };
    Effect::Load(fqdn, then, question)
}

/// Asks for a plan for the device that the pane is about.
pub(super) fn plan(model: &mut Model, ask: Ask) -> Vec<Effect> {
    match model.device().cloned() {
        Some(fqdn) => vec![plan_of(model, fqdn, ask)],
        None => vec![],
    }
}

/// Asks for a plan for a device.
pub(super) fn plan_of(model: &mut Model, fqdn: Fqdn, ask: Ask) -> Effect {
    let question = model.questions.ask_to_open(&fqdn, Opens::Plan);
    Effect::Plan(fqdn, ask, question)
}

/// Where the operator is: a pane, what it is about, and a device's tab. Who is elsewhere by a key of their own has
/// gone on; what the keyboard does there must not meet a plan that comes late.
pub(super) fn place(model: &Model) -> (Context, Option<Fqdn>, Option<DeviceTab>) {
    let tab = match model.screens.last() {
        Some(Screen::Device(screen)) => Some(screen.tab),
        _ => None,
    };
    (model.pane(), model.device().cloned(), tab)
}

/// What is to be opened now that the answer is there; `None` when nobody waits for it, or it failed, which is said.
pub(super) fn opened<T>(
    model: &mut Model,
    outcome: Result<T, Trouble>,
    question: Question,
) -> Option<T> {
    match (model.questions.awaited(question), outcome) {
        (Awaited::Here, Ok(answer)) => return Some(answer),
        (Awaited::Here, Err(trouble)) => model.trouble(&trouble),
        (Awaited::GoneOn(..), Err(trouble)) => model.toast(Tone::Bad, trouble.to_string()),
        (Awaited::GoneOn(device, opens), Ok(_)) => {
            let (short, word) = (device.short(), opens.word());
            let words =
                format!("{short}: no {word} is opened, since you went on; ask for it again");
            model.toast(Tone::Plain, words);
        }
        (Awaited::AskedAgain, _) => {}
    }
    None
}
