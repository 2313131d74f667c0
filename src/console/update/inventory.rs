//! The forms of the inventory: their keys, the rules of their fields while typing, and what a change comes to.

mod customers;

use tui_input::{Input, InputRequest};

use super::super::chord::Chord;
use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::list::{ListState, Move};
use super::super::message::Effect;
use super::super::model::{
    ChangeLine, ChangeScreen, FormKey, FormLine, FormScreen, FormSubject, InventoryWish, Model,
    Screen, Tone,
};
use super::create::edit;
use super::{back, fleet};
use crate::desk::event::{FleetRow, Trouble};
use crate::desk::file::Scope;
use crate::desk::inventory::{Order, Written};
use crate::inventory::{Change, Entry, Field, FieldChange};
use crate::registration::fleet::{Fqdn, Tenant, valid_display_name, valid_mpn_id};

/// What a key of the fleet or a device asks of the inventory.
pub(super) fn ask(model: &Model, action: Action) -> Option<Vec<Effect>> {
    let wish = match action {
        Action::AddDevice => InventoryWish::Add,
        Action::EditDevice => InventoryWish::Edit(model.device()?.clone()),
        Action::RemoveDevices if model.fleet.marked() > 0 => {
            InventoryWish::Remove(model.fleet.marked_devices())
        }
        Action::RemoveDevices => InventoryWish::Remove(vec![model.device()?.clone()]),
        Action::EditTenant => {
            let of_device = || model.fleet.selected().map(|row| row.tenant);
            let only = || model.tenants.first().map(|one| one.tenant.id);
            InventoryWish::Tenant(model.fleet.tenant.or_else(of_device).or_else(only)?)
        }
        _ => return None,
    };
    Some(vec![Effect::ReadInventory(wish)])
}

/// The inventory was read: opens what was asked for.
pub(super) fn opened(model: &mut Model, written: Written, wish: InventoryWish) {
    if matches!(
        model.screens.last(),
        Some(Screen::Form(_) | Screen::Change(_))
    ) {
        // A key pressed twice asks twice; the first form may have been typed in.
        return;
    }
    let entry = |name: &Fqdn| {
        let mut entries = written.entries.iter();
        entries.find(|entry| entry.name() == name.as_str()).cloned()
    };
    match wish {
        InventoryWish::Add => {
            let chosen = model.fleet.tenant.and_then(|id| model.tenant(id));
            let mut entry = Entry::default();
            if written.tenants.len() > 1 {
                let chosen = chosen.map(|one| one.tenant.name.clone());
                entry.set(Field::Tenant, &chosen.unwrap_or_default());
            }
            model
                .screens
                .push(Screen::Form(form(FormSubject::NewDevice, written, &entry)));
        }
        InventoryWish::Edit(name) => match entry(&name) {
            Some(entry) => {
                let subject = FormSubject::Device(Box::new(entry.clone()));
                model
                    .screens
                    .push(Screen::Form(form(subject, written, &entry)));
            }
            None => not_written(model, &name),
        },
        InventoryWish::Remove(names) => {
            let entries = names.iter().filter_map(entry);
            let changes: Vec<Change> = entries.map(Change::Removed).collect();
            match (changes.is_empty(), names.first()) {
                (true, Some(name)) => not_written(model, name),
                _ => preview(model, &written, Order::Devices(changes)),
            }
        }
        InventoryWish::Tenant(id) => {
            let tenant = written.tenants.iter().find(|one| one.id == id).cloned();
            if let Some(tenant) = tenant {
                let subject = FormSubject::Tenant(tenant);
                let entry = Entry::default();
                model
                    .screens
                    .push(Screen::Form(form(subject, written, &entry)));
            }
        }
    }
}

fn not_written(model: &mut Model, name: &Fqdn) {
    let words = format!("{name} is not in the inventory any more");
    model.toast(Tone::Bad, words);
}

fn form(subject: FormSubject, written: Written, entry: &Entry) -> FormScreen {
    let line = FormLine::typed;
    let with_default = |all: Vec<String>, default: bool| match default {
        true => std::iter::once(String::new()).chain(all).collect(),
        false => all,
    };
    let known = &written.known;
    let lines = match &subject {
        FormSubject::Tenant(tenant) => vec![
            line(FormKey::TenantName, &tenant.name),
            line(FormKey::TenantDomain, &tenant.primary_domain),
            line(
                FormKey::TenantMpnId,
                tenant.mpn_id.as_deref().unwrap_or_default(),
            ),
        ],
        FormSubject::NewDevice | FormSubject::Device(_) => Field::ALL
            .into_iter()
            .map(|field| FormLine {
                choices: match field {
                    Field::Tenant => {
                        let names = known.tenants.iter().map(|(_, name)| name.clone());
                        with_default(names.collect(), known.tenants.len() < 2)
                    }
                    Field::Blueprint => with_default(known.blueprints.clone(), true),
                    Field::PortalProfile => {
                        let names = known.profiles.iter().map(|(name, _)| name.clone());
                        with_default(names.collect(), true)
                    }
                    _ => vec![],
                },
                fixed: field == Field::Fqdn && subject != FormSubject::NewDevice,
                ..line(FormKey::Device(field), entry.get(field))
            })
            .chain(customers::lines(entry))
            .collect(),
    };
    let at = lines.iter().position(|line| !line.fixed).unwrap_or(0);
    FormScreen {
        subject,
        written,
        lines,
        at,
        touched: false,
    }
}

/// The keys of a form.
pub(super) fn form_act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Back {
        if let Some(Screen::Form(screen)) = model.screens.last_mut()
            && std::mem::take(&mut screen.touched)
        {
            let key = model.keys.key(Context::Form, Action::Back);
            let words = format!("{key} again leaves; what you typed is lost then");
            model.toast(Tone::Plain, words);
            return vec![];
        }
        back(model);
        return vec![];
    }
    let Some(Screen::Form(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    match action {
        Action::Next => turn(screen, 1),
        Action::Previous => turn(screen, screen.lines.len() - 1),
        Action::ChoiceNext => choose(screen, 1),
        Action::ChoicePrevious => choose(screen, -1),
        Action::ToPlan => match order(screen) {
            Err((at, why)) => {
                screen.at = at;
                screen.lines[at].error = Some(why);
            }
            Ok(None) => model.toast(Tone::Plain, "nothing was changed"),
            Ok(Some(order)) => {
                let written = screen.written.clone();
                preview(model, &written, order);
            }
        },
        Action::Remove => {
            let order = match &screen.subject {
                // Said before it comes to this: it is not there yet.
                FormSubject::NewDevice => return vec![],
                FormSubject::Device(entry) => {
                    Order::Devices(vec![Change::Removed((**entry).clone())])
                }
                FormSubject::Tenant(tenant) => Order::RemoveTenant(tenant.id),
            };
            let written = screen.written.clone();
            preview(model, &written, order);
        }
        _ => {}
    }
    vec![]
}

fn turn(screen: &mut FormScreen, by: usize) {
    let count = screen.lines.len();
    let next = (1..=count).map(|step| (screen.at + step * by) % count);
    let mut next = next.filter(|at| !screen.lines[*at].fixed);
    screen.at = next.next().unwrap_or(screen.at);
}

fn choose(screen: &mut FormScreen, by: isize) {
    let line = &mut screen.lines[screen.at];
    if line.choices.is_empty() {
        let request = if by > 0 {
            InputRequest::GoToNextChar
        } else {
            InputRequest::GoToPrevChar
        };
        line.input.handle(request);
        return;
    }
    let count = line.choices.len() as isize;
    let now = line
        .choices
        .iter()
        .position(|one| one.eq_ignore_ascii_case(line.input.value()));
    let next = match now {
        Some(now) => (now as isize + by).rem_euclid(count),
        None => 0,
    };
    line.input = Input::from(line.choices[next as usize].clone());
    edited(screen);
}

/// A key that is no command edits the line.
pub(super) fn typed(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    if let Some(Screen::Form(screen)) = model.screens.last_mut()
        && let Some(request) = edit(chord)
        && takes_text(screen)
    {
        screen.lines[screen.at].input.handle(request);
        edited(screen);
    }
    vec![]
}

pub(super) fn pasted(model: &mut Model, text: &str) {
    if let Some(Screen::Form(screen)) = model.screens.last_mut()
        && takes_text(screen)
    {
        for letter in text.chars() {
            let input = &mut screen.lines[screen.at].input;
            input.handle(InputRequest::InsertChar(letter));
        }
        edited(screen);
    }
}

fn takes_text(screen: &FormScreen) -> bool {
    let line = &screen.lines[screen.at];
    line.choices.is_empty() && !line.fixed
}

fn edited(screen: &mut FormScreen) {
    screen.touched = true;
    let at = screen.at;
    customers::make_room(screen);
    screen.lines[at].error = rule(screen, at).err();
}

/// The rule of a line.
fn rule(screen: &FormScreen, at: usize) -> Result<(), String> {
    let line = &screen.lines[at];
    let text = line.input.value();
    match line.key {
        FormKey::Device(Field::Fqdn) if line.fixed => Ok(()),
        FormKey::Device(field) => {
            let text = if field == Field::Notes {
                text
            } else {
                text.trim()
            };
            screen.written.known.check(field, text)?;
            let name = text.to_ascii_lowercase();
            let taken = || screen.written.entries.iter().any(|one| one.name() == name);
            match field == Field::Fqdn && taken() {
                true => Err("there is a device with this FQDN".to_string()),
                false => Ok(()),
            }
        }
        FormKey::Customer(..) => customers::rule(screen, line),
        FormKey::TenantName => {
            valid_display_name(text).map_err(|why| why.to_string())?;
            let FormSubject::Tenant(own) = &screen.subject else {
                return Ok(());
            };
            let mut others = screen.written.tenants.iter().filter(|one| one.id != own.id);
            match others.any(|one| one.name.eq_ignore_ascii_case(text.trim())) {
                true => Err("another tenant has this name".to_string()),
                false => Ok(()),
            }
        }
        FormKey::TenantDomain => Fqdn::parse(text).map(drop).map_err(|why| why.to_string()),
        FormKey::TenantMpnId if text.trim().is_empty() => Ok(()),
        FormKey::TenantMpnId => valid_mpn_id(text.trim()).map_err(|why| why.to_string()),
    }
}

/// The change that a form asks for; `None` = none. Else the first line that does not keep its rule, with why.
fn order(screen: &FormScreen) -> Result<Option<Order>, (usize, String)> {
    for at in 0..screen.lines.len() {
        rule(screen, at).map_err(|why| (at, why))?;
    }
    let text = |key| screen.text(key).trim().to_string();
    Ok(match &screen.subject {
        FormSubject::Tenant(before) => {
            let mpn_id = text(FormKey::TenantMpnId);
            let after = Tenant {
                id: before.id,
                name: text(FormKey::TenantName),
                primary_domain: text(FormKey::TenantDomain),
                mpn_id: (!mpn_id.is_empty()).then_some(mpn_id),
            };
            (after != *before).then_some(Order::Tenant(after))
        }
        FormSubject::NewDevice => Some(Order::Devices(vec![Change::Added(entry(
            screen,
            Entry::default(),
        ))])),
        FormSubject::Device(before) => {
            let after = entry(screen, (**before).clone());
            let change = Change::Changed {
                before: before.clone(),
                after: Box::new(after.clone()),
            };
            (after != **before).then_some(Order::Devices(vec![change]))
        }
    })
}

fn entry(screen: &FormScreen, mut entry: Entry) -> Entry {
    for line in screen.lines.iter().filter(|line| !line.fixed) {
        if let FormKey::Device(field) = line.key {
            entry.set(field, line.input.value());
        }
    }
    entry.customers = customers::entries(screen);
    entry
}

/// Shows what a change comes to, before it is written.
fn preview(model: &mut Model, written: &Written, order: Order) {
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
pub(super) fn change_act(model: &mut Model, action: Action) -> Vec<Effect> {
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

/// There is no cursor: the screen itself moves.
fn scroll(screen: &mut ChangeScreen, step: Move, page: usize) {
    screen.list.scroll(step, screen.lines.len(), page);
}

/// On another size no line is scrolled away that has room.
pub(super) fn keep_in_view(model: &mut Model) {
    let page = geometry::change_page(model);
    for screen in &mut model.screens {
        if let Screen::Change(screen) = screen {
            scroll(screen, Move::By(0), page);
        }
    }
}

/// A change was written, or could not be.
pub(super) fn written(model: &mut Model, outcome: Result<(), Trouble>) {
    let place = model.screens.iter().find_map(|screen| match screen {
        Screen::Change(screen) => Some(screen.place.clone()),
        _ => None,
    });
    match outcome {
        Ok(()) => {
            // Change and form are done with: Esc leads back to the device or the fleet.
            let done = |screen: &Screen| matches!(screen, Screen::Change(_) | Screen::Form(_));
            model.screens.retain(|screen| !done(screen));
            let place = place.unwrap_or_default();
            model.toast(Tone::Good, format!("written to {place}"));
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

/// Another inventory is taken up: what is not listed any more leaves the screen, what is new is read.
pub(super) fn changed(model: &mut Model, tenants: Vec<Tenant>, rows: Vec<FleetRow>) -> Vec<Effect> {
    let mut unread: Vec<_> = rows
        .iter()
        .filter(|row| {
            model
                .fleet
                .of(&row.fqdn)
                .is_none_or(|old| old.tenant != row.tenant)
        })
        .map(|row| row.tenant)
        .collect();
    unread.sort_unstable();
    unread.dedup();
    let names: Vec<_> = tenants
        .iter()
        .map(|one| (one.id, one.name.clone()))
        .collect();
    model.take_tenants(tenants);
    let chosen = model.fleet.tenant;
    model.fleet.tenant = chosen.filter(|id| model.tenant(*id).is_some());
    model.fleet.load(rows, &names, model.now);
    let fleet = &model.fleet;
    model.screens.retain(|screen| match screen {
        Screen::Device(screen) => fleet.of(&screen.fqdn).is_some(),
        Screen::Create(screen) => fleet.of(&screen.fqdn).is_some(),
        Screen::Plan(screen) => fleet.of(&screen.file.plan.device).is_some(),
        _ => true,
    });
    let shown = model.screens.iter().filter_map(|screen| match screen {
        Screen::Device(screen) => Some(screen.fqdn.clone()),
        _ => None,
    });
    let shown = shown.map(|fqdn| Effect::Load(fqdn, super::Then::Show));
    let read = unread
        .into_iter()
        .map(|id| Effect::Refresh(Scope::Tenant(id)));
    let effects = shown.chain(read).collect();
    super::settle(model);
    effects
}
