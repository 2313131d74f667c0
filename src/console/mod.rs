//! Face 1, full screen.
