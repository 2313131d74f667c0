//! The steps of a run, each with its state.

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{Model, RunProgress, StepState};
use super::super::view::{Look, put};
use crate::desk::file::PlanFile;
use crate::text::{capitalised, sentence, width, wrap};

/// Where the steps stand.
pub(super) struct Steps {
    /// The line after them.
    pub end: u16,
    /// The line of the last one that has begun.
    pub last: u16,
}

/// The widest that the names of the steps are, unless the screen is so wide that three tenths of it are more.
const TITLE: u16 = 45;

/// What the time that a step took needs, with a gap before it.
const TIME: u16 = 8;

/// Where a step's own text begins, and where what came of it does on a line of its own.
const TEXT_AT: u16 = 7;
const BELOW_AT: u16 = 9;

/// The columns: what a step does, and what came of it.
struct Columns {
    title: u16,
    outcome_at: u16,
    outcome: u16,
    below: u16,
}

impl Columns {
    fn of(file: &PlanFile, cells: u16) -> Columns {
        let titles = file
            .plan
            .steps
            .iter()
            .map(|step| width(&step.action.title()));
        let longest = titles.max().unwrap_or(0) as u16;
        let title = longest
            .min(TITLE.max(cells * 3 / 10))
            .min(cells.saturating_sub(30));
        let outcome_at = TEXT_AT + title + 2;
        Columns {
            title,
            outcome_at,
            outcome: cells.saturating_sub(outcome_at + TIME + 1),
            below: cells.saturating_sub(BELOW_AT + TIME + 1),
        }
    }

    /// The texts of a step, each with its line and its column: the title, then the outcome, on lines of its own where it
    /// has no room beside it.
    fn texts(&self, title: &str, outcome: &str) -> Vec<(u16, u16, String)> {
        let lines = |from: u16, x: u16, text: &str, cells: u16| -> Vec<(u16, u16, String)> {
            let lines = (from..).zip(wrap(text, usize::from(cells)));
            lines.map(|(line, text)| (line, x, text)).collect()
        };
        let mut texts = lines(0, TEXT_AT, title, self.title);
        let after = texts.len() as u16;
        texts.extend(match width(outcome) <= usize::from(self.outcome) {
            true => lines(0, self.outcome_at, outcome, self.outcome),
            false => lines(after, BELOW_AT, outcome, self.below),
        });
        texts
    }
}

/// Draws the steps from `area.y` on; returns where they stand.
pub(super) fn draw_steps(
    model: &Model,
    file: &PlanFile,
    progress: &RunProgress,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) -> Steps {
    let mut y = area.y;
    let bottom = area.height + area.y;
    let columns = Columns::of(file, area.width);
    let mut steps = Steps { end: y, last: y };
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
                (look.glyphs.none, look.theme.work, "interrupted".to_string())
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
            StepState::Done(outcome, _) => (look.glyphs.good, look.theme.good, outcome.clone()),
            StepState::Failed(_) => (look.glyphs.broken, look.theme.broken, "failed".to_string()),
        };
        let title = step.action.title();
        let took = match state {
            StepState::Done(_, took) => tenths(*took),
            _ => String::new(),
        };
        put(buffer, 1, y, 1, glyph, style);
        put(buffer, 3, y, 3, &format!("{:>2}", at + 1), look.theme.dim);
        let text = if *state == StepState::Planned {
            look.theme.dim
        } else {
            look.theme.text
        };
        let texts = columns.texts(&title, &words);
        let mut last = 0;
        for (line, x, words) in &texts {
            let style = if *x == TEXT_AT { text } else { look.theme.dim };
            if y + line < bottom {
                put(buffer, *x, y + line, area.width, words, style);
            }
            last = last.max(*line);
        }
        // The times stand below each other.
        let x = area.width.saturating_sub(width(&took) as u16 + 1);
        put(buffer, x, y, area.width, &took, look.theme.dim);
        y += last + 1;
        if *state != StepState::Planned {
            steps.last = y - 1;
        }
        if let StepState::Failed(trouble) = state {
            let room = usize::from(area.width.saturating_sub(9));
            // What failed is the step, unless it says something else.
            let what = match capitalised(&trouble.what) == capitalised(&title) {
                true => trouble.why.clone(),
                false => format!("{}: {}", trouble.what, trouble.why),
            };
            let texts = [
                (sentence(&what), look.theme.text),
                (sentence(&trouble.next), look.theme.accent),
            ];
            for (text, style) in texts {
                for line in wrap(&text, room) {
                    if y < bottom {
                        put(buffer, TEXT_AT, y, area.width, &line, style);
                        y += 1;
                    }
                }
            }
        }
    }
    steps.end = y.min(bottom);
    steps.last = steps.last.min(bottom.saturating_sub(1));
    steps
}

/// Whole seconds, shown from the first one on.
pub(super) fn seconds(elapsed: SignedDuration) -> String {
    match elapsed.as_secs() {
        0 => String::new(),
        seconds => format!("{seconds} s"),
    }
}

fn tenths(took: SignedDuration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
