//! The audit trail's keys.

use super::super::geometry;
use super::super::keymap::Action;
use super::super::list::ListState;
use super::super::message::Effect;
use super::super::model::{AuditScreen, Card, Model, Overlay, Screen};
use super::{back, fleet};
use crate::desk::audit::{AuditRow, TrailState};
use crate::registration::fleet::Fqdn;

pub(super) fn open(model: &mut Model, device: Option<Fqdn>) -> Vec<Effect> {
    model.screens.push(Screen::Audit(AuditScreen {
        device: device.clone(),
        trail: None,
        list: ListState::default(),
    }));
    vec![Effect::LoadAudit(device, model.questions.ask())]
}

pub(super) fn loaded(
    model: &mut Model,
    device: Option<&Fqdn>,
    rows: Vec<AuditRow>,
    state: TrailState,
) {
    let page = geometry::fleet_page(model);
    for screen in &mut model.screens {
        if let Screen::Audit(screen) = screen
            && screen.device.as_ref() == device
        {
            screen.list.keep_in_view(rows.len(), page);
            screen.trail = Some((rows, state));
            return;
        }
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::fleet_page(model);
    let Some(Screen::Audit(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        let len = screen.rows().len();
        screen.list.go(step, len, page);
        return vec![];
    }
    match action {
        Action::Back => back(model),
        Action::Refresh => {
            let device = screen.device.clone();
            return vec![Effect::LoadAudit(device, model.questions.ask())];
        }
        Action::Open => {
            let row = screen.rows().get(screen.list.cursor);
            let card = row.map(whole);
            model.overlays.extend(card.map(Overlay::Card));
        }
        _ => {}
    }
    vec![]
}

/// A row with all that it says.
fn whole(row: &AuditRow) -> Card {
    let entry = &row.entry;
    let or_none = |text: &str| match text {
        "" => "nobody".to_string(),
        text => text.to_string(),
    };
    let mut paragraphs = vec![
        format!("{}", entry.at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        format!(
            "{}, signed in as {}",
            entry.os_user,
            or_none(&entry.identity)
        ),
        entry.request_words(),
        format!("Outcome: {}", entry.outcome),
    ];
    if let Some(device) = &entry.device {
        paragraphs.insert(2, format!("Device: {device}"));
    }
    if let Some(run) = &entry.run {
        paragraphs.push(format!("Run: {}", run.short()));
    }
    if let Some(request_id) = &entry.request_id {
        paragraphs.push(format!("Request ID: {request_id}"));
    }
    paragraphs.push(format!("Hash: {}", row.hash));
    Card {
        title: format!("Row {} of the audit trail", row.row),
        paragraphs,
        failure: false,
    }
}
