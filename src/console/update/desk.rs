//! What the desk tells.

use super::super::geometry;
use super::super::list::Move;
use super::super::message::{Effect, Then};
use super::super::model::{Model, Screen, TenantState};
use super::{asking, bulk, forget_sign_in, inventory, run};
use crate::desk::event::DeskEvent;
use crate::registration::fleet::Fqdn;
use uuid::Uuid;

pub(super) fn event(model: &mut Model, event: DeskEvent) -> Vec<Effect> {
    match event {
        DeskEvent::RefreshStarted { tenant } => {
            let now = model.now;
            with(model, tenant, |state| state.reading_began(now));
        }
        DeskEvent::SignInAsked { tenant, prompt } => {
            forget_sign_in(model, tenant);
            model.sign_ins.push((tenant, prompt, model.now));
        }
        DeskEvent::SignedIn { tenant, identity } => {
            forget_sign_in(model, tenant);
            with(model, tenant, |state| state.identity = Some(identity));
        }
        DeskEvent::RowsChanged(rows) => {
            if let Some(of) = &model.peek.of
                && rows.iter().any(|row| row.fqdn == *of)
            {
                model.peek.of = None;
            }
            let shown: Vec<Fqdn> = model
                .screens
                .iter()
                .filter_map(|screen| match screen {
                    Screen::Device(screen) => Some(screen.fqdn.clone()),
                    Screen::Adopt(screen) => Some(screen.file.device.fqdn.clone()),
                    Screen::Handoff(screen) => Some(screen.judged.file.device.fqdn.clone()),
                    _ => None,
                })
                .filter(|fqdn| rows.iter().any(|row| row.fqdn == *fqdn))
                .collect();
            model.fleet.forget_customers();
            model.fleet.merge(rows, model.now);
            let page = geometry::fleet_page(model);
            model.fleet.go(Move::By(0), page);
            let lists_secrets = |screen: &Screen| matches!(screen, Screen::Secrets(_));
            let secrets = model.screens.iter().any(lists_secrets);
            let mut effects: Vec<Effect> = shown
                .into_iter()
                .map(|fqdn| asking::load(model, fqdn, Then::Show))
                .collect();
            if secrets {
                effects.push(Effect::LoadSecrets(model.questions.ask()));
            }
            return effects;
        }
        DeskEvent::SecretWaits { device, waits } => {
            match waits {
                true => model.secrets_waiting.insert(device),
                false => model.secrets_waiting.remove(&device),
            };
        }
        DeskEvent::RefreshEnded { tenant, failure } => {
            forget_sign_in(model, tenant);
            with(model, tenant, |state| {
                state.reading_ended();
                state.failure = failure;
            });
        }
        DeskEvent::RefreshStopped { tenant } => {
            forget_sign_in(model, tenant);
            with(model, tenant, TenantState::reading_ended);
        }
        DeskEvent::InventoryChanged { tenants, rows } => {
            return inventory::changed(model, tenants, rows);
        }
        DeskEvent::Run { run, event, .. } if bulk::run_event(model, run, &event) => {}
        DeskEvent::Run { run, device, event } => return run::event(model, run, &device, event),
        DeskEvent::Bulk(event) => bulk::event(model, event),
    }
    vec![]
}

fn with(model: &mut Model, tenant: Uuid, change: impl FnOnce(&mut TenantState)) {
    if let Some(state) = model
        .tenants
        .iter_mut()
        .find(|state| state.tenant.id == tenant)
    {
        change(state);
    }
}
