//! The tenants beside the list, each with its worst status and the number of its devices.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::geometry;
use crate::console::model::Model;
use crate::console::view::{Look, put};

pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    put(
        buffer,
        area.x + 1,
        area.y,
        area.width,
        "Tenants",
        look.theme.title,
    );
    let all = std::iter::once((None, "All")).chain(
        model
            .tenants
            .iter()
            .map(|one| (Some(one.tenant.id), one.tenant.name.as_str())),
    );
    let chosen = model.fleet.tenant;
    let room = usize::from(area.height.saturating_sub(2)).max(1);
    let first = geometry::first_tenant(model, area.height);
    for (line, (id, name)) in all.skip(first).take(room).enumerate() {
        let y = area.y + 2 + line as u16;
        let total = model.fleet.total(id);
        let style = if id == chosen {
            look.theme.selected
        } else {
            look.theme.text
        };
        if id == chosen {
            put(buffer, area.x, y, 1, look.glyphs.cursor, look.theme.accent);
        }
        let (glyph, glyph_style) = match total.worst {
            Some(worst) => look.urgency(worst.urgency()),
            None => (" ", Style::default()),
        };
        put(buffer, area.x + 1, y, 1, glyph, glyph_style);
        let count = total.devices.to_string();
        let cells = usize::from(area.width).saturating_sub(5 + count.len());
        put(
            buffer,
            area.x + 3,
            y,
            cells as u16,
            &look.cut(name, cells),
            style,
        );
        put(
            buffer,
            area.x + area.width - count.len() as u16,
            y,
            6,
            &count,
            look.theme.dim,
        );
    }
}
