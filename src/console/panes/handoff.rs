//! The handoff: the portal's page as a form with its own labels, one key copies a field and goes on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::super::geometry;
use super::super::model::{HandoffScreen, Model, StepState};
use super::super::update::handoff::FIELDS;
use super::super::view::{Look, put};
use super::device::values::shown_value;
use super::fleet::sentence;
use super::run::draw_steps;
use crate::registration::values::ValueKind;
use crate::text::{ago, cut_middle_with, wrap};

pub(in super::super) fn draw(
    model: &Model,
    screen: &HandoffScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let body = geometry::regions(model.size, 0).body;
    let file = &screen.judged.file;
    let room = usize::from(body.width.saturating_sub(2));
    let open = format!("In the portal open  {}", file.page.page);
    put(
        buffer,
        1,
        body.y,
        body.width,
        &look.cut(&open, room),
        look.theme.title,
    );
    put(
        buffer,
        1,
        body.y + 1,
        body.width,
        &look.cut(&file.device.portal_url, room),
        look.theme.dim,
    );
    let labels = [
        &file.page.client_id,
        &file.page.client_secret,
        &file.page.redirect_uri,
    ];
    for (at, kind) in FIELDS.into_iter().enumerate() {
        let y = body.y + 3 + at as u16;
        let selected = at == screen.field;
        let (glyph, style) = match screen.copied[at] {
            Some(_) => (look.glyphs.good, look.theme.good),
            None => (look.glyphs.dot, look.theme.dim),
        };
        if selected {
            put(buffer, 0, y, 1, look.glyphs.cursor, look.theme.accent);
        }
        put(buffer, 1, y, 1, glyph, style);
        let mut label = look.theme.text;
        if selected {
            label = label.add_modifier(Modifier::REVERSED);
        }
        put(buffer, 3, y, 26, &look.cut(labels[at], 26), label);
        let note = match screen.copied[at] {
            Some(at) => format!("copied {}", ago(at, model.now)),
            None => String::new(),
        };
        let note_cells = crate::text::width(&note) as u16;
        let value_room = body.width.saturating_sub(31 + note_cells + 3);
        let (text, style) = match shown_value(&screen.judged, kind, screen.revealed) {
            Ok(text) if kind == ValueKind::SecretValue && !screen.revealed => {
                let masked = look.glyphs.hidden.repeat(text.chars().count());
                (masked, look.theme.text)
            }
            Ok(text) => (text, look.theme.text),
            Err(_) if kind == ValueKind::SecretValue => {
                (secret_words(screen).to_string(), look.theme.dim)
            }
            Err(why) => (why, look.theme.dim),
        };
        let text = cut_middle_with(&text, usize::from(value_room), look.glyphs.ellipsis);
        put(buffer, 31, y, value_room, &text, style);
        put(
            buffer,
            body.width.saturating_sub(note_cells + 1),
            y,
            note_cells,
            &note,
            look.theme.dim,
        );
    }
    let mut y = body.y + 7;
    let mut say = |text: &str, style| {
        for line in wrap(text, room) {
            if y < body.y + body.height {
                put(buffer, 1, y, body.width, &line, style);
                y += 1;
            }
        }
    };
    if let Some(apply) = &file.page.apply {
        say(
            &format!("Then press {apply} in the portal, and a here."),
            look.theme.dim,
        );
    } else {
        say(
            "Apply them in the portal, then press a here: that records what the portal holds now.",
            look.theme.dim,
        );
    }
    // What is said of the plan is of use until it is carried out.
    let planned = screen.progress.is_none();
    for note in screen.file.plan.notes.iter().filter(|_| planned) {
        say(&format!("Note: {}", sentence(note)), look.theme.accent);
    }
    for left in &screen.file.plan.left_alone {
        say(&format!("Left alone: {}", sentence(left)), look.theme.dim);
    }
    let Some(progress) = &screen.progress else {
        return;
    };
    let area = Rect {
        y: y + 1,
        height: (body.y + body.height).saturating_sub(y + 1),
        ..body
    };
    let mut end = draw_steps(model, &screen.file, progress, look, buffer, area) + 1;
    if progress.end.is_some() && end < body.y + body.height {
        let verdict = &screen.judged.verdict;
        let (glyph, style) = look.urgency(verdict.status.urgency());
        put(buffer, 1, end, 1, glyph, style);
        let words = format!("{}  {}", verdict.status.words(), sentence(&verdict.reason));
        put(
            buffer,
            3,
            end,
            body.width,
            &look.cut(&words, room.saturating_sub(3)),
            style,
        );
        end += 1;
    }
    let _ = end;
}

/// What stands in the secret's field while there is no value.
fn secret_words(screen: &HandoffScreen) -> &'static str {
    let minting = screen.starting
        || screen.progress.as_ref().is_some_and(|progress| {
            matches!(
                progress.steps.first(),
                Some(StepState::Running(_) | StepState::Waiting(..))
            )
        });
    if minting {
        "being added…"
    } else {
        "Enter adds a new one here"
    }
}
