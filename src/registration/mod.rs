//! The core: what a right registration is, what was read of it, and what would make it right.
//!
//! Two pure functions live here, [`checklist::checklist`] and [`plan::plan`], with the words they need.
//! No clock, no IO, no async; this folder knows nobody, everybody may know it.

pub mod blueprint;
pub mod fleet;
pub mod observed;
