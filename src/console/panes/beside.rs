//! Two sides, line by line: what the portal holds, and what Entra has.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::view::{Look, put};
use super::device::cut_value;
use crate::registration::beside::Beside;
use crate::text::{width, wrap};

/// How a row is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Head,
    Same,
    Differs,
    Unknown,
}

/// A row of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    meaning: Meaning,
    label: String,
    portal: String,
    entra: Option<String>,
}

/// Where the three columns of an area stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    label: u16,
    half: u16,
}

impl Columns {
    /// Those of some lines in so many cells.
    pub fn of(lines: &[Beside], heads: [&str; 3], cells: u16) -> Columns {
        let longest = lines.iter().map(|line| width(&line.label)).max();
        let longest = longest.unwrap_or(0).max(width(heads[0])) as u16;
        // Two cells between a label and its value, as between the sides.
        let label = (longest + 1).max(25).min(cells * 2 / 5);
        Columns {
            label,
            half: cells.saturating_sub(label + 5) / 2,
        }
    }

    /// The rows of the lines under their heads. Where the two sides differ both stand there whole, on as many rows as
    /// that takes: what differs may be in the middle.
    pub fn rows(self, lines: &[Beside], heads: [&str; 3]) -> Vec<Row> {
        let mut rows = vec![Row {
            meaning: Meaning::Head,
            label: heads[0].to_string(),
            portal: heads[1].to_string(),
            entra: Some(heads[2].to_string()),
        }];
        for line in lines {
            let portal = match line.portal.as_deref() {
                Some("") => "(empty)",
                Some(text) => text,
                None => "(not known)",
            };
            let meaning = match (line.differs, &line.portal) {
                (true, _) => Meaning::Differs,
                (false, None) => Meaning::Unknown,
                (false, Some(_)) => Meaning::Same,
            };
            let cells = |text: &str| match line.differs || text.contains(' ') {
                true => wrap(text, usize::from(self.half)),
                false => vec![text.to_string()],
            };
            let portal = cells(portal);
            let entra = line.entra.as_deref().map(cells);
            let count = entra.as_ref().map_or(0, Vec::len).max(portal.len());
            for at in 0..count {
                let of = |side: &[String]| side.get(at).cloned().unwrap_or_default();
                rows.push(Row {
                    meaning,
                    label: match at {
                        0 => line.label.clone(),
                        _ => String::new(),
                    },
                    portal: of(&portal),
                    // Only the first row says that there is nothing.
                    entra: match &entra {
                        None if at > 0 => Some(String::new()),
                        entra => entra.as_deref().map(of),
                    },
                });
            }
        }
        rows
    }

    /// Draws a row at a line of the screen.
    pub fn draw(self, row: &Row, look: Look<'_>, buffer: &mut Buffer, area: Rect, y: u16) {
        let theme = look.theme;
        let [label, portal, entra] = match row.meaning {
            Meaning::Head => [theme.dim, theme.dim, theme.dim],
            Meaning::Same => [theme.text, theme.text, theme.text],
            Meaning::Differs => [theme.text, theme.work, theme.text],
            Meaning::Unknown => [theme.text, theme.dim, theme.text],
        };
        let words = look.cut(&row.label, usize::from(self.label));
        put(buffer, area.x + 1, y, self.label, &words, label);
        let first = area.x + 2 + self.label;
        let cut = |text: &str| cut_value(look, text, self.half);
        put(buffer, first, y, self.half, &cut(&row.portal), portal);
        let text = row.entra.as_deref().unwrap_or(look.glyphs.none);
        put(
            buffer,
            first + 2 + self.half,
            y,
            self.half,
            &cut(text),
            entra,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_stand_there_whole_where_they_differ() {
        let uri = |end: &str| format!("https://ump-west.finebak.com/authenticate/{end}/Callback");
        let line = |differs| Beside {
            label: "Redirect URI".into(),
            portal: Some(uri("here")),
            entra: Some(uri("there")),
            differs,
        };
        let heads = ["", "PORTAL", "ENTRA"];
        let lines = [line(true), line(false)];
        let rows = Columns::of(&lines, heads, 80).rows(&lines, heads);
        let (differ, same): (Vec<_>, Vec<_>) = rows[1..]
            .iter()
            .partition(|row| row.meaning == Meaning::Differs);
        assert_eq!(same.len(), 1);
        let side = |of: fn(&Row) -> String| differ.iter().map(|row| of(row)).collect::<String>();
        assert_eq!(side(|row| row.portal.clone()), uri("here"));
        assert_eq!(side(|row| row.entra.clone().unwrap()), uri("there"));
        assert!(differ.iter().all(|row| width(&row.portal) <= 25));
    }
}
