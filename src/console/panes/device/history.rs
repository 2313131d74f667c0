//! The runs on this device.

use ratatui::buffer::Buffer;

use super::table::Table;
use crate::console::keymap::{Action, Context};
use crate::console::model::{Judged, Model};
use crate::console::view::put;
use crate::text::{age, wrap};

pub(super) fn draw(model: &Model, judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let runs = &judged.file.runs;
    if runs.is_empty() {
        put(
            buffer,
            3,
            area.y + 1,
            area.width,
            "There was no run on this device from this machine yet.",
            look.theme.dim,
        );
        return;
    }
    let unfinished = judged.file.unfinished.as_ref().map(|one| one.summary.id);
    let open = model.keys.key(Context::Device, Action::Open);
    let heads = [
        (3, "RUN"),
        (12, "WHAT"),
        (22, "WHEN"),
        (30, "BY"),
        (48, "OUTCOME"),
    ];
    table.draw(buffer, runs.len(), &heads, |buffer, at, cells| {
        let run = &runs[at];
        cells.name(buffer, 3, 8, &run.id.short(), look.theme.text);
        cells.put(buffer, 12, 9, &run.intent, look.theme.text);
        cells.put(buffer, 22, 7, &age(run.began, model.now), look.theme.dim);
        // Which process it was stands in the words below.
        let who = crate::desk::owner::person(&run.owner);
        cells.put(buffer, 30, 17, who, look.theme.dim);
        let words = match (&run.outcome, run.note.is_empty()) {
            (Some(outcome), true) => outcome.word().to_string(),
            (Some(outcome), false) => format!("{}: {}", outcome.word(), run.note),
            (None, _) if unfinished == Some(run.id) => {
                format!("interrupted: {open} resumes or abandons it")
            }
            (None, _) => "under way".to_string(),
        };
        cells.put(
            buffer,
            48,
            area.width.saturating_sub(49),
            &words,
            look.theme.text,
        );
    });
    draw_unfinished(model, judged, table, buffer);
}

/// The run on this line, in a sentence or two.
pub(super) fn told(model: &Model, judged: &Judged, at: usize) -> String {
    let open = model.keys.key(Context::Device, Action::Open);
    let Some(run) = judged.file.runs.get(at) else {
        return String::new();
    };
    let unfinished = judged.file.unfinished.as_ref();
    if unfinished.is_some_and(|one| one.summary.id == run.id) {
        return format!("It was interrupted. {open} resumes or abandons it.");
    }
    match (run.outcome, run.note.is_empty()) {
        (None, _) => format!("Under way, by {}.", run.owner),
        (Some(outcome), true) => {
            let outcome = outcome.word();
            format!("{outcome}, by {}. {open} shows its steps.", run.owner)
        }
        (Some(outcome), false) => format!(
            "{}, by {}: {}. {open} shows its steps.",
            outcome.word(),
            run.owner,
            run.note.trim_end_matches('.')
        ),
    }
}

/// Under the list, while the cursor is on the run that died: what it did, what nobody knows, what a resume will do.
fn draw_unfinished(model: &Model, judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, list } = table;
    let Some(dead) = judged.file.unfinished.as_ref() else {
        return;
    };
    let here = judged.file.runs.get(list.cursor).map(|run| run.id);
    if here != Some(dead.summary.id) {
        return;
    }
    let room = usize::from(area.width.saturating_sub(5));
    let resume = model.keys.key(Context::Unfinished, Action::Resume);
    let mut lines = Vec::new();
    for sentence in dead.told(&resume) {
        lines.extend(wrap(&sentence, room));
    }
    // The line of the run itself stays in sight.
    let line = list.cursor.saturating_sub(list.offset) as u16;
    let from = area.y + 2 + line;
    let fits = usize::from((area.y + area.height).saturating_sub(from + 1));
    let y = from.max((area.y + area.height).saturating_sub(lines.len() as u16 + 1));
    let blank = " ".repeat(usize::from(area.width));
    for offset in 0..=lines.len().min(fits) as u16 {
        put(
            buffer,
            area.x,
            y + offset,
            area.width,
            &blank,
            look.theme.text,
        );
    }
    look.hairline(buffer, area, y);
    for (at, text) in lines.iter().take(fits).enumerate() {
        put(
            buffer,
            area.x + 3,
            y + 1 + at as u16,
            area.width,
            text,
            look.theme.text,
        );
    }
}
