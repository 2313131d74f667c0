//! Every value to copy.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use secrecy::ExposeSecret;

use super::super::super::keymap::{Action, Context};
use super::super::super::model::{CopyMenu, Model};
use super::super::super::update::value_text;
use super::super::super::view::{Look, put};
use super::frame;
use crate::registration::values::ValueKind;
use crate::text::cut_middle_with;

pub(super) fn draw(model: &Model, menu: &CopyMenu, look: Look<'_>, buffer: &mut Buffer) {
    let title = format!("Copy from {}", menu.fqdn);
    let inside = frame(
        model,
        look,
        buffer,
        100,
        ValueKind::ALL.len() as u16,
        &title,
    );
    let Some(file) = &menu.file else {
        put(
            buffer,
            inside.x,
            inside.y,
            inside.width,
            "Reading…",
            look.theme.dim,
        );
        return;
    };
    for (at, kind) in ValueKind::ALL
        .into_iter()
        .enumerate()
        .take(usize::from(inside.height))
    {
        let y = inside.y + at as u16;
        let selected = at == menu.list.cursor;
        put(
            buffer,
            inside.x,
            y,
            1,
            &model.keys.key(Context::CopyMenu, Action::Copy(kind)),
            look.theme.key,
        );
        let style = if selected {
            look.theme.text.add_modifier(Modifier::REVERSED)
        } else {
            look.theme.text
        };
        put(buffer, inside.x + 3, y, 24, kind.title(), style);
        let room = inside.width.saturating_sub(28);
        let (text, style) = match value_text(file, kind) {
            Ok(_) if kind == ValueKind::SecretValue => {
                ("in memory, masked".to_string(), look.theme.text)
            }
            Ok(text) => (text.expose_secret().to_string(), look.theme.text),
            Err(why) => (why, look.theme.dim),
        };
        let text = cut_middle_with(&text, usize::from(room), look.glyphs.ellipsis);
        put(buffer, inside.x + 28, y, room, &text, style);
    }
}
