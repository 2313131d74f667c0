//! The customers and their consent.

use ratatui::buffer::Buffer;

use super::table::Table;
use crate::console::model::Judged;
use crate::console::view::put;
use crate::registration::observed::CustomerConsent;
use crate::registration::status::Urgency;

pub(super) fn draw(judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let lines = judged.file.customer_lines();
    if lines.is_empty() {
        put(
            buffer,
            3,
            area.y + 1,
            area.width,
            "No customers are listed for this device.",
            look.theme.dim,
        );
        return;
    }
    let heads = [
        (3, "CUSTOMER"),
        (20, "NAME"),
        (50, "CONSENT"),
        (62, "ADMIN'S ROLES"),
    ];
    table.draw(buffer, lines.len(), &heads, |buffer, at, cells| {
        let line = &lines[at];
        let (urgency, words) = match &line.consent {
            CustomerConsent::Granted => (Urgency::Good, "granted"),
            CustomerConsent::Pending => (Urgency::Waiting, "pending"),
            CustomerConsent::Unknown(_) => (Urgency::Unknown, "unknown"),
        };
        let (glyph, style) = look.urgency(urgency);
        cells.put(buffer, 1, 1, glyph, style);
        cells.name(buffer, 3, 16, &line.short_name, look.theme.text);
        cells.put(buffer, 20, 28, &line.full_name, look.theme.text);
        cells.put(buffer, 50, 10, words, style);
        let roles = match &line.admin_roles {
            Some(roles) if roles.is_empty() => "none".to_string(),
            Some(roles) => roles.join(", "),
            None => "not known".to_string(),
        };
        cells.put(
            buffer,
            62,
            area.width.saturating_sub(63),
            &roles,
            look.theme.dim,
        );
    });
}
