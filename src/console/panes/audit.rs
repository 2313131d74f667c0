//! The audit trail: newest first, who, when, which device, which run, what was asked and what came of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::device::table::Table;
use crate::console::geometry;
use crate::console::model::{AuditScreen, Model};
use crate::console::view::{Look, inside, put};
use crate::desk::audit::TrailState;
use crate::text::{age, cut_middle_with, width};

pub(in crate::console) fn draw(
    model: &Model,
    screen: &AuditScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let regions = geometry::fleet(model.size);
    let body = regions.body;
    let Some((rows, state)) = &screen.trail else {
        put(buffer, 3, body.y, body.width, "Reading…", look.theme.dim);
        return;
    };
    let title = match &screen.device {
        Some(device) => format!("Changes of {} {}", device.short(), rows.len()),
        None => format!("Changes {}", rows.len()),
    };
    put(buffer, 3, body.y, body.width, &title, look.theme.title);
    let x = width(&title) as u16 + 6;
    let room = usize::from(body.width.saturating_sub(x + 1));
    let (words, style) = match state {
        // The head gives way: `umpdeck audit` prints it whole, to be kept elsewhere.
        TrailState::Intact(head) => {
            let words = "no row was altered; head ";
            let head = head.to_string();
            let left = room.saturating_sub(width(words));
            let head = cut_middle_with(&head, left, look.glyphs.ellipsis);
            (format!("{words}{head}"), look.theme.dim)
        }
        TrailState::Broken { row, why } => (
            format!("row {row} was altered: {}", why.why),
            look.theme.broken,
        ),
    };
    let words = look.cut(&words, room);
    let x = x.max(body.width.saturating_sub(width(&words) as u16 + 1));
    put(buffer, x, body.y, body.width, &words, style);
    if rows.is_empty() {
        let nothing = "No change was made from this machine yet.";
        put(buffer, 3, body.y + 2, body.width, nothing, look.theme.text);
        return;
    }
    // DEVICE only where many are listed, and where there is room.
    let wide = body.width >= 100;
    let device = screen.device.is_none();
    let who = 9;
    let device_at = who
        + match body.width {
            160.. => 46,
            100.. => 30,
            _ => 15,
        };
    let run_at = device_at
        + if device {
            if wide { 28 } else { 17 }
        } else {
            0
        };
    let what_at = run_at + 8;
    let what_cells = 17;
    let request_at = what_at + what_cells + 2;
    let rest = body.width.saturating_sub(request_at + 1);
    // Where there is no room for it, the request stands below the list.
    let outcome_cells = if rest >= 50 { rest * 2 / 5 } else { rest };
    let request_cells = rest.saturating_sub(outcome_cells + 2);
    let outcome_at = match request_cells {
        0 => request_at,
        cells => request_at + cells + 2,
    };
    let mut heads = vec![
        (3, "WHEN"),
        (who, "WHO"),
        (run_at, "RUN"),
        (what_at, "WHAT"),
        (outcome_at, "OUTCOME"),
    ];
    if request_cells > 0 {
        heads.push((request_at, "REQUEST"));
    }
    if device {
        heads.push((device_at, "DEVICE"));
    }
    let table = Table {
        look,
        area: Rect {
            y: body.y + 1,
            height: body.height.saturating_sub(1),
            ..body
        },
        list: screen.list,
    };
    table.draw(buffer, rows.len(), &heads, |buffer, at, cells| {
        let entry = &rows[at].entry;
        cells.put(buffer, 3, 5, &age(entry.at, model.now), look.theme.text);
        let person = match (entry.identity.as_str(), wide) {
            ("", _) | (_, false) => entry.os_user.clone(),
            (identity, true) => format!("{} as {identity}", entry.os_user),
        };
        cells.put(buffer, who, device_at - who - 1, &person, look.theme.dim);
        if device {
            let name = entry.device.as_ref().map_or("", |one| match wide {
                true => one.as_str(),
                false => one.short(),
            });
            cells.put(
                buffer,
                device_at,
                run_at - device_at - 1,
                name,
                look.theme.text,
            );
        }
        let run = entry.run.map(|run| run.short()).unwrap_or_default();
        cells.put(buffer, run_at, 7, &run, look.theme.dim);
        cells.name(buffer, what_at, what_cells, entry.what(), look.theme.text);
        let request = match entry.path.as_str() {
            "" => String::new(),
            _ => entry.request_words(),
        };
        let room = usize::from(request_cells);
        let request = cut_middle_with(&request, room, look.glyphs.ellipsis);
        cells.put(buffer, request_at, request_cells, &request, look.theme.dim);
        let style = if entry.went_well() {
            look.theme.dim
        } else {
            look.theme.broken
        };
        cells.put(buffer, outcome_at, outcome_cells, &entry.outcome, style);
    });
    draw_status(screen, look, buffer, regions.status);
}

/// The row under the cursor, as much of it as fits.
fn draw_status(screen: &AuditScreen, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let Some(row) = screen.rows().get(screen.list.cursor) else {
        return;
    };
    let entry = &row.entry;
    let at = entry.at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let who = match entry.identity.as_str() {
        "" => entry.os_user.clone(),
        identity => format!("{}, signed in as {identity}", entry.os_user),
    };
    let request_id = entry
        .request_id
        .as_ref()
        .map_or_else(String::new, |id| format!(" (request ID {id})"));
    let words = format!(
        "{at}, {who}: {}: {}{request_id}",
        entry.request_words(),
        entry.outcome
    );
    look.paragraph(buffer, inside(area), &words);
}
