//! A form of the inventory: its lines, its keys, and the rules of its fields while typing.

use tui_input::Input;

use super::super::super::chord::Chord;
use super::super::super::keymap::{Action, Context};
use super::super::super::message::Effect;
use super::super::super::model::{FormKey, FormLine, FormScreen, FormSubject, Model, Screen, Tone};
use super::super::{back, typing};
use super::{change, customers};
use crate::desk::inventory::{Order, Written};
use crate::inventory::{Change, Entry, Field};
use crate::registration::fleet::{Fqdn, Tenant, valid_display_name, valid_mpn_id};

/// The form of a device or a tenant, with what the inventory says of it.
pub(super) fn of(subject: FormSubject, written: Written, entry: &Entry) -> FormScreen {
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
                    Field::Blueprint => with_default(
                        known.blueprints.iter().map(ToString::to_string).collect(),
                        true,
                    ),
                    Field::PortalProfile => {
                        let names = known.profiles.iter().map(|(name, _)| name.to_string());
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
pub(in super::super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Back {
        if let Some(Screen::Form(screen)) = model.screens.last_mut()
            && std::mem::take(&mut screen.touched)
        {
            let key = model.keys.key(Context::Form, Action::Back);
            let words = format!("{key} again leaves, and what you typed is lost");
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
                change::show(model, &written, order);
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
            change::show(model, &written, order);
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
        typing::step(&mut line.input, by > 0);
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
pub(in super::super) fn typed(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    if let Some(Screen::Form(screen)) = model.screens.last_mut()
        && takes_text(screen)
        && typing::key(&mut screen.lines[screen.at].input, chord)
    {
        edited(screen);
    }
    vec![]
}

pub(in super::super) fn pasted(model: &mut Model, text: &str) {
    if let Some(Screen::Form(screen)) = model.screens.last_mut()
        && takes_text(screen)
    {
        typing::paste(&mut screen.lines[screen.at].input, text);
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
