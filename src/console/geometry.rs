//! Where everything stands, as a function of the terminal's size: asked by `update` for page sizes and by `view` for
//! places, so that neither has to tell the other.

use ratatui::layout::Rect;

use super::model::Model;

/// The smallest terminal that shows anything but one sentence.
pub const SMALLEST: (u16, u16) = (40, 8);

/// From this width on the tenants have a column of their own.
pub const TENANTS_FROM: u16 = 112;

/// The width of the tenants' column, the gap to the list included.
pub const TENANTS_WIDTH: u16 = 24;

/// From this width on the checklist of the device under the cursor stands beside the list.
pub const DETAIL_FROM: u16 = 190;

/// The width of that checklist where the screen is no wider.
const DETAIL_WIDTH: u16 = 64;

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regions {
    /// Where one is, who is signed in.
    pub header: Rect,
    /// Everything between header and footer, hairlines excluded.
    pub body: Rect,
    /// The reason of the device under the cursor; empty on low terminals and outside of the fleet.
    pub status: Rect,
    /// The keys.
    pub footer: Rect,
}

/// Cuts the screen into its parts. `status` = lines wanted for the reason.
pub fn regions(size: (u16, u16), status: u16) -> Regions {
    let (width, height) = size;
    let status = if height < 14 { status.min(1) } else { status };
    let footer = u16::from(height >= 10);
    let status_and_rule = if status > 0 { status + 1 } else { 0 };
    let body = height.saturating_sub(2 + status_and_rule + footer);
    let row = |y, height| Rect::new(0, y, width, height);
    Regions {
        header: row(0, 1),
        body: row(2, body),
        status: row(2 + body + u16::from(status > 0), status),
        footer: row(height.saturating_sub(footer), footer),
    }
}

/// The fleet's regions: three lines for the reason and the next step, two on low terminals.
pub fn fleet(size: (u16, u16)) -> Regions {
    regions(size, if size.1 >= 24 { 3 } else { 2 })
}

/// The panes of the fleet beside each other: one, two or three, as there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetPanes {
    /// The tenants; where there is no room for them, the list is narrowed by a key alone.
    pub tenants: Option<Rect>,
    /// The devices.
    pub list: Rect,
    /// The checklist of the device under the cursor.
    pub detail: Option<Rect>,
}

/// Cuts the fleet's body into its panes.
pub fn fleet_panes(size: (u16, u16)) -> FleetPanes {
    let mut list = fleet(size).body;
    let mut tenants = None;
    if list.width >= TENANTS_FROM {
        tenants = Some(Rect {
            width: TENANTS_WIDTH - 1,
            ..list
        });
        list.x += TENANTS_WIDTH;
        list.width -= TENANTS_WIDTH;
    }
    let mut detail = None;
    if size.0 >= DETAIL_FROM {
        // Of what there is beyond, half is the list's: device names and reasons are long.
        let cells = DETAIL_WIDTH + (size.0 - DETAIL_FROM) / 2;
        list.width -= cells + 2;
        detail = Some(Rect {
            x: list.x + list.width + 2,
            width: cells,
            ..list
        });
    }
    FleetPanes {
        tenants,
        list,
        detail,
    }
}

/// How many devices fit on screen: the body without its title and its column heads.
pub fn fleet_page(model: &Model) -> usize {
    usize::from(fleet(model.size).body.height.saturating_sub(2)).max(1)
}

/// The regions of a combined plan and of the bulk run: some lines for the device under the cursor.
pub fn bulk(size: (u16, u16)) -> Regions {
    regions(size, if size.1 >= 24 { 5 } else { 4 })
}

/// How many of their devices fit on screen: the body without its title, its summary and the line below.
pub fn bulk_page(model: &Model) -> usize {
    usize::from(bulk(model.size).body.height.saturating_sub(3)).max(1)
}

/// How many lines of a change of the inventory fit on screen.
pub fn change_page(model: &Model) -> usize {
    usize::from(regions(model.size, 0).body.height.saturating_sub(3)).max(1)
}

/// A device's regions: three lines for what the line under the cursor is about, two on low terminals.
pub fn device(size: (u16, u16)) -> Regions {
    regions(size, if size.1 >= 24 { 3 } else { 2 })
}

/// How many lines of a device's tab fit on screen: the body without tabs, hairline and column heads.
pub fn device_page(model: &Model) -> usize {
    usize::from(device(model.size).body.height.saturating_sub(3)).max(1)
}

/// How many lines of the portal's tab fit on screen: it has no heads that stay.
pub fn portal_page(model: &Model) -> usize {
    usize::from(device(model.size).body.height.saturating_sub(2)).max(1)
}

/// How many lines of a card, a plan or a run fit on screen.
pub fn card_page(model: &Model) -> usize {
    usize::from(regions(model.size, 0).body.height.saturating_sub(1)).max(1)
}

/// How many lines of help fit on screen: the body without the frame's title and its last line.
pub fn help_page(size: (u16, u16)) -> usize {
    usize::from(regions(size, 0).body.height.saturating_sub(2)).max(1)
}

/// How many lines of the palette fit on screen: the body without its frame and the line that is typed in.
pub fn palette_page(size: (u16, u16)) -> usize {
    usize::from(regions(size, 0).body.height.saturating_sub(4)).max(1)
}

/// How many cells a line of a card has room for.
pub fn card_cells(size: (u16, u16)) -> u16 {
    96.min(size.0.saturating_sub(4)).saturating_sub(4)
}

/// The widest that a box over the screen becomes, with its edges.
pub const BOX: u16 = 96;

/// How many cells a line in such a box has room for.
pub fn box_cells(size: (u16, u16)) -> usize {
    usize::from(BOX.min(size.0.saturating_sub(2)).saturating_sub(4))
}

/// The row of a list whose first line stands at `first`, under a row of the screen.
fn line_at(list: super::list::ListState, first: u16, page: usize, y: u16) -> Option<usize> {
    let line = usize::from(y.checked_sub(first)?);
    (line < page).then_some(list.offset + line)
}

/// The place in the fleet's list of what stands at a cell of the screen.
pub fn fleet_row_at(model: &Model, x: u16, y: u16) -> Option<usize> {
    let list = fleet_panes(model.size).list;
    if !(list.x..list.x + list.width).contains(&x) {
        return None;
    }
    let at = line_at(model.fleet.list, list.y + 2, fleet_page(model), y)?;
    (at < model.fleet.len()).then_some(at)
}

/// The first of the choices beside the list (all, then each tenant) that is shown, of so many lines.
pub fn first_tenant(model: &Model, height: u16) -> usize {
    let chosen = model.fleet.tenant;
    let mut tenants = model.tenants.iter();
    let at = tenants.position(|one| Some(one.tenant.id) == chosen);
    let at = at.map_or(0, |at| at + 1);
    let room = usize::from(height.saturating_sub(2)).max(1);
    (at + 1).saturating_sub(room)
}

/// The choice beside the list that stands at a cell of the screen: 0 = all, then each tenant.
pub fn tenant_at(model: &Model, x: u16, y: u16) -> Option<usize> {
    let area = fleet_panes(model.size).tenants?;
    let line = usize::from(y.checked_sub(area.y + 2)?);
    let inside = x < area.x + area.width && y < area.y + area.height;
    let at = first_tenant(model, area.height) + line;
    (inside && at <= model.tenants.len()).then_some(at)
}

/// The line of a device's tab that stands at a row of the screen.
pub fn device_row_at(model: &Model, list: super::list::ListState, y: u16) -> Option<usize> {
    let body = device(model.size).body;
    line_at(list, body.y + 3, device_page(model), y)
}
