//! Why the device under the cursor has its status, and what would help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::keymap::{Action, Context};
use crate::console::model::Model;
use crate::console::panes::verdict;
use crate::console::update::REST;
use crate::console::view::{Look, put, right_of};
use crate::text::sentence;

/// The reason of the device under the cursor, in words, and what would help: once the cursor has rested, and in one
/// frame with the checklist beside the list, where there is one.
pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let rested = model
        .moved_at
        .is_none_or(|at| model.now.duration_since(at) >= REST);
    let shown = rested && !model.peek.follows();
    let Some(row) = model.fleet.selected().filter(|_| shown) else {
        return;
    };
    if let Some(under_way) = model.under_way(&row.fqdn) {
        verdict::draw_under_way(model, &under_way, look, buffer, area);
        return;
    }
    let Some(verdict) = &row.verdict else {
        put(
            buffer,
            1,
            area.y,
            area.width,
            row.fqdn.as_str(),
            look.theme.title,
        );
        let beside = right_of(area, row.fqdn.as_str());
        look.paragraph(buffer, beside, &not_read(model, row.tenant));
        return;
    };
    verdict::draw(model, row.tenant, verdict, look, buffer, area);
}

/// Why a device was not read yet.
fn not_read(model: &Model, tenant: uuid::Uuid) -> String {
    let key = model.keys.key(Context::Fleet, Action::Refresh);
    match model.tenant(tenant) {
        Some(one) if one.reading.is_some() => {
            "The device is being read for the first time.".to_string()
        }
        Some(one) => match &one.failure {
            Some(failure) => format!(
                "{} can't be read: {} {}",
                one.tenant.name,
                sentence(&failure.why),
                sentence(&failure.next)
            ),
            None => format!("The device was never read; {key} reads it."),
        },
        None => String::new(),
    }
}
