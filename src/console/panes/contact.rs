//! First contact with a tenant: the form, then who is signed in and what they may do there.

use ratatui::buffer::Buffer;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{ContactField, ContactScreen, ContactStage, Known, Model};
use super::super::view::{Look, put};
use super::field::{self, Content, Field};
use crate::desk::contact::DEFAULT_CLIENT;
use crate::text::wrap;

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
        let form = field::Sheet {
            look: self.look,
            columns: self.columns,
            labels: LABELS,
            bottom: self.bottom,
        };
        let content = match field {
            ContactField::Way => Content::Choice(
                match screen.by_command {
                    true => "the token that a command prints",
                    false => "a code, typed in any browser",
                }
                .to_string(),
                false,
            ),
            _ => Content::Text(&screen.inputs[field as usize], String::new()),
        };
        let wrong = screen.error.as_ref().filter(|(of, _)| *of == field);
        let drawn = Field {
            label: screen.label(field),
            selected: field == screen.field && screen.fields().contains(&field),
            content,
            error: wrong.map(|(_, why)| why.as_str()),
        };
        let (next, cursor) = form.draw(self.buffer, self.y, &drawn);
        self.y = next;
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
