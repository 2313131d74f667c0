//! The checklist: the documented procedure, line by line.

use ratatui::buffer::Buffer;

use super::table::{Table, cut_value};
use crate::console::model::Judged;
use crate::registration::checklist::Outcome;
use crate::registration::status::Urgency;
use crate::text::width;

pub(super) fn draw(judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let items = &judged.checklist.items;
    // STEP, glyph, CHECK, FOUND, WANTED: the last one only where there is room for it.
    let check_cells = 26;
    let found_at = 10 + check_cells + 2;
    let rest = area.width.saturating_sub(found_at + 1);
    let (found_cells, wanted_at) = if rest >= 60 {
        (rest * 6 / 10, found_at + rest * 6 / 10 + 2)
    } else {
        (rest, 0)
    };
    let mut heads = vec![(1, "STEP"), (10, "CHECK"), (found_at, "FOUND")];
    if wanted_at > 0 {
        heads.push((wanted_at, "WANTED"));
    } else {
        heads[2].1 = "FOUND (wanted)";
    }
    table.draw(buffer, items.len(), &heads, |buffer, at, cells| {
        let item = &items[at];
        let step = item.check.steps;
        let right = 6u16.saturating_sub(width(step) as u16);
        cells.put(buffer, 1 + right, 6, step, look.theme.dim);
        let (urgency, found, wanted) = match &item.outcome {
            Outcome::Met { found } => (Some(Urgency::Good), found.clone(), None),
            Outcome::Unmet {
                wanted,
                found,
                status,
                ..
            } => {
                let urgency = status.map_or(Urgency::NeedsWork, |status| status.urgency());
                (Some(urgency), found.clone(), Some(wanted.clone()))
            }
            Outcome::Unknown { why, .. } => {
                (Some(Urgency::Unknown), format!("unknown: {why}"), None)
            }
            Outcome::NotApplicable { why } => (None, why.clone(), None),
        };
        let (glyph, style) = match urgency {
            Some(urgency) => look.urgency(urgency),
            None => (look.glyphs.none, look.theme.dim),
        };
        cells.put(buffer, 8, 1, glyph, style);
        let text = if urgency.is_none() {
            look.theme.dim
        } else {
            look.theme.text
        };
        cells.name(buffer, 10, check_cells, item.check.title, text);
        let in_order = matches!(urgency, Some(Urgency::Good) | None);
        let found_style = if in_order { look.theme.dim } else { style };
        let found = match &wanted {
            Some(wanted) if wanted_at == 0 => format!("{found} ({wanted})"),
            _ => found,
        };
        let found = cut_value(look, &found, found_cells);
        cells.put(buffer, found_at, found_cells, &found, found_style);
        if wanted_at > 0
            && let Some(wanted) = wanted
        {
            let room = area.width.saturating_sub(wanted_at + 1);
            cells.put(
                buffer,
                wanted_at,
                room,
                &cut_value(look, &wanted, room),
                look.theme.text,
            );
        }
    });
}
