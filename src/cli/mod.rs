//! Face 2, headless, and the program's start: the command line, the site that it names, the log, and a file for each
//! command. It knows the desk and the core; of the console it uses its start, its glyphs, its table of keys, and what it
//! finds of a terminal.

mod adopt;
mod apply;
pub mod arguments;
mod audit;
mod bulk;
mod bulk_document;
mod change;
mod change_document;
mod check;
mod choosing;
mod consent;
mod console;
mod customers;
mod devices;
mod doctor;
mod document;
mod exit;
mod keeper;
mod keys;
mod log;
mod metrics;
mod output;
mod own_files;
mod plan;
mod portal;
mod process;
mod progress;
mod questions;
mod reading;
mod retire;
mod runs;
mod sandbox;
mod schema;
mod secrets;
mod settings;
mod shell;
mod signin;
mod site;
mod status;
mod table;
mod tenant_add;
mod tenant_book;
mod tenant_edit;
mod tenant_way;
mod tenants;
mod values;
mod verify;
mod watch;

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::desk::bulk::BulkIntent;
use crate::desk::event::Trouble;
use arguments::{Arguments, ChangeOptions, Command, CommandWords, DeliveryOptions, Global};
use exit::Stop;
pub use exit::{CODES, Exit, codes_markdown};

/// What a command leaves: text for standard output, and the exit code.
struct Outcome {
    text: String,
    exit: Exit,
}

impl Outcome {
    fn done(text: String) -> Outcome {
        Outcome {
            text,
            exit: Exit::Good,
        }
    }
}

/// Runs the program: command line in, exit code out. Results go to standard output, everything else to standard error.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    process::harden();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error),
    };
    match run(arguments) {
        Ok(exit) => exit,
        Err(Stop::ReaderGone) => Exit::Good,
        Err(Stop::Signal(number)) => Exit::Of(128 + number),
        Err(Stop::Trouble(trouble, exit)) => {
            output::complain(&trouble);
            exit
        }
    }
}

/// What clap has to say: help and version are results, everything else is a wrong command line.
fn refused(error: &clap::Error) -> Exit {
    // A reader that is gone needs no help any more.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Good,
        _ => Exit::Usage,
    }
}

fn run(arguments: Arguments) -> Result<Exit, Stop> {
    let Arguments { global, command } = arguments;
    if global.sandbox && global.endpoint.is_some() {
        return Err(Stop::command_line(
            "--sandbox starts a sandbox of its own, --endpoint uses one that runs already",
            "Give one of the two.",
        ));
    }
    match command {
        None => console::run(&global),
        Some(Command::Status(options)) => finish(in_runtime(status::run(&global, &options))?),
        Some(Command::Check(options)) => finish(in_runtime(check::run(&global, &options))?),
        Some(Command::Create(options)) => delivered(&global, BulkIntent::Create, &options),
        Some(Command::Repair(options)) => changed(&global, BulkIntent::Repair, &options, None),
        Some(Command::Adopt(options)) => finish(in_runtime(adopt::run(&global, &options))?),
        Some(Command::Consent(options)) => finish(in_runtime(consent::run(&global, &options))?),
        Some(Command::Push(options)) => delivered(&global, BulkIntent::Push, &options),
        Some(Command::Rotate(options)) => delivered(&global, BulkIntent::Rotate, &options),
        Some(Command::Plan(options)) => finish(in_runtime(plan::run(&global, &options))?),
        Some(Command::Apply(options)) => finish(in_runtime(apply::run(&global, &options))?),
        Some(Command::Values(options)) => finish(in_runtime(values::run(&global, &options))?),
        Some(Command::Verify(options)) => finish(in_runtime(verify::run(&global, &options))?),
        Some(Command::Secrets(options)) => finish(in_runtime(secrets::run(&global, &options))?),
        Some(Command::Runs(options)) => finish(in_runtime(runs::run(&global, &options))?),
        Some(Command::Signin(options)) => finish(in_runtime(signin::run(&global, &options))?),
        Some(Command::Devices(options)) => finish(devices::run(&global, &options)?),
        Some(Command::Tenants(options)) => finish(in_runtime(tenants::run(&global, &options))?),
        Some(Command::Sandbox(options)) => in_runtime(sandbox::run(&options)),
        Some(Command::Settings(options)) => finish(settings::run(&global, &options)?),
        Some(Command::Customers(options)) => finish(in_runtime(customers::run(&global, &options))?),
        Some(Command::Portal(options)) => finish(in_runtime(portal::run(&global, &options))?),
        Some(Command::Doctor(options)) => finish(in_runtime(doctor::run(&global, &options))?),
        Some(Command::Metrics(options)) => finish(in_runtime(metrics::run(&global, &options))?),
        Some(Command::Audit(options)) => finish(in_runtime(audit::run(&global, &options))?),
        Some(Command::Schema) => finish(schema::run()),
        Some(Command::Completions { shell }) => finish(shell::completions(shell)),
        Some(Command::Man(options)) => finish(shell::man(&options)?),
        Some(Command::Keys(options)) => finish(keys::run(&global, &options)?),
    }
}

fn changed(
    global: &Global,
    change: BulkIntent,
    options: &ChangeOptions,
    secret_command: Option<&CommandWords>,
) -> Result<Exit, Stop> {
    finish(in_runtime(change::run(
        global,
        change,
        options,
        secret_command,
    ))?)
}

fn delivered(global: &Global, change: BulkIntent, options: &DeliveryOptions) -> Result<Exit, Stop> {
    let command = options.secret_command.as_ref();
    changed(global, change, &options.change, command)
}

fn finish(outcome: Outcome) -> Result<Exit, Stop> {
    output::print(&outcome.text)?;
    Ok(outcome.exit)
}

/// Carries a future out on this thread, with a small runtime behind it.
fn in_runtime<T>(future: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|why| {
            Trouble::new(
                "umpdeck can't start",
                why.to_string(),
                "Check how many processes and open files this user may have (ulimit -a).",
            )
        })?;
    let outcome = runtime.block_on(future);
    // Whatever still looks up a name or holds a file must not keep the program.
    runtime.shutdown_background();
    outcome
}
