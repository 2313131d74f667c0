//! Which one is right, the portal or Entra: what each holds, and below it what following the one or the other would change.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::super::geometry;
use super::super::model::{DecisionScreen, Model};
use super::super::view::{Look, put};
use super::device::draw_beside;
use super::plan::change;
use crate::desk::event::Trouble;
use crate::desk::file::PlanFile;
use crate::text::sentence;
use crate::text::wrap;

pub(in super::super) fn draw(
    model: &Model,
    screen: &DecisionScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let decision = &screen.decision;
    let title = format!("Which one is right for {}?", decision.file.device.fqdn);
    let room = usize::from(body.width.saturating_sub(2));
    put(
        buffer,
        1,
        body.y,
        body.width,
        &look.cut(&title, room),
        look.theme.title,
    );
    let lines = decision.file.settings_beside();
    let end = draw_beside(
        look,
        buffer,
        body,
        body.y + 2,
        ["", "PORTAL", "ENTRA"],
        &lines,
    ) + 1;
    let half = (body.y + body.height).saturating_sub(end) / 2;
    let ways = [
        (
            false,
            "Entra is right: the portal is given what Entra has",
            &decision.entra_is_right,
        ),
        (
            true,
            "The portal is right: Entra follows it",
            &decision.portal_is_right,
        ),
    ];
    let mut y = end;
    for (portal, words, plan) in ways {
        let area = Rect {
            y,
            height: half,
            ..body
        };
        let selected = screen.portal == portal;
        y = way(look, buffer, area, words, plan, selected);
        if portal && let Some(afterwards) = decision.afterwards {
            for line in wrap(afterwards, room.saturating_sub(4)) {
                if y < body.y + body.height {
                    put(buffer, 5, y, body.width, &line, look.theme.accent);
                    y += 1;
                }
            }
        }
        y += 1;
    }
}

/// One way out, as far as it has room; returns the line after it.
fn way(
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
    words: &str,
    plan: &Result<PlanFile, Trouble>,
    selected: bool,
) -> u16 {
    let bottom = area.y + area.height;
    if area.height == 0 {
        return area.y;
    }
    let mut style = look.theme.text;
    if selected {
        style = style.add_modifier(Modifier::REVERSED);
        put(buffer, 0, area.y, 1, look.glyphs.cursor, look.theme.accent);
    }
    put(buffer, 3, area.y, area.width, words, style);
    let mut y = area.y + 1;
    let room = area.width.saturating_sub(6);
    let plan = match plan {
        Ok(plan) => plan,
        Err(trouble) => {
            let texts = [
                (
                    sentence(&format!("{}: {}", trouble.what, trouble.why)),
                    look.theme.broken,
                ),
                (sentence(&trouble.next), look.theme.accent),
            ];
            for (text, style) in texts {
                for line in wrap(&text, usize::from(room)) {
                    if y < bottom {
                        put(buffer, 5, y, room, &line, style);
                        y += 1;
                    }
                }
            }
            return y;
        }
    };
    for (at, step) in plan.plan.steps.iter().enumerate() {
        if y >= bottom {
            return y;
        }
        let title = format!("{:>2}  {}", at + 1, step.action.title());
        put(
            buffer,
            5,
            y,
            room,
            &look.cut(&title, usize::from(room)),
            look.theme.dim,
        );
        y += 1;
        for one in &step.changes {
            if y >= bottom {
                return y;
            }
            let parts = [one.field.clone(), one.from.clone(), one.to.clone()];
            let line = change(look, &parts, usize::from(room.saturating_sub(4)));
            buffer.set_line(9, y, &line, room.saturating_sub(4));
            y += 1;
        }
    }
    let notes = plan
        .plan
        .left_alone
        .iter()
        .map(|left| format!("Left alone: {left}"));
    for note in notes.chain(plan.plan.notes.iter().map(|note| format!("Note: {note}"))) {
        for line in wrap(&sentence(&note), usize::from(room)) {
            if y < bottom {
                put(buffer, 5, y, room, &line, look.theme.dim);
                y += 1;
            }
        }
    }
    y
}
