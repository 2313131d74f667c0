//! A run: each step with its state, then the values to copy.

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{Model, RunProgress, RunScreen, StepState};
use super::super::view::{Look, put};
use super::device::values::value_line;
use super::verdict;
use crate::desk::event::{Anchor, RunEnd};
use crate::desk::file::PlanFile;
use crate::registration::values::ValueKind;
use crate::text::{capitalised, sentence};
use crate::text::{cut_middle_with, width, wrap};

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
    let mut y = body.y + 1;
    y = draw_steps(
        model,
        &screen.file,
        progress,
        look,
        buffer,
        Rect { y, ..body },
    );
    if progress.end.is_none() {
        return;
    }
    y += 1;
    let Some(judged) = &screen.judged else { return };
    let verdict = &judged.verdict;
    let (glyph, style) = look.urgency(verdict.status.urgency());
    if y + 1 < body.y + body.height {
        put(buffer, 1, y, 1, glyph, style);
        let area = Rect {
            x: body.x + 2,
            y,
            width: body.width.saturating_sub(2),
            height: 2,
        };
        let tenant = judged.file.device.tenant;
        y += verdict::draw(model, tenant, verdict, look, buffer, area);
    }
    y += 1;
    for (at, kind) in ValueKind::ALL.into_iter().enumerate() {
        if y >= body.y + body.height {
            break;
        }
        let selected = at == screen.list.cursor;
        value_line(
            &model.keys,
            look,
            buffer,
            (body, y),
            judged,
            kind,
            (selected, screen.revealed),
        );
        y += 1;
    }
    // What the plan said before still holds: who has to consent again, which secret stays.
    let left = plan
        .left_alone
        .iter()
        .map(|one| format!("left alone: {one}"));
    let done = progress.end == Some(RunEnd::Done);
    let notes = plan.notes.iter().cloned().chain(left).filter(|_| done);
    let room = usize::from(body.width.saturating_sub(4));
    for (at, line) in notes
        .flat_map(|note| wrap(&sentence(&note), room))
        .enumerate()
    {
        y += u16::from(at == 0);
        if y < body.y + body.height {
            put(buffer, 3, y, body.width, &line, look.theme.accent);
        }
        y += 1;
    }
    // Under the values, where there is room: `umpdeck audit --verify` prints it too.
    let anchor = progress.anchor.as_ref().map(Anchor::words);
    for line in anchor.into_iter().flatten() {
        y += 1;
        if y < body.y + body.height {
            let room = usize::from(body.width.saturating_sub(4));
            let line = cut_middle_with(&line, room, look.glyphs.ellipsis);
            put(buffer, 3, y, body.width, &line, look.theme.dim);
        }
    }
}

/// Draws the steps from `area.y` on; returns the line after them.
pub(super) fn draw_steps(
    model: &Model,
    file: &PlanFile,
    progress: &RunProgress,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) -> u16 {
    let mut y = area.y;
    let bottom = area.height + area.y;
    let longest = file
        .plan
        .steps
        .iter()
        .map(|step| width(&step.action.title()))
        .max();
    let title_cells = longest
        .unwrap_or(0)
        .min(usize::from(area.width).saturating_sub(30));
    for (at, step) in file.plan.steps.iter().enumerate() {
        if y >= bottom {
            break;
        }
        let state = progress.steps.get(at).unwrap_or(&StepState::Planned);
        let stopped = progress.end.is_some();
        let (glyph, style, words) = match state {
            StepState::Planned if stopped => {
                (look.glyphs.none, look.theme.dim, "not done".to_string())
            }
            StepState::Running(_) | StepState::Waiting(..) | StepState::YourTurn if stopped => {
                (look.glyphs.none, look.theme.work, "broken off".to_string())
            }
            StepState::Planned => (look.glyphs.dot, look.theme.dim, String::new()),
            StepState::Running(since) => (
                look.glyphs.spinner[0],
                look.theme.accent,
                seconds(model.now.duration_since(*since)),
            ),
            StepState::Waiting(on, since) => (
                look.glyphs.spinner[0],
                look.theme.accent,
                format!(
                    "waiting for {on}, {}",
                    seconds(model.now.duration_since(*since))
                ),
            ),
            StepState::YourTurn => (
                look.glyphs.cursor,
                look.theme.accent,
                "your turn".to_string(),
            ),
            StepState::Done(outcome, took) => (
                look.glyphs.good,
                look.theme.good,
                format!("{outcome}  {}", tenths(*took)),
            ),
            StepState::Failed(_) => (look.glyphs.broken, look.theme.broken, "failed".to_string()),
        };
        let title = step.action.title();
        put(buffer, 1, y, 1, glyph, style);
        put(buffer, 3, y, 3, &format!("{:>2}", at + 1), look.theme.dim);
        let text = if *state == StepState::Planned {
            look.theme.dim
        } else {
            look.theme.text
        };
        put(
            buffer,
            7,
            y,
            area.width,
            &look.cut(&title, title_cells),
            text,
        );
        let x = 9 + title_cells as u16;
        let room = usize::from(area.width.saturating_sub(x + 1));
        // What does not fit beside the title stands below it.
        if width(&words) <= room {
            put(buffer, x, y, area.width, &words, look.theme.dim);
        } else if y + 1 < bottom {
            y += 1;
            let below = usize::from(area.width.saturating_sub(10));
            put(
                buffer,
                9,
                y,
                area.width,
                &look.cut(&words, below),
                look.theme.dim,
            );
        }
        y += 1;
        if let StepState::Failed(trouble) = state {
            let room = usize::from(area.width.saturating_sub(9));
            let texts = [
                (
                    sentence(&format!("{}: {}", trouble.what, trouble.why)),
                    look.theme.text,
                ),
                (sentence(&trouble.next), look.theme.accent),
            ];
            for (text, style) in texts {
                for line in wrap(&text, room) {
                    if y < bottom {
                        put(buffer, 7, y, area.width, &line, style);
                        y += 1;
                    }
                }
            }
        }
    }
    y
}

/// Whole seconds, shown from the first one on.
fn seconds(elapsed: SignedDuration) -> String {
    match elapsed.as_secs() {
        0 => String::new(),
        seconds => format!("{seconds} s"),
    }
}

fn tenths(took: SignedDuration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
