//! Secrets that are about to leave umpdeck for a person, through the clipboard or onto the screen: asked once a session,
//! and never where the site's settings say so.

use super::super::keymap::Action;
use super::super::message::Effect;
use super::super::model::{DeviceTab, Model, Overlay, Screen, SecretLeaving, Tone};
use super::keys::dispatch;
use super::{back, handoff};
use crate::desk::file::DeviceFile;
use crate::registration::values::ValueKind;

/// Whether an action may not be done yet, or not at all, because it would let a secret out. Says so, or asks.
pub(super) fn stops(model: &mut Model, action: Action) -> bool {
    if !lets_out(model, action) {
        return false;
    }
    match model.secret_leaving {
        SecretLeaving::Agreed => false,
        SecretLeaving::Ask => {
            model.overlays.push(Overlay::Consent(action));
            true
        }
        SecretLeaving::Never => {
            model.toast(
                Tone::Bad,
                "the settings forbid copying and showing secrets (copy = \"never\" under [secrets]): from the console they only go to portals that have an interface",
            );
            true
        }
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Consent(asked)) = model.overlays.last() else {
        return vec![];
    };
    let asked = *asked;
    match action {
        Action::Agree => {
            back(model);
            model.secret_leaving = SecretLeaving::Agreed;
            let context = model.context();
            dispatch(model, context, asked)
        }
        Action::Back => {
            back(model);
            vec![]
        }
        _ => vec![],
    }
}

/// Whether an action puts a secret's value into the clipboard or onto the screen, just now.
fn lets_out(model: &Model, action: Action) -> bool {
    let held = |file: &DeviceFile| file.secret.is_some();
    let is_secret = |at: usize| ValueKind::ALL.get(at) == Some(&ValueKind::SecretValue);
    if let Some(overlay) = model.overlays.last() {
        let Overlay::CopyMenu(menu) = overlay else {
            return false;
        };
        let asks = match action {
            Action::Copy(kind) => kind == ValueKind::SecretValue,
            Action::CopyHere | Action::BareLine => is_secret(menu.list.cursor),
            _ => false,
        };
        return asks && menu.file.as_ref().is_some_and(held);
    }
    let copies_it = action == Action::Copy(ValueKind::SecretValue);
    match model.screens.last() {
        Some(Screen::Device(screen)) => {
            let at = screen.lists[DeviceTab::Values as usize].cursor;
            let here = screen.tab == DeviceTab::Values && is_secret(at);
            let asks = copies_it
                || (matches!(action, Action::Open | Action::BareLine) && here)
                || (action == Action::Reveal && !screen.revealed);
            asks && screen.judged.as_ref().is_some_and(|one| held(&one.file))
        }
        Some(Screen::Run(run)) => {
            let Some(screen) = model.runs.get(run) else {
                return false;
            };
            let asks = copies_it
                || (action == Action::BareLine && is_secret(screen.list.cursor))
                || (action == Action::Reveal && !screen.revealed);
            asks && screen.judged.as_ref().is_some_and(|one| held(&one.file))
        }
        // The way through the page ends with the secret's field, and reaching that adds one: asked before it begins.
        Some(Screen::Handoff(screen)) => match action {
            Action::CopyAndGoOn => !screen.is_over() && handoff::reaches_the_secret(screen),
            Action::BareLine => handoff::is_at_the_secret(screen) && held(&screen.judged.file),
            Action::Reveal => !screen.revealed && held(&screen.judged.file),
            _ => false,
        },
        _ => false,
    }
}
