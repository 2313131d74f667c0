//! Face 2, headless.
