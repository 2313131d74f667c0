//! The registration's client secrets, each with what is known of its use.

use ratatui::buffer::Buffer;

use super::table::Table;
use crate::console::model::{Judged, Model};
use crate::console::view::put;
use crate::text::{age, days_left, days_words, width};

/// How wide an age and a count of days are: "1370d", "1370 days ago".
const AGE: u16 = 5;
const LEFT: u16 = 13;

pub(super) fn draw(model: &Model, judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let lines = &judged.file.secrets;
    if lines.is_empty() {
        let words = match judged.file.facts.application.value {
            Some(_) => "The registration has no client secret.",
            None => "Not known: the registration was never read.",
        };
        put(buffer, 3, area.y + 1, area.width, words, look.theme.dim);
        return;
    }
    let names = lines
        .iter()
        .map(|line| width(&line.credential.display_name));
    let most = if area.width >= 110 { 40 } else { 26 };
    let name = names.max().unwrap_or_default().clamp(6, most) as u16;
    let begins = 3 + name + 2;
    let (old, left) = (begins + 8, begins + 15);
    let use_at = left + LEFT + 2;
    let heads = [
        (3, "SECRET"),
        (begins, "BEGINS"),
        (old + AGE - 3, "AGE"),
        (left + LEFT - 4, "LEFT"),
        (use_at, "USE"),
    ];
    table.draw(buffer, lines.len(), &heads, |buffer, at, cells| {
        let line = &lines[at];
        let credential = &line.credential;
        let expiring_days = judged.file.blueprint.secret_days.expiring;
        let (glyph, style) = look.urgency(line.urgency(expiring_days, model.now));
        cells.put(buffer, 1, 1, glyph, style);
        cells.name(buffer, 3, name, &credential.display_name, look.theme.text);
        let hint = credential.hint.as_deref().unwrap_or(look.glyphs.none);
        cells.put(buffer, begins, 6, hint, look.theme.dim);
        let age = credential.start.map(|at| age(at, model.now));
        let age = age.unwrap_or_else(|| look.glyphs.none.to_string());
        let x = old + AGE.saturating_sub(width(&age) as u16);
        cells.put(buffer, x, AGE, &age, look.theme.dim);
        let ends = match credential.end {
            Some(end) => days_words(days_left(end, model.now)),
            None => look.glyphs.none.to_string(),
        };
        let x = left + LEFT.saturating_sub(width(&ends) as u16);
        cells.put(buffer, x, LEFT, &ends, look.theme.text);
        let room = area.width.saturating_sub(use_at + 1);
        cells.put(buffer, use_at, room, &line.role.words(model.now), style);
    });
}
