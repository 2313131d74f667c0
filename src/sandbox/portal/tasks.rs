//! Long actions: they answer a number, and what they are to do is done when they end.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::exchange::{Answer, Request};
use super::super::state::{PortalContent, PortalTask, State};
use super::{message, settings};

/// How long a task takes.
const DURATION: SignedDuration = SignedDuration::from_millis(900);

/// Begins to apply settings.
pub(super) fn begin(state: &mut State, place: usize, request: &Request, now: Timestamp) -> Answer {
    let Ok(body) = request.json() else {
        return message(200, "Error", "The request could not be read.");
    };
    let outcome =
        settings::read_settings(&settings::of_system(&body), &state.devices[place].portal);
    let id = 4000 + state.portal_tasks.len();
    state.portal_tasks.push(PortalTask {
        device: place,
        ends: now.saturating_add(DURATION).unwrap_or(now),
        outcome,
        over: false,
    });
    Answer::json(200, json!({"TaskId": id.to_string()}))
}

/// Does what the tasks that have ended were to do.
pub(super) fn settle(state: &mut State, now: Timestamp) {
    for task in &mut state.portal_tasks {
        if task.over || task.ends > now {
            continue;
        }
        task.over = true;
        if let Ok(content) = &task.outcome {
            state.devices[task.device].portal = PortalContent {
                client_id: content.client_id.clone(),
                redirect_url: content.redirect_url.clone(),
                secret: content.secret.clone(),
            };
        }
    }
}

/// How far a task is.
pub(super) fn answer(state: &State, place: usize, id: &str) -> Answer {
    let number = id.parse::<usize>().ok().and_then(|id| id.checked_sub(4000));
    let task = number.and_then(|at| state.portal_tasks.get(at));
    let Some(task) = task.filter(|task| task.device == place) else {
        return message(200, "Error", "There is no such task.");
    };
    let (status, words) = match (&task.outcome, task.over) {
        (_, false) => ("In Progress", "Applying the settings"),
        (Ok(_), true) => ("Completed Success", "The settings were applied"),
        (Err(why), true) => ("Completed Failed", *why),
    };
    Answer::json(200, json!({"id": id, "status": status, "message": words}))
}
