//! The keys of a device's pane: those of its tab, the next step's before them, and what can't be done just now last.

use super::super::keymap::{Action, Context};
use super::super::keys::Row;
use super::super::model::{DeviceScreen, DeviceTab, Judged, Model};
use super::super::panes::verdict::action_of;
use super::super::update::allowed;
use crate::registration::beside::contradicts;
use crate::registration::values::ValueKind;

/// The rows in their order, each with the words that it has here.
pub(super) fn rows<'a>(model: &'a Model, screen: &DeviceScreen) -> Vec<(&'a Row, &'static str)> {
    let judged = screen.judged.as_ref();
    let mut actions = vec![Action::Open];
    match judged {
        Some(judged) if model.under_way(&judged.file.device.fqdn).is_some() => {
            actions.push(Action::ShowRun);
        }
        Some(judged) => actions.extend(action_of(judged.verdict.next)),
        None => {}
    }
    actions.extend(of_tab(screen.tab, judged));
    actions.extend([
        Action::Create,
        Action::Repair,
        Action::Push,
        Action::Rotate,
        Action::CopyMenu,
        Action::Refresh,
        Action::EditDevice,
        Action::Audit,
    ]);
    if screen.tab == DeviceTab::Values {
        // Enter copies here, each by itself.
        actions.retain(|action| *action != Action::CopyMenu);
    }
    let mut offered: Vec<Action> = Vec::new();
    for action in actions {
        if !offered.contains(&action) {
            offered.push(action);
        }
    }
    // Among those that work the order stays.
    offered.sort_by_key(|action| allowed::why_not(model, *action).is_some());
    offered.extend([Action::Back, Action::Palette, Action::Help]);
    let row = |action| {
        let row = model.keys.row(Context::Device, action)?;
        let label = label(screen.tab, action).unwrap_or(row.binding.label);
        Some((row, label))
    };
    offered.into_iter().filter_map(row).collect()
}

/// What only this tab is for.
fn of_tab(tab: DeviceTab, judged: Option<&Judged>) -> Vec<Action> {
    match tab {
        DeviceTab::Checklist | DeviceTab::History => vec![],
        DeviceTab::Permissions => {
            let lines = judged.map(|one| one.file.permissions());
            let extra = lines.is_some_and(|lines| lines.iter().any(|line| line.extra()));
            extra.then_some(Action::ToggleExtra).into_iter().collect()
        }
        DeviceTab::Values => vec![Action::BareLine, Action::Reveal],
        DeviceTab::Portal => judged.map_or(vec![], of_portal),
        DeviceTab::Customers => vec![
            Action::Copy(ValueKind::ConsentUrl),
            Action::CopyInvitation,
            Action::CopyTable,
        ],
        DeviceTab::Secrets => vec![Action::Retire],
    }
}

fn of_portal(judged: &Judged) -> Vec<Action> {
    let file = &judged.file;
    let mut actions = Vec::new();
    if contradicts(&file.settings_beside(), &file.page) {
        actions.push(Action::Decide);
    }
    if file.facts.portal_as_read().is_none() {
        actions.push(Action::State);
    }
    actions
}

/// What a key is called in this tab, where that is something else than in the others.
fn label(tab: DeviceTab, action: Action) -> Option<&'static str> {
    match (tab, action) {
        (DeviceTab::Values, Action::Open) => Some("copy"),
        (DeviceTab::Customers, Action::Open) => Some("details"),
        _ => None,
    }
}
