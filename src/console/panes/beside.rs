//! Two sides, line by line: what the portal holds, and what Entra has.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::view::{Look, put};
use super::device::cut_value;
use crate::registration::beside::{Beside, Departs};
use crate::text::{width, wrap};

/// How a row is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Head,
    Alike,
    Differs(Departs),
    Unknown,
}

/// A row of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    meaning: Meaning,
    label: String,
    portal: String,
    entra: Option<String>,
    /// What both sides say takes the room of both.
    spans: bool,
}

/// Where the three columns of an area stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    label: u16,
    half: u16,
}

/// What stands on Entra's side where it says the same.
const SAME: &str = "same";

impl Columns {
    /// Those that lines with these labels have in so many cells.
    pub fn of<'a>(labels: impl IntoIterator<Item = &'a str>, cells: u16) -> Columns {
        let longest = labels.into_iter().map(width).max().unwrap_or(0) as u16;
        // Two cells between a label and its value, as between the sides.
        let label = (longest + 1).max(25).min(cells * 2 / 5);
        Columns {
            label,
            half: cells.saturating_sub(label + 5) / 2,
        }
    }

    /// The rows of the lines under their heads. Both sides stand there whole, on as many rows as that takes: what differs
    /// may be in the middle. What both say stands there once.
    pub fn rows(self, lines: &[Beside], heads: [&str; 3]) -> Vec<Row> {
        let mut rows = vec![Row {
            meaning: Meaning::Head,
            label: heads[0].to_string(),
            portal: heads[1].to_string(),
            entra: Some(heads[2].to_string()),
            spans: false,
        }];
        for line in lines {
            let first = rows.len();
            match line.is_same() {
                true => rows.extend(self.once(line)),
                false => rows.extend(self.both(line)),
            }
            rows[first].label = line.label.clone();
        }
        rows
    }

    /// What both sides say, whole.
    fn once(self, line: &Beside) -> Vec<Row> {
        let text = line.portal.as_deref().unwrap_or_default();
        let half = usize::from(self.half);
        let room = match width(text) <= half {
            true => half,
            false => (2 * half + 2).saturating_sub(width(SAME) + 2),
        };
        let texts = wrap(text, room);
        let last = texts.len() - 1;
        let row = |(at, text): (usize, String)| {
            let beside = at == last && width(&text) <= half;
            Row {
                meaning: Meaning::Alike,
                label: String::new(),
                entra: Some(if beside { SAME } else { "" }.to_string()),
                spans: !beside,
                portal: match at == last && !beside {
                    true => format!("{text}  {SAME}"),
                    false => text,
                },
            }
        };
        texts.into_iter().enumerate().map(row).collect()
    }

    fn both(self, line: &Beside) -> Vec<Row> {
        let portal = match line.portal.as_deref() {
            Some("") => "(empty)",
            Some(text) => text,
            None => "(not known)",
        };
        let meaning = match (line.departs, &line.portal) {
            (Departs::Neither, None) => Meaning::Unknown,
            (Departs::Neither, Some(_)) => Meaning::Alike,
            (departs, _) => Meaning::Differs(departs),
        };
        let cells = |text: &str| wrap(text, usize::from(self.half));
        let portal = cells(portal);
        let entra = line.entra_words().map(|text| cells(&text));
        let count = entra.as_ref().map_or(0, Vec::len).max(portal.len());
        let of = |side: &[String], at: usize| side.get(at).cloned().unwrap_or_default();
        let row = |at| Row {
            meaning,
            label: String::new(),
            portal: of(&portal, at),
            // Only the first row says that there is nothing.
            entra: match &entra {
                None if at > 0 => Some(String::new()),
                entra => entra.as_deref().map(|side| of(side, at)),
            },
            spans: false,
        };
        (0..count).map(row).collect()
    }

    /// Draws a row at a line of the screen.
    pub fn draw(self, row: &Row, look: Look<'_>, buffer: &mut Buffer, area: Rect, y: u16) {
        let theme = look.theme;
        let of_side = |departs| if departs { theme.work } else { theme.text };
        let [label, portal, entra] = match row.meaning {
            Meaning::Head => [theme.dim, theme.dim, theme.dim],
            Meaning::Alike => [theme.text, theme.text, theme.text],
            Meaning::Differs(departs) => [
                theme.text,
                of_side(departs.portal()),
                of_side(departs.entra()),
            ],
            Meaning::Unknown => [theme.text, theme.dim, theme.text],
        };
        let words = look.cut(&row.label, usize::from(self.label));
        put(buffer, area.x + 1, y, self.label, &words, label);
        let first = area.x + 2 + self.label;
        if row.spans {
            put(buffer, first, y, 2 * self.half + 2, &row.portal, portal);
            return;
        }
        let cut = |text: &str| cut_value(look, text, self.half);
        put(buffer, first, y, self.half, &cut(&row.portal), portal);
        let text = row.entra.as_deref().unwrap_or(look.glyphs.none);
        let entra = match text {
            SAME => theme.dim,
            _ => entra,
        };
        let second = first + 2 + self.half;
        put(buffer, second, y, self.half, &cut(text), entra);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(end: &str) -> String {
        format!("https://ump-west.finebak.com/authenticate/{end}")
    }

    fn of(portal: &str, entra: &str) -> Vec<Row> {
        let line = Beside {
            label: "Redirect URI".into(),
            portal: Some(uri(portal)),
            entra: Some(uri(entra)),
            is_wish: false,
            departs: match portal == entra {
                true => Departs::Neither,
                false => Departs::Entra,
            },
        };
        let columns = Columns::of(["Redirect URI"], 80);
        let rows = columns.rows(&[line], ["", "PORTAL", "ENTRA"]);
        rows[1..].to_vec()
    }

    #[test]
    fn both_sides_stand_there_whole_where_they_differ_and_break_where_a_part_ends() {
        let differ = of("here/OAuth2Callback", "there/OAuth2Callback");
        let side = |of: fn(&Row) -> String| differ.iter().map(of).collect::<String>();
        assert_eq!(side(|row| row.portal.clone()), uri("here/OAuth2Callback"));
        let entra = side(|row| row.entra.clone().unwrap());
        assert_eq!(entra, uri("there/OAuth2Callback"));
        assert!(differ.iter().all(|row| width(&row.portal) <= 25));
        assert_eq!(differ.last().unwrap().portal, "OAuth2Callback");
    }

    #[test]
    fn what_both_sides_say_stands_there_once_and_whole() {
        let same = of("OAuth2Callback", "OAuth2Callback");
        let text: String = same.iter().map(|row| row.portal.as_str()).collect();
        assert_eq!(text, uri("OAuth2Callback"));
        assert_eq!(same.last().unwrap().entra.as_deref(), Some(SAME));
        let long = of(&"a".repeat(60), &"a".repeat(60));
        let last = long.last().unwrap();
        assert!(last.portal.ends_with(SAME) || last.entra.as_deref() == Some(SAME));
        assert!(long.iter().all(|row| width(&row.portal) <= 52));
    }
}
