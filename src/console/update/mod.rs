//! `update(model, message) -> effects`: pure and synchronous. No clock, no terminal, no network: tests drive the
//! whole console through it. A file here is a pane's keys.

mod adopt;
pub mod allowed;
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
mod mouse;
mod overlay;
pub mod palette;
mod plan;
mod run;
mod secrets;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::chord::Chord;
use super::geometry;
use super::keymap::{Action, Context};
use super::list::Move;
use super::message::{Ask, Effect, Message, Then};
use super::model::{DeviceTab, Judged, Model, Overlay, Screen, Tone};
use crate::desk::event::RunId;
use crate::desk::file::DeviceFile;
use crate::registration::fleet::Fqdn;
use crate::registration::values::ValueKind;

/// How long the cursor must rest before the reason line follows it.
pub const REST: SignedDuration = SignedDuration::from_millis(150);

/// How long a sign-in may take before its code is shown large.
pub const PATIENCE: SignedDuration = SignedDuration::from_secs(2);

/// Takes over what happened at `now`; returns what is to be done outside.
pub fn update(model: &mut Model, message: Message, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    model.toasts.retain(|toast| toast.until > now);
    show_sign_ins(model);
    let before = under_cursor(model);
    let pressed = matches!(message, Message::Key(_) | Message::Paste(_));
    let mut effects = take(model, message, now);
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
    Some(Effect::Load(fqdn, Then::Peek))
}

/// The device whose checklist is to stand beside the list and was not asked for.
fn wants_peek(model: &Model) -> Option<Fqdn> {
    let shown = model.screens.is_empty() && geometry::fleet_panes(model.size).detail.is_some();
    under_cursor(model).filter(|fqdn| shown && model.peek.of.as_ref() != Some(fqdn))
}

fn take(model: &mut Model, message: Message, now: Timestamp) -> Vec<Effect> {
    match message {
        Message::Key(chord) => key(model, &chord),
        Message::Paste(text) => paste(model, &text),
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            settle(model);
            vec![]
        }
        Message::Desk(event) => desk::event(model, event),
        Message::Loaded(file, then) => loaded(model, *file, then),
        Message::Planned(Ok(planned)) => plan::planned(model, planned.0, planned.1),
        Message::Failed(trouble) => {
            if model.peek.follows() {
                // It may be the checklist that failed: another device's does not stand in for it.
                model.peek.judged = None;
            }
            model.trouble(&trouble);
            vec![]
        }
        Message::Planned(Err(trouble)) | Message::BulkPlanned(Err(trouble)) => {
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
            inventory::written(model, outcome);
            vec![]
        }
        Message::BulkBegan(outcome) => {
            bulk::began(model, outcome);
            vec![]
        }
        Message::Decided(Ok(decision)) => decide::open(model, *decision),
        Message::Decided(Err(trouble)) => {
            model.toast(Tone::Plain, format!("{}: {}", trouble.what, trouble.why));
            vec![]
        }
        Message::RunBegan(fqdn, outcome) => run::began(model, &fqdn, outcome),
        Message::Abandoned(fqdn, words) => {
            model.toast(Tone::Plain, words);
            vec![Effect::Load(fqdn, Then::Show)]
        }
        Message::Secrets(read) => {
            secrets::loaded(model, read.0, read.1);
            vec![]
        }
        Message::Audit(device, read) => {
            audit::loaded(model, device.as_ref(), read.0, read.1);
            vec![]
        }
        Message::Story(card) => {
            model.overlays.push(Overlay::Card(card));
            vec![]
        }
        Message::ContactAsked(tenant, prompt) => contact::asked(model, tenant, prompt),
        Message::Contacted(tenant, outcome) => contact::contacted(model, tenant, *outcome),
        Message::TenantAdded(outcome) => contact::added(model, outcome),
        Message::Sent(words) => {
            model.toast(Tone::Good, words);
            vec![]
        }
        Message::Customers(names) => {
            model.fleet.know_customers(names, now);
            settle(model);
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

fn key(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    let context = model.context();
    let Some(action) = model.keys.action(context, chord) else {
        return match context {
            Context::Create => create::typed(model, chord),
            Context::Form => inventory::typed(model, chord),
            Context::Contact => contact::typed(model, chord),
            Context::Filter => overlay::filter_typed(model, chord),
            Context::Palette => palette::typed(model, chord),
            _ => vec![],
        };
    };
    perform(model, context, action)
}

/// Does what an action does in a pane, or says why it can't be done.
fn perform(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
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
                    true => "the mouse is the console's; hold Shift to select text",
                    false => "the mouse is the terminal's again",
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
fn dispatch(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
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
        Context::Form => inventory::form_act(model, action),
        Context::Change => inventory::change_act(model, action),
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
                "{key} again states that {device}'s portal holds Entra's client ID, redirect URI and secret in use"
            ))
        }
        Action::Abandon => {
            let Some(Overlay::Unfinished(unfinished)) = model.overlays.last() else {
                return None;
            };
            let run = &unfinished.here()?.summary;
            Some(format!(
                "{key} again gives up run {} on {}: its secrets go unless the portal may use them",
                run.id.short(),
                run.device.short()
            ))
        }
        Action::Quit if !model.running.is_empty() => {
            let mut devices: Vec<&str> = model.running.values().map(Fqdn::short).collect();
            devices.sort_unstable();
            Some(format!(
                "a run on {} is under way; {key} again leaves, the next start takes it up",
                devices.join(", ")
            ))
        }
        _ => None,
    }
}

/// Pasted text goes into the field that is edited; in a list it becomes the filter, never keys.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let line: String = crate::text::clean(text).trim().to_string();
    match model.context() {
        Context::Create => create::pasted(model, &line),
        Context::Form => inventory::pasted(model, &line),
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

fn loaded(model: &mut Model, file: DeviceFile, then: Then) -> Vec<Effect> {
    let now = model.now;
    match then {
        Then::Create => return create::open(model, file),
        Then::Adopt => return adopt::open(model, file),
        Then::Show | Then::Peek => {}
    }
    let fqdn = file.device.fqdn.clone();
    if model.peek.of.as_ref() == Some(&fqdn) {
        model.peek.judged = Some(Judged::of(file.clone(), now));
    }
    if then == Then::Peek {
        return vec![];
    }
    for overlay in &mut model.overlays {
        if let Overlay::CopyMenu(menu) = overlay
            && menu.fqdn == fqdn
        {
            menu.file = Some(file.clone());
        }
    }
    for screen in &mut model.screens {
        match screen {
            Screen::Device(screen) if screen.fqdn == fqdn => {
                screen.judged = Some(Judged::of(file.clone(), now));
            }
            Screen::Adopt(screen) if screen.file.device.fqdn == fqdn => {
                screen.file = file.clone();
            }
            Screen::Run(screen)
                if screen.file.plan.device == fqdn && screen.progress.end.is_some() =>
            {
                screen.judged = Some(Judged::of(file.clone(), now));
            }
            Screen::Handoff(screen) if screen.judged.file.device.fqdn == fqdn => {
                screen.judged = Judged::of(file.clone(), now);
            }
            _ => {}
        }
    }
    settle(model);
    vec![]
}

/// After another size or other facts: every cursor is in its list, and its line on screen.
fn settle(model: &mut Model) {
    let page = geometry::fleet_page(model);
    model.fleet.go(Move::By(0), page);
    let page = geometry::device_page(model);
    for screen in &mut model.screens {
        if let Screen::Adopt(screen) = screen {
            let count = screen.candidates().len();
            screen.list.keep_in_view(count, count.max(1));
        }
        if let Screen::Device(screen) = screen
            && screen.judged.is_some()
        {
            for tab in DeviceTab::ALL {
                let lines = device::lines(screen, tab);
                screen.lists[tab as usize].keep_in_view(lines, page);
            }
        }
    }
    plan::keep_in_view(model);
    bulk::keep_in_view(model);
    inventory::keep_in_view(model);
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
        true => "stopping: the devices under way come to their end",
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
    for screen in &mut model.screens {
        let progress = match screen {
            Screen::Run(screen) => Some(&mut screen.progress),
            Screen::Handoff(screen) => screen.progress.as_mut(),
            _ => None,
        };
        if let Some(progress) = progress.filter(|progress| progress.run == run) {
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

/// Asks for a plan for the device that the pane is about.
fn ask(model: &Model, ask: Ask) -> Vec<Effect> {
    model
        .device()
        .map(|fqdn| vec![Effect::Plan(fqdn.clone(), ask)])
        .unwrap_or_default()
}

/// The sign-in of a tenant is over, one way or the other.
fn forget_sign_in(model: &mut Model, tenant: uuid::Uuid) {
    model.sign_ins.retain(|(asked, ..)| *asked != tenant);
    model
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::SignIn(asked, _) if *asked == tenant));
}

/// Copies a value of a device's file, or says why there is none.
fn copy_value(model: &mut Model, file: &DeviceFile, letter: char) -> Vec<Effect> {
    let Some(kind) = ValueKind::ALL.into_iter().find(|kind| kind.key() == letter) else {
        return vec![];
    };
    match value_text(file, kind) {
        Ok(text) => vec![Effect::Copy {
            label: kind.title().to_string(),
            text,
            secret: kind == ValueKind::SecretValue,
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
