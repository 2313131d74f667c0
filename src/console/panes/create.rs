//! The form for a new registration.

use ratatui::buffer::Buffer;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{CreateField, CreateScreen, Model};
use super::super::view::{Look, put};
use super::field::{Content, Field, Sheet};
use crate::text::wrap;

const LABELS: u16 = 23;

/// Draws the form; returns where the terminal's cursor belongs.
pub(in super::super) fn draw(
    model: &Model,
    screen: &CreateScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let body = geometry::regions(model.size, 0).body;
    let sheet = Sheet {
        look,
        columns: body.width,
        labels: LABELS,
        bottom: body.y + body.height,
    };
    let mut cursor = None;
    let mut y = body.y;
    for field in CreateField::ALL {
        if y >= sheet.bottom {
            break;
        }
        let at = field.input();
        let content = match at {
            None => {
                let chosen = screen.blueprints.get(screen.blueprint);
                let title = chosen.map_or("", |(_, title)| title);
                Content::Choice(title.to_string(), false)
            }
            Some(at) if field == CreateField::Fqdn => {
                let fqdn = screen.inputs[at].value();
                Content::Fixed(format!("{fqdn}   from the inventory"))
            }
            Some(at) => Content::Text(&screen.inputs[at], String::new()),
        };
        let drawn = Field {
            label: field.label(),
            selected: field == screen.field,
            content,
            error: at.and_then(|at| screen.errors[at].as_deref()),
        };
        let (next, here) = sheet.draw(buffer, y, &drawn);
        (y, cursor) = (next, here.or(cursor));
    }
    let key = model.keys.key(Context::Create, Action::ToPlan);
    let note = match screen.file.device.portal_way {
        crate::registration::fleet::PortalWay::Http => {
            format!("Nothing is created yet. {key} shows every request first.")
        }
        crate::registration::fleet::PortalWay::Handoff => {
            format!(
                "Nothing is created yet. {key} shows every request first. The secret is added later, during the handoff."
            )
        }
    };
    y += 1;
    for line in wrap(&note, usize::from(body.width.saturating_sub(4))) {
        if y < body.y + body.height {
            put(buffer, 3, y, body.width, &line, look.theme.dim);
            y += 1;
        }
    }
    cursor
}
