//! Why the device under the cursor has its status, and what would help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::keymap::{Action, Context};
use crate::console::model::Model;
use crate::console::update::REST;
use crate::console::view::{Look, beside, put};
use crate::registration::status::{NextStep, Verdict};
use crate::text::sentence;

/// The reason of the device under the cursor, in words, and what would help: once the cursor has rested, and in one
/// frame with the checklist beside the list, where there is one.
pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let rested = model
        .moved_at
        .is_none_or(|at| model.now.duration_since(at) >= REST);
    let shown = rested && !model.peek.follows();
    let Some(row) = model.fleet.selected().filter(|_| shown) else {
        return;
    };
    let Some(verdict) = &row.verdict else {
        put(
            buffer,
            1,
            area.y,
            area.width,
            row.fqdn.as_str(),
            look.theme.title,
        );
        let beside = beside(area, row.fqdn.as_str());
        look.paragraph(buffer, beside, &not_read(model, row.tenant));
        return;
    };
    draw_verdict(model, verdict, look, buffer, area);
}

/// A device's status with its reason, and what would help.
pub(in crate::console::panes) fn draw_verdict(
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
    let reason = beside(
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

/// Why a device was not read yet.
fn not_read(model: &Model, tenant: uuid::Uuid) -> String {
    let key = model.keys.key(Context::Fleet, Action::Refresh);
    match model.tenant(tenant) {
        Some(one) if one.reading.is_some() => "It is being read for the first time.".to_string(),
        Some(one) => match &one.failure {
            Some(failure) => format!(
                "{} can't be read: {} {}",
                one.tenant.name,
                sentence(&failure.why),
                sentence(&failure.next)
            ),
            None => format!("It was never read; {key} reads it."),
        },
        None => String::new(),
    }
}

/// The next step with the key that takes it.
pub(in crate::console::panes) fn next_words(model: &Model, next: NextStep) -> Option<String> {
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
