//! The checklist: the documented procedure, line by line.

use ratatui::buffer::Buffer;

use super::table::{Table, cut_beside, cut_value};
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

    /// How many cells found and wanted have in a row that is so wide. What stands there without the other has the room of
    /// both; in one column what was found stays whole where it is short, else each has at least half.
    fn shares(&self, columns: u16, found: &str, wanted: Option<&str>) -> (u16, u16) {
        let all = columns.saturating_sub(self.found_at + 1);
        let Some(wanted) = wanted else {
            return (all, 0);
        };
        if self.wanted_at > 0 {
            return (self.found_cells, columns.saturating_sub(self.wanted_at + 1));
        }
        // Between the two: a space and the brackets.
        let room = all.saturating_sub(3);
        let (found, wanted) = (width(found) as u16, width(wanted) as u16);
        // A short word stays whole beside a long value; two long values have half of it each.
        let half = if found <= room * 2 / 3 { 0 } else { room / 2 };
        let for_wanted = wanted.min(half.max(room.saturating_sub(found)));
        (room - for_wanted, for_wanted)
    }
}

/// What a row at a width has no room for: found and wanted, whole, in sentences; what `told` says anyway is not repeated.
pub(super) fn elided(item: &Item, cells: u16, told: &str) -> Option<String> {
    let columns = Columns::of(cells);
    let (found, wanted) = match &item.outcome {
        Outcome::Met { found } => (found, None),
        Outcome::Unmet { wanted, found, .. } => (found, Some(wanted.as_str())),
        // Their reason is what stands under the list anyway.
        Outcome::Unknown { .. } | Outcome::NotApplicable { .. } => return None,
    };
    let (found_cells, wanted_cells) = columns.shares(cells, found, wanted);
    let missing = |text: &str, cells: u16| width(text) > usize::from(cells) && !told.contains(text);
    match wanted {
        Some(wanted) if missing(found, found_cells) || missing(wanted, wanted_cells) => {
            Some(format!("Found {found}; wanted {wanted}."))
        }
        None if missing(found, found_cells) => Some(format!("Found {found}.")),
        _ => None,
    }
}

pub(in crate::console::panes) fn draw(judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let items = &judged.checklist.items;
    let columns = Columns::of(area.width);
    let Columns {
        found_at,
        wanted_at,
        ..
    } = columns;
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
            // One failure makes many checks unknown: its words stand in the first of them.
            Outcome::Unknown { why, .. } if items[..at].iter().any(|one| is_unknown(one, why)) => {
                (Some(Urgency::Unknown), "unknown".to_string(), None)
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
        let of_wanted = wanted.as_deref();
        let (found_cells, wanted_cells) = columns.shares(area.width, &found, of_wanted);
        let Some(wanted) = of_wanted else {
            let found = cut_value(look, &found, found_cells);
            cells.put(buffer, found_at, found_cells, &found, found_style);
            return;
        };
        let [found, wanted] = [
            cut_beside(look, &found, wanted, found_cells),
            cut_beside(look, wanted, &found, wanted_cells),
        ];
        cells.put(buffer, found_at, found_cells, &found, found_style);
        let (x, wanted) = match wanted_at {
            0 => (found_at + width(&found) as u16 + 1, format!("({wanted})")),
            _ => (wanted_at, wanted),
        };
        let room = width(&wanted) as u16;
        cells.put(buffer, x, room, &wanted, look.theme.text);
    });
}

fn is_unknown(item: &Item, because: &str) -> bool {
    matches!(&item.outcome, Outcome::Unknown { why, .. } if why == because)
}
