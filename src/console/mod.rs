//! Face 1, full screen.

pub mod chord;
pub mod clipboard;
pub mod terminal;
pub mod theme;
