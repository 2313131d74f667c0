//! Devices as TOML: the `[[devices]]` blocks of the settings file.

use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table, Value, value};

use super::entry::{CustomerEntry, CustomerField, Entry, Field};
use super::read::{Proposed, Reading};

const DEVICES: &str = "devices";
const CUSTOMERS: &str = "customers";

/// Devices as TOML.
pub fn write_toml(entries: &[Entry]) -> String {
    let mut document = DocumentMut::new();
    let mut all = ArrayOfTables::new();
    for entry in entries {
        let mut table = Table::new();
        write_into(&mut table, None, entry);
        all.push(table);
    }
    document.insert(DEVICES, Item::ArrayOfTables(all));
    document.to_string().trim_start().to_string()
}

/// Writes into a device's block what differs from what it says already; everything else of the block stays.
pub fn write_into(table: &mut Table, before: Option<&Entry>, entry: &Entry) {
    for field in Field::ALL {
        let text = entry.get(field);
        if before.is_none_or(|before| before.get(field) != text) {
            put(table, field.key(), text);
        }
    }
    if before.is_some_and(|before| before.customers == entry.customers) {
        return;
    }
    if entry.customers.is_empty() {
        table.remove(CUSTOMERS);
        return;
    }
    let mut all = ArrayOfTables::new();
    for customer in &entry.customers {
        let mut block = Table::new();
        for field in CustomerField::ALL {
            put(&mut block, field.key(), customer.get(field));
        }
        all.push(block);
    }
    table.insert(CUSTOMERS, Item::ArrayOfTables(all));
}

fn put(table: &mut Table, key: &str, text: &str) {
    if text.is_empty() {
        table.remove(key);
        return;
    }
    put_value(table, key, text.into());
}

/// A value in the place of the one before; a remark behind that stays.
pub fn put_value(table: &mut Table, key: &str, mut new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(there) => {
            *new.decor_mut() = there.decor().clone();
            *there = new;
        }
        None => {
            table.insert(key, value(new));
        }
    }
}

/// Reads the `[[devices]]` of a TOML file. A block says the whole of its device: what it leaves out has the default.
pub fn read_toml(text: &str) -> Reading {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::of(text);
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(why) => {
            let line = why.span().map_or(1, |span| lines.at(span.start));
            return Reading::unusable(line, why.message().trim_end());
        }
    };
    let mut reading = Reading {
        fields: Field::ALL.to_vec(),
        customers: true,
        ..Reading::default()
    };
    for (key, item) in document.iter() {
        let span = document.as_table().key(key).and_then(toml_edit::Key::span);
        let line = span.or(item.span()).map_or(1, |span| lines.at(span.start));
        match (key, item) {
            (DEVICES, Item::ArrayOfTables(all)) => {
                for table in all {
                    device(&mut reading, table, &lines);
                }
            }
            (DEVICES, _) => reading.refuse(line, "", "devices are [[devices]] blocks"),
            _ => reading.refuse(line, "", format!("{key}: only [[devices]] are imported")),
        }
    }
    reading.settled()
}

fn device(reading: &mut Reading, table: &Table, lines: &Lines) {
    let name = table.get(Field::Fqdn.key()).and_then(Item::as_str);
    let name = name.unwrap_or_default().to_string();
    let line = table.span().map_or(1, |span| lines.at(span.start));
    match read_from(table) {
        Ok(entry) if entry.get(Field::Fqdn).is_empty() => {
            reading.refuse(line, "", "fqdn: the FQDN is empty");
        }
        Ok(entry) => reading.proposed.push(Proposed { line, entry }),
        Err((at, why)) => {
            let line = at.map_or(line, |at| lines.at(at));
            reading.refuse(line, &name, why);
        }
    }
}

/// What a device's block says; else where in the text it can't be used, and why.
fn read_from(table: &Table) -> Result<Entry, (Option<usize>, String)> {
    let mut entry = Entry::default();
    for (key, item) in table {
        let at = item.span().map(|span| span.start);
        if key == CUSTOMERS {
            entry.customers = customers(item)?;
            continue;
        }
        let Some(field) = Field::ALL.into_iter().find(|field| field.key() == key) else {
            return Err((at, format!("{key}: a device has no such field")));
        };
        entry.set(field, string(key, item)?);
    }
    Ok(entry)
}

fn customers(item: &Item) -> Result<Vec<CustomerEntry>, (Option<usize>, String)> {
    let Some(all) = item.as_array_of_tables() else {
        let at = item.span().map(|span| span.start);
        return Err((at, "customers are [[devices.customers]] blocks".to_string()));
    };
    let mut customers = Vec::with_capacity(all.len());
    for table in all {
        let mut customer = CustomerEntry::default();
        for (key, item) in table {
            let fields = CustomerField::ALL.into_iter();
            let Some(field) = fields.clone().find(|field| field.key() == key) else {
                let at = item.span().map(|span| span.start);
                return Err((at, format!("{key}: a customer has no such field")));
            };
            customer.set(field, string(key, item)?);
        }
        customers.push(customer);
    }
    Ok(customers)
}

fn string<'a>(key: &str, item: &'a Item) -> Result<&'a str, (Option<usize>, String)> {
    item.as_str().ok_or_else(|| {
        let at = item.span().map(|span| span.start);
        (at, format!("{key}: it is not text in quotes"))
    })
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(breaks.map(|(at, _)| at).collect())
    }

    /// The line of a place, counted from 1.
    fn at(&self, place: usize) -> usize {
        self.0.partition_point(|end| *end < place) + 1
    }
}
