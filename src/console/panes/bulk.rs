//! Many devices at once: the combined plan, and how far the bulk run is. Below each list, all that is to be said of the
//! device under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::model::{BulkPlanScreen, BulkProgress, BulkState, Model};
use super::super::view::{Look, put};
use crate::desk::bulk::{Pace, Work};
use crate::registration::fleet::Fqdn;
use crate::text::sentence;
use crate::text::{width, wrap};

/// The combined plan.
pub(in super::super) fn draw_plan(
    model: &Model,
    screen: &BulkPlanScreen,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let regions = geometry::bulk(model.size);
    let body = regions.body;
    let totals = &screen.totals;
    let title = format!(
        "Plan: {} {}",
        screen.plan.intent.word(),
        totals.devices_words()
    );
    put(
        buffer,
        1,
        body.y,
        body.width,
        &cut(look, &title, body.width, 2),
        look.theme.title,
    );
    let work = match (screen.applying, totals.ready) {
        (true, _) => "beginning the bulk run…".to_string(),
        (false, 0) => "nothing can be done for these devices".to_string(),
        (false, _) => format!("{}; a few devices at a time", totals.work_words()),
    };
    put(
        buffer,
        1,
        body.y + 1,
        body.width,
        &cut(look, &work, body.width, 2),
        look.theme.dim,
    );
    let names = screen.plan.items.iter().map(|item| &item.device);
    let columns = Columns::of(body, 8, names);
    for line in 0..geometry::bulk_page(model) {
        let at = screen.list.offset + line;
        let Some(item) = screen.plan.items.get(at) else {
            break;
        };
        let (glyph, style) = look.urgency(item.urgency());
        let clauses = item.clauses().join("; ");
        let row = Row {
            glyph,
            style,
            device: item.device.as_str(),
            mark: item.mark(),
            words: without_name(&clauses, &item.device),
        };
        row.draw(
            look,
            buffer,
            &columns,
            body.y + 3 + line as u16,
            at == screen.list.cursor,
        );
    }
    let mut texts = Vec::new();
    if let Some(item) = screen.plan.items.get(screen.list.cursor) {
        let clauses = match &item.work {
            Work::Cannot(_) => item
                .clauses()
                .iter()
                .map(|one| sentence(one))
                .collect::<Vec<_>>()
                .join(" "),
            _ => sentence(&item.clauses().join("; ")),
        };
        let words = match clauses.starts_with(item.device.as_str()) {
            true => clauses,
            false => format!("{}: {clauses}", item.device),
        };
        texts.push((words, look.theme.text));
        let notes = item.notes().into_iter();
        texts.extend(notes.map(|note| (sentence(&note), look.theme.accent)));
    }
    draw_below(look, buffer, regions.status, &texts);
}

/// What is said of a device, beside its name.
fn without_name<'a>(words: &'a str, device: &Fqdn) -> &'a str {
    let rest = words.strip_prefix(device.as_str());
    rest.map_or(words, str::trim_start)
}

/// The bulk run.
pub(in super::super) fn draw_run(
    model: &Model,
    bulk: &BulkProgress,
    look: Look<'_>,
    buffer: &mut Buffer,
) {
    let regions = geometry::bulk(model.size);
    let body = regions.body;
    let counts = bulk.counts();
    let sep = format!(" {} ", look.glyphs.dot);
    let parts = [
        (counts.done, "done"),
        (counts.failed, "failed"),
        (counts.under_way, "under way"),
        (counts.waiting, "waiting"),
        (counts.stopped, "stopped"),
        (counts.not_begun, "not begun"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let title = format!(
        "Bulk {}: {} of {}",
        bulk.intent.word(),
        counts.done,
        counts.all
    );
    put(buffer, 1, body.y, body.width, &title, look.theme.title);
    let x = width(&title) as u16 + 3;
    let room = body.width.saturating_sub(x);
    put(
        buffer,
        x,
        body.y,
        room,
        &cut(look, &parts.join(&sep), room, 1),
        look.theme.text,
    );
    let key = |action| model.keys.key(Context::BulkRun, action);
    let (pause, stop) = (key(Action::Pause), key(Action::Interrupt));
    let (words, style) = match (bulk.over, bulk.pace) {
        (true, _) if counts.done == counts.all => ("all done".to_string(), look.theme.good),
        (true, _) => {
            let again = key(Action::Retry);
            let words = format!("over; {again} plans again what is left");
            (words, look.theme.work)
        }
        (false, Pace::Going) => {
            let words = format!("under way; {pause} pauses, {stop} stops");
            (words, look.theme.accent)
        }
        (false, Pace::Paused) => {
            let words = format!("paused: the devices under way finish; {pause} goes on");
            (words, look.theme.work)
        }
        (false, Pace::Stopping | Pace::Halted) => {
            let words = format!(
                "stopping: the devices under way finish, no other begins; {stop} again leaves"
            );
            (words, look.theme.work)
        }
    };
    put(
        buffer,
        1,
        body.y + 1,
        body.width,
        &cut(look, &words, body.width, 2),
        style,
    );
    let names = bulk.devices();
    let columns = Columns::of(body, 10, names);
    for line in 0..geometry::bulk_page(model) {
        let at = bulk.list.offset + line;
        let Some(device) = bulk.line(at) else { break };
        let (glyph, style, mark, words) = match &device.state {
            BulkState::Waiting => (look.glyphs.dot, look.theme.dim, "waiting", ""),
            BulkState::UnderWay(words) => (
                look.glyphs.spinner[0],
                look.theme.accent,
                "under way",
                words.as_str(),
            ),
            BulkState::Done(words) => {
                let words = words.as_deref().unwrap_or_default();
                (look.glyphs.good, look.theme.good, "done", words)
            }
            BulkState::Failed(trouble) => (
                look.glyphs.broken,
                look.theme.broken,
                "failed",
                trouble.why.as_str(),
            ),
            BulkState::Stopped => (
                look.glyphs.work,
                look.theme.work,
                "stopped",
                "between two steps",
            ),
            BulkState::NotBegun => (look.glyphs.none, look.theme.dim, "not begun", ""),
        };
        let row = Row {
            glyph,
            style,
            device: device.device.as_str(),
            mark,
            words,
        };
        row.draw(
            look,
            buffer,
            &columns,
            body.y + 3 + line as u16,
            at == bulk.list.cursor,
        );
    }
    let mut texts = Vec::new();
    if let Some(line) = bulk.here() {
        texts.push((line.device.to_string(), look.theme.title));
        match &line.state {
            BulkState::Failed(trouble) => {
                let what = format!("{}: {}", trouble.what, trouble.why);
                texts.push((sentence(&what), look.theme.text));
                texts.push((sentence(&trouble.next), look.theme.accent));
            }
            BulkState::UnderWay(words) => texts.push((sentence(words), look.theme.text)),
            BulkState::Done(words) => {
                let words = words.as_deref().unwrap_or("done");
                texts.push((sentence(words), look.theme.text));
            }
            BulkState::Stopped => {
                let words = "Stopped between two steps; the device's history shows what was done.";
                texts.push((words.to_string(), look.theme.text));
            }
            BulkState::Waiting | BulkState::NotBegun => {}
        }
    }
    draw_below(look, buffer, regions.status, &texts);
}

fn cut(look: Look<'_>, text: &str, room: u16, margin: u16) -> String {
    look.cut(text, usize::from(room.saturating_sub(margin)))
}

/// Where the columns of the list stand.
struct Columns {
    device: u16,
    mark: (u16, u16),
    words: (u16, u16),
}

impl Columns {
    /// What is said of a device needs most of the room: the names take what the longest needs, and are cut before the
    /// words have none.
    fn of<'a>(area: Rect, mark: u16, devices: impl Iterator<Item = &'a Fqdn>) -> Columns {
        // An FQDN is ASCII: a byte a cell.
        let longest = devices.map(|one| one.as_str().len()).max().unwrap_or(0) as u16;
        let device = (area.width / 3).clamp(16, 40).min(longest.max(16));
        let at_mark = 3 + device + 2;
        let at_words = at_mark + mark + 1;
        Columns {
            device,
            mark: (at_mark, mark),
            words: (at_words, area.width.saturating_sub(at_words + 1)),
        }
    }
}

/// A device in one of the lists.
struct Row<'a> {
    glyph: &'a str,
    style: Style,
    device: &'a str,
    mark: &'a str,
    words: &'a str,
}

impl Row<'_> {
    fn draw(&self, look: Look<'_>, buffer: &mut Buffer, columns: &Columns, y: u16, selected: bool) {
        let theme = look.theme;
        let mut name = theme.text;
        if selected {
            put(buffer, 0, y, 1, look.glyphs.cursor, theme.accent);
            name = name.add_modifier(Modifier::REVERSED);
        }
        put(buffer, 1, y, 1, self.glyph, self.style);
        let device = look.cut(self.device, usize::from(columns.device));
        put(buffer, 3, y, columns.device, &device, name);
        put(
            buffer,
            columns.mark.0,
            y,
            columns.mark.1,
            self.mark,
            self.style,
        );
        let words = look.cut(self.words, usize::from(columns.words.1));
        put(
            buffer,
            columns.words.0,
            y,
            columns.words.1,
            &words,
            theme.dim,
        );
    }
}

/// All that is to be said of the device under the cursor, as far as there is room.
fn draw_below(look: Look<'_>, buffer: &mut Buffer, area: Rect, texts: &[(String, Style)]) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let (room, height) = (
        usize::from(area.width.saturating_sub(2)),
        usize::from(area.height),
    );
    let wrapped = |(text, style): &(String, Style)| {
        let style = *style;
        wrap(text, room).into_iter().map(move |line| (line, style))
    };
    let mut lines: Vec<(String, Style)> = texts.iter().flat_map(wrapped).collect();
    if lines.len() > height {
        let rest = lines.split_off(height);
        if let (Some((last, _)), Some((next, _))) = (lines.last_mut(), rest.first()) {
            *last = look.cut(&format!("{last} {next}"), room);
        }
    }
    for (y, (line, style)) in (area.y..).zip(&lines) {
        put(buffer, 1, y, area.width, line, *style);
    }
}
