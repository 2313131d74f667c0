//! Why a key can't do its work just now: asked by dispatch, which says it, and by the footer, which dims the key.

use super::super::keymap::Action;
use super::super::model::{Model, Screen};
use crate::desk::bulk::Pace;
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
            | Action::Retire
            | Action::CopyMenu
            | Action::EditDevice
            | Action::RemoveDevices
    ) && !matches!(model.screens.last(), Some(Screen::Audit(_)));
    if action == Action::Reveal && model.overlays.is_empty() {
        let file = match model.screens.last() {
            Some(Screen::Device(screen)) => screen.judged.as_ref(),
            Some(Screen::Run(screen)) => screen.judged.as_ref(),
            Some(Screen::Handoff(screen)) => Some(&screen.judged),
            _ => None,
        };
        let held = file.is_some_and(|judged| judged.file.secret.is_some());
        return (!held).then(|| "this process holds no secret of this device".to_string());
    }
    if action == Action::Retry {
        let bulk = model.bulk.as_ref()?;
        return match bulk.over {
            false => Some("the bulk run is under way".to_string()),
            true if bulk.left().is_empty() => Some("nothing is left to be done".to_string()),
            true => None,
        };
    }
    if action == Action::Pause {
        let bulk = model.bulk.as_ref()?;
        return match (bulk.over, bulk.pace) {
            (true, _) => Some("the bulk run is over".to_string()),
            (false, Pace::Going | Pace::Paused) => None,
            (false, _) => Some("the bulk run is stopping".to_string()),
        };
    }
    if !acts_on_device || !model.overlays.is_empty() {
        return None;
    }
    if matches!(model.screens.last(), Some(Screen::BulkRun)) {
        return None;
    }
    if action == Action::RemoveDevices && model.fleet.marked() > 0 {
        return None;
    }
    let for_many = matches!(
        action,
        Action::Create | Action::Repair | Action::Rotate | Action::Push
    );
    if for_many && model.screens.is_empty() && model.fleet.marked() > 0 {
        let busy = model.bulk.as_ref().is_some_and(|bulk| !bulk.over);
        return busy.then(|| "a bulk run is under way; b shows it".to_string());
    }
    let Some(fqdn) = model.device() else {
        return Some("there is no device under the cursor".to_string());
    };
    if matches!(
        action,
        Action::Open | Action::CopyMenu | Action::EditDevice | Action::RemoveDevices
    ) {
        return None;
    }
    let in_bulk = model.bulk.as_ref().is_some_and(|bulk| bulk.works_on(fqdn));
    if in_bulk || model.running.values().any(|device| device == fqdn) {
        return Some(format!("a run on {fqdn} is under way"));
    }
    if let Some(Screen::Run(screen)) = model.screens.last()
        && screen.progress.end.is_none()
    {
        return Some("the run is under way".to_string());
    }
    let status = model.fleet.of(fqdn)?.status();
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
