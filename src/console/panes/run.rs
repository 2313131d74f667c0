//! A run: each step with its state, then the values to copy.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{Model, RunScreen};
use super::super::view::{Look, put};
use super::device::values::value_line;
use super::overlays::more;
use super::steps::{draw_steps, seconds};
use super::verdict;
use crate::desk::event::{Anchor, RunEnd};
use crate::registration::values::ValueKind;
use crate::text::{capitalised, cut_middle_with, width, wrap};

pub(in super::super) fn draw(
    model: &Model,
    screen: &RunScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let plan = &screen.file.plan;
    let progress = &screen.progress;
    let stop = model.keys.key(Context::Run, Action::Interrupt);
    let elapsed = match seconds(model.now.duration_since(progress.began)).as_str() {
        "" => String::new(),
        elapsed => format!(" for {elapsed}"),
    };
    let under_way = format!("under way{elapsed}; {stop} stops after the step under way");
    let (words, style) = match progress.end {
        None if progress.stopping => ("stopping after this step", look.theme.work),
        None => (under_way.as_str(), look.theme.accent),
        Some(RunEnd::Done) => ("done", look.theme.good),
        Some(RunEnd::Failed) => ("failed", look.theme.broken),
        Some(RunEnd::Stopped) => ("stopped", look.theme.work),
    };
    let title = format!("{} {}", plan.intent.word(), plan.device);
    put(
        buffer,
        1,
        body.y,
        body.width,
        &capitalised(&title),
        look.theme.title,
    );
    let x = width(&title) as u16 + 3;
    let room = body.width.saturating_sub(x);
    let words = look.cut(words, usize::from(room));
    put(buffer, x, body.y, room, &words, style);
    let area = Rect {
        y: body.y + 1,
        height: body.height.saturating_sub(1),
        ..body
    };
    // All of it is drawn where it has room, and what of that fits is shown.
    let whole = Rect::new(0, 0, body.width, area.height + BEYOND);
    let mut canvas = Buffer::empty(whole);
    let (lines, focus) = draw_all(model, screen, look, &mut canvas, whole);
    let page = usize::from(area.height);
    let offset = match screen.from_top {
        true => 0,
        false => (usize::from(focus) + 1).saturating_sub(page),
    };
    for row in 0..area.height.min(whole.height.saturating_sub(offset as u16)) {
        for x in 0..area.width {
            let cell = &canvas[(x, offset as u16 + row)];
            buffer[(area.x + x, area.y + row)] = cell.clone();
        }
    }
    more(look, buffer, area, (offset, page, usize::from(lines)));
}

/// So many lines more than the screen has a run and its result may take.
const BEYOND: u16 = 80;

/// Draws the steps and, when the run is over, what came of it. Returns how many lines that took, and the one that has to be
/// in sight: the step under way, or the value under the cursor.
fn draw_all(
    model: &Model,
    screen: &RunScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) -> (u16, u16) {
    let (plan, progress) = (&screen.file.plan, &screen.progress);
    let steps = draw_steps(model, &screen.file, progress, look, buffer, area);
    let Some(judged) = screen.judged.as_ref().filter(|_| progress.end.is_some()) else {
        return (steps.end, steps.last);
    };
    let mut y = steps.end + 1;
    let verdict = &judged.verdict;
    let (glyph, style) = look.urgency(verdict.status.urgency());
    put(buffer, 1, y, 1, glyph, style);
    let place = Rect {
        x: 2,
        y,
        width: area.width.saturating_sub(2),
        height: 2,
    };
    let tenant = judged.file.device.tenant;
    y += verdict::draw(model, tenant, verdict, look, buffer, place);
    // What the plan said before still holds: who has to consent again, which secret stays. It stands above the values, which
    // go on further than a low screen does.
    let done = progress.end == Some(RunEnd::Done);
    let remarks = plan.remarks().into_iter().filter(|_| done);
    let room = usize::from(area.width.saturating_sub(4));
    for line in remarks.flat_map(|remark| wrap(&remark, room)) {
        put(buffer, 3, y, area.width, &line, look.theme.accent);
        y += 1;
    }
    y += 1;
    let values = y;
    for kind in ValueKind::ALL {
        let selected = usize::from(y - values) == screen.list.cursor;
        let marks = (selected, screen.revealed);
        value_line(&model.keys, look, buffer, (area, y), judged, kind, marks);
        y += 1;
    }
    // `umpdeck audit --verify` prints it too.
    let anchor = progress.anchor.as_ref().map(Anchor::words);
    for line in anchor.into_iter().flatten() {
        y += 1;
        let line = cut_middle_with(&line, room, look.glyphs.ellipsis);
        put(buffer, 3, y, area.width, &line, look.theme.dim);
    }
    let last = ValueKind::ALL.len() - 1;
    // With the last value the lines under it come in sight.
    let focus = match screen.list.cursor {
        at if at >= last => y,
        at => values + at as u16,
    };
    (y + 1, focus)
}
