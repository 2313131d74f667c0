//! Where everything stands, as a function of the terminal's size: asked by `update` for page sizes and by `view` for
//! places, so that neither has to tell the other.

use ratatui::layout::Rect;

use super::model::{Model, Screen};

/// The smallest terminal that shows anything but one sentence.
pub const SMALLEST: (u16, u16) = (40, 8);

/// From this width on the tenants have a column of their own.
pub const TENANTS_FROM: u16 = 112;

/// The width of the tenants' column, the gap to the list included.
pub const TENANTS_WIDTH: u16 = 24;

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

/// The fleet's regions: two lines for the reason and the next step, three where there is room.
pub fn fleet(size: (u16, u16)) -> Regions {
    regions(size, if size.1 >= 30 { 3 } else { 2 })
}

/// How many devices fit on screen: the body without its title and its column heads.
pub fn fleet_page(model: &Model) -> usize {
    usize::from(fleet(model.size).body.height.saturating_sub(2)).max(1)
}

/// The regions of a combined plan and of the bulk run: some lines for the device under the cursor.
pub fn bulk(size: (u16, u16)) -> Regions {
    regions(size, if size.1 >= 30 { 5 } else { 4 })
}

/// How many of their devices fit on screen: the body without its title, its summary and the line below.
pub fn bulk_page(model: &Model) -> usize {
    usize::from(bulk(model.size).body.height.saturating_sub(3)).max(1)
}

/// How many lines of a change of the inventory fit on screen.
pub fn change_page(model: &Model) -> usize {
    usize::from(regions(model.size, 0).body.height.saturating_sub(3)).max(1)
}

/// A device's regions: two lines for what the line under the cursor is about.
pub fn device(size: (u16, u16)) -> Regions {
    regions(size, 2)
}

/// How many lines of a device's tab fit on screen: the body without tabs, hairline and column heads.
pub fn device_page(model: &Model) -> usize {
    usize::from(device(model.size).body.height.saturating_sub(3)).max(1)
}

/// How many lines of a card, a plan or a run fit on screen.
pub fn card_page(model: &Model) -> usize {
    usize::from(regions(model.size, 0).body.height.saturating_sub(1)).max(1)
}

/// How many lines of help fit on screen: the body without the frame's title and its last line.
pub fn help_page(size: (u16, u16)) -> usize {
    usize::from(regions(size, 0).body.height.saturating_sub(2)).max(1)
}

/// How many lines the plan on screen has.
pub fn plan_lines(model: &Model) -> usize {
    match model.screens.last() {
        Some(Screen::Plan(screen)) => {
            super::panes::plan::lines(screen, usize::from(model.size.0)).len()
        }
        _ => 0,
    }
}
