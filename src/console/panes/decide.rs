//! Which one is right, the portal or Entra: what each holds, and below it what following the one or the other would change.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::super::geometry;
use super::super::model::{DecisionScreen, Model};
use super::super::view::{Look, put};
use super::beside::{Columns, Row};
use super::overlays::more;
use super::plan::change;
use crate::desk::decide::{ENTRA_IS_RIGHT, PORTAL_IS_RIGHT};
use crate::desk::event::Trouble;
use crate::desk::file::PlanFile;
use crate::text::sentence;
use crate::text::wrap;

/// A line of the pane.
enum Line {
    Beside(Columns, Row),
    Empty,
    /// The name of a way out; whether it is the portal's.
    Way(bool, &'static str),
    Step(String),
    Change([String; 3]),
    Note(String),
    /// What is to be known or done.
    Next(String),
    /// Why there is no plan.
    Closed(String),
}

const HEADS: [&str; 3] = ["", "PORTAL", "ENTRA"];

pub(in super::super) fn draw(
    model: &Model,
    screen: &DecisionScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let title = format!(
        "Which is right for {}: Entra or the portal?",
        screen.decision.file.device.fqdn
    );
    let room = usize::from(body.width.saturating_sub(2));
    let title = look.cut(&title, room);
    put(buffer, 1, body.y, body.width, &title, look.theme.title);
    let area = Rect {
        y: body.y + 2,
        height: body.height.saturating_sub(2),
        ..body
    };
    let lines = lines(screen, area.width);
    let page = usize::from(area.height);
    let offset = offset(&lines, screen.portal, page);
    for (at, line) in lines.iter().skip(offset).take(page).enumerate() {
        draw_line(screen, line, look, buffer, area, area.y + at as u16);
    }
    more(look, buffer, area, (offset, page, lines.len()));
}

/// The first line on screen: the chosen way stands there whole, as far as it has room.
fn offset(lines: &[Line], portal: bool, page: usize) -> usize {
    let begins = |of: bool| {
        let mut all = lines.iter();
        all.position(|line| matches!(line, Line::Way(portal, _) if *portal == of))
            .unwrap_or(0)
    };
    let (first, end) = match portal {
        false => (begins(false), begins(true)),
        true => (begins(true), lines.len()),
    };
    end.saturating_sub(page).min(first)
}

fn lines(screen: &DecisionScreen, columns: u16) -> Vec<Line> {
    let decision = &screen.decision;
    let settings = decision.file.settings_beside();
    let labels = settings.iter().map(|line| line.label.as_str());
    let beside = Columns::of(labels, columns);
    let rows = beside.rows(&settings, HEADS).into_iter();
    let mut lines: Vec<Line> = rows.map(|row| Line::Beside(beside, row)).collect();
    let room = usize::from(columns.saturating_sub(6));
    let ways = [
        (false, ENTRA_IS_RIGHT, &decision.entra_is_right),
        (true, PORTAL_IS_RIGHT, &decision.portal_is_right),
    ];
    for (portal, words, plan) in ways {
        lines.push(Line::Empty);
        lines.push(Line::Way(portal, words));
        way(&mut lines, plan, room);
        if portal && let Some(afterwards) = decision.afterwards {
            lines.extend(wrap(afterwards, room).into_iter().map(Line::Next));
        }
    }
    lines
}

/// One way out: its steps and what is to be known of them, or why it is closed.
fn way(lines: &mut Vec<Line>, plan: &Result<PlanFile, Trouble>, room: usize) {
    let say = |lines: &mut Vec<Line>, line: fn(String) -> Line, words: &str| {
        lines.extend(wrap(&sentence(words), room).into_iter().map(line));
    };
    let plan = match plan {
        Ok(plan) => &plan.plan,
        Err(trouble) => {
            let words = format!("{}: {}", trouble.what, trouble.why);
            say(lines, Line::Closed, &words);
            say(lines, Line::Next, &trouble.next);
            return;
        }
    };
    for (at, step) in plan.steps.iter().enumerate() {
        lines.push(Line::Step(format!(
            "{:>2}  {}",
            at + 1,
            step.action.title()
        )));
        for one in &step.changes {
            let parts = [one.field.clone(), one.from.clone(), one.to.clone()];
            lines.push(Line::Change(parts));
        }
    }
    for remark in plan.remarks() {
        say(lines, Line::Note, &remark);
    }
}

fn draw_line(
    screen: &DecisionScreen,
    line: &Line,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
    y: u16,
) {
    let theme = look.theme;
    let room = area.width.saturating_sub(6);
    let mut words = |text: &str, style| {
        let text = look.cut(text, usize::from(room));
        put(buffer, 5, y, room, &text, style);
    };
    match line {
        Line::Empty => {}
        Line::Beside(columns, row) => columns.draw(row, look, buffer, area, y),
        Line::Way(portal, words) => {
            let mut style = theme.text;
            if *portal == screen.portal {
                style = style.add_modifier(Modifier::REVERSED);
                put(buffer, 0, y, 1, look.glyphs.cursor, theme.accent);
            }
            put(buffer, 3, y, area.width.saturating_sub(3), words, style);
        }
        Line::Step(text) | Line::Note(text) => words(text, theme.dim),
        Line::Next(text) => words(text, theme.accent),
        Line::Closed(text) => words(text, theme.broken),
        Line::Change(parts) => {
            let cells = room.saturating_sub(4);
            let line = change(look, parts, usize::from(cells));
            buffer.set_line(9, y, &line, cells);
        }
    }
}
