//! Tables for people: columns as wide as their words, and where the terminal is narrower, the last ones wrapped.

use super::output::Look;
use crate::text::{width, wrap};

/// Cells between two columns.
const GAP: usize = 2;
/// A wrapped column gets at least so many cells.
const NARROWEST: usize = 12;

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A mark, close to the words that follow it.
    Mark,
    /// Words, never wrapped.
    Words,
    /// Words that are wrapped where there is little room.
    Wrapped,
    /// Numbers, which stand right.
    Numbers,
}

/// A column: its head and how it stands.
pub(super) type Column = (&'static str, Kind);

/// What a column takes beside its words.
fn gap((_, kind): &Column) -> usize {
    match kind {
        Kind::Mark => 1,
        Kind::Words | Kind::Wrapped | Kind::Numbers => GAP,
    }
}

/// A cell: words with a colour.
#[derive(Clone, Default)]
pub(super) struct Cell {
    words: String,
    colour: Option<u8>,
}

impl Cell {
    /// Words without a colour.
    pub fn plain(words: impl Into<String>) -> Cell {
        Cell {
            words: words.into(),
            colour: None,
        }
    }

    /// Words in a colour.
    pub fn coloured(words: impl Into<String>, colour: u8) -> Cell {
        Cell {
            words: words.into(),
            colour: Some(colour),
        }
    }
}

/// Lays a table out. Words are made harmless here, so that no caller can forget it.
pub(super) fn table(look: &Look, columns: &[Column], rows: &[Vec<Cell>]) -> String {
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let clean = |cell: &Cell| Cell {
                words: look.line(&cell.words),
                colour: cell.colour,
            };
            row.iter().map(clean).collect()
        })
        .collect();
    let widths = widths(look, columns, &rows);
    let head = columns
        .iter()
        .map(|(head, _)| Cell::coloured(*head, 90))
        .collect();
    let mut text = String::new();
    let titled = columns.iter().any(|(head, _)| !head.is_empty());
    for row in titled.then_some(&head).into_iter().chain(&rows) {
        draw(&mut text, look, columns, &widths, row);
    }
    text
}

/// How many cells the table would take with nothing wrapped, up to and without the columns that wrap.
pub(super) fn rigid_width(columns: &[Column], rows: &[Vec<Cell>]) -> usize {
    natural(columns, rows)
        .iter()
        .zip(columns)
        .filter(|(_, (_, kind))| *kind != Kind::Wrapped)
        .map(|(width, column)| width + gap(column))
        .sum()
}

fn natural(columns: &[Column], rows: &[Vec<Cell>]) -> Vec<usize> {
    columns
        .iter()
        .enumerate()
        .map(|(at, (head, _))| {
            let words = rows.iter().filter_map(|row| row.get(at));
            words
                .map(|cell| width(&cell.words))
                .chain([width(head)])
                .max()
                .unwrap_or(0)
        })
        .collect()
}

fn widths(look: &Look, columns: &[Column], rows: &[Vec<Cell>]) -> Vec<usize> {
    let mut widths = natural(columns, rows);
    let gaps = columns.iter().map(gap);
    let all: usize = widths
        .iter()
        .zip(gaps)
        .map(|(width, gap)| width + gap)
        .sum();
    let Some(room) = look.width.filter(|room| all > room + GAP) else {
        return widths;
    };
    let mut left = (room + GAP).saturating_sub(rigid_width(columns, rows));
    let mut waiting: Vec<usize> = (0..columns.len())
        .filter(|at| columns[*at].1 == Kind::Wrapped)
        .collect();
    // The modest ones first: what they leave is the others'.
    waiting.sort_by_key(|at| widths[*at]);
    while let Some(at) = (!waiting.is_empty()).then(|| waiting.remove(0)) {
        let share = (left / (waiting.len() + 1)).saturating_sub(GAP);
        widths[at] = widths[at].min(share.max(NARROWEST));
        left = left.saturating_sub(widths[at] + GAP);
    }
    widths
}

fn draw(text: &mut String, look: &Look, columns: &[Column], widths: &[usize], row: &[Cell]) {
    let cells: Vec<Vec<String>> = row
        .iter()
        .zip(widths)
        .zip(columns)
        .map(|((cell, cells), (_, kind))| {
            if *kind == Kind::Wrapped && width(&cell.words) > *cells {
                wrap(&cell.words, *cells)
            } else {
                vec![cell.words.clone()]
            }
        })
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let mut shown = String::new();
        let mut blank = 0;
        for (at, lines) in cells.iter().enumerate() {
            let words = lines.get(line).map_or("", String::as_str);
            let spare = widths[at].saturating_sub(width(words));
            let (before, after) = if columns[at].1 == Kind::Numbers {
                (spare, 0)
            } else {
                (0, spare)
            };
            // Blanks wait for the next words, so that no line ends in them.
            blank += before;
            if !words.is_empty() {
                shown.push_str(&" ".repeat(blank));
                shown.push_str(&look.coloured(words, row[at].colour));
                blank = 0;
            }
            blank += after + gap(&columns[at]);
        }
        text.push_str(&shown);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::Glyphs;

    fn look(width: Option<usize>) -> Look {
        Look {
            glyphs: Glyphs::ASCII,
            ascii: false,
            colour: false,
            width,
        }
    }

    const COLUMNS: [Column; 3] = [
        ("NAME", Kind::Words),
        ("N", Kind::Numbers),
        ("WHY", Kind::Wrapped),
    ];

    fn rows() -> Vec<Vec<Cell>> {
        vec![
            vec![
                Cell::plain("a"),
                Cell::plain("1"),
                Cell::plain("one two three four five six"),
            ],
            vec![Cell::plain("bcdef"), Cell::plain("100"), Cell::plain("")],
        ]
    }

    #[test]
    fn numbers_stand_right_words_left_and_no_line_ends_in_blanks() {
        let text = table(&look(None), &COLUMNS, &rows());
        assert_eq!(
            text,
            "NAME     N  WHY\na        1  one two three four five six\nbcdef  100\n"
        );
    }

    #[test]
    fn on_a_narrow_terminal_the_last_column_wraps_and_loses_no_word() {
        let text = table(&look(Some(28)), &COLUMNS, &rows());
        assert!(text.lines().all(|line| width(line) <= 28), "{text}");
        let words: Vec<_> = text.split_whitespace().collect();
        for word in ["one", "two", "three", "four", "five", "six"] {
            assert!(words.contains(&word), "{text}");
        }
    }

    #[test]
    fn untrusted_words_can_not_steer_the_terminal() {
        let evil = vec![vec![
            Cell::plain("a\x1b[31m\u{202e}b\nc"),
            Cell::default(),
            Cell::default(),
        ]];
        let text = table(&look(None), &COLUMNS, &evil);
        assert!(crate::text::is_harmless(&text), "{text:?}");
        assert_eq!(text.lines().count(), 2);
    }
}
