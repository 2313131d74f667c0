//! The keys of what lies over a screen: filter, copy menu, cards, sign-in.

use super::super::chord::Chord;
use super::super::geometry;
use super::super::keymap::Action;
use super::super::list::Move;
use super::super::message::Effect;
use super::super::model::{BareLine, Model, Opens, Overlay, Tone};
use super::{back, contact, copy_value, fleet, typing, value_text};
use crate::desk::query::Query;
use crate::registration::values::ValueKind;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Filter(input)) => {
            if action == Action::Next {
                let text = input.value().to_string();
                let mut ways = Query::completions(&text, &model.tenant_names()).into_iter();
                if let (Some(text), Some(Overlay::Filter(input))) =
                    (ways.next(), model.overlays.last_mut())
                {
                    *input = text.into();
                }
                return filtered(model);
            }
            if action == Action::Back {
                fleet::filter(model, "");
            }
            back(model);
        }
        Some(Overlay::SignIn(tenant, prompt)) => match action {
            Action::CopyCode => return vec![Effect::copy("code", prompt.user_code.clone())],
            Action::CopyAddress => {
                return vec![Effect::copy("address", prompt.verification_uri.clone())];
            }
            Action::Back => {
                let tenant = *tenant;
                back(model);
                return match contact::is_under_way(model) {
                    true => contact::act(model, action),
                    false => vec![Effect::CancelSignIn(tenant)],
                };
            }
            _ => {}
        },
        Some(Overlay::Help(context, list)) => match fleet::step(action) {
            Some(step) => {
                // No cursor here: the cursor is the first line shown.
                let room = geometry::help_page(model.size);
                let cells = geometry::box_cells(model.size);
                let lines = model.keys.help_lines(*context, cells).len();
                list.go(step, lines.saturating_sub(room) + 1, room);
            }
            None if action == Action::Back => back(model),
            None => {}
        },
        Some(Overlay::Messages(_) | Overlay::Doctor(..)) => match fleet::step(action) {
            Some(step) => {
                let room = geometry::help_page(model.size);
                let lines = super::super::panes::overlays::lines_of(model);
                if let Some(Overlay::Messages(list) | Overlay::Doctor(_, list)) =
                    model.overlays.last_mut()
                {
                    list.go(step, lines.saturating_sub(room) + 1, room);
                }
            }
            None if action == Action::Back => back(model),
            None => {}
        },
        Some(Overlay::CopyMenu(menu)) => {
            if let Some(step) = fleet::step(action) {
                menu.list
                    .go(step, ValueKind::ALL.len(), ValueKind::ALL.len());
                return vec![];
            }
            let here = ValueKind::ALL[menu.list.cursor.min(ValueKind::ALL.len() - 1)];
            let file = menu.file.clone();
            match (action, file) {
                (Action::Back, _) => back(model),
                (Action::CopyHere | Action::Copy(_) | Action::BareLine, None) => {
                    menu.asked = Some(action);
                }
                (Action::CopyHere, Some(file)) => {
                    back(model);
                    return copy_value(model, &file, here);
                }
                (Action::Copy(kind), Some(file)) => {
                    back(model);
                    return copy_value(model, &file, kind);
                }
                (Action::BareLine, Some(file)) => {
                    if let Ok(text) = value_text(&file, here) {
                        back(model);
                        let label = here.title().to_string();
                        model
                            .overlays
                            .push(Overlay::BareLine(BareLine { label, text }));
                    }
                }
                _ => {}
            }
        }
        Some(Overlay::Unfinished(unfinished)) => {
            if let Some(step) = fleet::step(action) {
                let count = unfinished.runs.len();
                unfinished.list.go(step, count, count);
                return vec![];
            }
            let Some(run) = unfinished.here().map(|one| one.summary.clone()) else {
                back(model);
                return vec![];
            };
            return match action {
                // It is gone from the list at once: a second Enter must not ask twice.
                Action::Resume => {
                    take_off(model);
                    let words = format!("reading {} again for the plan", run.device.short());
                    model.toast(Tone::Plain, words);
                    let question = model.questions.ask_to_open(&run.device, Opens::Plan);
                    vec![Effect::PlanResume(run.id, question)]
                }
                Action::Abandon => {
                    take_off(model);
                    vec![Effect::Abandon(run.id)]
                }
                Action::Back => {
                    back(model);
                    vec![]
                }
                _ => vec![],
            };
        }
        Some(Overlay::Card(_) | Overlay::BareLine(_)) if action == Action::Back => back(model),
        _ => {}
    }
    vec![]
}

/// Takes the run under the cursor off the list of unfinished ones. A plan needs the screen, so a resume leaves the
/// list; the device's history has the others.
fn take_off(model: &mut Model) {
    let Some(Overlay::Unfinished(unfinished)) = model.overlays.last_mut() else {
        return;
    };
    let at = unfinished.list.cursor;
    if at < unfinished.runs.len() {
        unfinished.runs.remove(at);
    }
    let count = unfinished.runs.len();
    unfinished.list.go(Move::By(0), count, count);
    if count == 0 {
        back(model);
    }
}

pub(super) fn filter_typed(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    if let Some(Overlay::Filter(input)) = model.overlays.last_mut()
        && typing::key(input, chord)
    {
        return filtered(model);
    }
    vec![]
}

pub(super) fn filter_pasted(model: &mut Model, line: &str) -> Vec<Effect> {
    if let Some(Overlay::Filter(input)) = model.overlays.last_mut() {
        typing::paste(input, line);
        return filtered(model);
    }
    vec![]
}

/// Takes over the filter as it stands in its line.
fn filtered(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Filter(input)) = model.overlays.last() {
        let text = input.value().to_string();
        fleet::filter(model, &text);
    }
    fleet::customers(model)
}
