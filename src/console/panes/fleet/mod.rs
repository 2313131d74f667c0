//! The fleet: tenants on the left where there is room, devices worst first, the reason of the one under the cursor.

mod bar;
mod detail;
mod reason;
mod rows;
mod tenants;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::geometry;
use crate::console::keymap::{Action, Context};
use crate::console::model::{Model, Overlay};
use crate::console::view::{Look, put};
use crate::desk::query::Query;
use crate::text::{width, wrap};

use crate::text::sentence;
pub(in crate::console) use rows::counted;

pub(in crate::console) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let panes = geometry::fleet_panes(model.size);
    if let Some(area) = panes.tenants {
        let bar = bar::area(model, area);
        let tenants = Rect {
            height: area.height - bar.map_or(0, |bar| bar.height + 1),
            ..area
        };
        tenants::draw(model, look, buffer, tenants);
        if let Some(bar) = bar {
            bar::draw(model, look, buffer, bar);
        }
    }
    let list = panes.list;
    draw_title(model, look, buffer, list);
    if model.fleet.is_empty() {
        draw_empty(model, look, buffer, list);
    } else {
        rows::draw(model, look, buffer, list);
        if let Some(area) = panes.detail {
            detail::draw(model, look, buffer, area);
        }
    }
    reason::draw(model, look, buffer, geometry::fleet(model.size).status);
}

fn draw_title(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let total = model.fleet.total(model.fleet.tenant);
    let (all, shown) = (total.devices, model.fleet.len());
    let problems = model.fleet.not_ok_shown();
    let mut title = if shown == all {
        format!("Devices {all}")
    } else {
        format!("Devices {shown} of {all}")
    };
    let sep = format!(" {} ", look.glyphs.dot);
    title.push_str(&sep);
    title.push_str(&match problems {
        0 if total.not_read > 0 => format!("{} not read yet", total.not_read),
        0 if all == 0 => "none listed".to_string(),
        0 if shown == 0 => "none shown".to_string(),
        0 => "all in order".to_string(),
        1 => "1 is not OK".to_string(),
        many => format!("{many} are not OK"),
    });
    if model.fleet.marked() > 0 {
        title.push_str(&format!("{sep}{} marked", model.fleet.marked()));
        // What is done with the marked ones is done with these too.
        match model.fleet.marked_out_of_sight() {
            0 => {}
            hidden => title.push_str(&format!(" ({hidden} not in this list)")),
        }
    }
    put(
        buffer,
        area.x + 3,
        area.y,
        area.width,
        &title,
        look.theme.title,
    );
    let mut right = Vec::new();
    // Only where not all are in sight.
    let (first, page) = (model.fleet.list.offset, geometry::fleet_page(model));
    if shown > page {
        right.push(format!("{}-{}", first + 1, shown.min(first + page)));
    }
    if model.fleet.problems_only {
        let key = model.keys.key(Context::Fleet, Action::ProblemsOnly);
        right.push(format!("{key} problems only"));
    }
    if !model.fleet.filter.is_empty() {
        let key = model.keys.key(Context::Fleet, Action::Filter);
        right.push(format!("{key} {}", model.fleet.filter));
    }
    if model.size.0 >= 60 {
        right.push(format!("sort: {}", model.fleet.sort.words()));
    }
    let hidden = rows::hidden_columns(model, area);
    if hidden > 0 && !model.fleet.is_empty() && model.size.0 >= 60 {
        right.push(match hidden {
            1 => "1 column hidden".to_string(),
            many => format!("{many} columns hidden"),
        });
    }
    let room = usize::from(area.width).saturating_sub(width(&title) + 6);
    // What does not fit goes whole, the last first.
    while right.len() > 1 && width(&right.join(&sep)) > room {
        right.pop();
    }
    let right = right.join(&sep);
    let right = look.cut(&right, room);
    let x = area.x + area.width.saturating_sub(width(&right) as u16 + 1);
    put(buffer, x, area.y, area.width, &right, look.theme.dim);
}

fn draw_empty(model: &Model, look: Look<'_>, buffer: &mut Buffer, area: Rect) {
    let key = model.keys.key(Context::Fleet, Action::ProblemsOnly);
    let all = format!("{key} shows all devices again.");
    let back = model.keys.key(Context::Fleet, Action::Back);
    let lines: Vec<String> = if model.fleet.all() == 0 {
        nothing_listed(model)
    } else if model.fleet.problems_only && model.fleet.filter.is_empty() {
        vec!["Every device here is in order.".into(), String::new(), all]
    } else if model.fleet.filter.is_empty() {
        vec![
            "No devices of this tenant are listed.".into(),
            String::new(),
            format!("{back} shows all tenants."),
        ]
    } else {
        let mut lines = vec!["No device fits the filter.".to_string(), String::new()];
        // While it is typed, what is wrong with it stands below its line.
        let typed = matches!(model.overlays.last(), Some(Overlay::Filter(_)));
        let filter = format!("{} ", model.fleet.filter);
        if let Some(why) = Query::trouble(&filter, &model.tenant_names())
            && !typed
        {
            lines.push(sentence(&why));
        }
        lines.push(format!("{back} clears it."));
        lines
    };
    let room = area.width.saturating_sub(4);
    let mut y = area.y + 2;
    for (at, line) in lines.iter().enumerate() {
        let style = if at == 0 {
            look.theme.title
        } else {
            look.theme.text
        };
        let wrapped = wrap(line, usize::from(room));
        for part in &wrapped {
            if y < area.y + area.height {
                put(buffer, area.x + 3, y, room, part, style);
            }
            y += 1;
        }
        if wrapped.is_empty() {
            y += 1;
        }
    }
}

/// A fleet without devices teaches how to get some.
fn nothing_listed(model: &Model) -> Vec<String> {
    let key = |action| model.keys.key(Context::Fleet, action);
    let mut lines = vec!["No devices yet.".to_string(), String::new()];
    match &model.first_run {
        None => lines.push("The sandbox has none.".to_string()),
        Some(first) => {
            let file = &first.settings_file;
            lines.push(match first.exists {
                true => format!("Tenants and devices are listed in {file}."),
                false => format!(
                    "{} writes a settings file with comments, for tenants and devices: {file}",
                    key(Action::WriteSettings)
                ),
            });
            if !model.tenants.is_empty() {
                let new = key(Action::AddDevice);
                lines.push(format!(
                    "{new} adds a device; many: umpdeck devices import FILE"
                ));
            } else if model.suggested.is_some() {
                lines.push(format!(
                    "{} adds your tenant: it finds the tenant, signs you in, shows what you may do there, and lists it.",
                    key(Action::AddTenant)
                ));
            } else {
                lines.push("`umpdeck tenants add` leads you through adding a tenant.".to_string());
            }
            lines.push(String::new());
            lines.push(format!(
                "{} opens the sandbox: 30 practice devices in every status; nothing leaves this machine.",
                key(Action::ToSandbox)
            ));
            lines.push(format!(
                "{} checks whether everything works.",
                key(Action::Doctor)
            ));
        }
    }
    lines
}
