//! What the console does on a real terminal, through the real binary, and what it may cost there.

mod budget;
mod budget_terminal;
mod bulk;
mod clipboard;
mod contact;
mod copy;
mod create;
mod ease;
mod given_up;
mod handoff;
mod harness;
mod hostile;
mod inventory;
mod judge;
mod leave;
mod policy;
mod push;
mod repair;
mod secrets;
mod see;
mod start;
mod terminal;

#[path = "../support/mod.rs"]
mod support;
