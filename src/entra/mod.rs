//! Microsoft's side: signing in to a tenant and calling Graph there.
//!
//! [`signin`] gets tokens, [`graph`] makes the typed reads and sends what was rendered elsewhere, [`wire`],
//! [`principals`] and [`policy`] know Graph's JSON, [`failure`] its refusals. `desk` uses this folder; nothing here knows a screen or a store.

mod codes;
pub mod failure;
pub mod graph;

pub mod policy;
pub mod principals;
mod privilege;
pub mod request;
pub mod signin;
pub mod wire;
