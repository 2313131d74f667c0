//! The checklist of the device under the cursor beside the list, on wide screens: once the cursor has rested.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::device::checklist;
use super::super::device::table::Table;
use crate::console::list::ListState;
use crate::console::model::Model;
use crate::console::view::{Look, put};
use crate::text::width;

pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let Some(judged) = &model.peek.judged else {
        return;
    };
    // The device that it is about stands over it: while the cursor moves on, it is still the one before.
    let (met, all) = judged.checklist.count();
    let count = format!("{met}/{all}");
    let room = area.width.saturating_sub(width(&count) as u16 + 3);
    let name = look.cut(judged.file.device.fqdn.as_str(), usize::from(room));
    put(buffer, area.x + 1, area.y, room, &name, look.theme.title);
    let x = area.x + area.width - width(&count) as u16 - 1;
    put(buffer, x, area.y, area.width, &count, look.theme.dim);
    let under = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let table = Table {
        look,
        area: under,
        list: ListState {
            cursor: usize::MAX,
            offset: 0,
        },
    };
    checklist::draw(judged, table, buffer);
}
