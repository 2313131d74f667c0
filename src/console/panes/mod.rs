//! One pane for each thing that an operator does: model in, cells out. Nothing here changes state.

pub mod adopt;
pub mod audit;
mod beside;
pub mod bulk;
pub mod contact;
pub mod create;
pub mod decide;
pub mod device;
mod field;
pub mod fleet;
pub mod handoff;
pub mod inventory;
pub mod overlays;
mod palette;
pub mod plan;
pub mod run;
pub mod secrets;
mod steps;
pub(super) mod verdict;
