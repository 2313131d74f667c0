//! The fleet: tenants on the left where there is room, devices worst first, the reason of the one under the cursor.

mod reason;
mod rows;
mod tenants;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::geometry::{self, TENANTS_FROM, TENANTS_WIDTH};
use crate::console::model::Model;
use crate::console::view::{Look, put};
use crate::text::{width, wrap};

pub(super) use reason::{next_words, sentence};
pub(in crate::console) use rows::counted;

pub(in crate::console) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let regions = geometry::fleet(model.size);
    let body = list_area(model);
    if body.x > 0 {
        let tenants = Rect {
            width: TENANTS_WIDTH - 1,
            ..regions.body
        };
        tenants::draw(model, look, buffer, tenants);
    }
    draw_title(model, look, buffer, body);
    if model.fleet.is_empty() {
        draw_empty(model, look, buffer, body);
    } else {
        rows::draw(model, look, buffer, body);
    }
    reason::draw(model, look, buffer, regions.status);
}

/// Where the devices stand: beside the tenants where there is room for these.
fn list_area(model: &Model) -> Rect {
    let mut area = geometry::fleet(model.size).body;
    if model.size.0 >= TENANTS_FROM {
        area.x += TENANTS_WIDTH;
        area.width -= TENANTS_WIDTH;
    }
    area
}

fn draw_title(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let total = model.fleet.total(model.fleet.tenant);
    let (all, problems) = (total.devices, total.not_ok);
    let shown = model.fleet.len();
    let mut title = if shown == all {
        format!("Devices {all}")
    } else {
        format!("Devices {shown} of {all}")
    };
    let sep = format!(" {} ", look.glyphs.dot);
    title.push_str(&sep);
    title.push_str(&match problems {
        0 if total.not_read > 0 => format!("{} not read yet", total.not_read),
        0 if all == 0 => "none listed".to_string(),
        0 => "all in order".to_string(),
        1 => "1 is not OK".to_string(),
        many => format!("{many} are not OK"),
    });
    if model.fleet.marked() > 0 {
        title.push_str(&format!("{sep}{} marked", model.fleet.marked()));
    }
    put(
        buffer,
        area.x + 3,
        area.y,
        area.width,
        &title,
        look.theme.title,
    );
    let mut right = Vec::new();
    if model.fleet.problems_only {
        right.push("! problems only".to_string());
    }
    if !model.fleet.filter.is_empty() {
        right.push(format!("/ {}", model.fleet.filter));
    }
    if model.size.0 >= 60 {
        right.push(format!("sort: {}", model.fleet.sort.words()));
    }
    let right = right.join(&sep);
    let room = usize::from(area.width).saturating_sub(width(&title) + 6);
    let right = look.cut(&right, room);
    let x = area.x + area.width.saturating_sub(width(&right) as u16 + 1);
    put(buffer, x, area.y, area.width, &right, look.theme.dim);
}

fn draw_empty(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let lines: &[&str] = if model.fleet.all() == 0 {
        &[
            "No devices yet.",
            "",
            "n adds a device, once a tenant is listed: umpdeck tenants add. Many: umpdeck devices import FILE",
            "To look around first: umpdeck --sandbox",
        ]
    } else if model.fleet.problems_only && model.fleet.filter.is_empty() {
        &[
            "Every device here is in order.",
            "",
            "! shows all devices again.",
        ]
    } else {
        &["Nothing fits the filter.", "", "Esc clears it."]
    };
    let room = area.width.saturating_sub(4);
    let mut y = area.y + 2;
    for (at, line) in lines.iter().enumerate() {
        let style = if at == 0 {
            look.theme.text
        } else {
            look.theme.dim
        };
        let wrapped = wrap(line, usize::from(room));
        for part in &wrapped {
            if y < area.y + area.height {
                put(buffer, area.x + 3, y, room, part, style);
            }
            y += 1;
        }
        if wrapped.is_empty() {
            y += 1;
        }
    }
}
