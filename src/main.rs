//! umpdeck: parses the command line, picks a face, turns the outcome into an exit code.
fn main() {}
