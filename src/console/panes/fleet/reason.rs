//! Why the device under the cursor has its status, and what would help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::keymap::{self, Action, Context};
use crate::console::model::Model;
use crate::console::update::REST;
use crate::console::view::{Look, put};
use crate::registration::status::NextStep;
use crate::text::{width, wrap};

/// The reason of the device under the cursor, in words, and what would help: once the cursor has rested.
pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let rested = model
        .moved_at
        .is_none_or(|at| model.now.duration_since(at) >= REST);
    let Some(row) = model.fleet.selected().filter(|_| rested) else {
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
        return;
    };
    let words = verdict.status.words();
    let style = look.urgency(verdict.status.urgency()).1;
    put(buffer, 1, area.y, area.width, words, style);
    let indent = width(words) as u16 + 3;
    let room = usize::from(area.width.saturating_sub(indent + 1));
    let next = next_words(verdict.next);
    let reason = sentence(&verdict.reason);
    let lines = wrap(&reason, room);
    let for_reason = if next.is_some() && area.height > 1 {
        1
    } else {
        usize::from(area.height)
    };
    // A long reason takes the second line from the next step only if the step still fits behind it.
    for (at, line) in lines
        .iter()
        .take(for_reason.max(usize::from(area.height) - usize::from(next.is_some())))
        .enumerate()
    {
        let last = at + 1 == for_reason;
        let text = if last && lines.len() > for_reason {
            look.cut(&format!("{line} {}", lines[at + 1..].join(" ")), room)
        } else {
            line.clone()
        };
        put(
            buffer,
            indent,
            area.y + at as u16,
            area.width - indent,
            &text,
            look.theme.text,
        );
    }
    if let Some(next) = next
        && area.height > 1
    {
        let y = area.y + area.height - 1;
        put(buffer, 1, y, area.width, "Next", look.theme.dim);
        put(
            buffer,
            indent.max(6),
            y,
            area.width,
            &look.cut(&next, room),
            look.theme.text,
        );
    }
}

/// A clause as a sentence.
pub(in crate::console::panes) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    match letters.next() {
        Some(first) => {
            let end = if clause.ends_with(['.', '!', '?']) {
                ""
            } else {
                "."
            };
            format!("{}{}{end}", first.to_uppercase(), letters.as_str())
        }
        None => String::new(),
    }
}

/// The next step with the key that takes it.
pub(in crate::console::panes) fn next_words(next: NextStep) -> Option<String> {
    let action = match next {
        NextStep::Create => Action::Create,
        NextStep::Adopt => Action::Open,
        NextStep::Repair => Action::Repair,
        NextStep::Push => Action::Push,
        NextStep::Rotate => Action::Rotate,
        NextStep::Consent => Action::CopyMenu,
        NextStep::Refresh => Action::Refresh,
        NextStep::Nothing => return None,
    };
    let binding = keymap::help(Context::Fleet)
        .into_iter()
        .find(|one| one.action == action)?;
    let keys = keymap::keys_text(binding);
    let key = keys.split(' ').next().unwrap_or_default();
    Some(format!("{key}  {}", next.words()))
}
