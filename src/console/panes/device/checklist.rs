//! The checklist: the documented procedure, line by line.

use ratatui::buffer::Buffer;

use super::table::{Table, cut_value};
use crate::console::model::Judged;
use crate::registration::checklist::{Item, Outcome};
use crate::registration::status::Urgency;
use crate::text::width;

/// Where the columns stand. STEP, glyph, CHECK, FOUND, WANTED: the last one only where there is room for it.
struct Columns {
    found_at: u16,
    found_cells: u16,
    /// 0 = no column of its own.
    wanted_at: u16,
}

const CHECK_CELLS: u16 = 26;

impl Columns {
    fn of(width: u16) -> Columns {
        let found_at = 10 + CHECK_CELLS + 2;
        let rest = width.saturating_sub(found_at + 1);
        let (found_cells, wanted_at) = if rest >= 60 {
            (rest * 6 / 10, found_at + rest * 6 / 10 + 2)
        } else {
            (rest, 0)
        };
        Columns {
            found_at,
            found_cells,
            wanted_at,
        }
    }
}

/// What a row at a width has no room for: found and wanted, whole, in sentences.
pub(super) fn elided(item: &Item, cells: u16) -> Option<String> {
    let columns = Columns::of(cells);
    let found_cells = usize::from(columns.found_cells);
    let (found, wanted) = match &item.outcome {
        Outcome::Met { found } => (found, None),
        Outcome::Unmet { wanted, found, .. } => (found, Some(wanted)),
        // Their reason is what stands under the list anyway.
        Outcome::Unknown { .. } | Outcome::NotApplicable { .. } => return None,
    };
    let fits = match wanted {
        Some(wanted) if columns.wanted_at == 0 => width(found) + width(wanted) + 3 <= found_cells,
        Some(wanted) => {
            let room = cells.saturating_sub(columns.wanted_at + 1);
            width(found) <= found_cells && width(wanted) <= usize::from(room)
        }
        None => width(found) <= found_cells,
    };
    let words = match wanted {
        Some(wanted) => format!("Found {found}; wanted {wanted}."),
        None => format!("Found {found}."),
    };
    (!fits).then_some(words)
}

pub(in crate::console::panes) fn draw(judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let items = &judged.checklist.items;
    let Columns {
        found_at,
        found_cells,
        wanted_at,
    } = Columns::of(area.width);
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
        cells.name(buffer, 10, CHECK_CELLS, item.check.title, text);
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
