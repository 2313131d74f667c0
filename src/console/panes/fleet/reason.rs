//! Why the device under the cursor has its status, and what would help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::keymap::{Action, Context};
use crate::console::model::Model;
use crate::console::update::REST;
use crate::console::view::{Look, put};
use crate::registration::status::NextStep;
use crate::text::{sentence, width, wrap};

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
        let indent = width(row.fqdn.as_str()) as u16 + 3;
        let room = usize::from(area.width.saturating_sub(indent + 1));
        let words = wrap(&not_read(model, row.tenant), room);
        for (at, line) in words.iter().take(usize::from(area.height)).enumerate() {
            put(
                buffer,
                indent,
                area.y + at as u16,
                area.width - indent,
                line,
                look.theme.text,
            );
        }
        return;
    };
    let words = verdict.status.words();
    let style = look.urgency(verdict.status.urgency()).1;
    put(buffer, 1, area.y, area.width, words, style);
    let indent = width(words) as u16 + 3;
    let room = usize::from(area.width.saturating_sub(indent + 1));
    let next = next_words(model, verdict.next);
    let reason = sentence(&verdict.reason);
    let lines = wrap(&reason, room);
    // The next step has a line of its own where there are two; the reason has the rest.
    let has_next = next.is_some() && area.height > 1;
    let most = usize::from(area.height) - usize::from(has_next);
    let mut y = area.y;
    for (at, line) in lines.iter().take(most).enumerate() {
        let text = if at + 1 == most && lines.len() > most {
            look.cut(&format!("{line} {}", lines[at + 1..].join(" ")), room)
        } else {
            line.clone()
        };
        put(
            buffer,
            indent,
            y,
            area.width - indent,
            &text,
            look.theme.text,
        );
        y += 1;
    }
    if let Some(next) = next.filter(|_| has_next) {
        let text = look.cut(&next, room);
        put(buffer, 1, y, area.width, "Next", look.theme.dim);
        put(buffer, indent.max(6), y, area.width, &text, look.theme.text);
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
        NextStep::Push => Action::Push,
        NextStep::Rotate => Action::Rotate,
        NextStep::Consent => Action::CopyMenu,
        NextStep::Refresh => Action::Refresh,
        NextStep::Nothing => return None,
    };
    let key = model.keys.row(Context::Fleet, action)?.key();
    Some(format!("{key}  {}", next.words()))
}
