//! The handoff: the portal's page as a form with its own labels in its own order, one key copies a field and goes on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{HandoffScreen, Model, StepState};
use super::super::view::{Look, put};
use super::steps::draw_steps;
use super::verdict;
use crate::registration::portal_page::{FormField, Holds};
use crate::text::{ago, cut_middle_with, width, wrap};
use secrecy::ExposeSecret;

/// Lines over the fields.
const HEAD: u16 = 3;

/// Lines that everything but the fields takes: head, gaps, what to press, the run's steps.
const BESIDE_FIELDS: u16 = 11;

pub(in super::super) fn draw(
    model: &Model,
    screen: &HandoffScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let file = &screen.judged.file;
    let room = usize::from(body.width.saturating_sub(2));
    let mut open = format!("In the portal open  {}", file.page.path);
    if let Some(or_path) = &file.page.or_path {
        let both = format!("{open}   or  {or_path}");
        if width(&both) <= room {
            open = both;
        }
    }
    put(
        buffer,
        1,
        body.y,
        body.width,
        &look.cut(&open, room),
        look.theme.title,
    );
    let address = look.cut(&file.device.portal_url, room);
    put(buffer, 1, body.y + 1, body.width, &address, look.theme.dim);
    let fields = screen.fields();
    let area = Rect {
        y: body.y + HEAD,
        height: body.height.saturating_sub(HEAD),
        ..body
    };
    let mut y = draw_fields(model, screen, &fields, look, buffer, area) + 1;
    let mut say = |text: &str, style| {
        for line in wrap(text, room) {
            if y < body.y + body.height {
                put(buffer, 1, y, body.width, &line, style);
                y += 1;
            }
        }
    };
    let key = model.keys.key(Context::Handoff, Action::Applied);
    if screen.is_over() {
        // The steps below say how it ended.
    } else if let Some(apply) = &file.page.apply {
        say(
            &format!("Then press {apply} in the portal, and {key} here."),
            look.theme.dim,
        );
    } else {
        say(
            &format!(
                "Apply the values in the portal, then press {key} here: that records what the portal holds now."
            ),
            look.theme.dim,
        );
    }
    // What is said of the plan is of use until it is carried out.
    let planned = screen.progress.is_none();
    for note in screen.file.plan.noted().iter().filter(|_| planned) {
        say(note, look.theme.accent);
    }
    for left in screen.file.plan.leaves() {
        say(&left, look.theme.dim);
    }
    let Some(progress) = &screen.progress else {
        return;
    };
    let area = Rect {
        y: y + 1,
        height: (body.y + body.height).saturating_sub(y + 1),
        ..body
    };
    let end = draw_steps(model, &screen.file, progress, look, buffer, area).end + 1;
    let left = (body.y + body.height).saturating_sub(end);
    if progress.end.is_some() && left > 0 {
        let verdict = &screen.judged.verdict;
        let (glyph, style) = look.urgency(verdict.status.urgency());
        put(buffer, 1, end, 1, glyph, style);
        let place = Rect {
            x: 2,
            y: end,
            width: body.width.saturating_sub(2),
            height: left.min(3),
        };
        let tenant = screen.judged.file.device.tenant;
        verdict::draw(model, tenant, verdict, look, buffer, place);
    }
}

/// How the fields stand on screen.
struct Layout {
    /// Each is a label and under it a line to fill in, as on the page; else both stand on one line.
    tall: bool,
    /// How many have room.
    page: usize,
    /// The first of them.
    first: usize,
}

impl Layout {
    fn of(screen: &HandoffScreen, fields: usize, height: u16) -> Layout {
        let room = height.saturating_sub(BESIDE_FIELDS - HEAD).max(3);
        let tall = fields as u16 * 2 <= room;
        let page = usize::from(if tall { room / 2 } else { room }).max(1);
        let first = (screen.field + 1)
            .saturating_sub(page)
            .min(fields.saturating_sub(page));
        Layout { tall, page, first }
    }
}

/// The field on a row of the screen.
pub(in crate::console) fn field_at(model: &Model, screen: &HandoffScreen, y: u16) -> Option<usize> {
    let body = geometry::regions(model.size, 0).body;
    let fields = screen.fields().len();
    let layout = Layout::of(screen, fields, body.height.saturating_sub(HEAD));
    let line = usize::from(y.checked_sub(body.y + HEAD)?);
    let at = if layout.tall { line / 2 } else { line };
    (at < layout.page && layout.first + at < fields).then_some(layout.first + at)
}

/// Draws the fields that have room, the one under the cursor among them; returns the line after them.
fn draw_fields(
    model: &Model,
    screen: &HandoffScreen,
    fields: &[FormField],
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) -> u16 {
    let Layout { tall, page, first } = Layout::of(screen, fields.len(), area.height);
    let labels = fields.iter().map(|field| width(&field.label)).max();
    let label_cells = (labels.unwrap_or(0) as u16).min(area.width.saturating_sub(6) * 2 / 5);
    let mut y = area.y;
    for (at, field) in fields.iter().enumerate().skip(first).take(page) {
        let selected = at == screen.field;
        let (mark, note) = mark(model, screen, field, look);
        if selected {
            put(buffer, 0, y, 1, look.glyphs.cursor, look.theme.accent);
        }
        put(buffer, 1, y, 1, mark.0, mark.1);
        let mut style = match field.holds {
            Holds::Untouched => look.theme.dim,
            _ => look.theme.text,
        };
        if selected {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let cells = if tall {
            area.width.saturating_sub(24)
        } else {
            label_cells
        };
        let label = look.cut(&field.label, usize::from(cells));
        put(buffer, 3, y, cells, &label, style);
        let note_cells = width(&note) as u16;
        let right = area.width.saturating_sub(note_cells + 1);
        put(buffer, right, y, note_cells, &note, look.theme.dim);
        let (x, line) = if tall {
            (3, y + 1)
        } else {
            (5 + label_cells, y)
        };
        let end = if tall {
            area.width.saturating_sub(1)
        } else {
            right.saturating_sub(1)
        };
        let (text, style) = value(model, screen, field, look);
        let cells = end.saturating_sub(x + 4);
        let text = cut_middle_with(&text, usize::from(cells), look.glyphs.ellipsis);
        if field.holds != Holds::Untouched {
            put(buffer, x, line, 1, "[", look.theme.dim);
            put(buffer, x + 3 + cells, line, 1, "]", look.theme.dim);
        }
        put(buffer, x + 2, line, cells, &text, style);
        y = line + 1;
    }
    let hidden = fields.len().saturating_sub(first + page);
    if hidden > 0 || first > 0 {
        let words = format!("{} of {} fields", screen.field + 1, fields.len());
        put(buffer, 3, y, area.width, &words, look.theme.dim);
        y += 1;
    }
    y
}

/// The mark before a field and the note behind it.
fn mark<'a>(
    model: &Model,
    screen: &HandoffScreen,
    field: &FormField,
    look: Look<'a>,
) -> ((&'a str, Style), String) {
    let none = (look.glyphs.dot, look.theme.dim);
    if field.holds == Holds::Untouched {
        return ((look.glyphs.none, look.theme.dim), String::new());
    }
    if let Some(at) = screen.copied.get(&field.key) {
        let press = match &field.press {
            Some(press) => format!("copied {}, then {press}", ago(*at, model.now)),
            None => format!("copied {}", ago(*at, model.now)),
        };
        return ((look.glyphs.good, look.theme.good), press);
    }
    match screen.earlier(field) {
        Some((at, true)) => (
            none,
            format!("copied {} in an earlier handoff", ago(at, model.now)),
        ),
        Some((at, false)) if field.holds == Holds::ClientSecret => (
            none,
            format!(
                "another secret copied {}; its value is lost",
                ago(at, model.now)
            ),
        ),
        Some((at, false)) => (none, format!("another value copied {}", ago(at, model.now))),
        None => {
            let press = field.press.as_ref();
            (
                none,
                press.map_or_else(String::new, |press| format!("then {press}")),
            )
        }
    }
}

/// What stands in a field.
fn value(
    model: &Model,
    screen: &HandoffScreen,
    field: &FormField,
    look: Look<'_>,
) -> (String, Style) {
    match screen.text(field) {
        Ok(_) if field.holds == Holds::ClientSecret && !screen.revealed => {
            (look.glyphs.hidden.repeat(16), look.theme.text)
        }
        Ok(text) => (text.expose_secret().to_string(), look.theme.text),
        Err(_) if field.holds == Holds::ClientSecret => {
            (secret_words(model, screen), look.theme.dim)
        }
        Err(why) => (why.to_string(), look.theme.dim),
    }
}

/// What stands in the secret's field while there is no value.
fn secret_words(model: &Model, screen: &HandoffScreen) -> String {
    let minting = screen.starting
        || screen.progress.as_ref().is_some_and(|progress| {
            matches!(
                progress.steps.first(),
                Some(StepState::Running(_) | StepState::Waiting(..))
            )
        });
    if minting {
        "being added…".to_string()
    } else {
        let key = model.keys.key(Context::Handoff, Action::CopyAndGoOn);
        format!("{key} adds a new one here")
    }
}
