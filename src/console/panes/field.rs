//! A field of a form: its label, its text or its choice, what is wrong with it, and where the terminal's cursor belongs.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use tui_input::Input;

use super::super::view::{Look, put};
use crate::text::{cut_middle_with, wrap};

/// The form that a field stands in.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'a> {
    pub look: Look<'a>,
    /// How many columns there are.
    pub columns: u16,
    /// Where what is filled in begins; the labels end two cells before.
    pub labels: u16,
    /// The row after the last one.
    pub bottom: u16,
}

/// What is filled in.
pub(super) enum Content<'a> {
    /// A text, and what holds where there is none.
    Text(&'a Input, String),
    /// One of several choices; whether it is what holds anyway.
    Choice(String, bool),
    /// What can't be edited.
    Fixed(String),
}

/// A field.
pub(super) struct Field<'a> {
    pub label: &'a str,
    /// The cursor is here.
    pub selected: bool,
    pub content: Content<'a>,
    pub error: Option<&'a str>,
}

impl Sheet<'_> {
    /// Cells for what is filled in.
    fn room(&self) -> u16 {
        self.columns.saturating_sub(self.labels + 1)
    }

    /// How many rows a field takes that has this wrong with it.
    pub fn rows(&self, error: Option<&str>) -> usize {
        1 + error.map_or(0, |error| self.error_lines(error).len())
    }

    fn error_lines(&self, error: &str) -> Vec<String> {
        let words = format!("{} {error}", self.look.glyphs.work);
        wrap(&words, usize::from(self.room()))
    }

    /// Draws a field at a row; the row after it, and where the terminal's cursor belongs when the field is edited.
    pub fn draw(
        &self,
        buffer: &mut Buffer,
        y: u16,
        field: &Field<'_>,
    ) -> (u16, Option<(u16, u16)>) {
        let theme = self.look.theme;
        let labels = match field.selected {
            true => {
                put(buffer, 1, y, 1, self.look.glyphs.cursor, theme.accent);
                theme.title
            }
            false => theme.dim,
        };
        let cells = self.labels.saturating_sub(4);
        put(buffer, 3, y, cells, field.label, labels);
        let cursor = self.fill_in(buffer, y, field);
        let mut y = y + 1;
        for line in field
            .error
            .into_iter()
            .flat_map(|one| self.error_lines(one))
        {
            if y < self.bottom {
                put(buffer, self.labels, y, self.room(), &line, theme.error);
                y += 1;
            }
        }
        (y, cursor)
    }

    fn fill_in(&self, buffer: &mut Buffer, y: u16, field: &Field<'_>) -> Option<(u16, u16)> {
        let (theme, glyphs) = (self.look.theme, self.look.glyphs);
        let (x, room) = (self.labels, self.room());
        let cells = usize::from(room);
        let (text, is_default) = match &field.content {
            Content::Fixed(text) => (self.look.cut(text, cells), true),
            Content::Choice(text, is_default) => {
                let (left, right) = glyphs.choice;
                let text = format!("{text}   {left} {right}");
                (self.look.cut(&text, cells), *is_default)
            }
            Content::Text(input, default) if field.selected => {
                let scroll = input.visual_scroll(cells.saturating_sub(1));
                let style = theme.input.add_modifier(Modifier::UNDERLINED);
                put(buffer, x, y, room, &from(input.value(), scroll), style);
                if input.value().is_empty() {
                    let (x, room) = (x + 2, room.saturating_sub(2));
                    let default = self.look.cut(default, usize::from(room));
                    put(buffer, x, y, room, &default, theme.dim);
                }
                let column = (input.visual_cursor().max(scroll) - scroll) as u16;
                return Some(((x + column).min(self.columns.saturating_sub(1)), y));
            }
            Content::Text(input, default) => match (input.value(), default.as_str()) {
                ("", "") => (glyphs.none.to_string(), true),
                ("", default) => (self.look.cut(default, cells), true),
                (text, _) => {
                    let text = cut_middle_with(text, cells, glyphs.ellipsis);
                    (text.into_owned(), false)
                }
            },
        };
        let style = match (field.selected, is_default) {
            (true, _) => theme.input,
            (false, true) => theme.dim,
            (false, false) => theme.text,
        };
        put(buffer, x, y, room, &text, style);
        None
    }
}

/// The part of a text from a display column on.
pub(super) fn from(text: &str, column: usize) -> String {
    let mut skipped = 0;
    text.chars()
        .skip_while(|letter| {
            let skip = skipped < column;
            skipped += crate::text::width(letter.encode_utf8(&mut [0; 4]));
            skip
        })
        .collect()
}
