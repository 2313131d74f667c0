//! The form for a new registration.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{CreateField, CreateScreen, Model};
use super::super::view::{Look, put};
use crate::text::{cut_middle_with, wrap};

const LABELS: u16 = 23;

/// Draws the form; returns where the terminal's cursor belongs.
pub(in super::super) fn draw(
    model: &Model,
    screen: &CreateScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let body = geometry::regions(model.size, 0).body;
    let room = body.width.saturating_sub(LABELS + 1);
    let mut cursor = None;
    let mut y = body.y;
    for field in CreateField::ALL {
        if y >= body.y + body.height {
            break;
        }
        let selected = field == screen.field;
        if selected {
            put(buffer, 1, y, 1, look.glyphs.cursor, look.theme.accent);
        }
        let label = if selected {
            look.theme.title
        } else {
            look.theme.dim
        };
        put(buffer, 3, y, LABELS, field.label(), label);
        match field.input() {
            None => {
                let title = screen
                    .blueprints
                    .get(screen.blueprint)
                    .map_or("", |(_, title)| title);
                let text = format!(
                    "{title}   {} {}",
                    look.glyphs.choice.0, look.glyphs.choice.1
                );
                let style = if selected {
                    look.theme.input
                } else {
                    look.theme.text
                };
                put(
                    buffer,
                    LABELS,
                    y,
                    room,
                    &look.cut(&text, usize::from(room)),
                    style,
                );
            }
            Some(at) if field == CreateField::Fqdn => {
                let text = format!("{}   from the inventory", screen.inputs[at].value());
                put(
                    buffer,
                    LABELS,
                    y,
                    room,
                    &look.cut(&text, usize::from(room)),
                    look.theme.dim,
                );
            }
            Some(at) => {
                let input = &screen.inputs[at];
                let cells = usize::from(room);
                let scroll = if selected {
                    input.visual_scroll(cells.saturating_sub(1))
                } else {
                    0
                };
                let shown = if selected {
                    visible(input.value(), scroll)
                } else {
                    cut_middle_with(input.value(), cells, look.glyphs.ellipsis).into_owned()
                };
                let style = if selected {
                    look.theme.input.add_modifier(Modifier::UNDERLINED)
                } else {
                    look.theme.text
                };
                let empty = shown.is_empty() && !selected;
                let shown = if empty {
                    look.glyphs.none.to_string()
                } else {
                    shown
                };
                put(
                    buffer,
                    LABELS,
                    y,
                    room,
                    &shown,
                    if empty { look.theme.dim } else { style },
                );
                if selected {
                    let x = LABELS + (input.visual_cursor().max(scroll) - scroll) as u16;
                    cursor = Some((x.min(body.width - 1), y));
                }
                if let Some(error) = &screen.errors[at] {
                    y += 1;
                    let text = format!("{} {error}", look.glyphs.work);
                    put(
                        buffer,
                        LABELS,
                        y,
                        room,
                        &look.cut(&text, usize::from(room)),
                        look.theme.error,
                    );
                }
            }
        }
        y += 1;
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

/// The part of a text from a display column on.
pub(super) fn visible(text: &str, from: usize) -> String {
    let mut skipped = 0;
    text.chars()
        .skip_while(|letter| {
            let skip = skipped < from;
            skipped += crate::text::width(letter.encode_utf8(&mut [0; 4]));
            skip
        })
        .collect()
}
