//! The last lines: the keys of the pane, and short messages over them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

mod device;

use super::geometry;
use super::keymap::{self, Action};
use super::keys::Row;
use super::model::{Model, Overlay, Screen, Toast, Tone};
use super::panes::verdict::action_of;
use super::update::allowed;
use super::view::{Look, clear, put};
use crate::desk::bulk::Pace;
use crate::text::width;

/// The keys of the pane, by their place in the table, as many as fit; the palette and `? help` before the others.
pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let region = geometry::regions(model.size, 0).footer;
    if region.height == 0 {
        return;
    }
    clear(buffer, region);
    let rows = footer_rows(model);
    type Offer<'a> = (&'a Row, &'static str);
    let words = |(row, label): &Offer| (width(&row.key()) + 1 + width(label)) as u16;
    let mut x = 1u16;
    let all: usize = rows.iter().map(|row| 3 + usize::from(words(row))).sum();
    // Where not everything has room, the gaps make some.
    let gap = if all > usize::from(region.width) {
        2
    } else {
        3
    };
    // What finds everything else has its room before the seldom keys have theirs: the gap before it, and its words.
    let finds = |(row, _): &&Offer| {
        let action = row.binding.action;
        matches!(action, Action::Palette | Action::Help)
    };
    for (at, offer) in rows.iter().enumerate() {
        let (row, label) = *offer;
        let binding = row.binding;
        let key = &row.key();
        let needed = words(offer);
        let later = rows[at + 1..].iter().filter(finds);
        let reserve: u16 = later.map(|row| gap + words(row)).sum();
        if x + needed + reserve > region.width {
            continue;
        }
        let works = allowed::why_not(model, binding.action).is_none();
        // A card offers the next step where there is one, and no dead keys.
        if !works && binding.action == Action::TryAgain {
            continue;
        }
        if binding.action == Action::Doctor && !may_need_doctor(model) {
            continue;
        }
        let (key_style, label_style) = if works {
            (look.theme.key, look.theme.text)
        } else {
            (look.theme.dim, look.theme.dim)
        };
        put(buffer, x, region.y, region.width, key, key_style);
        x += width(key) as u16 + 1;
        put(
            buffer,
            x,
            region.y,
            region.width - x.min(region.width),
            label,
            label_style,
        );
        x += width(label) as u16 + gap;
    }
}

/// The word of a key, by what it would do just now.
fn label(model: &Model, row: &Row) -> &'static str {
    let plain = row.binding.label;
    match (row.binding.action, model.screens.last()) {
        (Action::Details, Some(Screen::Plan(screen))) if screen.details => "hide details",
        (Action::DueList, Some(Screen::Secrets(screen))) if screen.due_only => "all devices",
        (Action::CopyAndGoOn, Some(Screen::Handoff(screen))) if screen.is_over() => "leave",
        (Action::Pause, _) => match &model.bulk {
            Some(bulk) if bulk.pace == Pace::Paused && !bulk.over => "go on",
            _ => plain,
        },
        _ => plain,
    }
}

/// What failed may need examining; help and messages do not, nor does the examination itself.
fn may_need_doctor(model: &Model) -> bool {
    match model.overlays.last() {
        Some(Overlay::Card(card)) => card.failure,
        other => other.is_none(),
    }
}

/// The rows of the table that the footer offers, with their words: those of the pane, or the ways out of an empty fleet.
fn footer_rows(model: &Model) -> Vec<(&Row, &'static str)> {
    let context = model.context();
    if let (keymap::Context::Device, Some(Screen::Device(screen))) = (context, model.screens.last())
    {
        return device::rows(model, screen);
    }
    let rows = rows_of_table(model, context).into_iter();
    rows.map(|row| (row, label(model, row))).collect()
}

/// The keys of a run's pane: of those that plan another run only the one that the result asks for, before all others.
fn of_run(model: &Model, next: Option<Action>) -> Vec<&Row> {
    let plans = [Action::Repair, Action::Push, Action::Rotate];
    let mut rows = model.keys.footer(keymap::Context::Run);
    rows.retain(|row| {
        let action = row.binding.action;
        !plans.contains(&action) || next == Some(action)
    });
    rows.sort_by_key(|row| next != Some(row.binding.action));
    rows
}

fn rows_of_table(model: &Model, context: keymap::Context) -> Vec<&Row> {
    if let (keymap::Context::Run, Some(Screen::Run(run))) = (context, model.screens.last()) {
        let judged = model.runs.get(run).and_then(|run| run.judged.as_ref());
        return of_run(model, judged.and_then(|one| action_of(one.verdict.next)));
    }
    let first_run = model.first_run.as_ref().filter(|_| model.fleet.all() == 0);
    let (keymap::Context::Fleet, Some(first)) = (context, first_run) else {
        return model.keys.footer(context);
    };
    let ways = [
        (Action::WriteSettings, !first.exists),
        (Action::AddTenant, model.suggested.is_some()),
        (Action::AddDevice, !model.tenants.is_empty()),
        (Action::ToSandbox, true),
        (Action::Doctor, true),
        (Action::Palette, true),
        (Action::Help, true),
        (Action::Quit, true),
    ];
    let offered = ways.into_iter().filter(|(_, offered)| *offered);
    offered
        .filter_map(|(action, _)| model.keys.row(context, action))
        .collect()
}

/// The most lines that messages take; the messages' list has all of them, and whole.
const TOAST_LINES: usize = 3;

/// Short messages, over the line above the footer: the newest lowest, older ones over it while there is room.
pub(super) fn toasts(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let footer = geometry::regions(model.size, 0).footer;
    let width_all = model.size.0;
    if model.toasts.is_empty() {
        return;
    }
    // On the hairline over the reason where there is one, else over the last line of the body.
    let y = match model.screens.last() {
        _ if !model.overlays.is_empty() => footer.y.saturating_sub(1),
        None | Some(Screen::Secrets(_) | Screen::Audit(_)) => {
            geometry::fleet(model.size).status.y.saturating_sub(1)
        }
        Some(Screen::Device(_)) => geometry::device(model.size).status.y.saturating_sub(1),
        Some(Screen::BulkPlan(_) | Screen::BulkRun) => {
            geometry::bulk(model.size).status.y.saturating_sub(1)
        }
        Some(_) => footer.y.saturating_sub(1),
    };
    let room = usize::from(width_all);
    let mut stack = Vec::new();
    for toast in model.toasts.iter().rev() {
        let mut lines = toast_lines(toast, look, room);
        // An older one that does not fit is in the messages' list; the newest is always there.
        if !stack.is_empty() && stack.len() + lines.len() > TOAST_LINES {
            break;
        }
        lines.append(&mut stack);
        stack = lines;
    }
    let widest = stack.iter().map(|(line, _)| width(line)).max();
    let cells = widest.unwrap_or_default() as u16;
    let x = width_all.saturating_sub(cells + 1);
    let first = (y + 1).saturating_sub(stack.len() as u16);
    for (y, (line, style)) in (first..).zip(&stack) {
        // A stub of a line beside it would read as part of it.
        let from = if x < 8 { 0 } else { x };
        clear(buffer, Rect::new(from, y, width_all - from, 1));
        put(buffer, x, y, cells + 1, line, *style);
    }
}

/// A message in at most so many lines, its glyph before the first.
fn toast_lines(toast: &Toast, look: Look<'_>, room: usize) -> Vec<(String, Style)> {
    let (glyph, style) = match toast.tone {
        Tone::Good => (look.glyphs.good, look.theme.good),
        Tone::Plain => (look.glyphs.dot, look.theme.accent),
        Tone::Bad => (look.glyphs.work, look.theme.work),
    };
    let style = style.add_modifier(Modifier::BOLD);
    let room = room.saturating_sub(width(glyph) + 3);
    let lines = look.lines(&toast.text, room, TOAST_LINES);
    let indent = " ".repeat(width(glyph));
    let marked = lines.into_iter().enumerate().map(|(at, line)| {
        let mark = if at == 0 { glyph } else { &indent };
        (format!(" {mark} {line}"), style)
    });
    marked.collect()
}
