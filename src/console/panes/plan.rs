//! A plan: every request that will be made, in order, and what it changes.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::geometry;
use super::super::model::{Model, PlanScreen};
use super::super::view::{Look, harmless, put};
use crate::desk::file::PlanFile;
use crate::registration::plan::Action;
use crate::text::{ago, cut_middle, cut_middle_with, wrap};

/// How a line of a plan is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A step's title.
    Step,
    /// A request.
    Request,
    /// A property that changes: field, from, to.
    Change,
    /// A body, word for word.
    Body,
    /// What stays as it is, and what one should know.
    Note,
    /// The portal's settings: label, now, will be; with the heads alone, the first line of that table.
    Portal,
}

/// A line of a plan.
pub type PlanLine = (Meaning, Vec<String>);

/// How many lines a plan has at a width.
pub fn count(screen: &PlanScreen, columns: u16) -> usize {
    lines(screen, usize::from(columns)).len()
}

/// The lines of a plan at a width.
fn lines(screen: &PlanScreen, columns: usize) -> Vec<PlanLine> {
    let mut lines = Vec::new();
    let plan = &screen.file.plan;
    if let Some(portal) = &screen.portal {
        lines.push((Meaning::Note, vec![format!("Portal: {}", portal.page)]));
        let heads = ["", "PORTAL NOW", "WILL BE"].map(str::to_string);
        lines.push((Meaning::Portal, heads.to_vec()));
        for (label, now, will_be) in &portal.rows {
            lines.push((
                Meaning::Portal,
                vec![label.clone(), now.clone(), will_be.clone()],
            ));
        }
        lines.push((Meaning::Body, vec![String::new()]));
    }
    for (at, step) in plan.steps.iter().enumerate() {
        lines.push((
            Meaning::Step,
            vec![format!("{:>2}  {}", at + 1, step.action.title())],
        ));
        for request in screen.file.requests.get(at).into_iter().flatten() {
            let header = request
                .header
                .as_deref()
                .map(|one| format!("  ({one})"))
                .unwrap_or_default();
            let path = cut_middle(&request.path, columns.saturating_sub(16)).into_owned();
            lines.push((
                Meaning::Request,
                vec![format!("{} {path}{header}", request.method)],
            ));
            if screen.details
                && let Some(body) = &request.body
            {
                let text = serde_json::to_string_pretty(body).unwrap_or_default();
                for line in text.lines() {
                    let indent = line.len() - line.trim_start().len();
                    for (part, wrapped) in
                        wrap(line.trim_start(), columns.saturating_sub(10 + indent))
                            .iter()
                            .enumerate()
                    {
                        let deeper = if part == 0 { indent } else { indent + 2 };
                        lines.push((
                            Meaning::Body,
                            vec![format!("{}{wrapped}", " ".repeat(deeper))],
                        ));
                    }
                }
            }
        }
        // The portal's changes stand side by side above.
        let changes = if screen.portal.is_some() && is_portal_write(&step.action) {
            &[][..]
        } else {
            &step.changes
        };
        for change in changes {
            lines.push((
                Meaning::Change,
                vec![change.field.clone(), change.from.clone(), change.to.clone()],
            ));
        }
    }
    let room = columns.saturating_sub(4).max(10);
    let remarks = plan.remarks();
    let remarks = remarks.iter().flat_map(|one| wrap(one, room));
    lines.extend(remarks.map(|line| (Meaning::Note, vec![line])));
    lines
}

fn is_portal_write(action: &Action) -> bool {
    matches!(action, Action::WritePortal { .. })
}

/// "4 changes, 3 requests".
pub(super) fn summary(file: &PlanFile) -> String {
    let count =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let requests = file.requests.iter().map(Vec::len).sum();
    let changes = file.plan.changes();
    if changes == 0 {
        count(requests, "request")
    } else {
        format!(
            "{}, {}",
            count(changes, "change"),
            count(requests, "request")
        )
    }
}

pub(in super::super) fn draw(
    model: &Model,
    screen: &PlanScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let plan = &screen.file.plan;
    let title = format!("Plan: {} {}", plan.intent.word(), plan.device);
    put(buffer, 1, body.y, body.width, &title, look.theme.title);
    let lines = lines(screen, usize::from(body.width));
    let page = usize::from(body.height.saturating_sub(1));
    let mut summary = summary(&screen.file);
    if lines.len() > page {
        let last = (screen.list.offset + page).min(lines.len());
        summary = format!(
            "{summary}   lines {}-{last} of {}",
            screen.list.offset + 1,
            lines.len()
        );
    }
    if let Some(at) = screen.portal.as_ref().and_then(|portal| portal.read_at) {
        summary = format!("{summary}   portal read {}", ago(at, model.now));
    }
    // Beside the title where both fit; the title alone where they don't.
    let cells = crate::text::width(&summary) as u16;
    if crate::text::width(&title) as u16 + cells + 4 <= body.width {
        let x = body.width - cells - 1;
        put(buffer, x, body.y, cells, &summary, look.theme.dim);
    }
    for (at, (meaning, parts)) in lines.iter().skip(screen.list.offset).take(page).enumerate() {
        let y = body.y + 1 + at as u16;
        draw_line(look, buffer, body.width, y, *meaning, parts);
    }
    if screen.applying {
        put(
            buffer,
            1,
            body.y + body.height - 1,
            body.width,
            "beginning the run…",
            look.theme.accent,
        );
    }
}

fn draw_line(
    look: Look<'_>,
    buffer: &mut Buffer,
    columns: u16,
    y: u16,
    meaning: Meaning,
    parts: &[String],
) {
    let theme = look.theme;
    let text = parts.first().map_or("", String::as_str);
    match meaning {
        Meaning::Step => put(buffer, 1, y, columns - 1, text, theme.text),
        Meaning::Request => {
            let room = columns.saturating_sub(6);
            put(
                buffer,
                5,
                y,
                room,
                &look.cut(text, usize::from(room)),
                theme.dim,
            );
        }
        Meaning::Body => put(buffer, 7, y, columns.saturating_sub(8), text, theme.dim),
        Meaning::Note => put(buffer, 1, y, columns.saturating_sub(2), text, theme.accent),
        Meaning::Portal => {
            let [label, now, will_be] = parts else { return };
            let half = columns.saturating_sub(30) / 2;
            let heads = label.is_empty();
            let cut = |text: &str| {
                cut_middle_with(text, usize::from(half), look.glyphs.ellipsis).into_owned()
            };
            let new = if heads {
                theme.dim
            } else if now == will_be {
                theme.text
            } else {
                theme.good
            };
            put(buffer, 1, y, 25, &look.cut(label, 25), theme.text);
            put(buffer, 27, y, half, &cut(now), theme.dim);
            put(buffer, 29 + half, y, half, &cut(will_be), new);
        }
        Meaning::Change => {
            let line = change(look, parts, usize::from(columns).saturating_sub(6));
            buffer.set_line(5, y, &line, columns.saturating_sub(6));
        }
    }
}

/// "field  from → to", "field  + to", "field  - from".
pub(super) fn change(look: Look<'_>, parts: &[String], room: usize) -> Line<'static> {
    let theme = look.theme;
    let [field, from, to] = parts else {
        return Line::default();
    };
    let field_cells = 26.min(room / 3);
    let field = look.cut(field, field_cells);
    let pad = " ".repeat(field_cells + 2 - crate::text::width(&field));
    let value_room = room.saturating_sub(field_cells + 2);
    let mut spans: Vec<Span<'static>> = vec![Span::styled(field, theme.text), Span::raw(pad)];
    let cut = |text: &str, cells: usize| -> String {
        if text.contains("://") {
            cut_middle(text, cells).into_owned()
        } else {
            look.cut(text, cells)
        }
    };
    let styled = |text: String, style: Style| Span::styled(harmless(&text).into_owned(), style);
    match (from.is_empty(), to.is_empty()) {
        (true, _) => {
            spans.push(styled("+ ".into(), theme.good));
            spans.push(styled(cut(to, value_room.saturating_sub(2)), theme.good));
        }
        (false, true) => {
            spans.push(styled("- ".into(), theme.broken));
            spans.push(styled(
                cut(from, value_room.saturating_sub(2)),
                theme.broken,
            ));
        }
        (false, false) => {
            let half = value_room.saturating_sub(3) / 2;
            spans.push(styled(cut(from, half), theme.dim));
            spans.push(styled(format!(" {} ", look.glyphs.arrow), theme.dim));
            spans.push(styled(cut(to, half), theme.good));
        }
    }
    Line::from(spans)
}
