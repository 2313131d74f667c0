//! ratatui's way to the terminal, as few bytes as can be: they are counted, because they travel over slow lines.
//!
//! It only fills a buffer. It knows the size because it is told, and where the cursor is because it put it there; it
//! never asks.

use std::convert::Infallible;
use std::fmt::Write as _;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthStr;

use super::look::{Look, PLAIN, codes, is_blank, look_of};

/// Changed cells in the blank end of a line are worth `ESC [ K` from this number on.
const WORTH_ERASING: usize = 4;

/// What is seen in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Nothing, not even a background.
    Blank,
    /// A character, or a colour.
    Ink,
    /// The other half of a wide character.
    Tail,
}

/// The cursor as it should be or is seen: nowhere, or at a place.
type Cursor = Option<Position>;

/// Collects the bytes of one frame.
#[derive(Debug)]
pub(super) struct FrameWriter {
    bytes: String,
    size: Size,
    /// What is seen in each cell, line by line: what need not be jumped over, and where a line's end can be erased.
    seen: Vec<Seen>,
    /// Where the next character would land, if that is certain.
    place: Option<Position>,
    look: Look,
    /// What the terminal shows now.
    shown_cursor: Cursor,
    /// What the frame wants.
    wanted_cursor: Cursor,
    /// Where a cursor goes that is to be shown without a place.
    last_cursor: Position,
}

impl FrameWriter {
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        FrameWriter {
            bytes: String::new(),
            size: Size::new(columns, rows),
            seen: vec![Seen::Blank; usize::from(columns) * usize::from(rows)],
            place: None,
            look: PLAIN,
            shown_cursor: None,
            wanted_cursor: None,
            last_cursor: Position::ORIGIN,
        }
    }

    /// The terminal has another size from now on.
    pub(super) fn set_size(&mut self, columns: u16, rows: u16) {
        self.size = Size::new(columns, rows);
        // A screen of another size is cleared before it is drawn on.
        self.seen = vec![Seen::Blank; usize::from(columns) * usize::from(rows)];
    }

    /// The terminal was entered anew: colours off, cursor hidden, its place unknown.
    pub(super) fn forget(&mut self) {
        self.bytes.clear();
        self.place = None;
        self.look = PLAIN;
        self.shown_cursor = None;
    }

    /// The frame's bytes, empty when the terminal shows all of it already. Colours are off after them.
    pub(super) fn take(&mut self) -> String {
        self.set_look(PLAIN);
        match (self.shown_cursor, self.wanted_cursor) {
            (Some(_), None) => self.bytes.push_str("\x1b[?25l"),
            (None, None) => {}
            (shown, Some(place)) => {
                if !self.bytes.is_empty() || shown != Some(place) {
                    self.go(place);
                }
                if shown.is_none() {
                    self.bytes.push_str("\x1b[?25h");
                }
            }
        }
        self.shown_cursor = self.wanted_cursor;
        // Other sequences may come between the frames: take nothing for granted.
        self.place = None;
        std::mem::take(&mut self.bytes)
    }

    /// Formatting into a string cannot fail.
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.bytes.write_fmt(text);
    }

    /// Moves to a cell by the shortest form that cannot be wrong: within a line by column, else by both. Never by a
    /// distance, because terminals disagree on how wide some characters are.
    fn go(&mut self, to: Position) {
        if self.place == Some(to) {
            return;
        }
        let (column, row) = (to.x.saturating_add(1), to.y.saturating_add(1));
        match self.place {
            Some(place) if place.y == to.y && to.x == 0 => self.bytes.push('\r'),
            Some(place) if place.y == to.y => self.put(format_args!("\x1b[{column}G")),
            Some(place) if place.y + 1 == to.y && to.x == 0 => self.bytes.push_str("\r\n"),
            _ if column == 1 && row == 1 => self.bytes.push_str("\x1b[H"),
            _ if column == 1 => self.put(format_args!("\x1b[{row}H")),
            _ => self.put(format_args!("\x1b[{row};{column}H")),
        }
        self.place = Some(to);
    }

    fn set_look(&mut self, look: Look) {
        if look == self.look {
            return;
        }
        let anew = codes(PLAIN, look);
        let anew = match anew.as_str() {
            "" => "\x1b[m".to_owned(),
            anew => format!("\x1b[;{anew}m"),
        };
        let changed = format!("\x1b[{}m", codes(self.look, look));
        self.bytes.push_str(if changed.len() < anew.len() {
            &changed
        } else {
            &anew
        });
        self.look = look;
    }

    fn print(&mut self, at: Position, symbol: &str) {
        self.go(at);
        if symbol.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            self.bytes.push_str(symbol);
        } else {
            // The last gate before the terminal, whatever way the text came into the cell.
            self.bytes.push_str(&crate::text::clean(symbol));
        }
        let next = at.x.saturating_add(1);
        // After the last column the cursor hangs between two lines; after anything that is not one narrow character
        // the terminal may count otherwise than we do.
        let certain = symbol.chars().nth(1).is_none()
            && UnicodeWidthStr::width(symbol) == 1
            && next < self.size.width;
        self.place = if certain {
            Some(Position::new(next, at.y))
        } else if next < self.size.width {
            // Still on this line, at an unknown column: a place that no cell has.
            Some(Position::new(u16::MAX, at.y))
        } else {
            None
        };
    }

    /// Goes on to a cell of the same line over a few blank ones by printing them, where that is shorter than a jump.
    fn step_to(&mut self, to: Position) {
        let Some(place) = self.place else {
            return;
        };
        let jump = if to.x < 9 { 4 } else { 5 };
        let over = place.x..to.x;
        if place.y == to.y
            && place.x <= to.x
            && over.len() < jump
            && self.look.is_unseen_on_blanks()
            && over.clone().all(|x| self.is_blank(x, to.y))
        {
            over.for_each(|_| self.bytes.push(' '));
            self.place = Some(to);
        }
    }

    fn is_blank(&self, x: u16, y: u16) -> bool {
        self.seen(x, y) == Some(Seen::Blank)
    }

    fn seen(&self, x: u16, y: u16) -> Option<Seen> {
        if x < self.size.width {
            self.seen.get(self.cell(x, y)).copied()
        } else {
            None
        }
    }

    fn set_seen(&mut self, x: u16, y: u16, seen: Seen) {
        let at = self.cell(x, y);
        if x < self.size.width
            && let Some(cell) = self.seen.get_mut(at)
        {
            *cell = seen;
        }
    }

    fn cell(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size.width) + usize::from(x)
    }

    /// The changed cells of a line; its end is erased when enough of it became blank.
    fn line(&mut self, y: u16, changed: &[(u16, &Cell)]) {
        let mut cells = Vec::with_capacity(changed.len());
        for (at, (x, cell)) in changed.iter().enumerate() {
            cells.push((*x, *cell));
            let wide = UnicodeWidthStr::width(cell.symbol()).max(1) as u16;
            let after = x.saturating_add(wide);
            let orphan = self.seen(after, y) == Some(Seen::Tail);
            self.set_seen(
                *x,
                y,
                if is_blank(cell) {
                    Seen::Blank
                } else {
                    Seen::Ink
                },
            );
            (x + 1..after).for_each(|tail| self.set_seen(tail, y, Seen::Tail));
            // Terminals disagree on how the other half of an overwritten wide character looks.
            if orphan && changed.get(at + 1).is_none_or(|(next, _)| *next != after) {
                self.set_seen(after, y, Seen::Blank);
                cells.push((after, &Cell::EMPTY));
            }
        }
        let end = (0..self.size.width)
            .rev()
            .find(|x| !self.is_blank(*x, y))
            .map_or(0, |last| last + 1);
        let kept = cells.partition_point(|(x, _)| *x < end);
        let (kept, gone) = cells.split_at(kept);
        for (x, cell) in kept {
            self.put_cell(Position::new(*x, y), cell);
        }
        if gone.len() >= WORTH_ERASING {
            self.set_look(PLAIN);
            // From the line's beginning where nothing is left of it: going there is shorter.
            let from = if end == 0 { 0 } else { gone[0].0 };
            self.go(Position::new(from, y));
            self.bytes.push_str("\x1b[K");
        } else {
            for (x, cell) in gone {
                self.put_cell(Position::new(*x, y), cell);
            }
        }
    }

    fn put_cell(&mut self, at: Position, cell: &Cell) {
        self.step_to(at);
        if !is_blank(cell) {
            self.set_look(look_of(cell));
        } else if !self.look.is_unseen_on_blanks() {
            self.set_look(PLAIN);
        }
        self.print(at, cell.symbol());
    }
}

impl Backend for FrameWriter {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut line: Vec<(u16, &Cell)> = Vec::new();
        let mut at = 0;
        for (x, y, cell) in content {
            if y != at {
                self.line(at, &line);
                line.clear();
                at = y;
            }
            line.push((x, cell));
        }
        self.line(at, &line);
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.wanted_cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.wanted_cursor = Some(self.last_cursor);
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.last_cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.last_cursor = position.into();
        if self.wanted_cursor.is_some() {
            self.wanted_cursor = Some(self.last_cursor);
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.set_look(PLAIN);
        self.seen.fill(Seen::Blank);
        // A clearing that follows another one changes nothing.
        if !self.bytes.ends_with("\x1b[2J") {
            self.bytes.push_str("\x1b[2J");
        }
        Ok(())
    }

    fn clear_region(&mut self, _region: ClearType) -> Result<(), Infallible> {
        // The full screen is the only region that is ever cleared.
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
