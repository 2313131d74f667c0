//! One device: its tabs, the lines of the shown one, and what the line under the cursor is about.

pub(super) mod checklist;
mod customers;
mod history;
mod permissions;
pub(in crate::console) mod portal;
mod secrets;
pub(super) mod table;
pub(super) mod values;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use self::table::Table;
pub(super) use self::table::cut_value;
use super::verdict;
use crate::console::geometry;
use crate::console::model::{DeviceScreen, DeviceTab, Judged, Model};
use crate::console::view::{Look, put, right_of};
use crate::registration::checklist::Outcome;
use crate::registration::customers::words;
use crate::text::{sentence, width};

pub(in crate::console) fn draw(
    model: &Model,
    screen: &DeviceScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let regions = geometry::device(model.size);
    let body = regions.body;
    draw_tabs(screen, look, buffer, body);
    look.hairline(buffer, body, body.y + 1);
    let Some(judged) = &screen.judged else {
        put(
            buffer,
            3,
            body.y + 3,
            body.width,
            "Reading…",
            look.theme.dim,
        );
        return;
    };
    let area = Rect {
        y: body.y + 2,
        height: body.height.saturating_sub(2),
        ..body
    };
    let table = Table {
        look,
        area,
        list: screen.lists[screen.tab as usize],
    };
    match screen.tab {
        DeviceTab::Checklist => checklist::draw(judged, table, buffer),
        DeviceTab::Permissions => permissions::draw(model, screen, judged, table, buffer),
        DeviceTab::Values => values::draw(model, screen, judged, table, buffer),
        DeviceTab::Portal => portal::draw(model, judged, table, buffer),
        DeviceTab::Customers => customers::draw(judged, table, buffer),
        DeviceTab::History => history::draw(model, judged, table, buffer),
        DeviceTab::Secrets => secrets::draw(model, judged, table, buffer),
    }
    draw_status(model, screen, judged, look, buffer, regions.status);
}

fn draw_tabs(screen: &DeviceScreen, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let labels = |judged: Option<&Judged>| -> Vec<String> {
        let numbered = DeviceTab::ALL.into_iter().enumerate();
        numbered
            .map(|(at, tab)| format!("{} {}", at + 1, title(tab, judged)))
            .collect()
    };
    let room = usize::from(area.width.saturating_sub(2));
    let total = |labels: &[String], gap: usize| {
        labels.iter().map(|label| width(label)).sum::<usize>() + gap * (labels.len() - 1)
    };
    // All of them stay in sight: the gaps give way first, then the counts, then the longest word.
    let counted = labels(screen.judged.as_ref());
    let (labels, gap) = match (2..=3).rev().find(|gap| total(&counted, *gap) <= room) {
        Some(gap) => (counted, gap),
        None => {
            let mut bare = labels(None);
            if total(&bare, 2) > room {
                for label in &mut bare {
                    *label = label.replace("Permissions", "Perms");
                }
            }
            (bare, 2)
        }
    };
    let mut x = area.x + 1;
    for (tab, label) in DeviceTab::ALL.into_iter().zip(&labels) {
        let style = if tab == screen.tab {
            look.theme.title.add_modifier(Modifier::UNDERLINED)
        } else {
            look.theme.dim
        };
        let cells = width(label) as u16;
        put(buffer, x, area.y, cells, label, style);
        x += cells + gap as u16;
    }
}

fn title(tab: DeviceTab, judged: Option<&Judged>) -> String {
    let counted = |word: &str, count: Option<String>| match count {
        Some(count) => format!("{word} {count}"),
        None => word.to_string(),
    };
    // What was never read is not counted: none would be a number too.
    let judged = judged.filter(|one| {
        let facts = &one.file.facts;
        match tab {
            DeviceTab::Customers => {
                facts.customers.value.is_some() || !one.file.customers().is_empty()
            }
            _ => facts.application.value.is_some(),
        }
    });
    match tab {
        DeviceTab::Checklist => counted(
            "Checklist",
            judged.map(|one| {
                let (met, all) = one.checklist.count();
                format!("{met}/{all}")
            }),
        ),
        DeviceTab::Permissions => counted(
            "Permissions",
            judged
                .and_then(|one| one.checklist.permissions)
                .map(|count| format!("{}/{}", count.present, count.wanted)),
        ),
        DeviceTab::Values => "Values".to_string(),
        DeviceTab::Portal => "Portal".to_string(),
        DeviceTab::Customers => counted(
            "Customers",
            judged.map(|one| one.file.customers().len().to_string()),
        ),
        DeviceTab::History => "History".to_string(),
        DeviceTab::Secrets => counted(
            "Secrets",
            judged.map(|one| one.file.secrets.len().to_string()),
        ),
    }
}

/// The customer under the cursor: its short name, and what is known of it.
fn customer(screen: &DeviceScreen, judged: &Judged) -> Option<(String, String)> {
    if screen.tab != DeviceTab::Customers {
        return None;
    }
    let at = screen.lists[DeviceTab::Customers as usize].cursor;
    let line = judged.file.customers().into_iter().nth(at)?;
    let words = words(&line, &judged.file.blueprint).join(" ");
    Some((line.facts.short_name, words))
}

/// The value under the cursor, where it does not stand in its line whole.
fn value(screen: &DeviceScreen, judged: &Judged, area: Rect) -> Option<String> {
    let at = screen.lists[DeviceTab::Values as usize].cursor;
    let here = screen.tab == DeviceTab::Values;
    values::elided(judged, at, screen.revealed, area).filter(|_| here)
}

/// Under the list: the checklist's line in a sentence, elsewhere the device's status and reason.
fn draw_status(
    model: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let at = screen.lists[DeviceTab::Checklist as usize].cursor;
    let customer = customer(screen, judged);
    let value = value(screen, judged, area);
    let (title, style, words) = match (screen.tab, judged.checklist.items.get(at)) {
        (DeviceTab::Customers, _) if customer.is_some() => {
            let (name, words) = customer
                .as_ref()
                .map_or(("", ""), |(name, words)| (name, words));
            (name, look.theme.title, words.to_string())
        }
        (DeviceTab::Checklist, Some(item)) => {
            let mut words = match &item.outcome {
                Outcome::Unmet { reason, .. } => sentence(reason),
                Outcome::Unknown { why, .. } => sentence(&format!("not known: {why}")),
                Outcome::NotApplicable { why } => sentence(&format!("does not apply: {why}")),
                Outcome::Met { .. } => item.check.explain.to_string(),
            };
            // What had no room in its row stands here whole.
            if let Some(whole) = checklist::elided(item, area.width, &words) {
                words = format!("{whole} {words}");
            }
            (item.check.title, look.theme.title, words)
        }
        // Its name stands in its line; a long address needs the room.
        (DeviceTab::Values, _) if value.is_some() => {
            ("", look.theme.title, value.unwrap_or_default())
        }
        (DeviceTab::History, _) if !judged.file.runs.is_empty() => {
            let at = screen.lists[DeviceTab::History as usize].cursor;
            let words = history::told(model, judged, at);
            ("This run", look.theme.title, words)
        }
        (DeviceTab::Secrets, _) if !judged.file.secrets.is_empty() => {
            let at = screen.lists[DeviceTab::Secrets as usize].cursor;
            let words = judged
                .file
                .secrets
                .get(at)
                .map_or_else(String::new, |line| {
                    let standing = judged.file.standing(line.credential.key_id, model.now);
                    let role = sentence(&line.role.words(model.now));
                    format!("{role} {}", sentence(&standing.words()))
                });
            ("This secret", look.theme.title, words)
        }
        _ => {
            let device = &judged.file.device;
            match model.under_way(&device.fqdn) {
                Some(run) => verdict::draw_under_way(model, &run, look, buffer, area),
                None => {
                    verdict::draw(model, device.tenant, &judged.verdict, look, buffer, area);
                }
            }
            return;
        }
    };
    put(buffer, 1, area.y, area.width, title, style);
    let beside = right_of(area, title);
    let lines = look.paragraph(buffer, beside, &words);
    // What is to be done about a line that is not in order stands under its reason, where that leaves room.
    let item = judged.checklist.items.get(at);
    let device = &judged.file.device;
    if screen.tab == DeviceTab::Checklist
        && item.is_some_and(|item| item.outcome.status().is_some())
        && model.under_way(&device.fqdn).is_none()
    {
        let next = (device.tenant, judged.verdict.next);
        verdict::draw_next(model, next, look, buffer, (beside, lines));
    }
}
