//! Model in, cells out: header, the pane on top, its footer, what lies over it. Pure: nothing here changes state.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::geometry::{self, SMALLEST};
use super::keymap;
use super::keys::Row;
use super::model::{Model, Screen, Tone};
use super::panes;
use super::theme::{Glyphs, Theme};
use super::update::allowed;
use crate::registration::status::Urgency;
use crate::text::{age, clean, cut_words_with, is_harmless, width};

/// What every pane draws with.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Colours by meaning.
    pub theme: &'a Theme,
    /// Unicode or ASCII.
    pub glyphs: &'a Glyphs,
}

impl Look<'_> {
    /// Text cut to a width where a word ends, with the mark that the glyphs have for it; a long word alone loses its
    /// middle.
    pub fn cut(&self, text: &str, cells: usize) -> String {
        cut_words_with(text, cells, self.glyphs.ellipsis).into_owned()
    }

    /// The glyph and the colour of an urgency.
    pub fn urgency(&self, urgency: Urgency) -> (&'static str, Style) {
        match urgency {
            Urgency::Broken => (self.glyphs.broken, self.theme.broken),
            Urgency::NeedsWork => (self.glyphs.work, self.theme.work),
            Urgency::Waiting => (self.glyphs.waiting, self.theme.waiting),
            Urgency::Good => (self.glyphs.good, self.theme.good),
            Urgency::Unknown => (self.glyphs.unknown, self.theme.unknown),
        }
    }

    /// A hairline over the whole width of `area`, at line `y`.
    pub fn hairline(&self, buffer: &mut Buffer, area: Rect, y: u16) {
        if y < buffer.area.height {
            let line = self.glyphs.hairline.repeat(usize::from(area.width));
            put(buffer, area.x, y, area.width, &line, self.theme.dim);
        }
    }
}

/// The last guard: whatever nobody cleaned before does not reach a cell.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(clean(text))
    }
}

/// Writes text into a line, cut at `cells`.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, cells: u16, text: &str, style: Style) {
    if y < buffer.area.height && x < buffer.area.width {
        // Over the second half of a wide character: its first half can't stay, and the frame must not say that it does.
        if x > 0 && !text.is_empty() && cells > 0 && width(buffer[(x - 1, y)].symbol()) > 1 {
            buffer[(x - 1, y)].set_symbol(" ");
        }
        buffer.set_stringn(
            x,
            y,
            harmless(text),
            usize::from(cells.min(buffer.area.width - x)),
            style,
        );
    }
}

/// Draws the whole screen.
pub fn view(model: &Model, look: Look<'_>, frame: &mut Frame<'_>) {
    let area = frame.area();
    let (columns, rows) = model.size;
    let buffer = frame.buffer_mut();
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        let words = format!(
            "umpdeck needs {}x{}, here are {columns}x{rows}",
            SMALLEST.0, SMALLEST.1
        );
        put(
            buffer,
            0,
            area.height / 2,
            area.width,
            &words,
            look.theme.work,
        );
        return;
    }
    header(model, look, buffer);
    let cursor = match model.screens.last() {
        None => {
            panes::fleet::draw(model, look, buffer);
            None
        }
        Some(Screen::Device(screen)) => {
            panes::device::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Create(screen)) => panes::create::draw(model, screen, look, buffer),
        Some(Screen::Contact(screen)) => panes::contact::draw(model, screen, look, buffer),
        Some(Screen::Adopt(screen)) => {
            panes::adopt::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Plan(screen)) => {
            panes::plan::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Run(screen)) => {
            panes::run::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Decision(screen)) => {
            panes::decide::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Handoff(screen)) => {
            panes::handoff::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Secrets(screen)) => {
            panes::secrets::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Audit(screen)) => {
            panes::audit::draw(model, screen, look, buffer);
            None
        }
        Some(Screen::Form(screen)) => panes::inventory::draw_form(model, screen, look, buffer),
        Some(Screen::Change(screen)) => {
            panes::inventory::draw_change(model, screen, look, buffer);
            None
        }
        Some(Screen::BulkPlan(screen)) => {
            panes::bulk::draw_plan(model, screen, look, buffer);
            None
        }
        Some(Screen::BulkRun) => {
            if let Some(bulk) = &model.bulk {
                panes::bulk::draw_run(model, bulk, look, buffer);
            }
            None
        }
    };
    let cursor = match model.overlays.last() {
        Some(overlay) => panes::overlays::draw(model, overlay, look, buffer),
        None => cursor,
    };
    footer(model, look, buffer);
    toasts(model, look, buffer);
    if *look.glyphs == Glyphs::ASCII {
        plain_signs(buffer);
    }
    if let Some((x, y)) = cursor {
        frame.set_cursor_position((x, y));
    }
}

/// Words, keys and page names have signs of their own that poor terminals lack; letters of names stay.
fn plain_signs(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let plain = match cell.symbol() {
            "–" | "—" => "-",
            "…" | "·" => ".",
            "‹" | "←" => "<",
            "›" | "→" => ">",
            "↑" => "^",
            "↓" => "v",
            "•" => "*",
            _ => continue,
        };
        cell.set_symbol(plain);
    }
}

/// The header's words, as many as fit: the way back, and what everything shown depends on.
struct Header {
    crumbs: Vec<String>,
    right: Vec<(String, HeaderTone)>,
}

impl Header {
    fn of(model: &Model) -> Header {
        let total = usize::from(model.size.0);
        let (mut crumbs, mut right) = (crumbs(model), header_right(model));
        let gaps = |parts: usize| 3 * parts.saturating_sub(1);
        let fits = |crumbs: &[String], right: &[(String, HeaderTone)]| {
            let left: usize = crumbs.iter().map(|crumb| width(crumb)).sum();
            let words: usize = right.iter().map(|(text, _)| width(text)).sum();
            left + gaps(crumbs.len()) + words + gaps(right.len()) + 4 <= total
        };
        // The badges stay whatever happens; the rest makes room for the way back.
        let is_badge = |(_, tone): &(String, HeaderTone)| matches!(tone, HeaderTone::Badge);
        while right.last().is_some_and(|last| !is_badge(last)) && !fits(&crumbs, &right) {
            right.pop();
        }
        while crumbs.len() > 1 && !fits(&crumbs, &right) {
            crumbs.remove(usize::from(crumbs.len() > 2));
        }
        Header { crumbs, right }
    }

    fn right_width(&self) -> usize {
        let words: usize = self.right.iter().map(|(text, _)| width(text)).sum();
        words + 3 * self.right.len().saturating_sub(1)
    }
}

fn crumbs(model: &Model) -> Vec<String> {
    let mut crumbs = vec!["umpdeck".to_string(), "Fleet".to_string()];
    if let Some(tenant) = model.fleet.tenant.and_then(|id| model.tenant(id)) {
        crumbs.push(tenant.tenant.name.clone());
    }
    if let Some(Screen::Secrets(_)) = model.screens.first() {
        crumbs.push("Secrets".to_string());
    }
    // The device stands before what is done to it, whether it was opened first or not.
    if let Some(fqdn) = model.device().filter(|_| !model.on_list()) {
        crumbs.push(fqdn.to_string());
    }
    for screen in &model.screens {
        crumbs.push(match screen {
            Screen::Device(_) | Screen::Secrets(_) => continue,
            Screen::Audit(_) => "Audit".to_string(),
            Screen::Create(_) => "Create".to_string(),
            Screen::Contact(_) => "First contact".to_string(),
            Screen::Adopt(_) => "Adopt".to_string(),
            Screen::Plan(screen) => format!("Plan: {}", screen.file.plan.intent.word()),
            Screen::Run(screen) => format!("Run: {}", screen.file.plan.intent.word()),
            Screen::Handoff(_) => "Handoff".to_string(),
            Screen::BulkPlan(screen) => format!("Bulk plan: {}", screen.plan.intent.word()),
            Screen::BulkRun => "Bulk run".to_string(),
            Screen::Form(screen) => screen.title(),
            Screen::Change(_) => "Change".to_string(),
            Screen::Decision(_) => "Which one is right".to_string(),
        });
    }
    crumbs
}

/// Where one is on the left; what everything shown depends on, on the right.
fn header(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let theme = look.theme;
    let region = geometry::regions(model.size, 0).header;
    let separator = format!(" {} ", look.glyphs.crumb);
    let header = Header::of(model);
    let crumbs = &header.crumbs;
    let mut spans = vec![Span::raw(" ")];
    for (at, crumb) in crumbs.iter().enumerate() {
        if at > 0 {
            spans.push(Span::styled(separator.clone(), theme.dim));
        }
        let last = at + 1 == crumbs.len();
        spans.push(Span::styled(
            harmless(crumb).into_owned(),
            if last { theme.title } else { theme.dim },
        ));
    }
    buffer.set_line(region.x, region.y, &Line::from(spans), region.width);
    let mut x = region.width.saturating_sub(header.right_width() as u16 + 1);
    for (at, (text, tone)) in header.right.iter().enumerate() {
        if at > 0 {
            put(
                buffer,
                x,
                region.y,
                3,
                &format!(" {} ", look.glyphs.dot),
                theme.dim,
            );
            x += 3;
        }
        let style = match tone {
            HeaderTone::Badge => theme.warning,
            HeaderTone::Bad => theme.broken,
            HeaderTone::Plain | HeaderTone::Facts => theme.dim,
        };
        put(buffer, x, region.y, region.width, text, style);
        x += width(text) as u16;
    }
    look.hairline(buffer, region, 1);
}

enum HeaderTone {
    Badge,
    Bad,
    Plain,
    Facts,
}

fn header_right(model: &Model) -> Vec<(String, HeaderTone)> {
    let mut parts = Vec::new();
    if model.sandbox {
        parts.push(("SANDBOX".to_string(), HeaderTone::Badge));
    }
    let tenant = match model.screens.is_empty() {
        true => model.fleet.tenant,
        false => model.tenant_at_work(),
    };
    if model.read_only.why(tenant).is_some() {
        parts.push(("READ-ONLY".to_string(), HeaderTone::Badge));
    }
    let shown: Vec<_> = match model.device().filter(|_| !model.on_list()) {
        Some(fqdn) => {
            let tenant = model.fleet.of(fqdn).map(|row| row.tenant);
            model
                .tenants
                .iter()
                .filter(|one| Some(one.tenant.id) == tenant)
                .collect()
        }
        None => {
            let chosen = model.fleet.tenant;
            model
                .tenants
                .iter()
                .filter(|one| chosen.is_none_or(|id| id == one.tenant.id))
                .collect()
        }
    };
    let reading: Vec<_> = shown.iter().filter(|one| one.refreshing).collect();
    let failed: Vec<_> = shown.iter().filter(|one| one.failure.is_some()).collect();
    match reading.as_slice() {
        [] => {}
        [one] => parts.push((format!("reading {}", one.tenant.name), HeaderTone::Plain)),
        several => parts.push((
            format!("reading {} tenants", several.len()),
            HeaderTone::Plain,
        )),
    }
    match failed.as_slice() {
        [] => {}
        [one] => parts.push((
            format!("{} can't be read", one.tenant.name),
            HeaderTone::Bad,
        )),
        several => parts.push((
            format!("{} tenants can't be read", several.len()),
            HeaderTone::Bad,
        )),
    }
    if let [one] = shown.as_slice()
        && let Some(identity) = &one.identity
    {
        parts.push((format!("signed in as {}", identity.name), HeaderTone::Plain));
    }
    if reading.is_empty()
        && let Some(oldest) = oldest_facts(model)
    {
        parts.push((
            format!("facts {}", age(oldest, model.now)),
            HeaderTone::Facts,
        ));
    }
    parts
}

/// When the oldest facts were read, if the header says so.
pub fn counted_facts(model: &Model) -> Option<jiff::Timestamp> {
    let header = Header::of(model);
    let shown = matches!(header.right.last(), Some((_, HeaderTone::Facts)));
    oldest_facts(model).filter(|_| shown)
}

/// When the oldest of the facts on screen were read.
fn oldest_facts(model: &Model) -> Option<jiff::Timestamp> {
    let read =
        |row: &crate::desk::event::FleetRow| row.verdict.as_ref().and_then(|one| one.read_at);
    if !model.on_list() {
        return model.fleet.of(model.device()?).and_then(read);
    }
    model.fleet.oldest()
}

/// The keys of the pane, by their place in the table, as many as fit; the palette and `? help` before the others.
fn footer(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let region = geometry::regions(model.size, 0).footer;
    if region.height == 0 {
        return;
    }
    let blank = " ".repeat(usize::from(region.width));
    put(buffer, 0, region.y, region.width, &blank, Style::default());
    let rows = footer_rows(model);
    let words = |row: &Row| (width(&row.key()) + 1 + width(row.binding.label)) as u16;
    let mut x = 1u16;
    let all: usize = rows.iter().map(|row| 3 + usize::from(words(row))).sum();
    // Where not everything has room, the gaps make some.
    let gap = if all > usize::from(region.width) {
        2
    } else {
        3
    };
    // What finds everything else has its room before the seldom keys have theirs: the gap before it, and its words.
    let finds = |row: &&&Row| {
        let action = row.binding.action;
        matches!(action, keymap::Action::Palette | keymap::Action::Help)
    };
    for (at, row) in rows.iter().enumerate() {
        let binding = row.binding;
        let key = &row.key();
        let needed = words(row);
        let later = rows[at + 1..].iter().filter(finds);
        let reserve: u16 = later.map(|row| gap + words(row)).sum();
        if x + needed + reserve > region.width {
            continue;
        }
        let works = allowed::why_not(model, binding.action).is_none();
        // A card offers the next step where there is one, and no dead keys.
        if !works && binding.action == keymap::Action::TryAgain {
            continue;
        }
        let (key_style, label_style) = if works {
            (look.theme.key, look.theme.text)
        } else {
            (look.theme.dim, look.theme.dim)
        };
        put(buffer, x, region.y, region.width, key, key_style);
        x += width(key) as u16 + 1;
        put(
            buffer,
            x,
            region.y,
            region.width - x.min(region.width),
            binding.label,
            label_style,
        );
        x += width(binding.label) as u16 + gap;
    }
}

/// The rows of the table that the footer offers: those of the pane, or the ways out of an empty fleet.
fn footer_rows(model: &Model) -> Vec<&Row> {
    let context = model.context();
    let first_run = model.first_run.as_ref().filter(|_| model.fleet.all() == 0);
    let (keymap::Context::Fleet, Some(first)) = (context, first_run) else {
        return model.keys.footer(context);
    };
    let ways = [
        (keymap::Action::WriteSettings, !first.exists),
        (keymap::Action::AddTenant, model.suggested.is_some()),
        (keymap::Action::AddDevice, !model.tenants.is_empty()),
        (keymap::Action::ToSandbox, true),
        (keymap::Action::Doctor, true),
        (keymap::Action::Palette, true),
        (keymap::Action::Help, true),
        (keymap::Action::Quit, true),
    ];
    let offered = ways.into_iter().filter(|(_, offered)| *offered);
    offered
        .filter_map(|(action, _)| model.keys.row(context, action))
        .collect()
}

/// Short messages, over the line above the footer.
fn toasts(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let footer = geometry::regions(model.size, 0).footer;
    let width_all = model.size.0;
    // Only the newest: more of them would cover what they tell of.
    if let Some(toast) = model.toasts.last() {
        // On the hairline over the reason where there is one, else over the last line of the body.
        let y = match model.screens.last() {
            None | Some(Screen::Secrets(_) | Screen::Audit(_)) => {
                geometry::fleet(model.size).status.y.saturating_sub(1)
            }
            Some(Screen::Device(_)) => geometry::device(model.size).status.y.saturating_sub(1),
            Some(Screen::BulkPlan(_) | Screen::BulkRun) => {
                geometry::bulk(model.size).status.y.saturating_sub(1)
            }
            Some(_) => footer.y.saturating_sub(1),
        };
        let (glyph, style) = match toast.tone {
            Tone::Good => (look.glyphs.good, look.theme.good),
            Tone::Plain => (look.glyphs.dot, look.theme.accent),
            Tone::Bad => (look.glyphs.work, look.theme.work),
        };
        let text = format!(" {glyph} {} ", toast.text);
        let text = look.cut(&text, usize::from(width_all));
        let cells = width(&text) as u16;
        let x = width_all.saturating_sub(cells);
        put(buffer, x.saturating_sub(1), y, 1, " ", Style::default());
        put(
            buffer,
            x,
            y,
            cells,
            &text,
            style.add_modifier(Modifier::BOLD),
        );
    }
}
