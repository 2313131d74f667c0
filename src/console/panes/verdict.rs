//! A device's status with its reason and the key that would help, as the list and the device's panes say it; or what is
//! being done with it just now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use uuid::Uuid;

use crate::console::keymap::{Action, Context};
use crate::console::model::{Model, UnderWay};
use crate::console::view::{Look, put, right_of};
use crate::registration::status::{NextStep, Verdict};
use crate::text::{capitalised, sentence};

/// A device's status with its reason, and what would help. Returns how many lines that took.
pub(super) fn draw(
    model: &Model,
    tenant: Uuid,
    verdict: &Verdict,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) -> u16 {
    let style = look.urgency(verdict.status.urgency()).1;
    let title = (verdict.status.words(), style);
    let next = next_words(model, tenant, verdict.next, look);
    lines(title, &sentence(&verdict.reason), next, look, buffer, area)
}

/// What is being done with a device, and the key that shows it.
pub(super) fn draw_under_way(
    model: &Model,
    run: &UnderWay,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let title = format!("{} under way", capitalised(run.what));
    let row = model.keys.row(model.pane(), Action::ShowRun);
    let next = row.map(|row| (format!("{}  show the run", row.key()), look.theme.text));
    let title = (title.as_str(), look.theme.accent);
    lines(title, &sentence(&run.step), next, look, buffer, area);
}

/// The title with the reason beside it, and the next step on a line of its own where there are two.
fn lines(
    (title, style): (&str, Style),
    reason: &str,
    next: Option<(String, Style)>,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) -> u16 {
    put(buffer, area.x + 1, area.y, area.width, title, style);
    let has_next = next.is_some() && area.height > 1;
    let beside = right_of(
        Rect {
            height: area.height - u16::from(has_next),
            ..area
        },
        title,
    );
    let lines = look.paragraph(buffer, beside, reason).max(1);
    if let Some(next) = next.filter(|_| has_next) {
        next_line(next, look, buffer, area.x, under(beside, lines));
    }
    lines + u16::from(has_next)
}

/// Under a line of a device that is not in order: the device's next step, where the words above leave room for it.
pub(super) fn draw_next(
    model: &Model,
    (tenant, next): (Uuid, NextStep),
    look: Look<'_>,
    buffer: &mut Buffer,
    (beside, lines): (Rect, u16),
) {
    let next = next_words(model, tenant, next, look);
    if let Some(next) = next.filter(|_| lines < beside.height) {
        next_line(next, look, buffer, 0, under(beside, lines.max(1)));
    }
}

fn under(beside: Rect, lines: u16) -> Rect {
    Rect {
        y: beside.y + lines,
        ..beside
    }
}

/// "Next" in the margin, and its words in `place`.
fn next_line(
    (words, style): (String, Style),
    look: Look<'_>,
    buffer: &mut Buffer,
    margin: u16,
    place: Rect,
) {
    let Rect { x, y, width, .. } = place;
    put(buffer, margin + 1, y, 4, "Next", look.theme.dim);
    let words = look.cut(&words, usize::from(width));
    put(buffer, x.max(margin + 6), y, width, &words, style);
}

/// What takes a next step; `None` where nothing is to be done.
pub(in crate::console) fn action_of(next: NextStep) -> Option<Action> {
    Some(match next {
        NextStep::Create => Action::Create,
        NextStep::Adopt => Action::Adopt,
        NextStep::Repair => Action::Repair,
        NextStep::Push | NextStep::HandOff => Action::Push,
        NextStep::Rotate => Action::Rotate,
        NextStep::Consent => Action::CopyMenu,
        NextStep::Refresh => Action::Refresh,
        NextStep::Decide => Action::Decide,
        NextStep::Nothing => return None,
    })
}

/// The keys that lead from here to an action, the last one its own: back to the nearest pane that has it, or from the
/// fleet into the device.
fn keys_to(model: &Model, action: Action) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    for pane in model.panes_down() {
        if let Some(row) = model.keys.row(pane, action) {
            keys.push(row.key());
            return Some(keys);
        }
        let on = match pane {
            Context::Fleet => Action::Open,
            _ => Action::Back,
        };
        keys.push(model.keys.row(pane, on)?.key());
    }
    keys.push(model.keys.row(Context::Device, action)?.key());
    Some(keys)
}

/// The next step with the keys that lead to it; dimmed where nothing may be changed.
fn next_words(
    model: &Model,
    tenant: Uuid,
    next: NextStep,
    look: Look<'_>,
) -> Option<(String, Style)> {
    let action = action_of(next)?;
    let mut rows = model.keys.rows().iter();
    let changes = rows.any(|row| row.binding.action == action && row.binding.changes);
    if changes && model.read_only.why(Some(tenant)).is_some() {
        let words = format!(
            "{}; not from here, since this console is read-only",
            next.words()
        );
        return Some((words, look.theme.dim));
    }
    let keys = keys_to(model, action)?.join(", then ");
    Some((format!("{keys}  {}", next.words()), look.theme.text))
}
