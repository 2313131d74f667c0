//! First contact with a tenant: the form, then who is signed in and what they may do there.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{ContactField, ContactScreen, ContactStage, Known, Model};
use super::super::view::{Look, put};
use super::create::visible;
use crate::desk::contact::DEFAULT_CLIENT;
use crate::text::{cut_middle_with, wrap};

const LABELS: u16 = 26;

/// Draws it; returns where the terminal's cursor belongs.
pub(in super::super) fn draw(
    model: &Model,
    screen: &ContactScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let body = geometry::regions(model.size, 0).body;
    let mut sheet = Sheet {
        look,
        buffer,
        y: body.y,
        bottom: body.y + body.height,
        columns: body.width,
    };
    let title = match &screen.stage {
        ContactStage::Known(known) => format!("Signed in as {}", known.found.identity.name),
        _ => "First contact with a tenant".to_string(),
    };
    sheet.say(&title, look.theme.title);
    sheet.y += 1;
    let mut cursor = None;
    match &screen.stage {
        ContactStage::Known(known) => {
            for field in screen.fields() {
                cursor = sheet.field(screen, *field).or(cursor);
            }
            sheet.y += 1;
            sheet.abilities(known);
            sheet.y += 1;
            let go_on = model.keys.key(Context::Contact, Action::ToPlan);
            let words = format!(
                "Nothing is written yet. {go_on} adds the tenant to {}. After that, add its devices.",
                screen.place
            );
            sheet.say(&words, look.theme.dim);
        }
        _ => {
            for field in ContactField::OF_THE_FORM {
                cursor = sheet.field(screen, *field).or(cursor);
            }
            sheet.y += 1;
            sheet.say(&below(model, screen), look.theme.dim);
        }
    }
    cursor
}

fn below(model: &Model, screen: &ContactScreen) -> String {
    let key = |action| model.keys.key(Context::Contact, action);
    match screen.stage {
        ContactStage::Reaching => {
            let stop = key(Action::Back);
            return format!("Finding the tenant and signing in. {stop} stops this.");
        }
        ContactStage::Writing => return format!("Writing into {}.", screen.place),
        ContactStage::Asking | ContactStage::Known(_) => {}
    }
    let usual = screen.text(ContactField::Client) == screen.usual_client_id.to_string();
    let of_way = match (screen.by_command, usual) {
        (true, _) => "Any command works that prints what az account get-access-token prints.",
        (false, true) => DEFAULT_CLIENT,
        (false, false) => {
            "The client ID must be that of a public client that has delegated permissions of Microsoft Graph."
        }
    };
    let go_on = key(Action::ToPlan);
    format!("{of_way} {go_on} finds the tenant and signs you in. Nothing is written yet.")
}

/// Where the next line goes.
struct Sheet<'a> {
    look: Look<'a>,
    buffer: &'a mut Buffer,
    y: u16,
    bottom: u16,
    columns: u16,
}

impl Sheet<'_> {
    fn say(&mut self, text: &str, style: ratatui::style::Style) {
        for line in wrap(text, usize::from(self.columns.saturating_sub(4))) {
            if self.y < self.bottom {
                put(self.buffer, 3, self.y, self.columns, &line, style);
                self.y += 1;
            }
        }
    }

    /// A field; where the cursor belongs when it is the one that is edited.
    fn field(&mut self, screen: &ContactScreen, field: ContactField) -> Option<(u16, u16)> {
        if self.y >= self.bottom {
            return None;
        }
        let (look, y) = (self.look, self.y);
        let room = self.columns.saturating_sub(LABELS + 1);
        let selected = field == screen.field && screen.fields().contains(&field);
        let mut cursor = None;
        if selected {
            put(self.buffer, 1, y, 1, look.glyphs.cursor, look.theme.accent);
        }
        let label = if selected {
            look.theme.title
        } else {
            look.theme.dim
        };
        put(self.buffer, 3, y, LABELS, screen.label(field), label);
        if field == ContactField::Way {
            let way = match screen.by_command {
                true => "the token that a command prints",
                false => "a code, typed in any browser",
            };
            let text = format!("{way}   {} {}", look.glyphs.choice.0, look.glyphs.choice.1);
            let style = if selected {
                look.theme.input
            } else {
                look.theme.text
            };
            let text = look.cut(&text, usize::from(room));
            put(self.buffer, LABELS, y, room, &text, style);
        } else if selected {
            let input = &screen.inputs[field as usize];
            let scroll = input.visual_scroll(usize::from(room.saturating_sub(1)));
            let style = look.theme.input.add_modifier(Modifier::UNDERLINED);
            put(
                self.buffer,
                LABELS,
                y,
                room,
                &visible(input.value(), scroll),
                style,
            );
            let column = (input.visual_cursor().max(scroll) - scroll) as u16;
            cursor = Some(((LABELS + column).min(self.columns - 1), y));
        } else {
            let text = screen.text(field);
            let text = cut_middle_with(text, usize::from(room), look.glyphs.ellipsis);
            let (text, style) = match text.is_empty() {
                true => (look.glyphs.none, look.theme.dim),
                false => (text.as_ref(), look.theme.text),
            };
            put(self.buffer, LABELS, y, room, text, style);
        }
        self.y += 1;
        if let Some((_, why)) = screen.error.as_ref().filter(|(of, _)| *of == field) {
            let text = look.cut(&format!("{} {why}", look.glyphs.work), usize::from(room));
            put(self.buffer, LABELS, self.y, room, &text, look.theme.error);
            self.y += 1;
        }
        cursor
    }

    /// What the identity may do, by its token.
    fn abilities(&mut self, known: &Known) {
        if let Err(failure) = &known.found.organization {
            let words = format!("The tenant's own name is not known: {}.", failure.why);
            self.say(&words, self.look.theme.work);
        }
        for ability in &known.abilities {
            let (glyph, style) = self.look.urgency(ability.verdict.urgency());
            if self.y >= self.bottom {
                return;
            }
            put(self.buffer, 3, self.y, 1, glyph, style);
            let why = ability.verdict.why();
            let what = ability.right.words();
            let text = match why.is_empty() {
                true => what.to_string(),
                false => format!("{what}: {why}"),
            };
            let room = usize::from(self.columns.saturating_sub(6));
            for line in wrap(&text, room) {
                if self.y < self.bottom {
                    put(
                        self.buffer,
                        5,
                        self.y,
                        self.columns,
                        &line,
                        self.look.theme.text,
                    );
                    self.y += 1;
                }
            }
        }
    }
}
