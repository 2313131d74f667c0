//! `umpdeck devices`: the devices of the settings file, listed, added, edited, removed, imported and exported. What
//! would change is shown first; it is written with `--yes`, or when whoever sits at the terminal says so.

mod options;
pub(super) mod words;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::choosing::device_meant;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::{Global, Outcome, site};
use crate::desk::event::Trouble;
use crate::desk::inventory::Order;
use crate::desk::read_only::ReadOnly;
use crate::inventory::{
    Change, Changes, Entry, Field, Known, Reading, read_csv, read_toml, write_csv, write_toml,
};
use crate::settings::{Settings, SettingsFile, with_devices};
pub use options::{
    DevicesCommand, DevicesOptions, EntryOptions, Format, ImportOptions, RemoveOptions,
};

/// No file that is to be imported is longer, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The inventory as it is written now.
struct Listed {
    open: SettingsFile,
    text: String,
    entries: Vec<Entry>,
    known: Known,
    read_only: ReadOnly,
}

/// What to do with a change once it is shown.
#[derive(Clone, Copy)]
struct Wish {
    yes: bool,
    json: bool,
    skip_bad: bool,
}

/// Carries the command out.
pub(super) fn run(global: &Global, options: &DevicesOptions) -> Result<Outcome, Stop> {
    global.not_of_a_sandbox("devices", "`umpdeck status --sandbox`")?;
    let file = Settings::place(global.settings.as_deref())?;
    if global.settings.is_some() && options.command.is_none() {
        // A file that was named to be looked at must be there.
        Settings::load(global.settings.as_deref())?;
    }
    let open = SettingsFile::open(&file)?;
    let text = open.text();
    let settings = Settings::parse(&text, &file)?;
    let listed = Listed {
        open,
        entries: settings.written_devices(),
        known: site::known_to(&settings)?,
        read_only: site::read_only(global, &settings),
        text,
    };
    let look = Look::of(global, settings.screen.ascii);
    match &options.command {
        None => {
            let (tenants, devices) = settings.fleet(&listed.known)?;
            let text = match options.json {
                true => words::list_json(&tenants, &devices, &file),
                false => words::list(&look, &tenants, &devices, &file),
            };
            Ok(Outcome::done(text))
        }
        Some(DevicesCommand::Export { format }) => Ok(Outcome::done(match format {
            Format::Csv => write_csv(&listed.entries),
            Format::Toml => write_toml(&listed.entries),
        })),
        Some(DevicesCommand::Add(options)) => {
            let wish = Wish::of(options.yes, options.json);
            settle(&look, &file, &listed, added(&listed, options)?, wish)
        }
        Some(DevicesCommand::Edit(options)) => {
            let wish = Wish::of(options.yes, options.json);
            settle(&look, &file, &listed, edited(&listed, options)?, wish)
        }
        Some(DevicesCommand::Remove(options)) => {
            let wish = Wish::of(options.yes, options.json);
            settle(&look, &file, &listed, removed(&listed, options)?, wish)
        }
        Some(DevicesCommand::Import(options)) => {
            let reading = read(options)?;
            let changes = Changes::of_reading(&listed.entries, reading, &listed.known);
            let wish = Wish {
                skip_bad: options.skip_bad,
                ..Wish::of(options.yes, options.json)
            };
            settle(&look, &file, &listed, changes, wish)
        }
    }
}

impl Wish {
    fn of(yes: bool, json: bool) -> Wish {
        Wish {
            yes,
            json,
            skip_bad: false,
        }
    }
}

fn wrong(what: &str, why: impl Into<String>, next: &str) -> Stop {
    Stop::usage(Trouble::new(what, why, next))
}

fn find<'a>(listed: &'a Listed, named: &str) -> Result<&'a Entry, Stop> {
    device_meant(&listed.entries, named, |entry| entry.name().into())
}

/// The change of one device, when it keeps the rules.
fn valid(known: &Known, entry: &Entry, change: Option<Change>) -> Result<Changes, Stop> {
    if let Err(wrong) = known.device(entry) {
        let what = format!(
            "{} can't be added or changed like that",
            entry.get(Field::Fqdn)
        );
        let next = "`umpdeck devices add --help` explains each setting.";
        return Err(Stop::usage(Trouble::new(what, wrong.to_string(), next)));
    }
    Ok(Changes {
        unchanged: usize::from(change.is_none()),
        devices: change.into_iter().collect(),
        bad: vec![],
    })
}

fn added(listed: &Listed, options: &EntryOptions) -> Result<Changes, Stop> {
    let mut entry = Entry::named(&options.fqdn);
    options.write_into(&mut entry);
    if listed.entries.iter().any(|one| one.name() == entry.name()) {
        return Err(wrong(
            "the device is not added",
            format!("{} is listed already", options.fqdn),
            "`umpdeck devices edit` changes it.",
        ));
    }
    valid(&listed.known, &entry, Some(Change::Added(entry.clone())))
}

fn edited(listed: &Listed, options: &EntryOptions) -> Result<Changes, Stop> {
    let before = find(listed, &options.fqdn)?.clone();
    let mut after = before.clone();
    options.write_into(&mut after);
    let change = (before != after).then(|| Change::Changed {
        before: before.into(),
        after: after.clone().into(),
    });
    valid(&listed.known, &after, change)
}

fn removed(listed: &Listed, options: &RemoveOptions) -> Result<Changes, Stop> {
    let mut changes = Changes::default();
    for device in &options.devices {
        let change = Change::Removed(find(listed, device)?.clone());
        if !changes.devices.contains(&change) {
            changes.devices.push(change);
        }
    }
    Ok(changes)
}

/// What stands in the file that is to be imported.
fn read(options: &ImportOptions) -> Result<Reading, Stop> {
    let failed = |why: io::Error| {
        let what = format!("{} can't be read", options.file.display());
        Stop::usage(Trouble::new(
            what,
            why.to_string(),
            "Name a file that umpdeck can read.",
        ))
    };
    let mut bytes = Vec::new();
    let input: Box<dyn io::Read> = match options.file == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(&options.file).map_err(failed)?),
    };
    input
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(failed(io::Error::other("it is longer than 64 MiB")));
    }
    let ending = options.file.extension().and_then(|ending| ending.to_str());
    let format = options.format.unwrap_or(match ending {
        Some("toml") => Format::Toml,
        Some("csv" | "tsv") => Format::Csv,
        _ if bytes.trim_ascii_start().starts_with(b"[") => Format::Toml,
        _ => Format::Csv,
    });
    Ok(match format {
        Format::Csv => read_csv(&bytes),
        Format::Toml => read_toml(&String::from_utf8_lossy(&bytes)),
    })
}

/// Shows what would change, and writes it when that is wished for and may be.
fn settle(
    look: &Look,
    file: &Path,
    listed: &Listed,
    changes: Changes,
    wish: Wish,
) -> Result<Outcome, Stop> {
    let stands = changes.bad.is_empty() || wish.skip_bad;
    let works = stands && !changes.devices.is_empty();
    let asks = works && !wish.yes && !wish.json && output::can_ask();
    let mut writes = wish.yes && works;
    if writes || asks {
        let order = Order::Devices(changes.devices.clone());
        listed.read_only.may_order(&order, &listed.known)?;
    }
    // Found out before anything is said: what can't be written is nothing to look forward to.
    let written = match works {
        true => Some(with_devices(&listed.text, file, &changes.devices)?),
        false => None,
    };
    let mut shown = words::changes(look, &changes);
    if asks {
        output::print(&std::mem::take(&mut shown))?;
        writes = output::asked(&question(&changes, file), "nothing was written")?;
    }
    if let Some(text) = written.filter(|_| writes) {
        listed.open.replace(&text)?;
    }
    let text = match wish.json {
        true => words::changes_json(&changes, writes, file),
        false => shown,
    };
    let exit = match (stands, writes || changes.devices.is_empty()) {
        (false, _) => {
            output::note(
                "Nothing was written: the file has bad lines. --skip-bad leaves them out.",
            );
            Exit::Unknown
        }
        (true, false) => {
            output::not_written(asks);
            Exit::Work
        }
        (true, true) => {
            if writes {
                output::note(&format!("Written to {}.", file.display()));
            }
            Exit::Good
        }
    };
    Ok(Outcome { text, exit })
}

/// What whoever sits at the terminal is asked before a change is written.
fn question(changes: &Changes, file: &Path) -> String {
    let file = file.display();
    match changes.devices.as_slice() {
        [Change::Added(entry)] => format!("Add {} to {file}?", entry.get(Field::Fqdn)),
        [Change::Removed(entry)] => format!("Remove {} from {file}?", entry.get(Field::Fqdn)),
        [one] => format!("Change {} in {file}?", one.device()),
        all => format!("Write these {} devices to {file}?", all.len()),
    }
}
