//! The runs on this device.

use ratatui::buffer::Buffer;

use super::table::Table;
use crate::console::model::{Judged, Model};
use crate::console::view::put;
use crate::text::age;

pub(super) fn draw(model: &Model, judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let runs = &judged.file.runs;
    if runs.is_empty() {
        put(
            buffer,
            3,
            area.y + 1,
            area.width,
            "No run on this device from this machine yet.",
            look.theme.dim,
        );
        return;
    }
    let unfinished = judged.file.unfinished.as_ref().map(|one| one.summary.id);
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
        cells.put(buffer, 30, 17, &run.owner, look.theme.dim);
        let words = match (&run.outcome, run.note.is_empty()) {
            (Some(outcome), true) => outcome.word().to_string(),
            (Some(outcome), false) => format!("{}: {}", outcome.word(), run.note),
            (None, _) if unfinished == Some(run.id) => {
                "died under way: Enter takes it up or gives it up".to_string()
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
}
