//! What the store on this machine keeps.

mod journal;
mod keeps;
mod opening;
