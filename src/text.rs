//! Words on screen.
