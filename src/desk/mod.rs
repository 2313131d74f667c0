//! The work between the faces and the outside: reading the fleet, carrying out plans step by step with the journal.
//! The faces know this folder and the core, nothing below; progress comes out as [`event::DeskEvent`]s.

pub mod event;
pub mod file;
