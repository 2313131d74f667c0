//! Why a key can't do its work just now: asked by dispatch, which says it, and by the footer, which dims the key.

use super::super::keymap::{Action, Context};
use super::super::model::{FormSubject, Model, Overlay, Screen};
use crate::desk::bulk::Pace;
use crate::registration::status::{NextStep, Status};

/// The reason, or `None` when the key works.
pub fn why_not(model: &Model, action: Action) -> Option<String> {
    let context = match model.overlays.last() {
        Some(Overlay::Palette(palette)) => palette.from,
        _ => model.context(),
    };
    // What changes something says so in the table; where that may be is the desk's to say.
    let row = model.keys.row(context, action);
    if row.is_some_and(|row| row.binding.changes)
        && let Some(why) = read_only(model, action)
    {
        return Some(why.to_string());
    }
    let covered = model
        .overlays
        .iter()
        .any(|overlay| !matches!(overlay, Overlay::Palette(_)));
    match action {
        Action::TryAgain => {
            let fails = matches!(model.overlays.last(), Some(Overlay::Card(card)) if card.failure);
            let here = model
                .tried
                .is_some_and(|(context, _)| context == model.pane());
            return (!fails || !here).then(|| "there is nothing to try again".to_string());
        }
        Action::WriteSettings => {
            return match &model.first_run {
                None => Some("this is the sandbox; it needs no settings".to_string()),
                Some(first) if first.exists => Some(format!(
                    "there is a settings file already: {}",
                    first.settings_file
                )),
                Some(_) => None,
            };
        }
        Action::ToSandbox if model.first_run.is_none() => {
            return Some("this is the sandbox already".to_string());
        }
        Action::ToSandbox if model.is_at_work() => {
            return Some("a run is under way: wait for its end, or stop it".to_string());
        }
        _ => {}
    }
    let acts_on_device = matches!(
        action,
        Action::Open
            | Action::Create
            | Action::Adopt
            | Action::Consent
            | Action::Repair
            | Action::Rotate
            | Action::Push
            | Action::State
            | Action::Retire
            | Action::CopyMenu
            | Action::EditDevice
            | Action::RemoveDevices
    ) && !matches!(model.screens.last(), Some(Screen::Audit(_)));
    if action == Action::Reveal && !covered {
        let file = match model.screens.last() {
            Some(Screen::Device(screen)) => screen.judged.as_ref(),
            Some(Screen::Run(run)) => model.runs.get(run)?.judged.as_ref(),
            Some(Screen::Handoff(screen)) => Some(&screen.judged),
            _ => None,
        };
        let held = file.is_some_and(|judged| judged.file.secret.is_some());
        return (!held).then(|| "there is no value to show: only the umpdeck that added a secret holds its value, until it ends".to_string());
    }
    if action == Action::Applied
        && let Some(Screen::Handoff(screen)) = model.screens.last()
        && screen.is_over()
    {
        return Some("the handoff is over".to_string());
    }
    if action == Action::Retry {
        let bulk = model.bulk.as_ref()?;
        return match bulk.over {
            false => Some("the bulk run is under way".to_string()),
            true if bulk.left().is_empty() => Some("every device is done".to_string()),
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
    if action == Action::Apply
        && let Some(Screen::BulkPlan(screen)) = model.screens.last()
        && screen.plan.ready().next().is_none()
    {
        return Some("nothing can be done for any of these devices".to_string());
    }
    if action == Action::Remove
        && let Some(Screen::Form(screen)) = model.screens.last()
        && matches!(screen.subject, FormSubject::NewDevice)
    {
        let key = model.keys.key(Context::Form, Action::Back);
        return Some(format!("it is not in the inventory yet; {key} leaves"));
    }
    if !acts_on_device || covered {
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
        let key = model.keys.key(Context::Fleet, Action::ShowRun);
        return busy.then(|| format!("a bulk run is under way; {key} shows it"));
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
        let row = model.keys.row(context, Action::ShowRun);
        let shows = row.map(|row| format!("; {} shows it", row.key()));
        return Some(format!(
            "a run on {fqdn} is under way{}",
            shows.unwrap_or_default()
        ));
    }
    let row = model.fleet.of(fqdn)?;
    let status = row.status();
    let next = row
        .verdict
        .as_ref()
        .map_or(NextStep::Refresh, |one| one.next);
    let short = fqdn.short();
    if matches!(model.screens.last(), Some(Screen::Adopt(_))) {
        return None;
    }
    let key = |action| model.keys.key(Context::Fleet, action);
    match (action, status) {
        (_, Status::Unreachable) => Some(format!(
            "{short} was never read; {} reads it",
            key(Action::Refresh)
        )),
        (Action::Create, Status::NotRegistered) => None,
        (Action::Create, _) => Some(format!(
            "{short} has a registration already; {} repairs what differs",
            key(Action::Repair)
        )),
        (
            Action::Repair
            | Action::Consent
            | Action::Rotate
            | Action::Push
            | Action::State
            | Action::Retire,
            Status::NotRegistered,
        ) => Some(match next {
            NextStep::Adopt => format!(
                "{short} has no registration yet; {} shows the applications that may be it, to choose one",
                key(Action::Adopt)
            ),
            _ => format!(
                "{short} has no registration yet; {} creates it",
                key(Action::Create)
            ),
        }),
        _ => None,
    }
}

fn read_only(model: &Model, action: Action) -> Option<&'static str> {
    match action {
        // Whose the new device will be is not said yet; the desk asks again before it writes. What the inventory says of
        // a tenant may be changed: read_only stands there, too.
        Action::AddDevice | Action::EditTenant => model.read_only.why(None),
        Action::RemoveDevices if model.fleet.marked() > 0 => {
            let marked = model.fleet.marked_devices();
            let rows = marked.iter().filter_map(|device| model.fleet.of(device));
            let mut tenants = rows.map(|row| Some(row.tenant));
            tenants.find_map(|tenant| model.read_only.why(tenant))
        }
        _ => model.read_only.why(model.tenant_at_work()),
    }
}
