//! umpdeck: parses the command line, picks a face, turns the outcome into an exit code.

use std::process::ExitCode;

/// Settings of tens of thousands of entries take many times their size while they are read. The system's allocator keeps
/// that for as long as the program runs; this one gives it back.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    umpdeck::cli::main(std::env::args_os()).into()
}
