//! umpdeck, the crate's map. Arrows between the floors only go down; `tests/floors.rs` holds them.
//!
//! * [`cli`] and [`console`]: the two faces, headless and full screen. They know [`desk`] and the core.
//! * [`desk`]: the work: reads the fleet, carries out plans step by step with the journal.
//! * [`entra`] and [`portal`]: Microsoft's side and the multitenant portal's side, over [`http`].
//! * [`store`]: what is remembered on this machine.
//! * [`registration`]: the core, pure: what is wanted, what was read, `checklist`, `status`, `plan`.
//! * [`inventory`]: devices as they are written down: one table of fields, CSV and TOML, what a change comes to.
//! * [`command`]: the ground floor of other programs: runs one, bounded in time and output.
//! * [`private`]: the ground floor of places on disk: whose they are, and that nobody else may use them.
//! * [`text`]: the ground floor of words: width, cutting, ages, cleaning of untrusted text.
//! * [`settings`]: the settings file, read at the top and handed down as plain values.
//! * [`sandbox`]: a loopback server that stands in for sign-in, Graph and portal. It shares no type with the
//!   rest, so that one misreading of the documentation does not cancel itself.

pub mod cli;
pub mod command;
pub mod console;
pub mod desk;
pub mod entra;
pub mod http;
pub mod inventory;
pub mod portal;
pub mod private;
pub mod registration;
pub mod sandbox;
pub mod settings;
pub mod store;
pub mod text;
