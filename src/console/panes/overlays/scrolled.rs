//! Panes that scroll line by line: messages, and what was examined.

use ratatui::buffer::Buffer;

use super::super::super::geometry;
use super::super::super::list::ListState;
use super::super::super::model::{Model, Overlay, Tone};
use super::super::super::view::{Look, put};
use super::{frame, more};
use crate::desk::examination::Health;
use crate::registration::status::Urgency;
use crate::text::wrap;

/// A line of a pane that scrolls: a mark with its style, and words.
struct Marked {
    mark: Option<Mark>,
    text: String,
    quiet: bool,
}

enum Mark {
    Urgency(Urgency),
    Plain,
}

/// How many lines the scrolling pane on top has.
pub(in super::super::super) fn lines_of(model: &Model) -> usize {
    let overlay = model.overlays.last();
    overlay.map_or(0, |overlay| marked(model, overlay).len())
}

/// The lines of the messages, or of what was examined.
fn marked(model: &Model, overlay: &Overlay) -> Vec<Marked> {
    let room = usize::from(geometry::card_cells(model.size)).saturating_sub(2);
    let mut lines = Vec::new();
    let mut add = |mark: Mark, text: &str, quiet: bool| {
        let mut mark = Some(mark);
        for line in wrap(text, room) {
            lines.push(Marked {
                mark: mark.take(),
                text: line,
                quiet,
            });
        }
    };
    match overlay {
        Overlay::Messages(_) if model.history.is_empty() => {
            add(Mark::Plain, "There is no message yet.", true);
        }
        Overlay::Messages(_) => {
            for (at, tone, text) in model.history.iter().rev() {
                let mark = match tone {
                    Tone::Good => Mark::Urgency(Urgency::Good),
                    Tone::Plain => Mark::Plain,
                    Tone::Bad => Mark::Urgency(Urgency::NeedsWork),
                };
                let text = format!("{}: {text}", crate::text::ago(*at, model.now));
                add(mark, &text, false);
            }
        }
        Overlay::Doctor(None, _) => {
            add(
                Mark::Plain,
                "Examining… A tenant that does not answer can take a while.",
                true,
            );
        }
        Overlay::Doctor(Some(found), _) => {
            for one in found {
                let mark = Mark::Urgency(match one.health {
                    Health::Good => Urgency::Good,
                    Health::Bad => Urgency::Broken,
                    Health::Unknown => Urgency::Unknown,
                });
                let mend = match one.mend.as_str() {
                    "" => String::new(),
                    mend => format!(". {mend}"),
                };
                let found = one.found.trim_end_matches('.');
                let text = format!("{}: {found}{mend}", one.subject);
                add(mark, &text, one.health == Health::Good);
            }
        }
        _ => {}
    }
    lines
}

/// Messages, or what was examined, from a line on.
pub(super) fn draw(
    model: &Model,
    overlay: &Overlay,
    list: ListState,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let title = match overlay {
        Overlay::Messages(_) => "Messages, the newest first",
        _ => "Doctor: whether everything works",
    };
    let lines = marked(model, overlay);
    let cells = geometry::card_cells(model.size) + 4;
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX - 3);
    let inside = frame(model, look, buffer, cells, count, title);
    let room = usize::from(inside.height);
    let offset = list.cursor.min(lines.len().saturating_sub(room));
    for (at, line) in lines.iter().skip(offset).take(room).enumerate() {
        let y = inside.y + at as u16;
        let (glyph, style) = match line.mark {
            Some(Mark::Urgency(urgency)) => look.urgency(urgency),
            Some(Mark::Plain) => (look.glyphs.dot, look.theme.accent),
            None => (" ", look.theme.text),
        };
        put(buffer, inside.x, y, 1, glyph, style);
        let style = if line.quiet {
            look.theme.dim
        } else {
            look.theme.text
        };
        put(buffer, inside.x + 2, y, inside.width - 2, &line.text, style);
    }
    more(look, buffer, inside, (offset, room, lines.len()));
}
