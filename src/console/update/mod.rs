//! `update(model, message) -> effects`: pure and synchronous. No clock, no terminal, no network: tests drive the
//! whole console through it. A file here is a pane's keys.

mod adopt;
pub mod allowed;
mod asking;
mod audit;
mod bulk;
mod consent;
mod contact;
pub mod create;
mod decide;
mod desk;
mod device;
mod fleet;
pub(super) mod handoff;
mod inventory;
mod keys;
mod loaded;
mod look;
mod mouse;
mod overlay;
pub mod palette;
mod plan;
mod run;
mod secrets;
mod typing;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::geometry;
use super::keymap::Action;
use super::list::Move;
use super::message::{Effect, Message, Then};
use super::model::{DeviceTab, Model, Overlay, Screen, Subject, Tone};
use super::panes::device::portal::Frame;
use crate::desk::event::RunId;
use crate::desk::file::{DeviceFile, Scope};
use crate::registration::fleet::Fqdn;
use crate::registration::values::ValueKind;

/// How long the cursor must rest before the reason line follows it.
pub const REST: SignedDuration = SignedDuration::from_millis(150);

/// How many messages are on screen at once, at most.
const TOASTS: usize = 3;

/// How long a sign-in may take before its code is shown large.
pub const PATIENCE: SignedDuration = SignedDuration::from_secs(2);

/// Takes over what happened at `now`; returns what is to be done outside.
pub fn update(model: &mut Model, message: Message, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    model.toasts.retain(|toast| toast.until > now);
    show_sign_ins(model);
    let before = under_cursor(model);
    let pane = model.pane();
    let pressed = matches!(message, Message::Key(_) | Message::Paste(_));
    let by_operator = pressed || matches!(message, Message::Mouse(..));
    let place = by_operator.then(|| asking::place(model));
    let mut said = std::mem::take(&mut model.toasts);
    let mut effects = take(model, message, now);
    // What was said of the pane before has no meaning in another one; the messages' list keeps it.
    if model.pane() == pane {
        // The same once more takes the place of the one before.
        said.retain(|one| model.toasts.iter().all(|new| new.text != one.text));
        model.toasts.splice(0..0, said);
        let most = model.toasts.len().saturating_sub(TOASTS);
        model.toasts.drain(..most);
    }
    if place.is_some_and(|place| place != asking::place(model)) {
        model.questions.gone_on();
    }
    secrets::arrange(model);
    if !pressed {
        effects.extend(peek(model));
    } else if under_cursor(model) != before || wants_peek(model).is_some() {
        // No key waits for a checklist: it follows when the cursor rests.
        model.moved_at = Some(now);
    }
    effects
}

fn under_cursor(model: &Model) -> Option<Fqdn> {
    model.fleet.selected().map(|row| row.fqdn.clone())
}

/// Asks for the file of the device under the cursor, once the cursor rests, where its checklist stands beside the list.
pub fn peek(model: &mut Model) -> Option<Effect> {
    if model.moved_at.is_some() {
        return None;
    }
    let fqdn = wants_peek(model)?;
    model.peek.of = Some(fqdn.clone());
    Some(asking::load(model, fqdn, Then::Peek))
}

/// The device whose checklist is to stand beside the list and was not asked for.
fn wants_peek(model: &Model) -> Option<Fqdn> {
    let shown = model.screens.is_empty() && geometry::fleet_panes(model.size).detail.is_some();
    under_cursor(model).filter(|fqdn| shown && model.peek.of.as_ref() != Some(fqdn))
}

fn take(model: &mut Model, message: Message, now: Timestamp) -> Vec<Effect> {
    match message {
        Message::Key(chord) => keys::key(model, &chord),
        Message::Paste(text) => keys::paste(model, &text),
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            settle(model);
            vec![]
        }
        Message::Desk(event) => desk::event(model, event),
        Message::Loaded(file, then, question) => loaded::loaded(model, *file, then, question),
        Message::Planned(outcome, question) => match asking::opened(model, outcome, question) {
            Some(planned) => plan::planned(model, planned.0, planned.1),
            None => vec![],
        },
        Message::Failed(trouble) => {
            if model.peek.follows() {
                // It may be the checklist that failed: another device's does not stand in for it.
                model.peek.judged = None;
            }
            model.trouble(&trouble);
            vec![]
        }
        Message::BulkPlanned(Err(trouble)) => {
            model.trouble(&trouble);
            vec![]
        }
        Message::BulkPlanned(Ok(plan)) => {
            bulk::planned(model, *plan);
            vec![]
        }
        Message::Inventory(written, wish) => {
            inventory::opened(model, *written, wish);
            vec![]
        }
        Message::InventoryWritten(outcome) => {
            inventory::change::written(model, outcome);
            vec![]
        }
        Message::BulkBegan(outcome) => {
            bulk::began(model, outcome);
            vec![]
        }
        Message::Decided(outcome, question) => {
            if let Some(decided) = asking::opened(model, outcome, question) {
                decide::answered(model, decided);
            }
            vec![]
        }
        Message::RunBegan(fqdn, outcome) => run::began(model, &fqdn, outcome),
        Message::Abandoned(fqdn, words) => {
            model.toast(Tone::Plain, words);
            vec![asking::load(model, fqdn, Then::Show)]
        }
        Message::Secrets(read, question) => {
            if model.questions.is_news(Subject::Secrets, question) {
                secrets::loaded(model, read.0, read.1);
            }
            vec![]
        }
        Message::Audit(device, read, question) => {
            let subject = Subject::Audit(device.clone());
            if model.questions.is_news(subject, question) {
                audit::loaded(model, device.as_ref(), read.0, read.1);
            }
            vec![]
        }
        Message::Story(card) => {
            model.overlays.push(Overlay::Card(card));
            vec![]
        }
        Message::ContactAsked(tenant, prompt) => contact::asked(model, tenant, prompt),
        Message::Contacted(tenant, outcome) => contact::contacted(model, tenant, *outcome),
        Message::TenantAdded(outcome) => contact::added(model, outcome),
        Message::Sent(sent) => {
            let tone = if sent.left { Tone::Good } else { Tone::Bad };
            model.toast(tone, sent.words);
            let field = sent.field.filter(|_| sent.left);
            field
                .map(|field| handoff::mark(model, field))
                .into_iter()
                .collect()
        }
        Message::Customers(names, question) => {
            if model.questions.is_news(Subject::Customers, question) {
                model.fleet.know_customers(names, now);
                settle(model);
            }
            vec![]
        }
        Message::Examined(found) => {
            for overlay in &mut model.overlays {
                if let Overlay::Doctor(shown, _) = overlay {
                    *shown = Some(found.clone());
                }
            }
            vec![]
        }
        Message::SettingsWritten(Ok(words)) => {
            if let Some(first) = &mut model.first_run {
                first.exists = true;
            }
            model.toast(Tone::Good, words);
            vec![]
        }
        Message::SettingsWritten(Err(trouble)) => {
            model.trouble(&trouble);
            vec![]
        }
        Message::Mouse(what, column, row) => mouse::used(model, what, column, row),
        Message::Told(words) => {
            model.toast(Tone::Plain, words);
            vec![]
        }
        Message::Tick => {
            model.moved_at = model.moved_at.filter(|at| now.duration_since(*at) < REST);
            vec![]
        }
    }
}

/// A sign-in that nobody approved for a while comes to the front; a quick one never flickers by.
fn show_sign_ins(model: &mut Model) {
    let now = model.now;
    if model.context().types() {
        // Somebody is typing: what is typed next is not meant for a sign-in.
        return;
    }
    while let Some(at) = model
        .sign_ins
        .iter()
        .position(|(.., at)| now.duration_since(*at) >= PATIENCE)
    {
        let (tenant, prompt, _) = model.sign_ins.remove(at);
        model.overlays.push(Overlay::SignIn(tenant, prompt));
    }
}

/// After another size or other facts: every cursor is in its list, and its line on screen.
fn settle(model: &mut Model) {
    let page = geometry::fleet_page(model);
    model.fleet.go(Move::By(0), page);
    let page = geometry::device_page(model);
    let portal_page = geometry::portal_page(model);
    let frame = Frame {
        columns: model.size.0,
        now: model.now,
        keys: &model.keys,
    };
    for screen in &mut model.screens {
        if let Screen::Adopt(screen) = screen {
            let count = screen.candidates().len();
            screen.list.keep_in_view(count, count.max(1));
        }
        if let Screen::Device(screen) = screen
            && screen.judged.is_some()
        {
            for tab in DeviceTab::ALL {
                let lines = device::lines(screen, tab, frame);
                let list = &mut screen.lists[tab as usize];
                match tab {
                    DeviceTab::Portal => list.scroll(Move::By(0), lines, portal_page),
                    _ => list.keep_in_view(lines, page),
                }
            }
        }
    }
    plan::keep_in_view(model);
    bulk::keep_in_view(model);
    inventory::change::keep_in_view(model);
}

/// Stops every run after the step under way, on screen or not; with nothing to stop, or the second time, leaves.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    let mut runs: Vec<RunId> = model
        .running
        .keys()
        .filter(|run| !model.stopping.contains(*run))
        .copied()
        .collect();
    let bulk = bulk::interrupt(model);
    if runs.is_empty() && bulk.is_none() {
        return quit(model);
    }
    runs.sort_unstable();
    let key = model.keys.key(model.context(), Action::Interrupt);
    let words = match runs.is_empty() {
        true => "stopping: the devices under way finish, no other begins",
        false => "stopping after the step under way",
    };
    let words = format!("{words}; {key} again leaves");
    model.toast(Tone::Plain, words);
    let runs = runs.into_iter().map(|run| stop(model, run));
    runs.chain(bulk).collect()
}

/// Asks for a run's end after the step under way.
fn stop(model: &mut Model, run: RunId) -> Effect {
    model.stopping.insert(run);
    if let Some(shown) = model.runs.get_mut(&run) {
        shown.progress.stopping = true;
    }
    for screen in &mut model.screens {
        if let Screen::Handoff(screen) = screen
            && let Some(progress) = screen.progress.as_mut().filter(|one| one.run == run)
        {
            progress.stopping = true;
        }
    }
    Effect::StopRun(run)
}

fn quit(model: &mut Model) -> Vec<Effect> {
    model.leaving = true;
    vec![Effect::Quit]
}

/// One step back: the top overlay, else the top screen.
pub(super) fn back(model: &mut Model) {
    if model.overlays.pop().is_none() {
        model.screens.pop();
    }
}

/// Reads again, unless that is under way: then what has gone on for long is stopped, and nothing is read twice at once.
fn read(model: &mut Model, scope: Scope) -> Vec<Effect> {
    if model.long_reading().is_some() {
        model.toast(
            Tone::Plain,
            "reading stopped: the list shows what was read before",
        );
        return vec![Effect::StopReading];
    }
    if model.reading_since().is_some() {
        model.toast(Tone::Plain, "the reading is under way already");
        return vec![];
    }
    vec![Effect::Refresh(scope)]
}

/// The sign-in of a tenant is over, one way or the other.
fn forget_sign_in(model: &mut Model, tenant: uuid::Uuid) {
    model.sign_ins.retain(|(asked, ..)| *asked != tenant);
    model
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::SignIn(asked, _) if *asked == tenant));
}

/// Copies a value of a device's file, or says why there is none.
fn copy_value(model: &mut Model, file: &DeviceFile, kind: ValueKind) -> Vec<Effect> {
    match value_text(file, kind) {
        Ok(text) => vec![Effect::Copy {
            label: kind.title().to_string(),
            text,
            secret: kind == ValueKind::SecretValue,
            field: None,
        }],
        Err(why) => {
            model.toast(Tone::Bad, format!("{}: {why}", kind.title()));
            vec![]
        }
    }
}

/// A value of a device's file, the secret's value included while this process holds it.
pub(super) fn value_text(file: &DeviceFile, kind: ValueKind) -> Result<SecretString, String> {
    if kind == ValueKind::SecretValue
        && let Some(secret) = &file.secret
    {
        return Ok(secret.value.clone());
    }
    file.value(kind)
        .map(SecretString::from)
        .map_err(str::to_string)
}
