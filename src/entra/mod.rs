//! Microsoft's side: signing in to a tenant and calling Graph there.
//!
//! [`signin`] gets tokens, [`graph`] makes the typed reads and sends what was rendered elsewhere, [`wire`] knows
//! Graph's JSON. `desk` uses this folder; nothing here knows a screen or a store.

pub mod failure;
pub mod graph;
pub mod request;
pub mod signin;
pub mod wire;
