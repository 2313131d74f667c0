//! What the store on this machine keeps.

mod audit;
mod choice;
mod facts;
mod filled_store;
mod inventory;
mod new_store;
mod opening;
mod runs;
mod verdicts;
