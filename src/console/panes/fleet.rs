//! The fleet: tenants on the left where there is room, devices worst first, the reason of the one under the cursor.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::fleet_list::status;
use super::super::geometry::{self, TENANTS_FROM, TENANTS_WIDTH};
use super::super::keymap::{self, Action, Context};
use super::super::model::Model;
use super::super::update::REST;
use super::super::view::{Look, put};
use crate::desk::event::FleetRow;
use crate::registration::status::{NextStep, PortalState, Status, Verdict};
use crate::text::{age, days_left, days_words, width, wrap};

pub(in super::super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let regions = geometry::fleet(model.size);
    let body = list_area(model);
    if body.x > 0 {
        let tenants = Rect {
            width: TENANTS_WIDTH - 1,
            ..regions.body
        };
        draw_tenants(model, look, buffer, tenants);
    }
    draw_title(model, look, buffer, body);
    if model.fleet.is_empty() {
        draw_empty(model, look, buffer, body);
    } else {
        draw_rows(model, look, buffer, body);
    }
    draw_reason(model, look, buffer, regions.status);
}

/// Where the devices stand: beside the tenants where there is room for these.
fn list_area(model: &Model) -> Rect {
    let mut area = geometry::fleet(model.size).body;
    if model.size.0 >= TENANTS_FROM {
        area.x += TENANTS_WIDTH;
        area.width -= TENANTS_WIDTH;
    }
    area
}

/// What the rows on screen count: moments whose ages are shown, and moments until which days are.
pub(in super::super) fn counted(model: &Model) -> (Vec<Timestamp>, Vec<Timestamp>) {
    let columns = columns(list_area(model));
    let shows = |wanted: Column| columns.iter().any(|(column, ..)| *column == wanted);
    let (age, portal, secret) = (
        shows(Column::Age),
        shows(Column::Portal),
        shows(Column::Secret),
    );
    let first = model.fleet.list.offset;
    let (mut since, mut until) = (Vec::new(), Vec::new());
    for verdict in (first..first + geometry::fleet_page(model))
        .filter_map(|at| model.fleet.row(at)?.verdict.as_ref())
    {
        since.extend(verdict.read_at.filter(|_| age));
        if let PortalState::Stated(at) | PortalState::Pushed(at) = verdict.portal
            && portal
        {
            since.push(at);
        }
        until.extend(verdict.secret_end.filter(|_| secret));
    }
    (since, until)
}

fn draw_tenants(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    put(
        buffer,
        area.x + 1,
        area.y,
        area.width,
        "Tenants",
        look.theme.title,
    );
    let all = std::iter::once((None, "All")).chain(
        model
            .tenants
            .iter()
            .map(|one| (Some(one.tenant.id), one.tenant.name.as_str())),
    );
    let chosen = model.fleet.tenant;
    let at = model
        .tenants
        .iter()
        .position(|one| Some(one.tenant.id) == chosen)
        .map_or(0, |at| at + 1);
    let room = usize::from(area.height.saturating_sub(2)).max(1);
    let first = (at + 1).saturating_sub(room);
    for (line, (id, name)) in all.skip(first).take(room).enumerate() {
        let y = area.y + 2 + line as u16;
        let (count, _) = model.fleet.count(id);
        let style = if id == chosen {
            look.theme.selected
        } else {
            look.theme.text
        };
        if id == chosen {
            put(buffer, area.x, y, 1, look.glyphs.cursor, look.theme.accent);
        }
        let (glyph, glyph_style) = match model.fleet.worst(id) {
            Some(worst) => look.urgency(worst.urgency()),
            None => (" ", Style::default()),
        };
        put(buffer, area.x + 1, y, 1, glyph, glyph_style);
        let count = count.to_string();
        let cells = usize::from(area.width).saturating_sub(5 + count.len());
        put(
            buffer,
            area.x + 3,
            y,
            cells as u16,
            &look.cut(name, cells),
            style,
        );
        put(
            buffer,
            area.x + area.width - count.len() as u16,
            y,
            6,
            &count,
            look.theme.dim,
        );
    }
}

fn draw_title(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let (all, problems) = model.fleet.count(model.fleet.tenant);
    let shown = model.fleet.len();
    let mut title = if shown == all {
        format!("Devices {all}")
    } else {
        format!("Devices {shown} of {all}")
    };
    let sep = format!(" {} ", look.glyphs.dot);
    title.push_str(&sep);
    title.push_str(&match problems {
        0 => "all in order".to_string(),
        1 => "1 is not OK".to_string(),
        many => format!("{many} are not OK"),
    });
    put(
        buffer,
        area.x + 3,
        area.y,
        area.width,
        &title,
        look.theme.title,
    );
    let mut right = Vec::new();
    if model.fleet.problems_only {
        right.push("! problems only".to_string());
    }
    if !model.fleet.filter.is_empty() {
        right.push(format!("/ {}", model.fleet.filter));
    }
    if model.size.0 >= 60 {
        right.push(format!("sort: {}", model.fleet.sort.words()));
    }
    let right = right.join(&sep);
    let room = usize::from(area.width).saturating_sub(width(&title) + 6);
    let right = look.cut(&right, room);
    let x = area.x + area.width.saturating_sub(width(&right) as u16 + 1);
    put(buffer, x, area.y, area.width, &right, look.theme.dim);
}

/// A column of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Device,
    Status,
    Checks,
    Permissions,
    Secret,
    Portal,
    Customers,
    Age,
}

impl Column {
    fn head(self) -> &'static str {
        match self {
            Column::Device => "DEVICE",
            Column::Status => "STATUS",
            Column::Checks => "CHECKS",
            Column::Permissions => "PERMS",
            Column::Secret => "SECRET",
            Column::Portal => "PORTAL",
            Column::Customers => "CUST",
            Column::Age => "AGE",
        }
    }

    fn cells(self) -> u16 {
        match self {
            Column::Device => 24,
            Column::Status => 16,
            Column::Checks => 6,
            Column::Permissions => 5,
            Column::Secret => 10,
            Column::Portal => 10,
            Column::Customers => 6,
            Column::Age => 4,
        }
    }

    fn right_aligned(self) -> bool {
        !matches!(self, Column::Device | Column::Status | Column::Portal)
    }
}

/// The columns that fit, with their places; AGE goes first, then CUSTOMERS, PORTAL, PERMS, CHECKS, SECRET.
fn columns(area: Rect) -> Vec<(Column, u16, u16)> {
    use Column::{Age, Checks, Customers, Device, Permissions, Portal, Secret, Status};
    let mut kept = vec![
        Device,
        Status,
        Checks,
        Permissions,
        Secret,
        Portal,
        Customers,
        Age,
    ];
    let needed = |kept: &[Column]| kept.iter().map(|column| column.cells() + 2).sum::<u16>() + 3;
    for gone in [Age, Customers, Portal, Permissions, Checks, Secret] {
        if needed(&kept) > area.width {
            kept.retain(|column| *column != gone);
        }
    }
    let spare = area.width.saturating_sub(needed(&kept)).min(26);
    let mut x = area.x + 3;
    kept.into_iter()
        .map(|column| {
            let cells = column.cells() + if column == Device { spare } else { 0 };
            let place = (
                column,
                x,
                cells.min((area.x + area.width).saturating_sub(x)),
            );
            x += cells + 2;
            place
        })
        .collect()
}

fn draw_rows(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let columns = columns(area);
    for (column, x, cells) in &columns {
        let head = column.head();
        let x = if column.right_aligned() {
            x + cells.saturating_sub(head.len() as u16)
        } else {
            *x
        };
        put(buffer, x, area.y + 1, *cells, head, look.theme.dim);
    }
    let page = geometry::fleet_page(model);
    let list = model.fleet.list;
    for line in 0..page {
        let at = list.offset + line;
        let Some(row) = model.fleet.row(at) else {
            break;
        };
        let y = area.y + 2 + line as u16;
        draw_row(
            model,
            look,
            buffer,
            (area, y),
            row,
            &columns,
            at == list.cursor,
        );
    }
}

fn draw_row(
    model: &Model,
    look: Look<'_>,
    buffer: &mut Buffer,
    (area, y): (Rect, u16),
    row: &FleetRow,
    columns: &[(Column, u16, u16)],
    selected: bool,
) {
    let status = status(row);
    let (glyph, urgency) = look.urgency(status.urgency());
    if selected {
        put(buffer, area.x, y, 1, look.glyphs.cursor, look.theme.accent);
    }
    put(buffer, area.x + 1, y, 1, glyph, urgency);
    for (column, x, cells) in columns {
        let (text, style) = cell(model, look, row, *column, status);
        let room = usize::from(*cells);
        let text = look.cut(&text, room);
        let x = if column.right_aligned() {
            x + *cells - width(&text) as u16
        } else {
            *x
        };
        let style = if selected && *column == Column::Device {
            style.add_modifier(Modifier::REVERSED)
        } else {
            style
        };
        put(buffer, x, y, *cells, &text, style);
    }
}

fn cell(
    model: &Model,
    look: Look<'_>,
    row: &FleetRow,
    column: Column,
    status: Status,
) -> (String, Style) {
    let theme = look.theme;
    let none = || (look.glyphs.none.to_string(), theme.dim);
    let Some(verdict) = &row.verdict else {
        return match column {
            Column::Device => (row.fqdn.to_string(), theme.text),
            Column::Status => ("Not read yet".to_string(), theme.unknown),
            _ => none(),
        };
    };
    match column {
        Column::Device => (row.fqdn.to_string(), theme.text),
        Column::Status => {
            let stale = if verdict.stale && verdict.read_at.is_some() {
                "?"
            } else {
                ""
            };
            (
                format!("{stale}{}", status.words()),
                look.urgency(status.urgency()).1,
            )
        }
        Column::Checks if verdict.read_at.is_none() => none(),
        Column::Checks => (
            format!("{}/{}", verdict.checks_met, verdict.checks_all),
            theme.text,
        ),
        Column::Permissions => match verdict.permissions {
            Some(count) if count.present < count.wanted => {
                (format!("{}/{}", count.present, count.wanted), theme.work)
            }
            Some(count) => (format!("{}/{}", count.present, count.wanted), theme.text),
            None => none(),
        },
        Column::Secret => match verdict.secret_end {
            Some(end) => {
                let style = match status {
                    Status::SecretExpired => theme.broken,
                    Status::SecretExpiring => theme.work,
                    _ => theme.text,
                };
                (days_words(days_left(end, model.now)), style)
            }
            None => none(),
        },
        Column::Portal => portal(model, look, verdict),
        Column::Customers if verdict.customers_pending > 0 => (
            format!(
                "{} {} {}",
                verdict.customers, look.glyphs.waiting, verdict.customers_pending
            ),
            theme.waiting,
        ),
        Column::Customers => (verdict.customers.to_string(), theme.text),
        Column::Age => match verdict.read_at {
            Some(read) => (age(read, model.now), theme.dim),
            None => none(),
        },
    }
}

fn portal(model: &Model, look: Look<'_>, verdict: &Verdict) -> (String, Style) {
    let theme = look.theme;
    match &verdict.portal {
        PortalState::NotKnown => (look.glyphs.none.to_string(), theme.dim),
        PortalState::InStep => ("in step".into(), theme.text),
        PortalState::Differs => ("differs".into(), theme.work),
        PortalState::Empty => ("empty".into(), theme.work),
        PortalState::NoRecord => ("no record".into(), theme.work),
        PortalState::Stated(at) => (format!("stated {}", age(*at, model.now)), theme.text),
        PortalState::Pushed(at) => (format!("pushed {}", age(*at, model.now)), theme.text),
    }
}

fn draw_empty(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let lines: &[&str] = if model.fleet.all() == 0 {
        &[
            "No devices yet.",
            "",
            "List tenants and devices in the settings file; `umpdeck settings --write` makes a commented one.",
            "To look around first: umpdeck --sandbox",
        ]
    } else if model.fleet.problems_only && model.fleet.filter.is_empty() {
        &[
            "Every device here is in order.",
            "",
            "! shows all devices again.",
        ]
    } else {
        &["Nothing fits the filter.", "", "Esc clears it."]
    };
    for (at, line) in lines.iter().enumerate() {
        let style = if at == 0 {
            look.theme.text
        } else {
            look.theme.dim
        };
        put(
            buffer,
            area.x + 3,
            area.y + 2 + at as u16,
            area.width.saturating_sub(4),
            line,
            style,
        );
    }
}

/// The reason of the device under the cursor, in words, and what would help: once the cursor has rested.
fn draw_reason(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    look.hairline(buffer, area, area.y - 1);
    let rested = model
        .moved_at
        .is_none_or(|at| model.now.duration_since(at) >= REST);
    let Some(row) = model.fleet.selected().filter(|_| rested) else {
        return;
    };
    let Some(verdict) = &row.verdict else {
        put(
            buffer,
            1,
            area.y,
            area.width,
            row.fqdn.as_str(),
            look.theme.title,
        );
        return;
    };
    let words = verdict.status.words();
    let style = look.urgency(verdict.status.urgency()).1;
    put(buffer, 1, area.y, area.width, words, style);
    let indent = width(words) as u16 + 3;
    let room = usize::from(area.width.saturating_sub(indent + 1));
    let next = next_words(verdict.next);
    let reason = sentence(&verdict.reason);
    let lines = wrap(&reason, room);
    let for_reason = if next.is_some() && area.height > 1 {
        1
    } else {
        usize::from(area.height)
    };
    // A long reason takes the second line from the next step only if the step still fits behind it.
    for (at, line) in lines
        .iter()
        .take(for_reason.max(usize::from(area.height) - usize::from(next.is_some())))
        .enumerate()
    {
        let last = at + 1 == for_reason;
        let text = if last && lines.len() > for_reason {
            look.cut(&format!("{line} {}", lines[at + 1..].join(" ")), room)
        } else {
            line.clone()
        };
        put(
            buffer,
            indent,
            area.y + at as u16,
            area.width - indent,
            &text,
            look.theme.text,
        );
    }
    if let Some(next) = next
        && area.height > 1
    {
        let y = area.y + area.height - 1;
        put(buffer, 1, y, area.width, "Next", look.theme.dim);
        put(
            buffer,
            indent.max(6),
            y,
            area.width,
            &look.cut(&next, room),
            look.theme.text,
        );
    }
}

/// A clause as a sentence.
pub(super) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    match letters.next() {
        Some(first) => {
            let end = if clause.ends_with(['.', '!', '?']) {
                ""
            } else {
                "."
            };
            format!("{}{}{end}", first.to_uppercase(), letters.as_str())
        }
        None => String::new(),
    }
}

/// The next step with the key that takes it.
pub(super) fn next_words(next: NextStep) -> Option<String> {
    let action = match next {
        NextStep::Create => Action::Create,
        NextStep::Adopt => Action::Open,
        NextStep::Repair => Action::Repair,
        NextStep::Push => Action::Push,
        NextStep::Rotate => Action::Rotate,
        NextStep::Consent => Action::CopyMenu,
        NextStep::Refresh => Action::Refresh,
        NextStep::Nothing => return None,
    };
    let binding = keymap::help(Context::Fleet)
        .into_iter()
        .find(|one| one.action == action)?;
    let keys = keymap::keys_text(binding);
    let key = keys.split(' ').next().unwrap_or_default();
    Some(format!("{key}  {}", next.words()))
}
