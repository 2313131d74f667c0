//! A device's status with its reason and the key that would help, as the list and the device's panes say it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::keymap::{Action, Context};
use crate::console::model::Model;
use crate::console::view::{Look, put, right_of};
use crate::registration::status::{NextStep, Verdict};
use crate::text::sentence;

/// A device's status with its reason, and what would help.
pub(super) fn draw(
    model: &Model,
    verdict: &Verdict,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let words = verdict.status.words();
    let style = look.urgency(verdict.status.urgency()).1;
    put(buffer, 1, area.y, area.width, words, style);
    let next = next_words(model, verdict.next);
    // The next step has a line of its own where there are two; the reason has the rest.
    let has_next = next.is_some() && area.height > 1;
    let reason = right_of(
        Rect {
            height: area.height - u16::from(has_next),
            ..area
        },
        words,
    );
    let lines = look.paragraph(buffer, reason, &sentence(&verdict.reason));
    if let Some(next) = next.filter(|_| has_next) {
        let y = area.y + lines;
        put(buffer, 1, y, area.width, "Next", look.theme.dim);
        let next = look.cut(&next, usize::from(reason.width));
        put(
            buffer,
            reason.x.max(6),
            y,
            area.width,
            &next,
            look.theme.text,
        );
    }
}

/// The next step with the key that takes it.
pub(super) fn next_words(model: &Model, next: NextStep) -> Option<String> {
    let action = match next {
        NextStep::Create => Action::Create,
        NextStep::Adopt => Action::Adopt,
        NextStep::Repair => Action::Repair,
        NextStep::Push | NextStep::HandOff => Action::Push,
        NextStep::Rotate => Action::Rotate,
        NextStep::Consent => Action::CopyMenu,
        NextStep::Refresh => Action::Refresh,
        NextStep::Nothing => return None,
    };
    let key = model.keys.row(Context::Fleet, action)?.key();
    Some(format!("{key}  {}", next.words()))
}
