//! What `plan` promises, a file for each thing that is asked for. The pieces that several files need are here.

mod carried_out;
mod creating;
mod every_plan;
mod foresight;
mod handing_off;
mod lifetime;
mod mending;
mod pushing;
mod repairing;
mod resuming;
mod retiring;
mod rotating;

use super::*;
use crate::registration::checklist::{CheckId, Outcome};
use crate::registration::fixtures::*;
use crate::registration::fleet::PortalWay;
use crate::registration::observed::*;
use crate::registration::secret::retire::PortalOfOther;
use crate::registration::status::Status;
use crate::text::days_left;

const OTHER_URI: &str = "https://ump2.finebak.com/authenticate/OAuth2Callback";

fn repair() -> Intent {
    Intent::Repair {
        remove_extra: vec![],
    }
}

fn push() -> Intent {
    Intent::Push {
        secret_in_hand: None,
    }
}

/// The steps' names in JSON, in order.
fn tags(plan: &Plan) -> Vec<String> {
    let tag = |step: &Step| {
        let json = serde_json::to_value(&step.action).unwrap();
        json["action"].as_str().unwrap().to_string()
    };
    plan.steps.iter().map(tag).collect()
}

/// What the plan changes of the application.
fn updated(plan: &Plan) -> Option<&Properties> {
    plan.steps.iter().find_map(|step| match &step.action {
        Action::UpdateApplication { properties } => Some(properties),
        _ => None,
    })
}

/// The secrets that the plan removes, in order.
fn removed(plan: &Plan) -> Vec<Uuid> {
    let removed = plan.steps.iter().filter_map(|step| match step.action {
        Action::RemoveSecret { key_id, .. } => Some(key_id),
        _ => None,
    });
    removed.collect()
}

/// The secrets that the plan puts down to be removed later, each with the day.
fn put_down(plan: &Plan) -> Vec<(Uuid, Timestamp)> {
    let put_down = plan.steps.iter().filter_map(|step| match step.action {
        Action::RetireLater { key_id, due, .. } => Some((key_id, due)),
        _ => None,
    });
    put_down.collect()
}

/// When the secret ends that the plan adds.
fn added_end(plan: &Plan) -> Timestamp {
    let end = |step: &Step| match step.action {
        Action::AddSecret { end, .. } => Some(end),
        _ => None,
    };
    plan.steps.iter().find_map(end).unwrap()
}

/// A permission that no blueprint asks for.
fn extra() -> ResourceAccess {
    ResourceAccess {
        resource_app_id: blueprint().permissions[0].resource_app_id,
        id: Uuid::from_u128(0xe1fd),
        kind: PermissionKind::Delegated,
    }
}

/// Gives the tenant a policy with this one restriction.
fn restrict(world: &mut World, kind: SecretRestrictionKind) {
    let restrictions = vec![SecretRestriction {
        policy: "Default app policy".into(),
        kind,
        apps_created_after: None,
    }];
    world.tenant.policy = Reading::of(SecretPolicy { restrictions }, now());
}
