//! The whole console driven by keys, without a terminal, a clock or a network: `update` gets messages at a fixed time,
//! the desk's answers are canned, and `view` draws into a buffer.

mod adopt;
mod aids;
mod audit;
mod bulk;
mod contact;
mod crash;
mod create;
mod customers;
mod decide;
mod device;
mod device_tabs;
mod fixtures;
mod fleet;
mod fleet_cursor;
mod fleet_filter;
mod handoff;
mod hostile;
mod interrupt;
mod inventory;
mod monkey;
mod overlays;
mod palette;
mod push;
mod questions;
mod run;
mod said;
mod secrets;
mod snapshots;
mod wide;
