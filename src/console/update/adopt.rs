//! Choosing the application that is a device's registration.

use super::super::keymap::{Action, Context};
use super::super::list::ListState;
use super::super::message::{Ask, Effect, Then};
use super::super::model::{AdoptScreen, Model, Screen, Tone};
use super::{asking, back, fleet, read};
use crate::desk::file::{DeviceFile, Scope};

/// Asks for the device's file, which has what was found.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    match model.device().cloned() {
        Some(fqdn) => vec![asking::load(model, fqdn, Then::Adopt)],
        None => vec![],
    }
}

/// Shows what was found and reads the device again meanwhile; for one that has its registration, asks for the plan.
pub(super) fn open(model: &mut Model, file: DeviceFile) -> Vec<Effect> {
    let fqdn = file.device.fqdn.clone();
    if let Some(application) = file.facts.application() {
        let ask = Ask::Adopt(application.object_id);
        return vec![asking::plan_of(model, fqdn, ask)];
    }
    if file.facts.candidates.is_empty() {
        let words = format!(
            "no application, deleted ones included, has the redirect URI or the name of {}; {} creates one",
            fqdn.short(),
            model.keys.key(Context::Fleet, Action::Create)
        );
        model.toast(Tone::Plain, words);
        return vec![];
    }
    // A key pressed twice asks twice.
    if !matches!(model.screens.last(), Some(Screen::Adopt(_))) {
        model.screens.push(Screen::Adopt(AdoptScreen {
            file,
            list: ListState::default(),
        }));
    }
    vec![Effect::Refresh(Scope::Device(fqdn))]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Adopt(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    let fqdn = screen.file.device.fqdn.clone();
    if let Some(step) = fleet::step(action) {
        let count = screen.candidates().len();
        screen.list.go(step, count, count.max(1));
        return vec![];
    }
    match action {
        Action::Open => {
            let Some(object_id) = screen.here().map(|one| one.object_id) else {
                return vec![];
            };
            model.toast(Tone::Plain, "reading the device again for the plan");
            vec![asking::plan_of(model, fqdn, Ask::Adopt(object_id))]
        }
        Action::Refresh => read(model, Scope::Device(fqdn)),
        Action::Back => {
            back(model);
            vec![]
        }
        _ => vec![],
    }
}
