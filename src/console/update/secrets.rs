//! The keys of the fleet's client secrets.

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::list::{ListState, Move};
use super::super::message::{Ask, Effect};
use super::super::model::{DeviceTab, Model, Opens, Overlay, Screen, SecretsScreen, Tone};
use super::{asking, audit, back, fleet, read};
use crate::desk::file::Scope;
use crate::desk::retiring::{DueSecret, Standing};
use crate::desk::secrets::DeviceSecrets;

pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model
        .screens
        .push(Screen::Secrets(SecretsScreen::default()));
    vec![Effect::LoadSecrets(model.questions.ask())]
}

/// What was read is taken over wherever the screen lies.
pub(super) fn loaded(model: &mut Model, devices: Vec<DeviceSecrets>, due: Vec<DueSecret>) {
    for screen in &mut model.screens {
        if let Screen::Secrets(screen) = screen {
            screen.load(devices, due);
            return;
        }
    }
}

/// The list follows the fleet's tenant and filter, and every cursor is in its list.
pub(super) fn arrange(model: &mut Model) {
    let page = geometry::fleet_page(model);
    let Model {
        screens,
        fleet,
        now,
        ..
    } = model;
    if let Some(Screen::Secrets(screen)) = screens.last_mut() {
        screen.arrange(fleet, *now);
        let len = screen.len();
        screen.list_mut().keep_in_view(len, page);
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::fleet_page(model);
    let now = model.now;
    let Some(Screen::Secrets(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        let len = screen.len();
        screen.list_mut().go(step, len, page);
        return vec![];
    }
    match action {
        Action::Open => {
            let selected = screen.selected().cloned();
            return selected
                .map(|fqdn| fleet::open_at(model, fqdn, DeviceTab::Secrets))
                .unwrap_or_default();
        }
        Action::Rotate => return asking::plan(model, Ask::Rotate),
        Action::Retire => return retire(model),
        Action::Audit => return audit::open(model, None),
        Action::Refresh => {
            let scope = model.fleet.tenant.map_or(Scope::All, Scope::Tenant);
            let mut effects = read(model, scope);
            effects.push(Effect::LoadSecrets(model.questions.ask()));
            return effects;
        }
        Action::DueList => screen.due_only = !screen.due_only,
        Action::Sort => {
            screen.sort = screen.sort.next();
            *screen.list_mut() = ListState::default();
        }
        Action::ProblemsOnly => screen.problems_only = !screen.problems_only,
        Action::Filter => {
            let input = model.fleet.filter.clone().into();
            model.overlays.push(Overlay::Filter(input));
        }
        Action::Next => fleet::choose_tenant(model, 1),
        Action::Previous => fleet::choose_tenant(model, -1),
        Action::Back => {
            if !model.fleet.filter.is_empty() {
                model.fleet.set_filter("", now);
                model.fleet.go(Move::By(0), page);
            } else {
                back(model);
            }
        }
        _ => {}
    }
    vec![]
}

/// Among those that wait: plans to remove the one under the cursor. Among the devices: shows its secrets, to choose one.
fn retire(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Screen::Secrets(screen)) = model.screens.last() else {
        return vec![];
    };
    let at = screen.list().cursor;
    if let Some(one) = screen.due(at) {
        if let Standing::Held(why) = &one.standing {
            let words = format!("\"{}\" stays: {why}", one.name);
            model.toast(Tone::Bad, words);
            return vec![];
        }
        if !one.is_due(now) {
            let date = crate::text::day(one.due);
            let key = model.keys.key(Context::Secrets, Action::Open);
            let words = format!(
                "\"{}\" is due for removal on {date}; {key} shows it",
                one.name
            );
            model.toast(Tone::Plain, words);
            return vec![];
        }
        let (device, key_id) = (one.device.clone(), one.key_id);
        let words = format!("reading {} again for the plan", device.short());
        model.toast(Tone::Plain, words);
        let question = model.questions.ask_to_open(&device, Opens::Plan);
        return vec![Effect::PlanRetire(device, key_id, question)];
    }
    let selected = screen.selected().cloned();
    selected
        .map(|fqdn| fleet::open_at(model, fqdn, DeviceTab::Secrets))
        .unwrap_or_default()
}
