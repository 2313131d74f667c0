//! What each check of the checklist promises, and when it is met.

mod consent;
mod every_check;
mod permissions_and_publisher;
mod portal;
mod redirect_uris;
mod secret_in_use;

use uuid::Uuid;

use super::*;
use crate::registration::fixtures::*;
use crate::registration::observed::*;
use crate::registration::status::PortalState;

fn outcome(world: &World, id: CheckId) -> Outcome {
    world.checklist().outcome(id).unwrap().clone()
}

/// How many checks the tests' blueprint asks for: all but consent in the provider's tenant.
fn asked_for() -> u16 {
    CHECKS.len() as u16 - 1
}

/// Whatever the outcome says, in one line.
fn words(world: &World, id: CheckId) -> String {
    format!("{:?}", outcome(world, id))
}
