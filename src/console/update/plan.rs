//! A plan's keys.

use super::super::geometry;
use super::super::keymap::{Action, Context};
use super::super::list::{ListState, Move};
use super::super::message::Effect;
use super::super::model::{
    HandoffScreen, Judged, Model, Overlay, PlanScreen, Screen, SideBySide, Tone,
};
use super::super::panes;
use super::{back, fleet};
use crate::desk::file::{DeviceFile, PlanFile};
use crate::registration::changes::PortalNow;
use crate::registration::observed::quoted;
use crate::registration::plan::{Action as PlanAction, Intent};
use crate::registration::portal_page::Holds;
use crate::registration::status::{NextStep, Status};

/// A plan came: shows it; a plan with a handoff opens the portal's page.
pub(super) fn planned(model: &mut Model, plan: PlanFile, file: DeviceFile) -> Vec<Effect> {
    if plan.plan.steps.is_empty() && matches!(plan.plan.intent, Intent::Adopt { .. }) {
        let words = format!(
            "nothing to do: this application is the registration of {} already",
            plan.plan.device
        );
        model.toast(Tone::Good, words);
        return vec![];
    }
    if plan.plan.steps.is_empty() && matches!(plan.plan.intent, Intent::Consent) {
        let left = plan.plan.left_alone.first();
        let words = match left {
            Some(left) => format!("nothing to consent to: {left}"),
            None => "nothing to do: your tenant has consented to all permissions of the blueprint"
                .into(),
        };
        model.toast(Tone::Good, words);
        return vec![];
    }
    if plan.plan.steps.is_empty() {
        let verdict = file.verdict(model.now);
        if verdict.status != Status::Ok {
            let next = if verdict.next == NextStep::Push {
                format!("; {} pushes", model.keys.key(Context::Fleet, Action::Push))
            } else {
                String::new()
            };
            let words = format!("nothing to change in Entra: {}{next}", verdict.reason);
            model.toast(Tone::Plain, words);
            return vec![];
        }
        let mut words = format!(
            "nothing to do: {} is as the blueprint wants it",
            plan.plan.device
        );
        if let Some(left) = plan.plan.left_alone.first() {
            words = format!("nothing to do; not changed: {left}");
        }
        model.toast(Tone::Good, words);
        return vec![];
    }
    // The plan of a resume takes the place of the list that it was asked from.
    model
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::Unfinished(_)));
    let hands_off = plan
        .plan
        .steps
        .iter()
        .any(|step| matches!(step.action, PlanAction::HandOff { .. }));
    let screen = if hands_off {
        Screen::Handoff(HandoffScreen {
            before: file.copied.clone(),
            judged: Judged::of(file, model.now),
            file: plan,
            field: 0,
            copied: Default::default(),
            progress: None,
            starting: false,
            asked: false,
            applied: false,
            revealed: false,
        })
    } else {
        Screen::Plan(PlanScreen {
            portal: side_by_side(&plan, &file),
            file: plan,
            details: false,
            list: ListState::default(),
            applying: false,
        })
    };
    model.screens.push(screen);
    vec![]
}

/// What the portal holds and will hold, for a plan that writes it.
fn side_by_side(plan: &PlanFile, file: &DeviceFile) -> Option<SideBySide> {
    let write = plan.plan.steps.iter().find_map(|step| match &step.action {
        PlanAction::WritePortal {
            redirect_uri,
            with_secret,
        } => Some((redirect_uri, *with_secret)),
        _ => None,
    });
    let (redirect_uri, with_secret) = write?;
    let adds = plan
        .plan
        .steps
        .iter()
        .any(|step| matches!(step.action, PlanAction::AddSecret { .. }));
    let now = PortalNow::of(&file.facts);
    let or_empty = |text: &str| match text {
        "" => "(empty)".to_string(),
        text => text.to_string(),
    };
    let secret = match (with_secret, adds) {
        (true, true) => "a new one of this run",
        (true, false) => "the one in memory",
        (false, _) => "stays as it is",
    };
    let client_id = plan
        .plan
        .target
        .app_id
        .map(|id| id.to_string())
        .unwrap_or_default();
    Some(SideBySide {
        page: file.page.path.clone(),
        read_at: file.facts.portal_as_read().and(file.facts.portal.at),
        rows: [
            (
                file.page.label(Holds::ClientId).to_string(),
                or_empty(&now.client_id),
                client_id,
            ),
            (
                file.page.label(Holds::ClientSecret).to_string(),
                or_empty(now.client_secret),
                secret.to_string(),
            ),
            (
                file.page.label(Holds::RedirectUri).to_string(),
                or_empty(&now.redirect_uri),
                redirect_uri.clone(),
            ),
        ],
    })
}

/// What is asked before a plan is carried out that removes a secret somebody may still be using.
pub(super) fn asks_first(model: &Model) -> Option<String> {
    let Some(Screen::Plan(screen)) = model.screens.last() else {
        return None;
    };
    let plan = &screen.file.plan;
    let Intent::Retire { key_id, .. } = plan.intent.purpose() else {
        return None;
    };
    let name = plan.steps.iter().find_map(|step| match &step.action {
        PlanAction::RemoveSecret {
            key_id: one,
            name,
            hint,
        } if one == key_id => Some(quoted(name, hint.as_deref())),
        _ => None,
    })?;
    let key = model.keys.key(Context::Plan, Action::Apply);
    (!plan.notes.is_empty()).then(|| {
        format!(
            "{key} again removes {name} from {}: whoever still uses it can't sign in",
            plan.device
        )
    })
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Back {
        if matches!(model.screens.last(), Some(Screen::Plan(screen)) if screen.applying) {
            let key = model.keys.key(Context::Plan, Action::Interrupt);
            let words = format!("the run is beginning; {key} stops it after its first step");
            model.toast(Tone::Plain, words);
            return vec![];
        }
        back(model);
        return vec![];
    }
    if let Some(step) = fleet::step(action) {
        go(model, step);
        return vec![];
    }
    let Some(Screen::Plan(screen)) = model.screens.last_mut() else {
        return vec![];
    };
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

/// The plan has no cursor: the screen itself moves.
fn go(model: &mut Model, step: Move) {
    let (page, columns) = (geometry::card_page(model), model.size.0);
    if let Some(Screen::Plan(screen)) = model.screens.last_mut() {
        let lines = panes::plan::count(screen, columns);
        screen.list.scroll(step, lines, page);
    }
}

/// On another size no line is scrolled away that has room.
pub(super) fn keep_in_view(model: &mut Model) {
    go(model, Move::By(0));
}
