//! The palette: a line to type in, and under it what fits, each with its key or with why it can't be done now.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{Model, Palette, PaletteItem};
use super::super::update::palette::why_not;
use super::super::view::{Look, put};
use super::overlays::{frame, typed_line};
use crate::text::width;

/// Draws the palette; returns where the terminal's cursor belongs.
pub(super) fn draw(
    model: &Model,
    palette: &Palette,
    look: Look<'_>,
    buffer: &mut Buffer,
) -> (u16, u16) {
    let page = geometry::palette_page(model.size);
    let inside = frame(
        model,
        look,
        buffer,
        110,
        page as u16 + 1,
        "What do you want to do?",
    );
    let hint = "an action, a tenant or a device";
    let cursor = typed_line(
        look,
        buffer,
        (inside.x, inside.y),
        inside.width,
        (":", &palette.input, hint),
    );
    if palette.found.is_empty() {
        let key = model.keys.key(Context::Palette, Action::Back);
        let words = format!("No action, tenant or device has that in its name; {key} closes.");
        put(
            buffer,
            inside.x,
            inside.y + 2,
            inside.width,
            &words,
            look.theme.dim,
        );
    }
    let list = palette.list;
    for (line, item) in palette
        .found
        .iter()
        .skip(list.offset)
        .take(page)
        .enumerate()
    {
        let y = inside.y + 1 + line as u16;
        if y >= inside.y + inside.height {
            break;
        }
        let selected = list.offset + line == list.cursor;
        let why = why_not(model, item);
        let style = match &why {
            Some(_) => look.theme.dim,
            None => look.theme.text,
        };
        let named = if selected {
            style.add_modifier(Modifier::REVERSED)
        } else {
            style
        };
        if selected {
            put(
                buffer,
                inside.x - 1,
                y,
                1,
                look.glyphs.cursor,
                look.theme.accent,
            );
        }
        let (key, name, about) = words(model, look, item);
        put(buffer, inside.x, y, 9, &look.cut(&key.0, 9), key.1);
        let x = inside.x + 10;
        let room = (inside.x + inside.width).saturating_sub(x);
        let name = look.cut(&name, usize::from(room));
        put(buffer, x, y, room, &name, named);
        let x = x + (width(&name) as u16 + 2).max(18);
        let room = (inside.x + inside.width).saturating_sub(x);
        let about = why.unwrap_or(about);
        put(
            buffer,
            x,
            y,
            room,
            &look.cut(&about, usize::from(room)),
            look.theme.dim,
        );
    }
    cursor
}

type Key = (String, ratatui::style::Style);

/// Key, name and further words of a line.
fn words(model: &Model, look: Look<'_>, item: &PaletteItem) -> (Key, String, String) {
    match item {
        PaletteItem::Action(at) => {
            let row = &model.keys.rows()[*at];
            let key = (row.key(), look.theme.key);
            (
                key,
                row.binding.label.to_string(),
                row.binding.help.to_string(),
            )
        }
        PaletteItem::Tenant(tenant) => {
            let name = tenant.and_then(|id| model.tenant(id));
            let name = name.map_or("all tenants", |one| &one.tenant.name);
            let count = model.fleet.total(*tenant).devices;
            let about = format!("show only this tenant; devices: {count}");
            (
                ("tenant".to_string(), look.theme.dim),
                name.to_string(),
                about,
            )
        }
        PaletteItem::Device(fqdn) => {
            let status = model.fleet.of(fqdn).map(|row| row.status());
            let (glyph, style) = match status {
                Some(status) => look.urgency(status.urgency()),
                None => (look.glyphs.unknown, look.theme.unknown),
            };
            let about = status.map_or("", |status| status.words());
            (
                (glyph.to_string(), style),
                fqdn.to_string(),
                about.to_string(),
            )
        }
    }
}
