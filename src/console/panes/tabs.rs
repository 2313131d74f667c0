//! The tabs of a device: checklist, permissions, values, portal, customers, history.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::model::{DeviceScreen, DeviceTab, Judged, Model};
use super::super::update::value_text;
use super::super::view::{Look, put};
use crate::registration::checklist::Outcome;
use crate::registration::observed::{CustomerConsent, RecordSource};
use crate::registration::status::Urgency;
use crate::registration::values::ValueKind;
use crate::text::{age, cut_middle_with, width};
use secrecy::ExposeSecret;

/// A line of a list: cells with their places, the first of which shows the cursor.
struct Cells<'a> {
    look: Look<'a>,
    area: Rect,
    y: u16,
    selected: bool,
}

impl Cells<'_> {
    fn put(&self, buffer: &mut Buffer, x: u16, cells: u16, text: &str, style: Style) {
        let x = self.area.x + x;
        let cells = cells.min((self.area.x + self.area.width).saturating_sub(x));
        put(
            buffer,
            x,
            self.y,
            cells,
            &self.look.cut(text, usize::from(cells)),
            style,
        );
    }

    /// The cell that names the line: reversed under the cursor.
    fn name(&self, buffer: &mut Buffer, x: u16, cells: u16, text: &str, style: Style) {
        let style = if self.selected {
            style.add_modifier(Modifier::REVERSED)
        } else {
            style
        };
        if self.selected {
            put(
                buffer,
                self.area.x,
                self.y,
                1,
                self.look.glyphs.cursor,
                self.look.theme.accent,
            );
        }
        self.put(buffer, x, cells, text, style);
    }
}

/// Draws the heads and hands each visible line to `each`.
fn list(
    screen: &DeviceScreen,
    tab: DeviceTab,
    len: usize,
    heads: &[(u16, &str)],
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
    mut each: impl FnMut(&mut Buffer, usize, Cells<'_>),
) {
    for (x, head) in heads {
        put(
            buffer,
            area.x + x,
            area.y,
            area.width.saturating_sub(*x),
            head,
            look.theme.dim,
        );
    }
    let state = screen.lists[tab as usize];
    let page = usize::from(area.height.saturating_sub(1));
    for line in 0..page.min(len.saturating_sub(state.offset)) {
        let at = state.offset + line;
        let y = area.y + 1 + line as u16;
        each(
            buffer,
            at,
            Cells {
                look,
                area,
                y,
                selected: at == state.cursor,
            },
        );
    }
}

pub(super) fn checklist(
    _: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let items = &judged.checklist.items;
    // STEP, glyph, CHECK, FOUND, WANTED: the last one only where there is room for it.
    let check_cells = 26;
    let found_at = 10 + check_cells + 2;
    let rest = area.width.saturating_sub(found_at + 1);
    let (found_cells, wanted_at) = if rest >= 60 {
        (rest * 6 / 10, found_at + rest * 6 / 10 + 2)
    } else {
        (rest, 0)
    };
    let mut heads = vec![(1, "STEP"), (10, "CHECK"), (found_at, "FOUND")];
    if wanted_at > 0 {
        heads.push((wanted_at, "WANTED"));
    } else {
        heads[2].1 = "FOUND (wanted)";
    }
    list(
        screen,
        DeviceTab::Checklist,
        items.len(),
        &heads,
        look,
        buffer,
        area,
        |buffer, at, cells| {
            let item = &items[at];
            let step = item.check.steps;
            let right = 6u16.saturating_sub(width(step) as u16);
            cells.put(buffer, 1 + right, 6, step, look.theme.dim);
            let (urgency, found, wanted) = match &item.outcome {
                Outcome::Met { found } => (Some(Urgency::Good), found.clone(), None),
                Outcome::Unmet {
                    wanted,
                    found,
                    status,
                    ..
                } => {
                    let urgency = status.map_or(Urgency::NeedsWork, |status| status.urgency());
                    (Some(urgency), found.clone(), Some(wanted.clone()))
                }
                Outcome::Unknown { why, .. } => {
                    (Some(Urgency::Unknown), format!("unknown: {why}"), None)
                }
                Outcome::NotApplicable { why } => (None, why.clone(), None),
            };
            let (glyph, style) = match urgency {
                Some(urgency) => look.urgency(urgency),
                None => (look.glyphs.none, look.theme.dim),
            };
            cells.put(buffer, 8, 1, glyph, style);
            let text = if urgency.is_none() {
                look.theme.dim
            } else {
                look.theme.text
            };
            cells.name(buffer, 10, check_cells, item.check.title, text);
            let in_order = matches!(urgency, Some(Urgency::Good) | None);
            let found_style = if in_order { look.theme.dim } else { style };
            let found = match &wanted {
                Some(wanted) if wanted_at == 0 => format!("{found} ({wanted})"),
                _ => found,
            };
            let found = cut_value(look, &found, found_cells);
            cells.put(buffer, found_at, found_cells, &found, found_style);
            if wanted_at > 0
                && let Some(wanted) = wanted
            {
                let room = area.width.saturating_sub(wanted_at + 1);
                cells.put(
                    buffer,
                    wanted_at,
                    room,
                    &cut_value(look, &wanted, room),
                    look.theme.text,
                );
            }
        },
    );
}

/// URIs and IDs keep both ends; everything else keeps its beginning.
fn cut_value(look: Look<'_>, text: &str, cells: u16) -> String {
    let cells = usize::from(cells);
    if text.starts_with("https://") || uuid::Uuid::try_parse(text).is_ok() {
        cut_middle_with(text, cells, look.glyphs.ellipsis).into_owned()
    } else {
        look.cut(text, cells)
    }
}

pub(super) fn permissions(
    _: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let lines = judged.file.permissions();
    let registered = judged.file.facts.application().is_some();
    let heads = [
        (3, "PERMISSION"),
        (32, "WANTED"),
        (40, "PRESENT"),
        (49, "CONSENTED"),
        (60, "RESOURCE, KIND"),
    ];
    list(
        screen,
        DeviceTab::Permissions,
        lines.len(),
        &heads,
        look,
        buffer,
        area,
        |buffer, at, cells| {
            let line = &lines[at];
            let removed = screen.remove_extra.contains(&line.access);
            let (glyph, style) = match (line.wanted, line.present) {
                (true, true) => look.urgency(Urgency::Good),
                (true, false) => look.urgency(Urgency::NeedsWork),
                (false, _) if removed => (look.glyphs.broken, look.theme.broken),
                (false, _) => ("+", look.theme.accent),
            };
            cells.put(buffer, 1, 1, glyph, style);
            cells.name(buffer, 3, 28, &line.value, look.theme.text);
            let yes_no = |yes: bool| if yes { "yes" } else { "no" };
            cells.put(
                buffer,
                32,
                6,
                if line.wanted { "yes" } else { "extra" },
                look.theme.text,
            );
            let present = if removed {
                "remove"
            } else if registered {
                yes_no(line.present)
            } else {
                look.glyphs.none
            };
            let present_style = if line.wanted && !line.present {
                look.theme.work
            } else {
                look.theme.text
            };
            cells.put(buffer, 40, 7, present, present_style);
            let consented = line.consented.map_or("?", yes_no);
            cells.put(buffer, 49, 9, consented, look.theme.dim);
            let resource = format!("{}, {}", line.resource, line.access.kind.word());
            cells.put(
                buffer,
                60,
                area.width.saturating_sub(61),
                &resource,
                look.theme.dim,
            );
        },
    );
    let y = area.y + 2 + lines.len() as u16;
    if y + 2 < area.y + area.height {
        let blueprint = &judged.file.blueprint;
        let words = format!("Blueprint: {}. {}.", blueprint.title, blueprint.source);
        let room = usize::from(area.width.saturating_sub(4));
        for (at, line) in crate::text::wrap(&words, room).iter().take(2).enumerate() {
            put(
                buffer,
                area.x + 3,
                y + at as u16,
                area.width,
                line,
                look.theme.dim,
            );
        }
        if lines.iter().any(|line| line.extra()) && y + 3 < area.y + area.height {
            let words =
                "Extra permissions are left alone; Space marks one to be taken away by f repair.";
            put(
                buffer,
                area.x + 3,
                y + 3,
                area.width.saturating_sub(4),
                words,
                look.theme.dim,
            );
        }
    }
}

/// The text of a value on screen: the secret's masked unless it was asked for.
pub(super) fn shown_value(
    judged: &Judged,
    kind: ValueKind,
    revealed: bool,
) -> Result<String, String> {
    let text = value_text(&judged.file, kind)?;
    if kind == ValueKind::SecretValue && !revealed {
        return Ok("•".repeat(16));
    }
    Ok(text.expose_secret().to_string())
}

/// The lines of values to copy, for a device's tab and a run's result.
pub(super) fn value_line(
    look: Look<'_>,
    buffer: &mut Buffer,
    (area, y): (Rect, u16),
    judged: &Judged,
    kind: ValueKind,
    (selected, revealed): (bool, bool),
) {
    let cells = Cells {
        look,
        area,
        y,
        selected,
    };
    cells.put(buffer, 2, 1, &kind.key().to_string(), look.theme.key);
    cells.name(buffer, 4, 24, kind.title(), look.theme.text);
    let room = area.width.saturating_sub(31);
    match shown_value(judged, kind, revealed) {
        Ok(text) if kind == ValueKind::SecretValue && !revealed => {
            let masked = look.glyphs.hidden.repeat(text.chars().count());
            cells.put(
                buffer,
                30,
                room,
                &format!("{masked}  v shows it"),
                look.theme.text,
            );
        }
        Ok(text) => {
            let text = cut_middle_with(&text, usize::from(room), look.glyphs.ellipsis);
            cells.put(buffer, 30, room, &text, look.theme.text);
        }
        Err(why) => cells.put(buffer, 30, room, &why, look.theme.dim),
    }
}

pub(super) fn values(
    _: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let heads = [(1, "KEY"), (5, "VALUE")];
    list(
        screen,
        DeviceTab::Values,
        ValueKind::ALL.len(),
        &heads,
        look,
        buffer,
        area,
        |buffer, at, cells| {
            let kind = ValueKind::ALL[at];
            value_line(
                look,
                buffer,
                (area, cells.y),
                judged,
                kind,
                (cells.selected, screen.revealed),
            );
        },
    );
}

pub(super) fn portal(
    model: &Model,
    _: &DeviceScreen,
    judged: &Judged,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let file = &judged.file;
    let facts = &file.facts;
    let half = area.width.saturating_sub(26) / 2;
    put(buffer, 24, area.y, half, "PORTAL", look.theme.dim);
    put(buffer, 26 + half, area.y, half, "ENTRA", look.theme.dim);
    let (client_id, redirect, secret, source) = match (&facts.portal.value, &facts.record) {
        (Some(read), record) => {
            let secret = match read.has_client_secret {
                Some(true) => "one is set",
                Some(false) => "(empty)",
                None => "not shown",
            };
            let at = facts
                .portal
                .at
                .map(|at| age(at, model.now))
                .unwrap_or_default();
            let mut source = format!("read {at} ago");
            if let Some(record) = record {
                source.push_str(&format!(
                    "; last pushed {} ago by {}",
                    age(record.at, model.now),
                    record.by
                ));
            }
            (
                read.client_id.clone(),
                read.redirect_uri.clone(),
                secret,
                source,
            )
        }
        (None, Some(record)) => {
            let how = match record.source {
                RecordSource::Pushed => "pushed",
                RecordSource::Stated => "stated",
            };
            let source = format!("{how} {} ago by {}", age(record.at, model.now), record.by);
            (
                record.client_id.to_string(),
                record.redirect_uri.clone(),
                "as stated",
                source,
            )
        }
        (None, None) => {
            let source = match &facts.portal.failure {
                Some(failure) => failure.why.clone(),
                None => "can't be read; nothing stated".to_string(),
            };
            (String::new(), String::new(), "not known", source)
        }
    };
    let none = look.glyphs.none.to_string();
    let entra = facts.application();
    let client_entra = entra.map_or(none.clone(), |app| app.app_id.to_string());
    let redirect_entra = file.value(ValueKind::RedirectUri).unwrap_or(none.clone());
    let secret_entra = crate::registration::secret::SecretInUse::of(facts)
        .credential()
        .map_or(none.clone(), |one| one.display_name.clone());
    let rows = [
        (&file.page.client_id, client_id, client_entra),
        (&file.page.client_secret, secret.to_string(), secret_entra),
        (&file.page.redirect_uri, redirect, redirect_entra),
    ];
    for (at, (label, portal, entra)) in rows.iter().enumerate() {
        let y = area.y + 1 + at as u16;
        put(buffer, 1, y, 22, &look.cut(label, 22), look.theme.text);
        let empty = portal.is_empty();
        let portal = if empty { "(empty)" } else { portal };
        let same = at == 1 || portal.eq_ignore_ascii_case(entra);
        let style = if same {
            look.theme.text
        } else {
            look.theme.work
        };
        put(buffer, 24, y, half, &cut_value(look, portal, half), style);
        put(
            buffer,
            26 + half,
            y,
            half,
            &cut_value(look, entra, half),
            look.theme.text,
        );
    }
    let notes = [
        format!("Page: {}", file.page.page),
        format!("Portal: {}", file.device.portal_url),
        format!("Source: {source}"),
    ];
    for (at, note) in notes.iter().enumerate() {
        let y = area.y + 5 + at as u16;
        if y < area.y + area.height {
            put(
                buffer,
                1,
                y,
                area.width - 1,
                &look.cut(note, usize::from(area.width) - 2),
                look.theme.dim,
            );
        }
    }
}

pub(super) fn customers(
    _: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let lines = judged.file.customer_lines();
    if lines.is_empty() {
        put(
            buffer,
            3,
            area.y + 1,
            area.width,
            "No customers are listed for this device.",
            look.theme.dim,
        );
        return;
    }
    let heads = [
        (3, "CUSTOMER"),
        (20, "NAME"),
        (50, "CONSENT"),
        (62, "ADMIN'S ROLES"),
    ];
    list(
        screen,
        DeviceTab::Customers,
        lines.len(),
        &heads,
        look,
        buffer,
        area,
        |buffer, at, cells| {
            let line = &lines[at];
            let (urgency, words) = match &line.consent {
                CustomerConsent::Granted => (Urgency::Good, "granted"),
                CustomerConsent::Pending => (Urgency::Waiting, "pending"),
                CustomerConsent::Unknown(_) => (Urgency::Unknown, "unknown"),
            };
            let (glyph, style) = look.urgency(urgency);
            cells.put(buffer, 1, 1, glyph, style);
            cells.name(buffer, 3, 16, &line.short_name, look.theme.text);
            cells.put(buffer, 20, 28, &line.full_name, look.theme.text);
            cells.put(buffer, 50, 10, words, style);
            let roles = match &line.admin_roles {
                Some(roles) if roles.is_empty() => "none".to_string(),
                Some(roles) => roles.join(", "),
                None => "not known".to_string(),
            };
            cells.put(
                buffer,
                62,
                area.width.saturating_sub(63),
                &roles,
                look.theme.dim,
            );
        },
    );
}

pub(super) fn history(
    model: &Model,
    screen: &DeviceScreen,
    judged: &Judged,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let runs = &judged.file.runs;
    if runs.is_empty() {
        put(
            buffer,
            3,
            area.y + 1,
            area.width,
            "No run on this device from this machine yet.",
            look.theme.dim,
        );
        return;
    }
    let heads = [
        (3, "RUN"),
        (12, "WHAT"),
        (22, "WHEN"),
        (30, "BY"),
        (48, "OUTCOME"),
    ];
    list(
        screen,
        DeviceTab::History,
        runs.len(),
        &heads,
        look,
        buffer,
        area,
        |buffer, at, cells| {
            let run = &runs[at];
            cells.name(buffer, 3, 8, &run.id.short(), look.theme.text);
            cells.put(buffer, 12, 9, &run.intent, look.theme.text);
            cells.put(buffer, 22, 7, &age(run.began, model.now), look.theme.dim);
            cells.put(buffer, 30, 17, &run.owner, look.theme.dim);
            let words = match (&run.outcome, run.note.is_empty()) {
                (Some(outcome), true) => outcome.word().to_string(),
                (Some(outcome), false) => format!("{}: {}", outcome.word(), run.note),
                (None, _) => "not closed".to_string(),
            };
            cells.put(
                buffer,
                48,
                area.width.saturating_sub(49),
                &words,
                look.theme.text,
            );
        },
    );
}
