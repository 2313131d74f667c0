//! The mouse: a click puts the cursor there, a second one opens what is under it, the wheel scrolls.

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::list::{ListState, Move};
use super::super::message::{Effect, Mouse};
use super::super::model::{DeviceTab, Model, Screen};
use super::super::panes::device::portal::Frame;
use super::super::panes::handoff::field_at;
use super::keys::perform;

/// How many lines the wheel moves at a time.
const WHEEL: usize = 3;

pub(super) fn used(model: &mut Model, what: Mouse, x: u16, y: u16) -> Vec<Effect> {
    if !model.mouse {
        // A report that was on its way when the mouse was given back.
        return vec![];
    }
    let context = model.context();
    let step = match what {
        Mouse::Click => return clicked(model, context, x, y),
        Mouse::WheelUp => Action::Up,
        Mouse::WheelDown => Action::Down,
    };
    // Only where that key moves something, too: a wheel never types.
    if context.types() && context != Context::Palette || model.keys.row(context, step).is_none() {
        return vec![];
    }
    (0..WHEEL)
        .flat_map(|_| perform(model, context, step))
        .collect()
}

fn clicked(model: &mut Model, context: Context, x: u16, y: u16) -> Vec<Effect> {
    match context {
        Context::Fleet => {
            if let Some(at) = geometry::tenant_at(model, x, y) {
                let tenant = at.checked_sub(1).map(|at| model.tenants[at].tenant.id);
                model.fleet.tenant = tenant;
                model.fleet.list = ListState::default();
                model.fleet.arrange(model.now);
                return vec![];
            }
            let Some(at) = geometry::fleet_row_at(model, x, y) else {
                return vec![];
            };
            let here = model.fleet.list.cursor;
            if at == here {
                return perform(model, context, Action::Open);
            }
            let page = geometry::fleet_page(model);
            model.fleet.go(Move::By(at as isize - here as isize), page);
            model.moved_at = Some(model.now);
            vec![]
        }
        Context::Device => {
            let page = geometry::device_page(model);
            let Some(Screen::Device(screen)) = model.screens.last() else {
                return vec![];
            };
            // The portal's lines have no cursor.
            if screen.tab == DeviceTab::Portal {
                return vec![];
            }
            let list = screen.lists[screen.tab as usize];
            let lines = super::device::lines(screen, screen.tab, Frame::of(model));
            let row = geometry::device_row_at(model, list, y).filter(|at| *at < lines);
            let Some(at) = row else {
                return vec![];
            };
            if at == list.cursor {
                return perform(model, context, Action::Open);
            }
            if let Some(Screen::Device(screen)) = model.screens.last_mut() {
                let by = Move::By(at as isize - list.cursor as isize);
                screen.lists[screen.tab as usize].go(by, lines, page);
            }
            vec![]
        }
        Context::Handoff => {
            let Some(Screen::Handoff(screen)) = model.screens.last() else {
                return vec![];
            };
            let Some(at) = field_at(model, screen, y) else {
                return vec![];
            };
            if at == screen.field {
                return perform(model, context, Action::CopyAndGoOn);
            }
            if let Some(Screen::Handoff(screen)) = model.screens.last_mut() {
                screen.field = at;
            }
            vec![]
        }
        _ => vec![],
    }
}
