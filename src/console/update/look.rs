//! What the line under the cursor of a device's tab is, whole: what had no room, and where it comes from.

use super::super::message::Effect;
use super::super::model::{Card, DeviceTab, Model, Overlay, Screen, UnfinishedList};
use super::device::customer;
use super::{copy_value, decide};
use crate::registration::beside::{Beside, contradicts};
use crate::registration::checklist::Outcome;
use crate::registration::customers::words;
use crate::registration::values::ValueKind;

/// Shows the line; a value is copied, a run that was cut off is offered, a contradiction is put to the operator.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Device(screen)) = model.screens.last() else {
        return vec![];
    };
    let Some(judged) = &screen.judged else {
        return vec![];
    };
    let at = screen.lists[screen.tab as usize].cursor;
    match screen.tab {
        DeviceTab::Checklist => {
            let Some(item) = judged.checklist.items.get(at) else {
                return vec![];
            };
            let mut paragraphs = vec![item.check.explain.to_string()];
            match &item.outcome {
                Outcome::Met { found } => paragraphs.push(format!("Found: {found}")),
                Outcome::Unmet {
                    wanted,
                    found,
                    reason,
                    ..
                } => {
                    paragraphs.push(format!("Wanted: {wanted}"));
                    paragraphs.push(format!("Found: {found}"));
                    paragraphs.push(format!("Result: {reason}."));
                }
                Outcome::Unknown { why, .. } => paragraphs.push(format!("Not known: {why}")),
                Outcome::NotApplicable { why } => paragraphs.push(format!("Does not apply: {why}")),
            }
            let steps = item.check.steps;
            let title = if steps == "–" {
                format!("{} (after the numbered steps)", item.check.title)
            } else {
                format!("{} (step {steps} of the procedure)", item.check.title)
            };
            model.overlays.push(Overlay::Card(Card {
                title,
                paragraphs,
                failure: false,
            }));
            vec![]
        }
        DeviceTab::Values => {
            let file = judged.file.clone();
            let Some(kind) = ValueKind::ALL.get(at).copied() else {
                return vec![];
            };
            copy_value(model, &file, kind)
        }
        DeviceTab::Permissions => {
            let Some(line) = judged.file.permissions().into_iter().nth(at) else {
                return vec![];
            };
            let paragraphs = vec![
                format!("ID: {}", line.access.id),
                format!(
                    "Resource: {} ({})",
                    line.resource, line.access.resource_app_id
                ),
                format!(
                    "Blueprint: {}. {}",
                    judged.file.blueprint.title, judged.file.blueprint.source
                ),
            ];
            model.overlays.push(Overlay::Card(Card {
                title: line.full_name(),
                paragraphs,
                failure: false,
            }));
            vec![]
        }
        DeviceTab::History => {
            let run = judged.file.runs.get(at).map(|run| run.id);
            let unfinished = judged.file.unfinished.clone();
            if let Some(unfinished) = unfinished.filter(|one| Some(one.summary.id) == run) {
                model.overlays.push(Overlay::Unfinished(UnfinishedList {
                    runs: vec![unfinished],
                    list: Default::default(),
                }));
                return vec![];
            }
            run.map(|run| vec![Effect::LoadStory(run)])
                .unwrap_or_default()
        }
        DeviceTab::Secrets => {
            let now = model.now;
            let Some(line) = judged.file.secrets.get(at) else {
                return vec![];
            };
            let credential = &line.credential;
            let moment = |at: Option<jiff::Timestamp>| match at {
                Some(at) => at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
                None => "not known".to_string(),
            };
            let standing = judged.file.standing(credential.key_id, now).words();
            let card = Card {
                title: credential.display_name.clone(),
                paragraphs: vec![
                    format!("Key ID: {}", credential.key_id),
                    format!(
                        "Begins with: {}",
                        credential.hint.as_deref().unwrap_or("not known")
                    ),
                    format!(
                        "Added: {}; ends: {}",
                        moment(credential.start),
                        moment(credential.end)
                    ),
                    format!("Use: {}", line.role.words(now)),
                    standing,
                ],
                failure: false,
            };
            model.overlays.push(Overlay::Card(card));
            vec![]
        }
        DeviceTab::Customers => {
            let Some(line) = customer(screen) else {
                return vec![];
            };
            let mut paragraphs = words(&line, &judged.file.blueprint);
            match &line.consent_url {
                Ok(url) => paragraphs.push(format!("Its admin consents at: {url}")),
                Err(why) => paragraphs.push(format!("There is no consent URL: {why}.")),
            }
            model.overlays.push(Overlay::Card(Card {
                title: line.facts.short_name,
                paragraphs,
                failure: false,
            }));
            vec![]
        }
        DeviceTab::Portal => {
            let file = &judged.file;
            let settings = file.settings_beside();
            if contradicts(&settings, &file.page) {
                return decide::ask(model);
            }
            let account = file.account_beside(model.now);
            let card = Card {
                title: "The portal beside Entra".to_string(),
                paragraphs: settings.iter().chain(&account).map(both_sides).collect(),
                failure: false,
            };
            model.overlays.push(Overlay::Card(card));
            vec![]
        }
    }
}

/// A line of both sides, neither of them cut.
fn both_sides(line: &Beside) -> String {
    let label = &line.label;
    let portal = match line.portal.as_deref() {
        Some("") => "empty",
        portal => portal.unwrap_or("not known"),
    };
    match line.entra_words() {
        Some(_) if line.is_same() => format!("{label}: {portal}, on both sides"),
        Some(wanted) if line.is_wish => format!("{label}: in the portal {portal}; {wanted}"),
        Some(entra) => format!("{label}: in the portal {portal}; in Entra {entra}"),
        None => format!("{label}: in the portal {portal}"),
    }
}
