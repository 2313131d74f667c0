//! A plan's keys.

use super::super::geometry;
use super::super::keymap::Action;
use super::super::list::ListState;
use super::super::message::Effect;
use super::super::model::{HandoffScreen, Judged, Model, PlanScreen, Screen, Tone};
use super::{back, fleet};
use crate::desk::file::{DeviceFile, PlanFile};
use crate::registration::plan::Action as PlanAction;

/// A plan came: shows it; a plan with a handoff opens the portal's page.
pub(super) fn planned(model: &mut Model, plan: PlanFile, file: DeviceFile) -> Vec<Effect> {
    if plan.plan.steps.is_empty() {
        let mut words = format!(
            "nothing to do: {} is as the blueprint wants it",
            plan.plan.device
        );
        if let Some(left) = plan.plan.left_alone.first() {
            words = format!("nothing to do; left alone: {left}");
        }
        model.toast(Tone::Good, words);
        return vec![];
    }
    let hands_off = plan
        .plan
        .steps
        .iter()
        .any(|step| matches!(step.action, PlanAction::HandOff { .. }));
    let screen = if hands_off {
        Screen::Handoff(HandoffScreen {
            judged: Judged::of(file, model.now),
            file: plan,
            field: 0,
            copied: [None; 3],
            progress: None,
            starting: false,
            applied: false,
            revealed: false,
        })
    } else {
        Screen::Plan(PlanScreen {
            file: plan,
            details: false,
            list: ListState::default(),
            applying: false,
        })
    };
    // From a result the push takes the result's place, so that Esc leads back to the device or the fleet.
    if matches!(model.screens.last(), Some(Screen::Run(_))) {
        model.screens.pop();
    }
    model.screens.push(screen);
    vec![]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let (page, lines) = (geometry::card_page(model), geometry::plan_lines(model));
    if action == Action::Back {
        back(model);
        return vec![];
    }
    let Some(Screen::Plan(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if let Some(step) = fleet::step(action) {
        // The plan has no cursor: the screen itself moves.
        let mut list = ListState {
            cursor: screen.list.offset,
            offset: screen.list.offset,
        };
        list.go(step, lines.saturating_sub(page) + 1, 1);
        screen.list.offset = list.cursor;
        return vec![];
    }
    match action {
        Action::Details => {
            screen.details = !screen.details;
            screen.list = ListState::default();
        }
        Action::Apply if !screen.applying => {
            screen.applying = true;
            return vec![Effect::StartRun(Box::new(screen.file.clone()))];
        }
        _ => {}
    }
    vec![]
}
