//! What is remembered on this machine.
