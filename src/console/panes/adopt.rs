//! The applications that may be a device's registration: the list above, what is known of the one under the cursor below.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{AdoptScreen, Model};
use super::super::view::{Look, put};
use crate::registration::observed::{Application, Candidate};
use crate::text::{ago, cut_middle_with, width, wrap};

/// Cells of the labels below the list.
const LABEL: u16 = 16;

pub(in super::super) fn draw(
    model: &Model,
    screen: &AdoptScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let cells = body.width.saturating_sub(2);
    let title = format!(
        "Which one is the registration of {}?",
        screen.file.device.fqdn
    );
    let title = look.cut(&title, usize::from(cells));
    put(buffer, 1, body.y, cells, &title, look.theme.title);
    let candidates = screen.candidates();
    // What is known of the one under the cursor has half of the room.
    let room = usize::from(body.height / 2).saturating_sub(2).max(1);
    let offset = (screen.list.cursor + 1).saturating_sub(room);
    let listed = candidates.iter().enumerate().skip(offset).take(room);
    let mut y = body.y + 2;
    for (at, one) in listed {
        let selected = at == screen.list.cursor;
        line(model, one, selected, look, buffer, y, body.width);
        y += 1;
    }
    if candidates.len() > room {
        let more = format!("{} of {}", screen.list.cursor + 1, candidates.len());
        let x = body.width.saturating_sub(width(&more) as u16 + 1);
        put(buffer, x, body.y, cells, &more, look.theme.dim);
    }
    look.hairline(buffer, body, y);
    y += 1;
    let Some(here) = screen.here() else {
        let back = model.keys.key(Context::Adopt, Action::Back);
        put(
            buffer,
            1,
            y,
            cells,
            &format!("No application is found any more; {back} goes back."),
            look.theme.dim,
        );
        return;
    };
    let bottom = body.y + body.height;
    for (label, text) in details(model, here) {
        if y >= bottom {
            return;
        }
        put(buffer, 1, y, LABEL, label, look.theme.dim);
        let room = cells.saturating_sub(LABEL);
        let text = cut_middle_with(&text, usize::from(room), look.glyphs.ellipsis);
        put(buffer, 1 + LABEL, y, room, &text, look.theme.text);
        y += 1;
    }
    y += 1;
    for part in wrap(&will(model, here), usize::from(cells)) {
        if y < bottom {
            put(buffer, 1, y, cells, &part, look.theme.accent);
            y += 1;
        }
    }
}

fn line(
    model: &Model,
    one: &Candidate,
    selected: bool,
    look: Look<'_>,
    buffer: &mut Buffer,
    y: u16,
    columns: u16,
) {
    let (glyph, style) = match one.deleted {
        Some(_) => (look.glyphs.none, look.theme.dim),
        None => (look.glyphs.dot, look.theme.text),
    };
    if selected {
        put(buffer, 0, y, 1, look.glyphs.cursor, look.theme.accent);
    }
    put(buffer, 1, y, 1, glyph, style);
    let found = match one.deleted {
        Some(at) => format!("found by {}, deleted {}", one.found_by, ago(at, model.now)),
        None => format!("found by {}", one.found_by),
    };
    let found_cells = width(&found) as u16;
    let room = columns.saturating_sub(found_cells + 6);
    let mut name = look.theme.text;
    if selected {
        name = name.add_modifier(Modifier::REVERSED);
    }
    let text = look.cut(&one.display_name, usize::from(room));
    put(buffer, 3, y, room, &text, name);
    let x = columns.saturating_sub(found_cells + 1);
    put(buffer, x, y, found_cells, &found, look.theme.dim);
}

/// What tells one application from another.
fn details(model: &Model, one: &Candidate) -> Vec<(&'static str, String)> {
    let mut details = vec![
        ("Client ID", one.app_id.to_string()),
        ("Object ID", one.object_id.to_string()),
    ];
    let Some(application) = &one.application else {
        let key = model.keys.key(Context::Adopt, Action::Refresh);
        details.push(("", format!("not read yet: {key} reads it")));
        return details;
    };
    if let Some(created) = application.created {
        details.push(("Created", day(created)));
    }
    let unique_name = application.unique_name.clone();
    details.push((
        "Unique name",
        unique_name.unwrap_or_else(|| "none yet".into()),
    ));
    details.push(("Secrets", secrets(application, model.now)));
    let mut uris = application.web_redirect_uris.iter().peekable();
    if uris.peek().is_none() {
        details.push(("Redirect URIs", "none".to_string()));
    }
    for (at, uri) in uris.enumerate() {
        let label = if at == 0 { "Redirect URIs" } else { "" };
        details.push((label, uri.clone()));
    }
    details
}

fn secrets(application: &Application, now: Timestamp) -> String {
    let all = &application.password_credentials;
    let last = all.iter().filter_map(|one| one.end).max();
    match (all.len(), last) {
        (0, _) => "none".to_string(),
        (count, Some(end)) if end > now => format!("{count}, the last until {}", day(end)),
        (count, Some(end)) => format!("{count}, the last expired on {}", day(end)),
        (count, None) => count.to_string(),
    }
}

fn day(at: Timestamp) -> String {
    crate::text::day(at)
}

fn will(model: &Model, one: &Candidate) -> String {
    let what = match one.deleted {
        Some(_) => "to restore it and adopt it as the registration",
        None => "to adopt it as the registration",
    };
    let key = model.keys.key(Context::Adopt, Action::Open);
    format!("{key} plans {what}; nothing is done yet.")
}
