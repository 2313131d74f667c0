//! The core: what a right registration is, what was read of it, and what would make it right.
//!
//! Two pure functions live here, [`checklist::checklist`] and [`plan::plan`], with the words they need.
//! No clock, no IO, no async; this folder knows nobody but the ground floor of words, everybody may know it.

pub mod beside;
pub mod blueprint;
pub mod bulk;
pub mod changes;
pub mod checklist;
pub mod customers;
pub mod directory;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod fleet;
pub mod fleet_row;
pub mod invitation;
mod judge;
pub mod observed;
pub mod permissions;
pub mod plan;
pub mod portal_page;
pub mod redirect;
pub mod rights;
pub mod secret;
pub mod status;
pub mod values;
