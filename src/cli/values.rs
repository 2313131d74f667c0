//! `umpdeck values`: what the console's copy menu offers of a device, all of it or one value alone for a script.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Map, Value, json};

use super::choosing;
use super::exit::{Exit, Stop};
use super::output::{self, Look};
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome, document};
use crate::desk::event::Trouble;
use crate::desk::file::DeviceFile;
use crate::registration::observed::Failure;
use crate::registration::values::ValueKind;
use crate::text::clean;

/// Options of `values`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 printed; 3 the device could not be read, or it has no such value. The value of a client \
secret is never printed: only the process that added the secret has it."
)]
pub struct ValuesOptions {
    /// The device: its FQDN, or its first label if only one device has that
    pub device: String,
    /// Print only this value, alone on a line
    #[arg(value_name = "NAME", value_parser = name())]
    pub name: Option<ValueKind>,
    /// Only what was read before and is in the store: nothing is read now
    #[arg(long)]
    pub stored: bool,
    /// Print JSON, for scripts
    #[arg(long, conflicts_with = "name")]
    pub json: bool,
}

fn name() -> impl TypedValueParser<Value = ValueKind> {
    let names = PossibleValuesParser::new(ValueKind::printable().map(ValueKind::name));
    names.try_map(|name| {
        let mut kinds = ValueKind::printable();
        kinds
            .find(|kind| kind.name() == name)
            .ok_or("it is no value")
    })
}

/// Reads the device and prints its values.
pub(super) async fn run(global: &Global, options: &ValuesOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let (file, failures) = choosing::one(&mut reading, &options.device, options.stored).await?;
    let failure = failures.get(&file.device.tenant);
    let exit = match failure {
        Some(_) => Exit::Unknown,
        None => Exit::Good,
    };
    let mut text = match options.name {
        Some(kind) => format!("{}\n", clean(&value(&file, kind, failure)?)),
        None if options.json => {
            let mut all = document::head("umpdeck.values/1", now(), reading.desk.is_sandbox());
            all.insert("tenant".into(), document::tenant(&file.tenant, failure));
            all.insert("device".into(), file.device.fqdn.as_str().into());
            all.insert("values".into(), fields(&file));
            document::text(all)
        }
        None => table_of(&reading.look, &file),
    };
    if let Some(failure) = failure {
        let line = reading.failure_line(&file.tenant, failure);
        match options.name {
            Some(_) => output::note(line.trim_end()),
            None if options.json => {}
            None => text.push_str(&line),
        }
    }
    Ok(Outcome { text, exit })
}

fn value(file: &DeviceFile, kind: ValueKind, failure: Option<&Failure>) -> Result<String, Trouble> {
    file.value(kind).map_err(|why| {
        let what = format!("{} can't be printed", kind.title());
        match failure {
            Some(failure) => Trouble::new(what, &failure.why, &failure.next),
            None => {
                let device = &file.device.fqdn;
                let next = format!("`umpdeck check {device}` shows what the device lacks.");
                Trouble::new(what, why, next)
            }
        }
    })
}

/// The values line by line, with their titles.
pub(super) fn table_of(look: &Look, file: &DeviceFile) -> String {
    // A value that is wrapped can't be copied any more.
    let columns = [("", Kind::Words), ("", Kind::Words)];
    let rows: Vec<Vec<Cell>> = ValueKind::printable()
        .map(|kind| {
            let value = match file.value(kind) {
                Ok(value) => value,
                Err(why) => format!("{} {why}", look.glyphs.none),
            };
            vec![Cell::plain(kind.title()), Cell::plain(value)]
        })
        .collect();
    table(look, &columns, &rows)
}

/// The values as JSON has them; null = there is none.
pub(super) fn fields(file: &DeviceFile) -> Value {
    let values = ValueKind::printable();
    let values = values.map(|kind| (field(kind), json!(file.value(kind).ok())));
    Value::Object(values.collect::<Map<_, _>>())
}

/// A value's name as JSON writes names: `client-id` is `clientId`.
fn field(kind: ValueKind) -> String {
    let mut words = kind.name().split('-');
    let mut field = words.next().unwrap_or_default().to_string();
    for word in words {
        field += &word[..1].to_uppercase();
        field += &word[1..];
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_the_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../assets/schema.json")).unwrap();
        let known = schema["$defs"]["values"]["properties"].as_object().unwrap();
        let mut known: Vec<&String> = known.keys().collect();
        let mut fields: Vec<String> = ValueKind::printable().map(field).collect();
        known.sort();
        fields.sort();
        assert!(fields.iter().eq(known), "{fields:?}");
    }
}
