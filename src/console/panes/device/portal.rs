//! The portal's settings beside Entra's, and what the portal makes of them.

use jiff::Timestamp;
use ratatui::buffer::Buffer;

use super::super::beside::{Columns, Row};
use super::super::overlays::more;
use super::table::Table;
use crate::console::geometry;
use crate::console::keymap::{Action, Context};
use crate::console::keys::Keys;
use crate::console::model::{Judged, Model};
use crate::console::view::put;
use crate::desk::file::DeviceFile;
use crate::registration::beside::{Beside, Departs, contradicts};
use crate::registration::status::NextStep;
use crate::text::{ago, wrap};

/// A line of the tab.
enum Line {
    Beside(Columns, Row),
    /// What is to be done.
    Work(String),
    Note(String),
}

/// What the lines hang on besides the device.
#[derive(Clone, Copy)]
pub(in crate::console) struct Frame<'a> {
    /// How wide the screen is.
    pub columns: u16,
    /// The time.
    pub now: Timestamp,
    /// The keys, as the operator set them.
    pub keys: &'a Keys,
}

impl<'a> Frame<'a> {
    /// That of the console.
    pub fn of(model: &'a Model) -> Frame<'a> {
        Frame {
            columns: model.size.0,
            now: model.now,
            keys: &model.keys,
        }
    }
}

/// How many lines the tab has.
pub(in crate::console) fn count(judged: &Judged, frame: Frame<'_>) -> usize {
    lines(judged, frame).len()
}

const ACCOUNT: &str = "MICROSOFT 365 SETTINGS";

/// What is to be done where the two contradict each other, as the next step of the device has it.
fn contradiction(judged: &Judged, settings: &[Beside], keys: &Keys) -> String {
    let [decide, repair] =
        [Action::Decide, Action::Repair].map(|action| keys.key(Context::Device, action));
    let entra_is_wrong = settings.iter().any(|line| line.departs == Departs::Entra);
    match judged.verdict.next {
        NextStep::Repair if entra_is_wrong => format!(
            "They contradict each other: the portal has what is wanted, Entra does not. {repair} repairs Entra; {decide} shows both plans."
        ),
        NextStep::Repair => format!(
            "They contradict each other: {repair} repairs Entra first; {decide} then asks which one is right."
        ),
        _ => format!(
            "They contradict each other: {decide} asks which one is right, and shows both plans."
        ),
    }
}

fn lines(judged: &Judged, frame: Frame<'_>) -> Vec<Line> {
    let file = &judged.file;
    let settings = file.settings_beside();
    let mut lines = Vec::new();
    let account = file.account_beside(frame.now);
    // One grid for both tables.
    let labels = settings.iter().chain(&account);
    let labels = labels.map(|line| line.label.as_str());
    let columns = Columns::of(labels.chain([ACCOUNT]), frame.columns);
    let beside = |lines: &mut Vec<Line>, of: &[_], heads| {
        let rows = columns.rows(of, heads).into_iter();
        lines.extend(rows.map(|row| Line::Beside(columns, row)));
    };
    let room = usize::from(frame.columns.saturating_sub(2));
    let say = |lines: &mut Vec<Line>, line: fn(String) -> Line, words: &str| {
        lines.extend(wrap(words, room).into_iter().map(line));
    };
    beside(&mut lines, &settings, ["", "PORTAL", "ENTRA"]);
    lines.push(Line::Note(String::new()));
    if contradicts(&settings, &file.page) {
        let words = contradiction(judged, &settings, frame.keys);
        say(&mut lines, Line::Work, &words);
    }
    for note in [
        format!("Page: {}", file.page.path),
        format!("Portal: {}", file.device.portal_url),
        format!("Source: {}", source(file, frame.now)),
    ] {
        say(&mut lines, Line::Note, &note);
    }
    if !account.is_empty() {
        lines.push(Line::Note(String::new()));
        let at = file.facts.account.at.map(|at| ago(at, frame.now));
        let read = format!("read {}", at.unwrap_or_default());
        let heads = [ACCOUNT, &read, "ENTRA"];
        beside(&mut lines, &account, heads);
        if let Some(failure) = &file.facts.account.failure {
            say(&mut lines, Line::Note, &failure.why);
        }
    }
    lines
}

pub(super) fn draw(model: &Model, judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, list } = table;
    let lines = lines(judged, Frame::of(model));
    let page = geometry::portal_page(model);
    for (at, line) in lines.iter().skip(list.offset).take(page).enumerate() {
        let y = area.y + at as u16;
        match line {
            Line::Beside(columns, row) => columns.draw(row, look, buffer, area, y),
            Line::Work(words) => put(buffer, 1, y, area.width, words, look.theme.work),
            Line::Note(words) => put(buffer, 1, y, area.width, words, look.theme.dim),
        }
    }
    more(look, buffer, area, (list.offset, page, lines.len()));
}

/// Where the portal's side comes from, and how old it is.
fn source(file: &DeviceFile, now: Timestamp) -> String {
    let facts = &file.facts;
    let failed = facts.portal.failure.as_ref();
    match (&facts.portal.value, &facts.record) {
        (Some(_), record) => {
            let at = facts.portal.at.map(|at| ago(at, now));
            let mut source = format!("read {}", at.unwrap_or_default());
            if let Some(failure) = failed {
                source.push_str(&format!("; now it can't be: {}", failure.why));
            }
            if let Some(record) = record {
                source.push_str(&format!(
                    "; last {} {} by {}",
                    record.source.word(),
                    ago(record.at, now),
                    record.by
                ));
            }
            source
        }
        (None, Some(record)) => format!(
            "{} {} by {}",
            record.source.word(),
            ago(record.at, now),
            record.by
        ),
        (None, None) => match failed {
            Some(failure) => failure.why.clone(),
            None => "can't be read; nothing stated".to_string(),
        },
    }
}
