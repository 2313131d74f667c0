//! The forms of the inventory, and what a change of it comes to.

use ratatui::buffer::Buffer;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{ChangeLine, ChangeScreen, FormScreen, FormSubject, Model};
use super::super::view::{Look, put};
use super::field::{Content, Field, Sheet};
use crate::text::{cut_middle_with, width, wrap};

const LABELS: u16 = 19;

/// Draws a form; returns where the terminal's cursor belongs.
pub(in super::super) fn draw_form(
    model: &Model,
    screen: &FormScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let body = geometry::regions(model.size, 0).body;
    let note = wrap(
        &note(model, screen),
        usize::from(body.width.saturating_sub(4)),
    );
    // The note stands below the lines, whatever of them is shown.
    let rows = body.height.saturating_sub(note.len() as u16 + 1).max(1);
    let sheet = Sheet {
        look,
        columns: body.width,
        labels: LABELS,
        bottom: body.y + rows,
    };
    let mut cursor = None;
    let mut y = body.y;
    let first = first_shown(screen, &sheet, usize::from(rows));
    for (at, line) in screen.lines.iter().enumerate().skip(first) {
        if y >= sheet.bottom {
            break;
        }
        let text = line.input.value();
        let or_default = || match text {
            "" => screen.default_of(line.key),
            text => text.to_string(),
        };
        let content = match (line.fixed, line.choices.is_empty()) {
            (true, _) => Content::Fixed(or_default()),
            (false, false) => Content::Choice(or_default(), text.is_empty()),
            (false, true) => Content::Text(&line.input, screen.default_of(line.key)),
        };
        let drawn = Field {
            label: line.key.label(),
            selected: at == screen.at,
            content,
            error: line.error.as_deref(),
        };
        let (next, here) = sheet.draw(buffer, y, &drawn);
        (y, cursor) = (next, here.or(cursor));
    }
    y = y.min(sheet.bottom) + 1;
    for line in note {
        if y < body.y + body.height {
            put(buffer, 3, y, body.width, &line, look.theme.dim);
            y += 1;
        }
    }
    cursor
}

/// What is said below a form's lines.
fn note(model: &Model, screen: &FormScreen) -> String {
    let note = match &screen.subject {
        FormSubject::NewDevice => "Dim values are defaults.",
        FormSubject::Device(_) => {
            "Another FQDN is another device. To remove a customer, empty its short name."
        }
        FormSubject::Tenant(_) => "To change how umpdeck signs in: umpdeck tenants edit.",
    };
    let key = model.keys.key(Context::Form, Action::ToPlan);
    format!("Nothing is written yet. {key} shows what would change first. {note}")
}

/// The first line that is shown, so that the one under the cursor has room with what is wrong with it.
fn first_shown(screen: &FormScreen, sheet: &Sheet<'_>, rows: usize) -> usize {
    let height = |at: usize| sheet.rows(screen.lines[at].error.as_deref());
    let mut first = screen.at;
    let mut used = height(first);
    while first > 0 && used + height(first - 1) <= rows {
        first -= 1;
        used += height(first);
    }
    first
}

/// Draws what a change comes to.
pub(in super::super) fn draw_change(
    model: &Model,
    screen: &ChangeScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let room = body.width.saturating_sub(2);
    let heads = |line: &&ChangeLine| matches!(line, ChangeLine::Head(_));
    let count = screen.lines.iter().filter(heads).count();
    let title = match count {
        1 => "What changes in the inventory".to_string(),
        many => format!("What changes in the inventory: {many} entries"),
    };
    put(
        buffer,
        1,
        body.y,
        room,
        &look.cut(&title, usize::from(room)),
        look.theme.title,
    );
    let state = match screen.writing {
        true => format!("writing to {}…", screen.place),
        false => {
            let key = model.keys.key(Context::Change, Action::Apply);
            format!("{key} writes it to {}", screen.place)
        }
    };
    let state = cut_middle_with(&state, usize::from(room), look.glyphs.ellipsis);
    put(buffer, 1, body.y + 1, room, &state, look.theme.dim);
    let page = geometry::change_page(model);
    for (at, line) in screen
        .lines
        .iter()
        .skip(screen.list.offset)
        .take(page)
        .enumerate()
    {
        let y = body.y + 3 + at as u16;
        match line {
            ChangeLine::Head(words) => {
                put(
                    buffer,
                    1,
                    y,
                    room,
                    &look.cut(words, usize::from(room)),
                    look.theme.text,
                );
            }
            ChangeLine::Field(change) => {
                let field = format!("{:<16}", look.cut(&change.field, 24));
                put(buffer, 5, y, room.saturating_sub(5), &field, look.theme.dim);
                let mut x = 5 + (width(&field) as u16).max(16) + 2;
                let half = usize::from(body.width.saturating_sub(x + 5)) / 2;
                let (arrow, none) = (look.glyphs.arrow, look.glyphs.none);
                let shown = |text: &str| match text {
                    "" => none.to_string(),
                    text => cut_middle_with(text, half, look.glyphs.ellipsis).into_owned(),
                };
                let from = shown(&change.from);
                put(buffer, x, y, half as u16, &from, look.theme.dim);
                x += width(&from) as u16 + 1;
                put(buffer, x, y, 1, arrow, look.theme.dim);
                put(
                    buffer,
                    x + 2,
                    y,
                    half as u16,
                    &shown(&change.to),
                    look.theme.good,
                );
            }
        }
    }
    let more = screen.lines.len().saturating_sub(screen.list.offset + page);
    if more > 0 {
        let words = format!("{more} more lines below");
        let x = body.width.saturating_sub(width(&words) as u16 + 1);
        put(buffer, x, body.y, room, &words, look.theme.dim);
    }
}
