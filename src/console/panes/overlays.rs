//! What lies over a screen: filter, copy menu, help, cards, a bare line, a sign-in.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use secrecy::ExposeSecret;
use tui_input::Input;

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::keys::HELP_KEYS;
use super::super::list::ListState;
use super::super::model::{
    BareLine, Card, ContactField, CopyMenu, Model, Overlay, Screen, Tone, UnfinishedList,
};
use super::super::update::value_text;
use super::super::view::{Look, put};
use super::create::visible;
use crate::desk::event::SignInPrompt;
use crate::desk::examination::Health;
use crate::desk::query::Query;
use crate::registration::status::Urgency;
use crate::registration::values::ValueKind;
use crate::text::{cut_middle_with, width, wrap};

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
        Overlay::CopyMenu(menu) => copy_menu(model, menu, look, buffer),
        Overlay::Help(context, list) => help(model, *context, *list, look, buffer),
        Overlay::Card(card) => draw_card(model, card, look, buffer),
        Overlay::Messages(list) | Overlay::Doctor(_, list) => {
            scrolled(model, overlay, *list, look, buffer);
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
        Overlay::Unfinished(list) => unfinished(model, list, look, buffer),
        Overlay::Consent(_) => draw_card(model, &consent(model), look, buffer),
    }
    None
}

/// The filter's line, how its last word may go on, and under it what is wrong with it.
fn filter(model: &Model, input: &Input, look: Look<'_>, buffer: &mut Buffer) -> (u16, u16) {
    let columns = model.size.0;
    let y = geometry::fleet(model.size).status.y.min(model.size.1 - 1);
    let blank = " ".repeat(usize::from(columns));
    let footer = geometry::regions(model.size, 0).footer;
    for line in y..footer.y.max(y + 1) {
        put(buffer, 0, line, columns, &blank, Style::default());
    }
    let hint = "words, !word, status:drift, tenant:name, customer:name, secret<30";
    let cursor = typed_line(look, buffer, (1, y), columns - 2, ("/", input, hint));
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
        let why = format!("{} {why}", look.glyphs.work);
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
    let shown = visible(input.value(), scroll);
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
    let blank = " ".repeat(usize::from(body.width));
    for line in 0..lines {
        put(buffer, 0, y + line, body.width, &blank, Style::reset());
    }
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

fn copy_menu(model: &Model, menu: &CopyMenu, look: Look<'_>, buffer: &mut Buffer) {
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
            "Loading…",
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
            &model.keys.key(Context::CopyMenu, Action::Copy(kind.key())),
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

/// What is asked before a secret leaves umpdeck for the first time in a session.
fn consent(model: &Model) -> Card {
    let key = |action| model.keys.key(Context::Consent, action);
    let (go_on, back) = (key(Action::Agree), key(Action::Back));
    Card {
        title: "A secret is about to leave umpdeck".to_string(),
        paragraphs: vec![
            "What is copied goes through this terminal into your clipboard; what is shown stands on its screen. Session \
             recorders on a jump host keep all of that stream, and clipboard histories keep what was copied, also after \
             umpdeck has taken it back."
                .to_string(),
            format!("{go_on} goes on, and holds for this session. {back} copies and shows nothing."),
            "With copy = \"never\" under [secrets] in the settings file, secrets only go to portals that have an interface."
                .to_string(),
        ],
        failure: false,
    }
}

fn draw_card(model: &Model, card: &Card, look: Look<'_>, buffer: &mut Buffer) {
    let cells = 92.min(model.size.0.saturating_sub(4));
    let room = usize::from(cells.saturating_sub(4));
    let mut lines = Vec::new();
    for (at, paragraph) in card.paragraphs.iter().enumerate() {
        if at > 0 {
            lines.push((String::new(), look.theme.text));
        }
        let last = at + 1 == card.paragraphs.len();
        let style = if card.failure && last {
            look.theme.accent
        } else {
            look.theme.text
        };
        lines.extend(
            wrap(&super::fleet::sentence(paragraph), room)
                .into_iter()
                .map(|line| (line, style)),
        );
    }
    let title = if card.failure {
        format!("{} {}", look.glyphs.broken, card.title)
    } else {
        card.title.clone()
    };
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX - 3);
    let inside = frame(model, look, buffer, cells, count, &title);
    // What to do stays on the card, however much a server had to say.
    let fits = usize::from(inside.height);
    if card.failure && lines.len() > fits {
        let next = card.paragraphs.last().map_or("", String::as_str);
        let kept = wrap(&super::fleet::sentence(next), room).len() + 1;
        let tail = lines.len().saturating_sub(kept);
        let cut = fits.saturating_sub(kept).min(tail);
        lines.drain(cut..tail);
        if let Some((line, _)) = cut.checked_sub(1).and_then(|at| lines.get_mut(at)) {
            // One word more than there is room for, so that the mark stands there.
            *line = look.cut(&format!("{line} {line}"), room);
        }
    }
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
pub(in super::super) fn lines_of(model: &Model) -> usize {
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
            add(Mark::Plain, "There was no message yet.", true);
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
                "Examining; a tenant that does not answer takes a while…",
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
fn scrolled(
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

/// Which lines of how many are shown, where not all are.
fn more(
    look: Look<'_>,
    buffer: &mut Buffer,
    inside: Rect,
    (offset, room, lines): (usize, usize, usize),
) {
    if lines > room {
        let more = format!(" {}-{} of {lines} ", offset + 1, (offset + room).min(lines));
        let x = inside.x + inside.width.saturating_sub(width(&more) as u16);
        put(buffer, x, inside.y - 1, 20, &more, look.theme.dim);
    }
}

/// The list of runs above, and what is to be known of the one under the cursor below.
fn unfinished(model: &Model, all: &UnfinishedList, look: Look<'_>, buffer: &mut Buffer) {
    let cells = 92.min(model.size.0.saturating_sub(4));
    let room = usize::from(cells.saturating_sub(4));
    let mut told = Vec::new();
    let resume = model.keys.key(Context::Unfinished, Action::Resume);
    if let Some(here) = all.here() {
        for (label, words) in [
            ("Did", &here.done),
            ("Unknown", &here.unknown),
            (&format!("{resume} will"), &here.resume_will),
        ] {
            told.push(String::new());
            told.extend(wrap(&format!("{label}: {words}."), room));
        }
    }
    // The words of one run always fit; of many runs, those around the cursor are listed.
    let body = usize::from(geometry::regions(model.size, 0).body.height);
    let most = body.saturating_sub(told.len() + 3).clamp(1, 8);
    let listed = all.runs.len().min(most);
    let title = match all.runs.len() {
        1 => "A run died under way".to_string(),
        count => format!("{count} runs died under way"),
    };
    let lines = listed + told.len();
    let inside = frame(model, look, buffer, cells, lines as u16, &title);
    let offset = (all.list.cursor + 1).saturating_sub(listed);
    for (at, one) in all.runs.iter().enumerate().skip(offset).take(listed) {
        let run = &one.summary;
        let age = match crate::text::age(run.heartbeat, model.now) {
            age if age == "now" => age,
            age => format!("{age} ago"),
        };
        let line = format!("{}  {}  {}, {age}", run.id.short(), run.device, one.purpose);
        let style = match at == all.list.cursor {
            true => look.theme.text.add_modifier(Modifier::REVERSED),
            false => look.theme.text,
        };
        let y = inside.y + (at - offset) as u16;
        put(
            buffer,
            inside.x,
            y,
            inside.width,
            &look.cut(&line, room),
            style,
        );
    }
    for (at, line) in told.iter().enumerate() {
        let y = inside.y + (listed + at) as u16;
        if y < inside.y + inside.height.saturating_sub(1) {
            put(buffer, inside.x, y, inside.width, line, look.theme.text);
        }
    }
}

/// The value alone, from the first column on, nothing beside it: to be selected by mouse.
fn bare_line(model: &Model, line: &BareLine, look: Look<'_>, buffer: &mut Buffer) {
    let (columns, rows) = model.size;
    let blank = " ".repeat(usize::from(columns));
    for y in 0..rows {
        put(buffer, 0, y, columns, &blank, Style::reset());
    }
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
