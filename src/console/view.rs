//! Model in, cells out: header, the pane on top, its footer, what lies over it. Pure: nothing here changes state.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::geometry::SMALLEST;
use super::model::{Model, Screen};
use super::theme::{Glyphs, Theme};
use super::{footer, header, panes};
use crate::registration::status::Urgency;
use crate::text::{clean, cut_words_with, is_harmless, width, wrap};

/// What every pane draws with.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Colours by meaning.
    pub theme: &'a Theme,
    /// Unicode or ASCII.
    pub glyphs: &'a Glyphs,
}

impl Look<'_> {
    /// Text cut to a width where a word ends, with the mark that the glyphs have for it; a long word alone loses its
    /// middle.
    pub fn cut(&self, text: &str, cells: usize) -> String {
        cut_words_with(text, cells, self.glyphs.ellipsis).into_owned()
    }

    /// The text in at most so many lines: the last one has what is left of it, cut where it has no room.
    pub fn lines(&self, text: &str, cells: usize, most: usize) -> Vec<String> {
        let mut lines = wrap(text, cells);
        if lines.len() > most {
            let cut_off = lines.split_off(most.saturating_sub(1)).join(" ");
            // A word that was broken at the end of a line goes on without a gap.
            let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let mut kept = lines.iter();
            let rest = kept.try_fold(whole.as_str(), |rest, line| {
                rest.strip_prefix(line.as_str()).map(str::trim_start)
            });
            lines.push(self.cut(rest.unwrap_or(&cut_off), cells));
            lines.truncate(most);
        }
        lines
    }

    /// Such lines, one below the other in an area; how many they are.
    pub fn paragraph(&self, buffer: &mut Buffer, area: Rect, text: &str) -> u16 {
        let lines = self.lines(text, usize::from(area.width), usize::from(area.height));
        for (y, line) in (area.y..).zip(&lines) {
            put(buffer, area.x, y, area.width, line, self.theme.text);
        }
        lines.len() as u16
    }

    /// The glyph and the colour of an urgency.
    pub fn urgency(&self, urgency: Urgency) -> (&'static str, Style) {
        match urgency {
            Urgency::Broken => (self.glyphs.broken, self.theme.broken),
            Urgency::NeedsWork => (self.glyphs.work, self.theme.work),
            Urgency::Waiting => (self.glyphs.waiting, self.theme.waiting),
            Urgency::Good => (self.glyphs.good, self.theme.good),
            Urgency::Unknown => (self.glyphs.unknown, self.theme.unknown),
        }
    }

    /// A hairline over the whole width of `area`, at line `y`.
    pub fn hairline(&self, buffer: &mut Buffer, area: Rect, y: u16) {
        if y < buffer.area.height {
            let line = self.glyphs.hairline.repeat(usize::from(area.width));
            put(buffer, area.x, y, area.width, &line, self.theme.dim);
        }
    }
}

/// An area without its first and its last column.
pub(super) fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    }
}

/// What an area has beside a title that stands at its beginning.
pub(super) fn right_of(area: Rect, title: &str) -> Rect {
    let indent = width(title) as u16 + 3;
    Rect {
        x: area.x + indent,
        width: area.width.saturating_sub(indent + 1),
        ..area
    }
}

/// The last guard: whatever nobody cleaned before does not reach a cell.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(clean(text))
    }
}

/// Writes text into a line, cut at `cells`.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, cells: u16, text: &str, style: Style) {
    if y < buffer.area.height && x < buffer.area.width {
        // Over the second half of a wide character: its first half can't stay, and the frame must not say that it does.
        if x > 0 && !text.is_empty() && cells > 0 && width(buffer[(x - 1, y)].symbol()) > 1 {
            buffer[(x - 1, y)].set_symbol(" ");
        }
        buffer.set_stringn(
            x,
            y,
            harmless(text),
            usize::from(cells.min(buffer.area.width - x)),
            style,
        );
    }
}

/// Takes away whatever stands in an area, its styles too: what is drawn there next has none of them.
pub(super) fn clear(buffer: &mut Buffer, area: Rect) {
    let blank = " ".repeat(usize::from(area.width));
    for y in area.y..area.y + area.height {
        put(buffer, area.x, y, area.width, &blank, Style::reset());
    }
}

/// Draws the whole screen.
pub fn view(model: &Model, look: Look<'_>, frame: &mut Frame<'_>) {
    let area = frame.area();
    let (columns, rows) = model.size;
    let buffer = frame.buffer_mut();
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        let words = format!(
            "umpdeck needs {}x{}, not {columns}x{rows}",
            SMALLEST.0, SMALLEST.1
        );
        put(
            buffer,
            0,
            area.height / 2,
            area.width,
            &words,
            look.theme.work,
        );
        return;
    }
    header::draw(model, look, buffer);
    let cursor = match model.screens.last() {
        None => {
            panes::fleet::draw(model, look, buffer);
            None
        }
        Some(Screen::Device(screen)) => {
            panes::device::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Create(screen)) => panes::create::draw(model, screen, look, buffer),
        Some(Screen::Contact(screen)) => panes::contact::draw(model, screen, look, buffer),
        Some(Screen::Adopt(screen)) => {
            panes::adopt::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Plan(screen)) => {
            panes::plan::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Run(run)) => {
            if let Some(run) = model.runs.get(run) {
                panes::run::draw(model, run, look, buffer);
            }
            None
        }
        Some(Screen::Decision(screen)) => {
            panes::decide::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Handoff(screen)) => {
            panes::handoff::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Secrets(screen)) => {
            panes::secrets::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Audit(screen)) => {
            panes::audit::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Form(screen)) => panes::inventory::draw_form(model, screen, look, buffer),
        Some(Screen::Change(screen)) => {
            panes::inventory::draw_change(model, screen, look, buffer);
            None
        }
        Some(Screen::BulkPlan(screen)) => {
            panes::bulk::draw_plan(model, screen, look, buffer);
            None
        }
        Some(Screen::BulkRun) => {
            if let Some(bulk) = &model.bulk {
                panes::bulk::draw_run(model, bulk, look, buffer);
            }
            None
        }
    };
    let cursor = match model.overlays.last() {
        Some(overlay) => panes::overlays::draw(model, overlay, look, buffer),
        None => cursor,
    };
    footer::draw(model, look, buffer);
    footer::toasts(model, look, buffer);
    if *look.glyphs == Glyphs::ASCII {
        plain_signs(buffer);
    }
    if let Some((x, y)) = cursor {
        frame.set_cursor_position((x, y));
    }
}

/// Words, keys and page names have signs of their own that poor terminals lack; letters of names stay.
fn plain_signs(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let plain = match cell.symbol() {
            "–" | "—" => "-",
            "…" | "·" => ".",
            "‹" | "←" => "<",
            "›" | "→" => ">",
            "↑" => "^",
            "↓" => "v",
            "•" => "*",
            _ => continue,
        };
        cell.set_symbol(plain);
    }
}
