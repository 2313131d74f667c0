//! Why a key can't do its work just now: asked by dispatch, which says it, and by the footer, which dims the key.

use super::super::fleet_list::status;
use super::super::keymap::Action;
use super::super::model::{Model, Screen};
use crate::registration::status::Status;

/// The reason, or `None` when the key works.
pub fn why_not(model: &Model, action: Action) -> Option<String> {
    let acts_on_device = matches!(
        action,
        Action::Open
            | Action::Create
            | Action::Repair
            | Action::Rotate
            | Action::Push
            | Action::State
            | Action::CopyMenu
    );
    if !acts_on_device || !model.overlays.is_empty() {
        return None;
    }
    let Some(fqdn) = model.device() else {
        return Some("there is no device under the cursor".to_string());
    };
    if matches!(action, Action::Open | Action::CopyMenu) {
        return None;
    }
    if model.running.values().any(|device| device == fqdn) {
        return Some(format!("a run on {fqdn} is under way"));
    }
    if let Some(Screen::Run(screen)) = model.screens.last()
        && screen.progress.end.is_none()
    {
        return Some("the run is under way".to_string());
    }
    let status = model.fleet.of(fqdn).map(status)?;
    let short = fqdn.short();
    match (action, status) {
        (_, Status::Unreachable) => Some(format!(
            "{short} was never read; r reads it again, and its reason says what failed"
        )),
        (Action::Create, Status::NotRegistered) => None,
        (Action::Create, _) => Some(format!(
            "{short} has a registration already; f repairs what differs"
        )),
        (Action::Repair | Action::Rotate | Action::Push | Action::State, Status::NotRegistered) => {
            Some(format!("{short} has no registration yet; c creates it"))
        }
        _ => None,
    }
}
