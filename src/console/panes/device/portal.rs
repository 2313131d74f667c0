//! The portal's settings beside Entra's, and what the portal makes of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{Table, cut_value};
use crate::console::keymap::{Action, Context};
use crate::console::model::{Judged, Model};
use crate::console::view::{Look, put};
use crate::desk::file::DeviceFile;
use crate::registration::beside::{Beside, contradicts, source_word};
use crate::text::{ago, width, wrap};

pub(super) fn draw(model: &Model, judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let file = &judged.file;
    let settings = file.settings_beside();
    let mut end = draw_beside(
        look,
        buffer,
        area,
        area.y,
        ["", "PORTAL", "ENTRA"],
        &settings,
    );
    let mut notes: Vec<(String, _)> = Vec::new();
    if contradicts(&settings, &file.page) {
        let key = model.keys.key(Context::Device, Action::Decide);
        let words = format!(
            "They contradict each other: {key} asks which one is right, and shows both plans."
        );
        notes.push((words, look.theme.work));
    }
    notes.push((format!("Page: {}", file.page.path), look.theme.dim));
    let address = format!("Portal: {}", file.device.portal_url);
    notes.push((address, look.theme.dim));
    notes.push((format!("Source: {}", source(model, file)), look.theme.dim));
    end += 1;
    for (note, style) in notes {
        if end >= area.y + area.height {
            return;
        }
        let note = look.cut(&note, usize::from(area.width) - 2);
        put(buffer, 1, end, area.width - 1, &note, style);
        end += 1;
    }
    end += 1;
    let account = file.account_beside(model.now);
    if account.is_empty() {
        return;
    }
    let at = file.facts.account.at.map(|at| ago(at, model.now));
    let read = format!("read {}", at.unwrap_or_default());
    let heads = ["MICROSOFT 365 SETTINGS", &read, "ENTRA"];
    draw_beside(look, buffer, area, end, heads, &account);
    if let Some(failure) = &file.facts.account.failure {
        let y = end + 1 + account.len() as u16;
        if y < area.y + area.height {
            let words = look.cut(&failure.why, usize::from(area.width) - 2);
            put(buffer, 1, y, area.width - 1, &words, look.theme.dim);
        }
    }
}

/// Draws lines side by side from `y` on, what does not fit on two; returns the line after them.
pub(in crate::console::panes) fn draw_beside(
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
    y: u16,
    heads: [&str; 3],
    lines: &[Beside],
) -> u16 {
    let bottom = area.y + area.height;
    let longest = lines.iter().map(|line| width(&line.label)).max();
    let longest = longest.unwrap_or(0).max(width(heads[0])) as u16;
    let label_cells = longest.max(25).min(area.width * 2 / 5);
    let first = 2 + label_cells;
    let half = area.width.saturating_sub(first + 3) / 2;
    if y < bottom {
        put(buffer, 1, y, label_cells, heads[0], look.theme.dim);
        put(buffer, first, y, half, heads[1], look.theme.dim);
        put(buffer, first + 2 + half, y, half, heads[2], look.theme.dim);
    }
    let mut y = y + 1;
    for line in lines {
        let portal = match line.portal.as_deref() {
            Some("") => "(empty)",
            Some(text) => text,
            None => "(not known)",
        };
        let style = match (line.differs, &line.portal) {
            (true, _) => look.theme.work,
            (false, None) => look.theme.dim,
            (false, Some(_)) => look.theme.text,
        };
        let entra = line.entra.as_deref().unwrap_or(look.glyphs.none);
        let (portal, entra) = (cells(look, portal, half), cells(look, entra, half));
        for at in 0..portal.len().max(entra.len()) {
            if y >= bottom {
                return y;
            }
            if at == 0 {
                let label = look.cut(&line.label, usize::from(label_cells));
                put(buffer, 1, y, label_cells, &label, look.theme.text);
            }
            let text = |side: &[String]| side.get(at).cloned().unwrap_or_default();
            put(buffer, first, y, half, &text(&portal), style);
            put(
                buffer,
                first + 2 + half,
                y,
                half,
                &text(&entra),
                look.theme.text,
            );
            y += 1;
        }
    }
    y
}

/// A value in one line, words in two at most.
fn cells(look: Look<'_>, text: &str, room: u16) -> Vec<String> {
    if !text.contains(' ') {
        return vec![cut_value(look, text, room)];
    }
    let lines = wrap(text, usize::from(room));
    match lines.as_slice() {
        [] | [_] | [_, _] => lines,
        [first, rest @ ..] => {
            let rest = look.cut(&rest.join(" "), usize::from(room));
            vec![first.clone(), rest]
        }
    }
}

/// Where the portal's side comes from, and how old it is.
fn source(model: &Model, file: &DeviceFile) -> String {
    let facts = &file.facts;
    let failed = facts.portal.failure.as_ref();
    match (&facts.portal.value, &facts.record) {
        (Some(_), record) => {
            let at = facts.portal.at.map(|at| ago(at, model.now));
            let mut source = format!("read {}", at.unwrap_or_default());
            if let Some(failure) = failed {
                source.push_str(&format!("; now it can't be: {}", failure.why));
            }
            if let Some(record) = record {
                source.push_str(&format!(
                    "; last {} {} by {}",
                    source_word(record.source),
                    ago(record.at, model.now),
                    record.by
                ));
            }
            source
        }
        (None, Some(record)) => format!(
            "{} {} by {}",
            source_word(record.source),
            ago(record.at, model.now),
            record.by
        ),
        (None, None) => match failed {
            Some(failure) => failure.why.clone(),
            None => "can't be read; nothing stated".to_string(),
        },
    }
}
