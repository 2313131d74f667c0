//! The fleet's keys.

use uuid::Uuid;

use super::super::geometry;
use super::super::keymap::Action;
use super::super::list::{ListState, Move};
use super::super::message::{Ask, Effect, Then};
use super::super::model::{CopyMenu, DeviceScreen, DeviceTab, Model, Overlay, Screen};
use super::{adopt, asking, audit, bulk, contact, create, inventory, read, run, secrets};
use crate::desk::file::Scope;
use crate::registration::fleet::Fqdn;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::fleet_page(model);
    if let Some(step) = step(action) {
        model.fleet.go(step, page);
        model.moved_at = Some(model.now);
        return vec![];
    }
    if let Some(effects) = inventory::ask(model, action) {
        return effects;
    }
    if let Some(effects) = bulk::ask(model, action) {
        return effects;
    }
    match action {
        Action::Mark => {
            model.fleet.toggle_mark();
            model.fleet.go(Move::By(1), page);
            model.moved_at = Some(model.now);
            return vec![];
        }
        Action::MarkShown => model.fleet.mark_shown(),
        Action::InvertMarks => model.fleet.invert_shown(),
        Action::UnmarkAll => model.fleet.unmark_all(),
        Action::ShowRun => return run::show(model),
        Action::Open => {
            return model
                .device()
                .cloned()
                .map(|fqdn| open(model, fqdn))
                .unwrap_or_default();
        }
        Action::Create => return create::ask(model),
        Action::Adopt => return adopt::ask(model),
        Action::AddTenant => contact::open(model),
        Action::Repair => return asking::plan(model, Ask::Repair(vec![])),
        Action::Rotate => return asking::plan(model, Ask::Rotate),
        Action::Push => return asking::plan(model, Ask::Push),
        Action::CopyMenu => return copy_menu(model),
        Action::Secrets => return secrets::open(model),
        Action::Audit => return audit::open(model, None),
        Action::Refresh => {
            let scope = model.fleet.tenant.map_or(Scope::All, Scope::Tenant);
            return read(model, scope);
        }
        Action::Filter => {
            let input = model.fleet.filter.clone().into();
            model.overlays.push(Overlay::Filter(input));
        }
        Action::ProblemsOnly => {
            model.fleet.problems_only = !model.fleet.problems_only;
            model.fleet.arrange(model.now);
        }
        Action::Sort => {
            model.fleet.sort = model.fleet.sort.next();
            model.fleet.arrange(model.now);
        }
        Action::Next => choose_tenant(model, 1),
        Action::Previous => choose_tenant(model, -1),
        Action::Back => {
            if !model.fleet.filter.is_empty() {
                model.fleet.set_filter("", model.now);
            } else if model.fleet.problems_only {
                model.fleet.problems_only = false;
                model.fleet.arrange(model.now);
            } else if model.fleet.tenant.is_some() {
                model.fleet.tenant = None;
                model.fleet.arrange(model.now);
            } else {
                model.fleet.unmark_all();
            }
        }
        _ => {}
    }
    model.fleet.go(Move::By(0), page);
    vec![]
}

/// Asks for the customers' names where the filter needs them.
pub(super) fn customers(model: &mut Model) -> Vec<Effect> {
    match model.fleet.wants_customers() {
        true => vec![Effect::LoadCustomers(model.questions.ask())],
        false => vec![],
    }
}

/// The cursor's way, for every list.
pub(super) fn step(action: Action) -> Option<Move> {
    Some(match action {
        Action::Up => Move::By(-1),
        Action::Down => Move::By(1),
        Action::HalfPageUp => Move::HalfPages(-1),
        Action::HalfPageDown => Move::HalfPages(1),
        Action::PageUp => Move::HalfPages(-2),
        Action::PageDown => Move::HalfPages(2),
        Action::Top => Move::Top,
        Action::Bottom => Move::Bottom,
        _ => return None,
    })
}

pub(super) fn open(model: &mut Model, fqdn: Fqdn) -> Vec<Effect> {
    open_at(model, fqdn, DeviceTab::Checklist)
}

/// Opens a device at one of its tabs.
pub(super) fn open_at(model: &mut Model, fqdn: Fqdn, tab: DeviceTab) -> Vec<Effect> {
    // Whoever comes back to the list is on the device that was worked on.
    model.fleet.follow(&fqdn);
    let page = geometry::fleet_page(model);
    model.fleet.go(Move::By(0), page);
    model.screens.push(Screen::Device(DeviceScreen {
        fqdn: fqdn.clone(),
        judged: None,
        tab,
        lists: Default::default(),
        remove_extra: vec![],
        revealed: false,
    }));
    // What is stored shows at once; what is read for one device alone (consent) follows.
    vec![
        asking::load(model, fqdn.clone(), Then::Show),
        Effect::Refresh(Scope::Device(fqdn)),
    ]
}

pub(super) fn copy_menu(model: &mut Model) -> Vec<Effect> {
    let Some(fqdn) = model.device().cloned() else {
        return vec![];
    };
    model.overlays.push(Overlay::CopyMenu(Box::new(CopyMenu {
        fqdn: fqdn.clone(),
        file: None,
        asked: None,
        list: ListState::default(),
    })));
    vec![asking::load(model, fqdn, Then::Show)]
}

/// Filters the list; the cursor's line stays on screen.
pub(super) fn filter(model: &mut Model, text: &str) {
    let page = geometry::fleet_page(model);
    model.fleet.set_filter(text, model.now);
    model.fleet.go(Move::By(0), page);
}

/// Goes round: all, then each tenant.
pub(super) fn choose_tenant(model: &mut Model, by: isize) {
    let choices: Vec<Option<Uuid>> = std::iter::once(None)
        .chain(model.tenants.iter().map(|tenant| Some(tenant.tenant.id)))
        .collect();
    let at = choices
        .iter()
        .position(|one| *one == model.fleet.tenant)
        .unwrap_or(0);
    let next = (at as isize + by).rem_euclid(choices.len() as isize) as usize;
    model.fleet.tenant = choices[next];
    model.fleet.list = ListState::default();
    model.fleet.arrange(model.now);
}
