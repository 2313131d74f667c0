//! A device's keys.

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::list::Move;
use super::super::message::{Ask, Effect};
use super::super::model::{BareLine, DeviceScreen, DeviceTab, Model, Opens, Overlay, Screen, Tone};
use super::super::panes::device::portal::{self, Frame};
use super::{
    adopt, asking, audit, back, copy_value, create, decide, fleet, inventory, look, read, run,
    value_text,
};
use crate::desk::file::{DeviceFile, Scope};
use crate::registration::customers::{CustomerLine, table as customer_table};
use crate::registration::values::ValueKind;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::device_page(model);
    match action {
        Action::Back => {
            back(model);
            return vec![];
        }
        Action::NextDevice => return beside(model, 1),
        Action::PreviousDevice => return beside(model, -1),
        Action::Create => return create::ask(model),
        Action::Adopt => return adopt::ask(model),
        Action::Consent => return asking::plan(model, Ask::Consent),
        Action::Rotate => return asking::plan(model, Ask::Rotate),
        Action::Push => return asking::plan(model, Ask::Push),
        Action::Decide => return decide::ask(model),
        Action::CopyMenu => return fleet::copy_menu(model),
        Action::Refresh if is_on_customers(model) => {
            model.toast(
                Tone::Plain,
                "reading the customers' own tenants, where you may sign in",
            );
            return model
                .device()
                .map(|fqdn| vec![Effect::ReadCustomers(fqdn.clone())])
                .unwrap_or_default();
        }
        Action::Retire => return retire(model),
        Action::ShowRun => return run::show(model),
        Action::Audit => {
            let device = model.device().cloned();
            return audit::open(model, device);
        }
        Action::EditDevice => return inventory::ask(model, action).unwrap_or_default(),
        Action::Refresh => {
            return match model.device().cloned() {
                Some(fqdn) => read(model, Scope::Device(fqdn)),
                None => vec![],
            };
        }
        Action::State => {
            return model
                .device()
                .map(|fqdn| vec![Effect::State(fqdn.clone())])
                .unwrap_or_default();
        }
        _ => {}
    }
    let frame = Frame {
        columns: model.size.0,
        now: model.now,
        keys: &model.keys,
    };
    let portal_page = geometry::portal_page(model);
    let Some(Screen::Device(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        let len = lines(screen, screen.tab, frame);
        let list = &mut screen.lists[screen.tab as usize];
        match screen.tab {
            DeviceTab::Portal => list.scroll(step, len, portal_page),
            _ => list.go(step, len, page),
        }
        return vec![];
    }
    match action {
        Action::Tab(tab) => screen.tab = tab,
        Action::Next => screen.tab = turn(screen.tab, 1),
        Action::Previous => screen.tab = turn(screen.tab, DeviceTab::ALL.len() - 1),
        Action::Reveal => screen.revealed = !screen.revealed,
        Action::ToggleExtra => toggle_extra(screen),
        Action::Repair => {
            let remove = screen.remove_extra.clone();
            return asking::plan(model, Ask::Repair(remove));
        }
        Action::Copy(kind) if screen.tab == DeviceTab::Customers && is_customers(kind) => {
            return copy_of_customer(model, kind);
        }
        Action::CopyInvitation => return copy_invitation(model),
        Action::CopyTable => return copy_table(model),
        Action::Copy(kind) => {
            let Some(file) = screen.judged.as_ref().map(|judged| judged.file.clone()) else {
                return vec![];
            };
            return copy_value(model, &file, kind);
        }
        Action::BareLine => {
            if let Some(line) = bare_line(screen) {
                model.overlays.push(Overlay::BareLine(line));
            } else {
                let key = model
                    .keys
                    .key(Context::Device, Action::Tab(DeviceTab::Values));
                let words = format!("there is no value under the cursor; {key} lists the values");
                model.toast(Tone::Plain, words);
            }
        }
        Action::Open => return look::open(model),
        _ => {}
    }
    vec![]
}

/// Goes to the device after or before this one in the list, at the same tab.
fn beside(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(Screen::Device(screen)) = model.screens.last() else {
        return vec![];
    };
    let (here, tab) = (screen.fqdn.clone(), screen.tab);
    let under_cursor = |model: &Model| model.fleet.selected().map(|row| row.fqdn.clone());
    // Where the list shows this device no more, the cursor stands on the one that took its place.
    let gone = under_cursor(model).as_ref() != Some(&here);
    let before = model.fleet.list.cursor;
    if !(gone && by > 0) {
        let page = geometry::fleet_page(model);
        model.fleet.go(Move::By(by), page);
    }
    let moved = gone && by > 0 || model.fleet.list.cursor != before;
    let Some(next) = under_cursor(model).filter(|_| moved) else {
        let place = if by > 0 { "last" } else { "first" };
        let words = format!("there is no other device: this is the {place} of the list");
        model.toast(Tone::Plain, words);
        return vec![];
    };
    model.screens.pop();
    let mut effects = fleet::open_at(model, next, tab);
    if model.reading_since().is_some() {
        // Whoever goes on fast looks at what is stored: each device on the way would be read in vain.
        effects.retain(|effect| !matches!(effect, Effect::Refresh(_)));
    }
    effects
}

fn turn(tab: DeviceTab, by: usize) -> DeviceTab {
    DeviceTab::ALL[(tab as usize + by) % DeviceTab::ALL.len()]
}

fn is_on_customers(model: &Model) -> bool {
    matches!(model.screens.last(), Some(Screen::Device(screen)) if screen.tab == DeviceTab::Customers)
}

/// How many lines a tab has.
pub(super) fn lines(screen: &DeviceScreen, tab: DeviceTab, frame: Frame<'_>) -> usize {
    let Some(judged) = &screen.judged else {
        return 0;
    };
    match tab {
        DeviceTab::Checklist => judged.checklist.items.len(),
        DeviceTab::Permissions => judged.file.permissions().len(),
        DeviceTab::Values => ValueKind::ALL.len(),
        DeviceTab::Portal => portal::count(judged, frame),
        DeviceTab::Customers => judged.file.customers().len(),
        DeviceTab::History => judged.file.runs.len(),
        DeviceTab::Secrets => judged.file.secrets.len(),
    }
}

/// Plans to remove the secret under the cursor.
fn retire(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Device(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    let at = screen.lists[DeviceTab::Secrets as usize].cursor;
    let line = screen
        .judged
        .as_ref()
        .and_then(|judged| judged.file.secrets.get(at));
    match (screen.tab, line) {
        (DeviceTab::Secrets, Some(line)) => {
            let (fqdn, key_id) = (screen.fqdn.clone(), line.credential.key_id);
            let words = format!("reading {} again for the plan", fqdn.short());
            model.toast(Tone::Plain, words);
            let question = model.questions.ask_to_open(&fqdn, Opens::Plan);
            vec![Effect::PlanRetire(fqdn, key_id, question)]
        }
        (DeviceTab::Secrets, None) => {
            model.toast(Tone::Plain, "the registration has no client secret");
            vec![]
        }
        _ => {
            screen.tab = DeviceTab::Secrets;
            let key = model.keys.key(Context::Device, Action::Retire);
            model.toast(
                Tone::Plain,
                format!("{key} again removes the secret under the cursor; its plan is shown first"),
            );
            vec![]
        }
    }
}

fn toggle_extra(screen: &mut DeviceScreen) {
    let (Some(judged), DeviceTab::Permissions) = (&screen.judged, screen.tab) else {
        return;
    };
    let at = screen.lists[DeviceTab::Permissions as usize].cursor;
    let Some(line) = judged
        .file
        .permissions()
        .into_iter()
        .nth(at)
        .filter(|line| line.extra())
    else {
        return;
    };
    match screen
        .remove_extra
        .iter()
        .position(|one| *one == line.access)
    {
        Some(at) => {
            screen.remove_extra.remove(at);
        }
        None => screen.remove_extra.push(line.access),
    }
}

/// The customer under the cursor.
pub(super) fn customer(screen: &DeviceScreen) -> Option<CustomerLine> {
    let judged = screen.judged.as_ref()?;
    let at = screen.lists[DeviceTab::Customers as usize].cursor;
    let here = screen.tab == DeviceTab::Customers;
    judged.file.customers().into_iter().nth(at).filter(|_| here)
}

/// The customer under the cursor and the file that it stands in; says so where there is none.
fn chosen_customer(model: &mut Model) -> Option<(CustomerLine, DeviceFile)> {
    let chosen = match model.screens.last() {
        Some(Screen::Device(screen)) => {
            let file = screen.judged.as_ref().map(|judged| judged.file.clone());
            customer(screen).zip(file)
        }
        _ => None,
    };
    if chosen.is_none() {
        let key = model
            .keys
            .key(Context::Device, Action::Tab(DeviceTab::Customers));
        model.toast(
            Tone::Plain,
            format!("choose a customer first: {key} lists them"),
        );
    }
    chosen
}

/// Whether a customer has a value of this kind of its own.
fn is_customers(kind: ValueKind) -> bool {
    matches!(
        kind,
        ValueKind::ConsentUrl | ValueKind::TenantId | ValueKind::RedirectUri
    )
}

fn copy_of_customer(model: &mut Model, kind: ValueKind) -> Vec<Effect> {
    let Some((line, _)) = chosen_customer(model) else {
        return vec![];
    };
    let (what, text) = match kind {
        ValueKind::ConsentUrl => (
            "Admin consent URL",
            line.consent_url.map_err(str::to_string),
        ),
        ValueKind::TenantId => {
            let id = line.facts.tenant_id.map(|id| id.to_string());
            ("Tenant ID", id.ok_or("it is not known".to_string()))
        }
        _ => {
            let uri = line.redirect_uri.map(|uri| uri.to_string());
            let none = "it has none of its own; the device's values show the device's";
            ("Redirect URI", uri.ok_or(none.to_string()))
        }
    };
    let label = format!("{what} of {}", line.facts.short_name);
    match text {
        Ok(text) => vec![Effect::copy(label, text)],
        Err(why) => {
            model.toast(Tone::Bad, format!("{label}: {why}"));
            vec![]
        }
    }
}

fn copy_invitation(model: &mut Model) -> Vec<Effect> {
    let Some((line, file)) = chosen_customer(model) else {
        return vec![];
    };
    let label = format!("Invitation of {}", line.facts.short_name);
    match file.invitation(&line) {
        Ok(text) => vec![Effect::copy(label, crate::text::clean_block(&text))],
        Err(why) => {
            model.toast(Tone::Bad, format!("{label}: {why}"));
            vec![]
        }
    }
}

fn copy_table(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Device(screen)) = model.screens.last() else {
        return vec![];
    };
    let lines = screen.judged.as_ref().map(|judged| judged.file.customers());
    let lines = lines.unwrap_or_default();
    if lines.is_empty() {
        model.toast(Tone::Plain, "no customers are listed for this device");
        return vec![];
    }
    let label = format!("Table of {} customers", lines.len());
    let table = customer_table(&lines, crate::text::clean);
    vec![Effect::copy(label, table)]
}

/// The value under the cursor of the values tab; elsewhere the client ID.
fn bare_line(screen: &DeviceScreen) -> Option<BareLine> {
    let judged = screen.judged.as_ref()?;
    if screen.tab == DeviceTab::Customers {
        let line = customer(screen)?;
        return Some(BareLine {
            label: format!("Admin consent URL of {}", line.facts.short_name),
            text: line.consent_url.ok()?.into(),
        });
    }
    let kind = match screen.tab {
        DeviceTab::Values => {
            *ValueKind::ALL.get(screen.lists[DeviceTab::Values as usize].cursor)?
        }
        _ => ValueKind::ClientId,
    };
    let text = value_text(&judged.file, kind).ok()?;
    Some(BareLine {
        label: kind.title().to_string(),
        text,
    })
}
