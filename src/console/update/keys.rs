//! From a key or a paste to what it does: by the pane on top, and what may be done there.

use super::super::chord::Chord;
use super::super::keymap::{Action, Context};
use super::super::message::Effect;
use super::super::model::{Model, Overlay, Tone};
use super::{
    adopt, allowed, audit, back, bulk, consent, contact, create, decide, device, fleet, handoff,
    interrupt, inventory, overlay, palette, plan, quit, run, secrets,
};
use crate::registration::fleet::Fqdn;

pub(super) fn key(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    let context = model.context();
    let Some(action) = model.keys.action(context, chord) else {
        return match context {
            Context::Create => create::typed(model, chord),
            Context::Form => inventory::form::typed(model, chord),
            Context::Contact => contact::typed(model, chord),
            Context::Filter => overlay::filter_typed(model, chord),
            Context::Palette => palette::typed(model, chord),
            _ => {
                let helps = match model.keys.row(context, Action::Help) {
                    Some(row) => format!("; {} shows the keys", row.key()),
                    None => String::new(),
                };
                model.hint(format!("{chord} does nothing here{helps}"));
                vec![]
            }
        };
    };
    perform(model, context, action)
}

/// Does what an action does in a pane, or says why it can't be done.
pub(super) fn perform(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    if context != Context::Filter {
        model.fleet.hold();
    }
    if let Some(why) = allowed::why_not(model, action) {
        model.toast(Tone::Plain, why);
        return vec![];
    }
    if consent::stops(model, action) {
        return vec![];
    }
    let asked = model.asked.take();
    if asked != Some(action)
        && let Some(question) = question(model, context, action)
    {
        model.asked = Some(action);
        model.toast(Tone::Bad, question);
        return vec![];
    }
    match action {
        Action::Interrupt => return interrupt(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return quit(model),
        Action::Messages => {
            model.overlays.push(Overlay::Messages(Default::default()));
            return vec![];
        }
        Action::Doctor => {
            model
                .overlays
                .push(Overlay::Doctor(None, Default::default()));
            return vec![Effect::Examine];
        }
        Action::Mouse => {
            model.mouse = !model.mouse;
            model.toast(
                Tone::Plain,
                match model.mouse {
                    true => "the mouse works in umpdeck now; hold Shift to select text",
                    false => "the mouse selects text in the terminal again",
                },
            );
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::WriteSettings => return vec![Effect::WriteSettings],
        Action::ToSandbox => return vec![Effect::ToSandbox],
        Action::TryAgain => {
            back(model);
            return match model.tried {
                Some((context, action)) => perform(model, context, action),
                None => vec![],
            };
        }
        Action::Palette => {
            palette::open(model);
            return vec![];
        }
        Action::Help => {
            model
                .overlays
                .push(Overlay::Help(context, Default::default()));
            return vec![];
        }
        _ => {}
    }
    if is_work(action) {
        model.tried = Some((context, action));
    }
    dispatch(model, context, action)
}

/// Hands an action to its pane.
pub(super) fn dispatch(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    match context {
        Context::Fleet => fleet::act(model, action),
        Context::Device => device::act(model, action),
        Context::Create => create::act(model, action),
        Context::Contact => contact::act(model, action),
        Context::Adopt => adopt::act(model, action),
        Context::Plan => plan::act(model, action),
        Context::Run => run::act(model, action),
        Context::Handoff => handoff::act(model, action),
        Context::Secrets => secrets::act(model, action),
        Context::Audit => audit::act(model, action),
        Context::Consent => consent::act(model, action),
        Context::BulkPlan => bulk::plan_act(model, action),
        Context::BulkRun => bulk::run_act(model, action),
        Context::Form => inventory::form::act(model, action),
        Context::Change => inventory::change::act(model, action),
        Context::Palette => palette::act(model, action),
        Context::Decision => decide::act(model, action),
        Context::CopyMenu
        | Context::Filter
        | Context::SignIn
        | Context::Unfinished
        | Context::Card => overlay::act(model, action),
    }
}

/// Whether an action asks the desk for something that may fail and be tried again.
fn is_work(action: Action) -> bool {
    matches!(
        action,
        Action::Create
            | Action::Repair
            | Action::Rotate
            | Action::Push
            | Action::State
            | Action::Refresh
            | Action::ToPlan
            | Action::Apply
    )
}

/// What is asked before something is done that can't be taken back: the same key again does it, any other does not.
fn question(model: &Model, context: Context, action: Action) -> Option<String> {
    let key = model.keys.key(context, action);
    match action {
        Action::Apply => plan::asks_first(model),
        Action::State => {
            let device = model.device()?.short();
            Some(format!(
                "{key} again states that the portal of {device} holds Entra's client ID, redirect URI and secret in use"
            ))
        }
        Action::Abandon => {
            let Some(Overlay::Unfinished(unfinished)) = model.overlays.last() else {
                return None;
            };
            let run = &unfinished.here()?.summary;
            Some(format!(
                "{key} again abandons run {} on {}: its secrets are removed, unless the portal may be using them",
                run.id.short(),
                run.device.short()
            ))
        }
        Action::Quit if model.bulk_under_way().is_some() => {
            let counts = model.bulk_under_way()?.counts();
            let (under_way, waiting) = (counts.under_way, counts.waiting);
            Some(match (under_way, waiting) {
                (0, _) => format!(
                    "bulk run: {waiting} waiting; {key} again leaves, and what waits does not begin"
                ),
                (_, 0) => format!(
                    "bulk run: {under_way} under way; {key} again leaves, and the next start offers to resume what is under way"
                ),
                _ => format!(
                    "bulk run: {under_way} under way, {waiting} waiting; {key} again leaves: the next start offers to resume what is under way, what waits does not begin"
                ),
            })
        }
        Action::Quit if !model.running.is_empty() => {
            let mut devices: Vec<&str> = model.running.values().map(Fqdn::short).collect();
            devices.sort_unstable();
            Some(format!(
                "a run on {} is under way; {key} again leaves, and the next start offers to resume it",
                devices.join(", ")
            ))
        }
        Action::Quit | Action::Interrupt
            if model.running.is_empty() && !model.secrets_waiting.is_empty() =>
        {
            let devices: Vec<&str> = model.secrets_waiting.iter().map(Fqdn::short).collect();
            let words = match devices.as_slice() {
                [one] => format!(
                    "as far as umpdeck knows, the new secret of {one} is in no portal yet; {key} again leaves, and its value is lost"
                ),
                many => format!(
                    "as far as umpdeck knows, the new secrets of {} are in no portal yet; {key} again leaves, and their values are lost",
                    many.join(", ")
                ),
            };
            Some(words)
        }
        _ => None,
    }
}

/// Pasted text goes into the field that is edited; in a list it becomes the filter, never keys.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let line: String = crate::text::clean(text).trim().to_string();
    match model.context() {
        Context::Create => create::pasted(model, &line),
        Context::Form => inventory::form::pasted(model, &line),
        Context::Contact => contact::pasted(model, &line),
        Context::Filter => return overlay::filter_pasted(model, &line),
        Context::Palette => palette::pasted(model, &line),
        Context::Fleet => {
            fleet::filter(model, &line);
            return fleet::customers(model);
        }
        _ => {}
    }
    vec![]
}
