//! What a change of the inventory comes to, shown before it is written: its lines, and its keys.

use super::super::super::geometry;
use super::super::super::keymap::Action;
use super::super::super::list::{ListState, Move};
use super::super::super::message::Effect;
use super::super::super::model::{ChangeLine, ChangeScreen, Model, Screen, Tone};
use super::super::{back, fleet};
use crate::desk::event::Trouble;
use crate::desk::inventory::{Order, Written};
use crate::inventory::{Change, FieldChange};
use crate::registration::fleet::{Fqdn, Tenant};

/// Shows what a change comes to, before it is written.
pub(super) fn show(model: &mut Model, written: &Written, order: Order) {
    let lines = match &order {
        Order::Devices(changes) => changes.iter().flat_map(of_change).collect(),
        Order::Tenant(after) => {
            let before = written.tenants.iter().find(|one| one.id == after.id);
            before.map_or_else(Vec::new, |before| of_tenant(before, after))
        }
        Order::RemoveTenant(id) => {
            let gone = written.tenants.iter().filter(|one| one.id == *id);
            gone.map(|one| ChangeLine::Head(format!("remove tenant {}", one.name)))
                .collect()
        }
    };
    model.screens.push(Screen::Change(ChangeScreen {
        order,
        mark: written.mark,
        place: written.place.clone(),
        lines,
        list: ListState::default(),
        writing: false,
    }));
}

fn of_change(change: &Change) -> Vec<ChangeLine> {
    let word = match change {
        Change::Added(_) => "add",
        Change::Changed { .. } => "change",
        Change::Removed(_) => "remove",
    };
    // What is taken out here goes on there.
    let stays = match change {
        Change::Removed(_) => "; its registration and secrets stay in Entra",
        Change::Added(_) | Change::Changed { .. } => "",
    };
    let head = ChangeLine::Head(format!("{word} {}{stays}", change.device()));
    let fields = change.fields().into_iter().map(ChangeLine::Field);
    std::iter::once(head).chain(fields).collect()
}

fn of_tenant(before: &Tenant, after: &Tenant) -> Vec<ChangeLine> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        ("name", before.name.clone(), after.name.clone()),
        (
            "primary_domain",
            before.primary_domain.clone(),
            after.primary_domain.clone(),
        ),
        ("mpn_id", text(&before.mpn_id), text(&after.mpn_id)),
    ];
    let changed = fields.into_iter().filter(|(_, from, to)| from != to);
    let changed = changed.map(|(field, from, to)| {
        let field = field.to_string();
        ChangeLine::Field(FieldChange { field, from, to })
    });
    let head = ChangeLine::Head(format!("change tenant {}", before.name));
    std::iter::once(head).chain(changed).collect()
}

/// The keys of a change.
pub(in super::super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = geometry::change_page(model);
    let Some(Screen::Change(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        scroll(screen, step, page);
        return vec![];
    }
    match action {
        Action::Back if !screen.writing => back(model),
        Action::Apply if !screen.writing => {
            screen.writing = true;
            let (order, mark) = (screen.order.clone(), screen.mark);
            return vec![Effect::WriteInventory(order, mark)];
        }
        _ => {}
    }
    vec![]
}

/// What was changed, in a few words.
fn subject(order: &Order) -> String {
    match order {
        Order::Devices(changes) => match changes.as_slice() {
            [one @ Change::Added(_)] => format!("{} added", one.device()),
            [one @ Change::Changed { .. }] => format!("{} changed", one.device()),
            [one @ Change::Removed(_)] => format!("{} removed", one.device()),
            many => format!("{} devices changed", many.len()),
        },
        Order::Tenant(tenant) => format!("tenant {} changed", tenant.name),
        Order::RemoveTenant(_) => "tenant removed".to_string(),
    }
}

/// There is no cursor: the screen itself moves.
fn scroll(screen: &mut ChangeScreen, step: Move, page: usize) {
    screen.list.scroll(step, screen.lines.len(), page);
}

/// On another size no line is scrolled away that has room.
pub(in super::super) fn keep_in_view(model: &mut Model) {
    let page = geometry::change_page(model);
    for screen in &mut model.screens {
        if let Screen::Change(screen) = screen {
            scroll(screen, Move::By(0), page);
        }
    }
}

/// A change was written, or could not be.
pub(in super::super) fn written(model: &mut Model, outcome: Result<(), Trouble>) {
    let written = model.screens.iter().find_map(|screen| match screen {
        Screen::Change(screen) => Some((screen.order.clone(), screen.place.clone())),
        _ => None,
    });
    match outcome {
        Ok(()) => {
            let Some((order, place)) = written else {
                return;
            };
            if let Order::Devices(changes) = &order
                && let [Change::Added(entry)] = changes.as_slice()
                && let Ok(fqdn) = Fqdn::parse(&entry.name())
            {
                model.fleet.follow(&fqdn);
            }
            // Change and form are done with: Esc leads back to the device or the fleet.
            let done = |screen: &Screen| matches!(screen, Screen::Change(_) | Screen::Form(_));
            model.screens.retain(|screen| !done(screen));
            let what = subject(&order);
            model.toast(Tone::Good, format!("{what}, written to {place}"));
        }
        Err(trouble) => {
            for screen in &mut model.screens {
                if let Screen::Change(screen) = screen {
                    screen.writing = false;
                }
            }
            model.trouble(&trouble);
        }
    }
}
