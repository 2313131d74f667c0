//! Microsoft's side: signing in to a tenant and calling Graph there.
//!
//! [`signin`] gets tokens, [`graph`] makes the typed reads and sends what was rendered elsewhere, `batch` makes many of
//! them in one request, [`lookups`] writes those that a preview shows too, [`delta`] asks for what changed, [`cloud`] tells the clouds apart, [`wire`],
//! [`principals`] and [`policy`] know Graph's JSON, [`failure`] its refusals.
//! `desk` uses this folder; nothing here knows a screen or a store.

mod batch;
pub mod cloud;
mod codes;
pub mod delta;
pub mod failure;
pub mod graph;
pub mod lookups;
pub mod policy;
pub mod principals;
mod privilege;
pub mod request;
pub mod signin;
pub mod wire;
