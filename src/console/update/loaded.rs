//! A device's file has come: to every place that shows it.

use super::super::keymap::Context;
use super::super::message::{Effect, Then};
use super::super::model::{DeviceTab, Judged, Model, Overlay, Question, Screen, Subject};
use super::{adopt, asking, create, keys, settle};
use crate::desk::file::DeviceFile;

pub(super) fn loaded(
    model: &mut Model,
    file: DeviceFile,
    then: Then,
    question: Question,
) -> Vec<Effect> {
    let now = model.now;
    if matches!(then, Then::Create | Then::Adopt) {
        return match asking::opened(model, Ok(file), question) {
            Some(file) if then == Then::Create => create::open(model, file),
            Some(file) => adopt::open(model, file),
            None => vec![],
        };
    }
    let fqdn = file.device.fqdn.clone();
    if !model
        .questions
        .is_news(Subject::File(fqdn.clone()), question)
    {
        return vec![];
    }
    if model.peek.of.as_ref() == Some(&fqdn) {
        model.peek.judged = Some(Judged::of(file.clone(), now));
    }
    if then == Then::Peek {
        return vec![];
    }
    let mut asked = None;
    for overlay in &mut model.overlays {
        if let Overlay::CopyMenu(menu) = overlay
            && menu.fqdn == fqdn
        {
            menu.file = Some(file.clone());
            asked = menu.asked.take();
        }
    }
    for screen in &mut model.screens {
        match screen {
            Screen::Device(screen) if screen.fqdn == fqdn => {
                let judged = Judged::of(file.clone(), now);
                if screen.judged.is_none() {
                    // What is in order needs nobody: the cursor begins where something is not.
                    let mut items = judged.checklist.items.iter();
                    let first = items.position(|item| item.outcome.status().is_some());
                    let list = &mut screen.lists[DeviceTab::Checklist as usize];
                    list.cursor = first.unwrap_or(list.cursor);
                }
                screen.judged = Some(judged);
            }
            Screen::Adopt(screen) if screen.file.device.fqdn == fqdn => {
                screen.file = file.clone();
            }
            Screen::Handoff(screen) if screen.judged.file.device.fqdn == fqdn => {
                screen.judged = Judged::of(file.clone(), now);
            }
            _ => {}
        }
    }
    for run in model.runs.values_mut() {
        if run.file.plan.device == fqdn && run.progress.end.is_some() {
            run.judged = Some(Judged::of(file.clone(), now));
        }
    }
    settle(model);
    match asked {
        Some(action) if model.context() == Context::CopyMenu => {
            keys::perform(model, Context::CopyMenu, action)
        }
        _ => vec![],
    }
}
