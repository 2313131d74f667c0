//! What lies over a screen: filter, copy menu, help, cards, a bare line, a sign-in.

mod card;
mod copy_menu;
mod scrolled;
mod unfinished;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use secrecy::ExposeSecret;
use tui_input::Input;

use super::super::geometry;
use super::super::keymap::Context;
use super::super::keys::HELP_KEYS;
use super::super::list::ListState;
use super::super::model::{BareLine, ContactField, Model, Overlay, Screen};
use super::super::view::{Look, clear, put};
use super::field;
use crate::desk::event::SignInPrompt;
use crate::desk::query::{Query, SYNTAX};
use crate::text::width;
pub(in super::super) use scrolled::lines_of;

/// Draws an overlay; returns where the terminal's cursor belongs.
pub(in super::super) fn draw(
    model: &Model,
    overlay: &Overlay,
    look: Look<'_>,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    match overlay {
        Overlay::Filter(input) => {
            return Some(filter(model, input, look, buffer));
        }
        Overlay::Palette(palette) => {
            return Some(super::palette::draw(model, palette, look, buffer));
        }
        Overlay::CopyMenu(menu) => copy_menu::draw(model, menu, look, buffer),
        Overlay::Help(context, list) => help(model, *context, *list, look, buffer),
        Overlay::Card(card) => card::draw(model, card, look, buffer),
        Overlay::Messages(list) | Overlay::Doctor(_, list) => {
            scrolled::draw(model, overlay, *list, look, buffer);
        }
        Overlay::BareLine(line) => bare_line(model, line, look, buffer),
        Overlay::SignIn(tenant, prompt) => {
            let listed = model.tenant(*tenant).map(|one| one.tenant.name.as_str());
            let new = model.screens.iter().find_map(|screen| match screen {
                Screen::Contact(screen) => Some(screen.text(ContactField::Tenant)),
                _ => None,
            });
            let name = listed.or(new).unwrap_or_default();
            sign_in(model, name, prompt, look, buffer);
        }
        Overlay::Unfinished(list) => unfinished::draw(model, list, look, buffer),
        Overlay::Consent(_) => card::draw(model, &card::consent(model), look, buffer),
    }
    None
}

/// The filter's line, how its last word may go on, and under it what is wrong with it.
fn filter(model: &Model, input: &Input, look: Look<'_>, buffer: &mut Buffer) -> (u16, u16) {
    let columns = model.size.0;
    let y = geometry::fleet(model.size).status.y.min(model.size.1 - 1);
    let footer = geometry::regions(model.size, 0).footer;
    clear(buffer, Rect::new(0, y, columns, footer.y.max(y + 1) - y));
    let cursor = typed_line(look, buffer, (1, y), columns - 2, ("/", input, SYNTAX));
    let tenants = model.tenant_names();
    let ways = Query::completions(input.value(), &tenants);
    let rest = ways.first().and_then(|way| way.strip_prefix(input.value()));
    if let Some(rest) = rest
        && input.visual_cursor() == width(input.value())
    {
        put(
            buffer,
            cursor.0,
            y,
            columns.saturating_sub(cursor.0),
            rest,
            look.theme.dim,
        );
    }
    if let Some(why) = Query::trouble(input.value(), &tenants)
        && y + 1 < footer.y
    {
        let why = format!("{} {why}", look.glyphs.broken);
        let why = look.cut(&why, usize::from(columns) - 4);
        put(buffer, 3, y + 1, columns, &why, look.theme.error);
    }
    cursor
}

/// A line to type in, with its sign before it; returns where the terminal's cursor belongs.
pub(super) fn typed_line(
    look: Look<'_>,
    buffer: &mut Buffer,
    (x, y): (u16, u16),
    cells: u16,
    (sign, input, hint): (&str, &Input, &str),
) -> (u16, u16) {
    put(buffer, x, y, 1, sign, look.theme.key);
    let room = cells.saturating_sub(2);
    let scroll = input.visual_scroll(usize::from(room.saturating_sub(1)));
    let shown = field::from(input.value(), scroll);
    put(buffer, x + 2, y, room, &shown, look.theme.input);
    if input.value().is_empty() {
        let room = room.saturating_sub(2);
        put(
            buffer,
            x + 4,
            y,
            room,
            &look.cut(hint, usize::from(room)),
            look.theme.dim,
        );
    }
    let column = input.visual_cursor().max(scroll) - scroll;
    let column = u16::try_from(column).unwrap_or(u16::MAX).min(room);
    (x + 2 + column, y)
}

/// Clears a box in the middle of the body and frames it with hairlines; returns the room inside.
pub(super) fn frame(
    model: &Model,
    look: Look<'_>,
    buffer: &mut Buffer,
    cells: u16,
    lines: u16,
    title: &str,
) -> Rect {
    let body = geometry::regions(model.size, 0).body;
    let cells = cells.min(body.width.saturating_sub(2));
    let lines = (lines + 3).min(body.height);
    let x = (body.width - cells) / 2;
    let y = body.y + (body.height - lines) / 2;
    // Whole rows are cleared: what peeps out beside a box reads as part of it.
    clear(buffer, Rect::new(0, y, body.width, lines));
    let rule = look.glyphs.hairline.repeat(usize::from(cells));
    put(buffer, x, y, cells, &rule, look.theme.accent);
    put(buffer, x, y + lines - 1, cells, &rule, look.theme.accent);
    let title = format!(
        " {} ",
        look.cut(title, usize::from(cells).saturating_sub(6))
    );
    put(buffer, x + 2, y, cells - 2, &title, look.theme.title);
    Rect {
        x: x + 2,
        y: y + 1,
        width: cells.saturating_sub(4),
        height: lines.saturating_sub(2),
    }
}

fn help(model: &Model, context: Context, list: ListState, look: Look<'_>, buffer: &mut Buffer) {
    let lines = model
        .keys
        .help_lines(context, geometry::box_cells(model.size));
    let title = format!("Keys: {}", context.title());
    let inside = frame(
        model,
        look,
        buffer,
        geometry::BOX,
        lines.len() as u16,
        &title,
    );
    let room = usize::from(inside.height);
    let offset = list.cursor.min(lines.len().saturating_sub(room));
    for (at, (keys, words)) in lines.iter().skip(offset).take(room).enumerate() {
        let y = inside.y + at as u16;
        let keys = look.cut(keys, usize::from(HELP_KEYS - 2));
        put(buffer, inside.x, y, HELP_KEYS, &keys, look.theme.key);
        let x = inside.x + HELP_KEYS;
        let cells = inside.width.saturating_sub(HELP_KEYS);
        put(buffer, x, y, cells, words, look.theme.text);
    }
    more(look, buffer, inside, (offset, room, lines.len()));
}

/// Which lines of how many are shown, where not all are.
pub(in crate::console::panes) fn more(
    look: Look<'_>,
    buffer: &mut Buffer,
    inside: Rect,
    lines: (usize, usize, usize),
) {
    if let Some(more) = shown_of(lines) {
        let x = inside.x + inside.width.saturating_sub(width(&more) as u16);
        put(buffer, x, inside.y - 1, 20, &more, look.theme.dim);
    }
}

/// " 1-14 of 19 ", where not all lines are shown: the first one, how many have room, and how many there are.
pub(in crate::console::panes) fn shown_of(
    (offset, room, lines): (usize, usize, usize),
) -> Option<String> {
    let last = (offset + room).min(lines);
    (lines > room).then(|| format!(" {}-{last} of {lines} ", offset + 1))
}

/// The value alone, from the first column on, nothing beside it: to be selected by mouse.
fn bare_line(model: &Model, line: &BareLine, look: Look<'_>, buffer: &mut Buffer) {
    let (columns, rows) = model.size;
    clear(buffer, Rect::new(0, 0, columns, rows));
    put(
        buffer,
        0,
        0,
        columns,
        &format!("{}, alone on its line:", line.label),
        look.theme.dim,
    );
    // Longer than the screen is wide: it wraps at the edge, as the terminal itself would.
    let text: Vec<char> = line.text.expose_secret().chars().collect();
    for (at, part) in text.chunks(usize::from(columns.max(1))).enumerate() {
        let part: String = part.iter().collect();
        put(buffer, 0, 2 + at as u16, columns, &part, look.theme.text);
    }
}

fn sign_in(
    model: &Model,
    tenant: &str,
    prompt: &SignInPrompt,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let inside = frame(model, look, buffer, 70, 7, &format!("Sign in to {tenant}"));
    let left = prompt.expires_at.duration_since(model.now).as_secs().max(0);
    let lines = [
        ("Open in a browser".to_string(), look.theme.dim),
        (prompt.verification_uri.clone(), look.theme.title),
        (String::new(), look.theme.text),
        ("and type the code".to_string(), look.theme.dim),
        (
            prompt.user_code.clone(),
            look.theme.title.add_modifier(Modifier::REVERSED),
        ),
        (String::new(), look.theme.text),
        (
            format!("valid for {}:{:02} more", left / 60, left % 60),
            look.theme.dim,
        ),
    ];
    for (at, (line, style)) in lines.iter().enumerate().take(usize::from(inside.height)) {
        put(
            buffer,
            inside.x,
            inside.y + at as u16,
            inside.width,
            line,
            *style,
        );
    }
}
