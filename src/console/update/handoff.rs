//! The handoff's keys: one field after another, the secret added only when its field is reached.

use super::super::keymap::{Action, Context};
use super::super::message::{Effect, FieldValue};
use super::super::model::{BareLine, HandoffScreen, Model, Overlay, Screen, StepState, Tone};
use super::{back, stop};
use crate::registration::plan::Action as PlanAction;
use crate::registration::portal_page::{FormField, Holds};

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Handoff(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    match action {
        Action::Back => return leave_it(model),
        // Moving only looks: nothing is added before Enter asks for it.
        Action::Down => screen.field = step(screen, true).unwrap_or(screen.field),
        Action::Up => screen.field = step(screen, false).unwrap_or(screen.field),
        Action::Reveal => {
            screen.revealed = !screen.revealed;
            let is_shown = screen.revealed && screen.judged.file.secret.is_some();
            let device = screen.file.plan.device.clone();
            return is_shown
                .then_some(Effect::SecretIsOut(device))
                .into_iter()
                .collect();
        }
        Action::CopyAndGoOn => return copy_and_go_on(model),
        Action::BareLine => {
            let field = screen.fields().into_iter().nth(screen.field);
            if let Some(field) = field
                && let Ok(text) = screen.text(&field)
            {
                let label = field.label.clone();
                let value = value_of(screen, &field);
                model
                    .overlays
                    .push(Overlay::BareLine(BareLine { label, text }));
                return value.map(|value| mark(model, value)).into_iter().collect();
            }
        }
        Action::Applied => return applied(model),
        _ => {}
    }
    vec![]
}

/// What becomes of a handoff that is left.
pub(super) const NOT_STATED: &str =
    "not stated: the handoff ends here; the secret stays in memory until you leave umpdeck";

fn leave_it(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Handoff(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    let under_way = screen
        .progress
        .as_ref()
        .filter(|progress| progress.end.is_none());
    if let Some(run) = under_way.map(|progress| progress.run) {
        back(model);
        model.toast(Tone::Plain, NOT_STATED);
        model.handoffs_left.insert(run);
        return vec![stop(model, run)];
    }
    if screen.starting {
        let device = screen.file.plan.device.clone();
        model.given_up.insert(device);
    }
    back(model);
    vec![]
}

fn copy_and_go_on(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Handoff(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if screen.is_over() {
        leave(model);
        return vec![];
    }
    let Some(field) = screen.fields().into_iter().nth(screen.field) else {
        return vec![];
    };
    let is_secret = field.holds == Holds::ClientSecret;
    let text = match screen.text(&field) {
        Ok(text) => text,
        Err(_) if is_secret => {
            let starting = begin(screen);
            if starting.is_empty() {
                model.toast(Tone::Plain, "the secret is being added; wait a moment");
            }
            return starting;
        }
        Err(why) => {
            model.toast(Tone::Bad, format!("{}: {why}", field.label));
            return vec![];
        }
    };
    let mut effects = vec![Effect::Copy {
        label: field.label.clone(),
        text,
        secret: is_secret,
        // Marked as copied once it is known to have been sent.
        field: value_of(screen, &field),
    }];
    if let Some(next) = step(screen, true) {
        screen.field = next;
    }
    let reached = screen.fields().get(screen.field).map(|field| field.holds);
    // Without a secret nothing has to wait: the run only waits for the operator's word.
    if is_secret || reached == Some(Holds::ClientSecret) || !screen.has_secret() {
        effects.extend(begin(screen));
    }
    effects
}

/// Whether Enter copies the secret, or goes on to its field, which adds one where there is none.
pub(super) fn reaches_the_secret(screen: &HandoffScreen) -> bool {
    let fields = screen.fields();
    let is_secret = |at: usize| {
        let field = fields.get(at);
        field.is_some_and(|field| field.holds == Holds::ClientSecret)
    };
    is_secret(screen.field) || step(screen, true).is_some_and(is_secret)
}

/// Whether the secret's field is under the cursor.
pub(in crate::console) fn is_at_the_secret(screen: &HandoffScreen) -> bool {
    let field = screen.fields().into_iter().nth(screen.field);
    field.is_some_and(|field| field.holds == Holds::ClientSecret)
}

/// The field before or after the cursor that is ours to fill in.
fn step(screen: &HandoffScreen, down: bool) -> Option<usize> {
    let fields = screen.fields();
    let ours = |at: &usize| fields[*at].holds != Holds::Untouched;
    if down {
        (screen.field + 1..fields.len()).find(ours)
    } else {
        (0..screen.field.min(fields.len())).rev().find(ours)
    }
}

/// What a field holds, to be remembered as copied.
fn value_of(screen: &HandoffScreen, field: &FormField) -> Option<FieldValue> {
    let secret = screen.judged.file.secret.as_ref();
    let what = match &field.value {
        Ok(value) => value.clone(),
        Err(_) => secret?.key_id.to_string(),
    };
    Some(FieldValue {
        device: screen.file.plan.device.clone(),
        field: field.key.clone(),
        what,
    })
}

/// Marks a field as copied, on screen and for a handoff that takes this one up.
pub(super) fn mark(model: &mut Model, value: FieldValue) -> Effect {
    let now = model.now;
    for screen in &mut model.screens {
        if let Screen::Handoff(screen) = screen
            && screen.file.plan.device == value.device
        {
            screen.copied.insert(value.field.clone(), now);
        }
    }
    Effect::MarkCopied(value)
}

/// Leaves a handoff that is over, and the result that it was begun from: both are done with.
fn leave(model: &mut Model) {
    back(model);
    if matches!(model.screens.last(), Some(Screen::Run(_))) {
        back(model);
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
    let fields = screen.fields();
    let ours: Vec<_> = fields
        .iter()
        .filter(|field| field.holds != Holds::Untouched)
        .collect();
    let copied = ours
        .iter()
        .filter(|field| screen.copied.contains_key(&field.key))
        .count();
    match waits(screen) {
        Some(_) if copied < ours.len() && !screen.asked => {
            screen.asked = true;
            let words = format!(
                "you have copied {copied} of {} fields here; {} again records all of them as applied",
                ours.len(),
                model.keys.key(Context::Handoff, Action::Applied)
            );
            model.toast(Tone::Bad, words);
            vec![]
        }
        Some(run) if !screen.applied => {
            screen.applied = true;
            vec![Effect::Applied(run)]
        }
        Some(_) => vec![],
        None if screen.is_over() => vec![],
        None => {
            let key = model.keys.key(Context::Handoff, Action::CopyAndGoOn);
            let adds = match screen.has_secret() {
                true => "; on the secret's field it adds a new secret",
                false => "",
            };
            let words = format!("copy the values first: {key} copies a field and goes on{adds}");
            model.toast(Tone::Plain, words);
            vec![]
        }
    }
}
