//! The rows of the fleet: which columns fit, and what stands in them.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::console::geometry::{self};
use crate::console::model::Model;
use crate::console::view::{Look, put};
use crate::desk::event::FleetRow;
use crate::registration::fleet_row::NOT_READ_YET;
use crate::registration::secret::Life;
use crate::registration::status::{PortalState, Status, Verdict};
use crate::text::{age, days_left, days_words, width};

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
    Why,
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
            Column::Why => "WHY",
        }
    }

    fn cells(self) -> u16 {
        match self {
            Column::Device => NAME,
            Column::Status => 16,
            Column::Checks => 6,
            Column::Permissions => 5,
            Column::Secret => 10,
            Column::Portal => 10,
            Column::Customers => 6,
            Column::Age => 4,
            Column::Why => 44,
        }
    }

    fn right_aligned(self) -> bool {
        !matches!(
            self,
            Column::Device | Column::Status | Column::Portal | Column::Why
        )
    }
}

/// The cells that device names are elided to before CHECKS and SECRET go for their sake.
const NAME: u16 = 24;

/// The columns that fit, with their places. AGE goes first, then CUST, PORTAL and PERMS, until the longest device name
/// stands whole; CHECKS and SECRET go only when elided names do not do. Where there is room to spare, the reasons get it.
/// Also how many have no room.
fn columns(area: Rect, longest: usize) -> (Vec<(Column, u16, u16)>, usize) {
    use Column::{Age, Checks, Customers, Device, Permissions, Portal, Secret, Status, Why};
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
    let all = kept.len();
    let beside = |kept: &[Column]| {
        let others = kept.iter().filter(|column| **column != Device);
        others.map(|column| column.cells() + 2).sum::<u16>() + 4
    };
    let longest = u16::try_from(longest).unwrap_or(u16::MAX).max(NAME);
    for (gone, name) in [
        (Age, longest),
        (Customers, longest),
        (Portal, longest),
        (Permissions, longest),
        (Checks, NAME),
        (Secret, NAME),
    ] {
        if beside(&kept).saturating_add(name) > area.width {
            kept.retain(|column| *column != gone);
        }
    }
    let gone = all - kept.len();
    // Beyond everything, names are elided further: a status is never cut.
    let mut spare = area.width.saturating_sub(beside(&kept));
    let device = longest.min(spare);
    spare -= device;
    if spare >= Why.cells() + 2 {
        kept.push(Why);
        spare -= Why.cells() + 2;
    } else {
        spare = 0;
    }
    let mut x = area.x + 3;
    let places = kept
        .into_iter()
        .map(|column| {
            let cells = match column {
                Device => device,
                Why => Why.cells() + spare,
                other => other.cells(),
            };
            let place = (
                column,
                x,
                cells.min((area.x + area.width).saturating_sub(x)),
            );
            x += cells + 2;
            place
        })
        .collect();
    (places, gone)
}

/// What the rows on screen count: moments whose ages are shown, and moments until which days are.
pub(in crate::console) fn counted(model: &Model) -> (Vec<Timestamp>, Vec<Timestamp>) {
    let area = geometry::fleet_panes(model.size).list;
    let (columns, _) = columns(area, model.fleet.longest_name());
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

/// How many columns have no room: a wider terminal shows them, and each device has them all.
pub(super) fn hidden_columns(model: &Model, area: Rect) -> usize {
    columns(area, model.fleet.longest_name()).1
}

pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let (columns, _) = columns(area, model.fleet.longest_name());
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
            (at == list.cursor, model.fleet.is_marked(at)),
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
    (selected, marked): (bool, bool),
) {
    let status = row.status();
    let (glyph, urgency) = look.urgency(status.urgency());
    if selected {
        put(buffer, area.x, y, 1, look.glyphs.cursor, look.theme.accent);
    }
    put(buffer, area.x + 1, y, 1, glyph, urgency);
    if marked {
        put(
            buffer,
            area.x + 2,
            y,
            1,
            look.glyphs.mark,
            look.theme.accent,
        );
    }
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
    if column == Column::Status
        && let Some(under_way) = model.under_way(&row.fqdn)
    {
        let words = format!("{} {}", look.glyphs.spinner[0], under_way.what);
        return (words, theme.accent);
    }
    let Some(verdict) = &row.verdict else {
        return match column {
            Column::Device => (row.fqdn.to_string(), theme.text),
            Column::Status => (NOT_READ_YET.to_string(), theme.unknown),
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
                // By its own end: the device's status may be one that is worse.
                let style = match verdict.secret_life(model.now) {
                    Some(Life::Expired) => theme.broken,
                    Some(Life::Expiring) => theme.work,
                    Some(Life::Good) | None => theme.text,
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
        Column::Why => (super::sentence(&verdict.reason), theme.dim),
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
        PortalState::InStep => ("matches".into(), theme.text),
        PortalState::Differs => ("differs".into(), theme.work),
        PortalState::Empty => ("empty".into(), theme.work),
        PortalState::NoRecord => ("no record".into(), theme.work),
        PortalState::Stated(at) => (format!("stated {}", age(*at, model.now)), theme.text),
        PortalState::Pushed(at) => (format!("pushed {}", age(*at, model.now)), theme.text),
    }
}
