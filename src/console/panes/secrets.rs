//! The client secrets of the fleet: how long each one in use lasts, what else is on the registrations, and which earlier
//! ones wait to be removed.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::device::table::{Cells, Table};
use crate::console::geometry;
use crate::console::keymap::{Action, Context};
use crate::console::model::{Model, SecretsScreen};
use crate::console::theme::Glyphs;
use crate::console::view::{Look, inside, put};
use crate::desk::secrets::DeviceSecrets;
use crate::registration::status::Urgency;
use crate::text::sentence;
use crate::text::{age, ago, days_left, days_words, width};

pub(in crate::console) fn draw(
    model: &Model,
    screen: &SecretsScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let regions = geometry::fleet(model.size);
    let body = regions.body;
    if !screen.read {
        put(buffer, 3, body.y, body.width, "Reading…", look.theme.dim);
        return;
    }
    draw_title(model, screen, look, buffer, body);
    let table = Table {
        look,
        area: Rect {
            y: body.y + 1,
            height: body.height.saturating_sub(1),
            ..body
        },
        list: screen.list(),
    };
    if screen.is_empty() {
        let words = match screen.due_only {
            true => "No earlier secret waits to be removed.",
            false => "No device fits.",
        };
        put(buffer, 3, body.y + 2, body.width, words, look.theme.text);
    } else if screen.due_only {
        draw_due(model, screen, table, buffer);
    } else {
        draw_devices(model, screen, table, buffer);
    }
    draw_status(model, screen, look, buffer, regions.status);
}

fn draw_title(
    model: &Model,
    screen: &SecretsScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    let sep = format!(" {} ", look.glyphs.dot);
    let title = match screen.due_only {
        true => format!("Earlier secrets that wait to be removed {}", screen.len()),
        false => {
            let mut title = format!(
                "Secrets of {}",
                crate::text::counted(screen.len(), "device")
            );
            let devices = (0..screen.len()).filter_map(|at| screen.device(at));
            let urgent = devices.filter(|one| {
                matches!(one.urgency(model.now), Urgency::Broken | Urgency::NeedsWork)
            });
            match urgent.count() {
                0 => {}
                1 => title.push_str(&format!("{sep}1 needs work")),
                many => title.push_str(&format!("{sep}{many} need work")),
            }
            title
        }
    };
    put(buffer, 3, area.y, area.width, &title, look.theme.title);
    let mut right = Vec::new();
    let due = screen.due_now(model.now);
    if due > 0 && !screen.due_only {
        right.push(format!("{due} due for removal"));
    } else if screen.waiting() > 0 && !screen.due_only {
        right.push(format!("{} due later", screen.waiting()));
    }
    if screen.problems_only && !screen.due_only {
        let key = model.keys.key(Context::Secrets, Action::ProblemsOnly);
        right.push(format!("{key} problems only"));
    }
    if !model.fleet.filter.is_empty() {
        let key = model.keys.key(Context::Secrets, Action::Filter);
        right.push(format!("{key} {}", model.fleet.filter));
    }
    if !screen.due_only && model.size.0 >= 60 {
        right.push(format!("sort: {}", screen.sort.words()));
    }
    let right = right.join(&sep);
    let room = usize::from(area.width).saturating_sub(width(&title) + 6);
    let right = look.cut(&right, room);
    let x = area.width.saturating_sub(width(&right) as u16 + 1);
    put(buffer, x, area.y, area.width, &right, look.theme.dim);
}

/// Where the columns of the devices stand; a width of 0 = there is no room for it.
struct Columns {
    device: u16,
    left_at: u16,
    bar_at: u16,
    bar: u16,
    until_at: u16,
    begins_at: u16,
    notes_at: u16,
    until: bool,
    notes: bool,
}

/// What the notes need to say anything.
const NOTES: u16 = 16;

impl Columns {
    /// In so many cells, with names that are so long at most: they stand there whole. Of the rest the bar goes first, then
    /// what a secret begins with, then the notes, then the date.
    fn of(width: u16, longest: usize) -> Columns {
        let device = (longest as u16).clamp(24, width.saturating_sub(16).max(24));
        let left_at = 3 + device + 2;
        let after = left_at + 10 + 2;
        let room = width.saturating_sub(after + 1);
        let until = if room >= 10 { 12 } else { 0 };
        let notes = if room >= until + NOTES { NOTES } else { 0 };
        let begins = if width >= 90 && room >= until + notes + 8 {
            8
        } else {
            0
        };
        let bar = match room.saturating_sub(until + notes + begins) {
            30.. => 20,
            12.. => 10,
            _ => 0,
        };
        let until_at = after + if bar > 0 { bar + 2 } else { 0 };
        let begins_at = until_at + until;
        Columns {
            device,
            left_at,
            bar_at: after,
            bar,
            until_at,
            begins_at,
            notes_at: begins_at + begins,
            until: until > 0,
            notes: notes > 0,
        }
    }
}

/// How long the names of a list are at most.
fn longest<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(width).max().unwrap_or_default()
}

fn draw_devices(model: &Model, screen: &SecretsScreen, table: Table<'_>, buffer: &mut Buffer) {
    let Table { area, .. } = table;
    let devices = (0..screen.len()).filter_map(|at| screen.device(at));
    let at = Columns::of(area.width, longest(devices.map(|one| one.fqdn.as_str())));
    let mut heads = vec![(3, "DEVICE"), (at.left_at + 6, "LEFT")];
    if at.until {
        heads.push((at.until_at, "UNTIL"));
    }
    if at.bar > 0 {
        heads.push((at.bar_at, "OF LIFE"));
    }
    if at.notes_at > at.begins_at {
        heads.push((at.begins_at, "BEGINS"));
    }
    if at.notes {
        heads.push((at.notes_at, "NOTES"));
    }
    table.draw(buffer, screen.len(), &heads, |buffer, line, cells| {
        if let Some(one) = screen.device(line) {
            device_line(model, one, &at, &cells, buffer);
        }
    });
}

fn device_line(
    model: &Model,
    one: &DeviceSecrets,
    at: &Columns,
    cells: &Cells<'_>,
    buffer: &mut Buffer,
) {
    let look = cells.look;
    let (glyph, style) = look.urgency(one.urgency(model.now));
    cells.put(buffer, 1, 1, glyph, style);
    cells.name(buffer, 3, at.device, one.fqdn.as_str(), look.theme.text);
    let in_use = one.in_use();
    let left = match one.end() {
        Some(end) => days_words(days_left(end, model.now)),
        None => look.glyphs.none.to_string(),
    };
    let x = at.left_at + 10u16.saturating_sub(width(&left) as u16);
    cells.put(buffer, x, 10, &left, style);
    if let Some(life) = in_use
        .and_then(|line| line.life_left(model.now))
        .filter(|_| at.bar > 0)
    {
        let (full, empty) = bar(look, life, at.bar);
        let after = at.bar_at + width(&full) as u16;
        cells.put(buffer, at.bar_at, at.bar, &full, style);
        cells.put(buffer, after, at.bar, &empty, look.theme.dim);
    }
    if let Some(end) = one.end().filter(|_| at.until) {
        let date = crate::text::day(end);
        cells.put(buffer, at.until_at, 10, &date, look.theme.text);
    }
    if at.notes_at > at.begins_at {
        let hint = in_use.and_then(|line| line.credential.hint.as_deref());
        cells.put(
            buffer,
            at.begins_at,
            6,
            hint.unwrap_or_default(),
            look.theme.dim,
        );
    }
    if !at.notes {
        return;
    }
    let mut notes = one.summary(model.now);
    if let Some(read) = one.read_at.filter(|_| one.stale) {
        let read = ago(read, model.now);
        notes = match notes.as_str() {
            "" => format!("? read {read}"),
            words => format!("? read {read}; {words}"),
        };
    }
    let room = cells.area.width.saturating_sub(at.notes_at + 1);
    let doubtful = one.doubtful().next().is_some();
    let tone = if doubtful {
        look.theme.work
    } else {
        look.theme.dim
    };
    cells.put(buffer, at.notes_at, room, &notes, tone);
}

/// How much of a secret's life is left, and how much has gone.
fn bar(look: Look<'_>, life: f64, cells: u16) -> (String, String) {
    let (full, empty) = match *look.glyphs == Glyphs::ASCII {
        true => ("#", "."),
        false => ("█", "░"),
    };
    let left = ((life * f64::from(cells)).ceil() as usize).min(usize::from(cells));
    (full.repeat(left), empty.repeat(usize::from(cells) - left))
}

fn draw_due(model: &Model, screen: &SecretsScreen, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let names = (0..screen.len()).filter_map(|at| screen.due(at));
    let device = longest(names.map(|one| one.device.as_str())) as u16;
    let device = device.clamp(24, area.width.saturating_sub(28).max(24));
    let (due_at, name_at) = (3 + device + 2, 3 + device + 2 + 12);
    let name = if area.width >= 110 { 34 } else { 18 };
    let standing_at = name_at + name + 2;
    let heads = [
        (3, "DEVICE"),
        (due_at, "DUE"),
        (name_at, "SECRET"),
        (standing_at, "STANDING"),
    ];
    table.draw(buffer, screen.len(), &heads, |buffer, line, cells| {
        let Some(one) = screen.due(line) else {
            return;
        };
        let (glyph, style) = look.urgency(one.urgency(model.now));
        cells.put(buffer, 1, 1, glyph, style);
        cells.name(buffer, 3, device, one.device.as_str(), look.theme.text);
        cells.put(buffer, due_at, 11, &one.due_words(model.now), style);
        cells.put(buffer, name_at, name, &one.name, look.theme.text);
        let room = area.width.saturating_sub(standing_at + 1);
        cells.put(
            buffer,
            standing_at,
            room,
            &one.standing.words(),
            look.theme.dim,
        );
    });
}

/// The line under the cursor in words.
fn draw_status(
    model: &Model,
    screen: &SecretsScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
    area: Rect,
) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let at = screen.list().cursor;
    let words = match (screen.device(at), screen.due(at)) {
        (Some(one), _) => {
            let mut words = device_words(one, model.now);
            if matches!(one.urgency(model.now), Urgency::Broken | Urgency::NeedsWork) {
                let key = model.keys.key(Context::Secrets, Action::Rotate);
                words.push_str(&format!(" {key} rotates it."));
            }
            words
        }
        (_, Some(one)) => format!(
            "\"{}\" was replaced by run {} and is due for removal {}. {}",
            one.name,
            one.run.short(),
            match one.is_due(model.now) {
                true => "now".to_string(),
                // With the hour: a day that has only begun does not count yet.
                false => format!(
                    "{}, on {}",
                    one.due_words(model.now),
                    one.due.strftime("%Y-%m-%d %H:%M UTC")
                ),
            },
            sentence(&one.standing.words())
        ),
        _ => return,
    };
    look.paragraph(buffer, inside(area), &words);
}

/// Every secret of the device: the one in use, then the others with their ages.
fn device_words(one: &DeviceSecrets, now: Timestamp) -> String {
    let mut words = match one.in_use() {
        Some(line) => format!(
            "{} is {}.",
            line.credential
                .named_among(one.lines.iter().map(|line| &line.credential)),
            line.role.words(now)
        ),
        None => sentence(&one.summary(now)),
    };
    let all = || one.lines.iter().map(|line| &line.credential);
    for line in one.others() {
        let old = line.credential.start.map_or_else(
            || "of unknown age".to_string(),
            |at| format!("{} old", age(at, now)),
        );
        words.push_str(&format!(
            " {}, {old}: {}.",
            line.credential.named_among(all()),
            line.role.words(now)
        ));
    }
    words
}

/// What the lines on screen count: moments whose ages are shown, and moments until which days are.
pub(in crate::console) fn counted(
    model: &Model,
    screen: &SecretsScreen,
) -> (Vec<Timestamp>, Vec<Timestamp>) {
    let first = screen.list().offset;
    let lines = first..first + geometry::fleet_page(model);
    let devices = lines.clone().filter_map(|at| screen.device(at));
    let since = devices.clone().filter(|one| one.stale);
    let since = since.filter_map(|one| one.read_at).collect();
    let due = lines.filter_map(|at| screen.due(at)).map(|one| one.due);
    let until = devices.filter_map(DeviceSecrets::end).chain(due).collect();
    (since, until)
}
