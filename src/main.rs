//! umpdeck: parses the command line, picks a face, turns the outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    umpdeck::cli::main(std::env::args_os()).into()
}
