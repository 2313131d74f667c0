//! The values to copy.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{Cells, Table};
use crate::console::keymap::{Action, Context};
use crate::console::keys::Keys;
use crate::console::model::{DeviceScreen, Judged, Model};
use crate::console::update::value_text;
use crate::console::view::Look;
use crate::registration::values::ValueKind;
use crate::text::{cut_middle_with, width};
use secrecy::ExposeSecret;

pub(super) fn draw(
    model: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    table: Table<'_>,
    buffer: &mut Buffer,
) {
    let Table { look, area, .. } = table;
    let heads = [(0, "KEY"), (4, "NAME"), (VALUE_AT, "VALUE")];
    table.draw(buffer, ValueKind::ALL.len(), &heads, |buffer, at, cells| {
        let kind = ValueKind::ALL[at];
        value_line(
            &model.keys,
            look,
            buffer,
            (area, cells.y),
            judged,
            kind,
            (cells.selected, screen.revealed),
        );
    });
}

/// Where a value stands beside its name.
const VALUE_AT: u16 = 30;

fn room(area: Rect) -> u16 {
    area.width.saturating_sub(VALUE_AT + 1)
}

/// The value on this line, whole, where its line has no room for all of it.
pub(super) fn elided(judged: &Judged, at: usize, revealed: bool, area: Rect) -> Option<String> {
    let text = shown_value(judged, *ValueKind::ALL.get(at)?, revealed).ok()?;
    (width(&text) > usize::from(room(area))).then_some(text)
}

/// The text of a value on screen: the secret's masked unless it was asked for.
pub(in crate::console::panes) fn shown_value(
    judged: &Judged,
    kind: ValueKind,
    revealed: bool,
) -> Result<String, String> {
    let text = value_text(&judged.file, kind)?;
    if kind == ValueKind::SecretValue && !revealed {
        return Ok("•".repeat(16));
    }
    Ok(text.expose_secret().to_string())
}

/// The lines of values to copy, for a device's tab and a run's result.
pub(in crate::console::panes) fn value_line(
    keys: &Keys,
    look: Look<'_>,
    buffer: &mut Buffer,
    (area, y): (Rect, u16),
    judged: &Judged,
    kind: ValueKind,
    (selected, revealed): (bool, bool),
) {
    let cells = Cells {
        look,
        area,
        y,
        selected,
    };
    let key = keys.key(Context::Device, Action::Copy(kind));
    cells.put(buffer, 2, 2, &look.cut(&key, 2), look.theme.key);
    cells.name(buffer, 4, 24, kind.title(), look.theme.text);
    let room = room(area);
    match shown_value(judged, kind, revealed) {
        Ok(text) if kind == ValueKind::SecretValue && !revealed => {
            let masked = look.glyphs.hidden.repeat(text.chars().count());
            cells.put(
                buffer,
                VALUE_AT,
                room,
                &format!(
                    "{masked}  {} shows it",
                    keys.key(Context::Device, Action::Reveal)
                ),
                look.theme.text,
            );
        }
        Ok(text) => {
            let text = cut_middle_with(&text, usize::from(room), look.glyphs.ellipsis);
            cells.put(buffer, VALUE_AT, room, &text, look.theme.text);
        }
        Err(why) => cells.put(buffer, VALUE_AT, room, &why, look.theme.dim),
    }
}
