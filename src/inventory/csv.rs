//! Devices as CSV: a line a device, by its column heads, and a further line with the FQDN alone for each customer after
//! the first. What a spreadsheet would take for a formula bears an apostrophe, which reading takes away again.

use std::borrow::Cow;
use std::collections::HashMap;

use csv::{ByteRecord, QuoteStyle, ReaderBuilder, WriterBuilder};

use super::entry::{CustomerEntry, CustomerField, Entry, Field};
use super::read::{Proposed, Reading};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Device(Field),
    Customer(CustomerField),
}

impl Column {
    fn all() -> impl Iterator<Item = Column> {
        let devices = Field::ALL.into_iter().map(Column::Device);
        devices.chain(CustomerField::ALL.into_iter().map(Column::Customer))
    }

    fn head(self) -> &'static str {
        match self {
            Column::Device(field) => field.key(),
            Column::Customer(field) => field.column(),
        }
    }
}

/// What begins a formula in spreadsheets.
fn begins_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A formula, with or without apostrophes before it.
fn would_be_formula(text: &str) -> bool {
    begins_formula(text.trim_start_matches('\''))
}

/// The text as no spreadsheet takes it for a formula.
fn made_safe(text: &str) -> Cow<'_, str> {
    match would_be_formula(text) {
        true => format!("'{text}").into(),
        false => text.into(),
    }
}

/// The inverse of [`made_safe`].
fn as_meant(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if would_be_formula(rest) => rest,
        _ => text,
    }
}

/// Devices as CSV, the column heads first.
pub fn write_csv(entries: &[Entry]) -> String {
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Necessary)
        .from_writer(Vec::new());
    // Writing into memory can't fail.
    let _ = writer.write_record(Column::all().map(Column::head));
    let none = CustomerEntry::default();
    for entry in entries {
        let customers = match entry.customers.as_slice() {
            [] => std::slice::from_ref(&none),
            some => some,
        };
        for (at, customer) in customers.iter().enumerate() {
            let cells = Column::all().map(|column| match column {
                Column::Device(field) if at == 0 || field == Field::Fqdn => {
                    made_safe(entry.get(field))
                }
                Column::Device(_) => "".into(),
                Column::Customer(field) => made_safe(customer.get(field)),
            });
            let cells: Vec<Cow<'_, str>> = cells.collect();
            let _ = writer.write_record(cells.iter().map(|cell| cell.as_bytes()));
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Reads CSV with commas, semicolons or tabs, as the column heads have them.
pub fn read_csv(bytes: &[u8]) -> Reading {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(bytes))
        .from_reader(bytes);
    let mut record = ByteRecord::new();
    if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
        return Reading::unusable(1, "it has no column heads");
    }
    let columns = match columns(&record) {
        Ok(columns) => columns,
        Err(why) => return Reading::unusable(1, why),
    };
    let given = |field| columns.contains(&Column::Device(field));
    let mut reading = Reading {
        fields: Field::ALL
            .into_iter()
            .filter(|field| given(*field))
            .collect(),
        customers: columns
            .iter()
            .any(|column| matches!(column, Column::Customer(_))),
        ..Reading::default()
    };
    let mut known: HashMap<String, usize> = HashMap::new();
    loop {
        let line = match reader.read_byte_record(&mut record) {
            Ok(true) => record.position().map_or(0, |at| at.line()) as usize,
            Ok(false) => break,
            Err(why) => {
                let line = why.position().map_or(0, |at| at.line()) as usize;
                reading.refuse(line, "", why.to_string());
                break;
            }
        };
        match take(&record, &columns) {
            Err((device, why)) => reading.refuse(line, &device, why),
            Ok((entry, customer)) => add(&mut reading, &mut known, line, entry, customer),
        }
    }
    reading.bad.sort_by_key(|bad| bad.line);
    reading
}

/// A line of a device that is there already brings it one more customer, and says nothing else of it.
fn add(
    reading: &mut Reading,
    known: &mut HashMap<String, usize>,
    line: usize,
    mut entry: Entry,
    customer: Option<CustomerEntry>,
) {
    let Some(place) = known.get(&entry.name()).copied() else {
        known.insert(entry.name(), reading.proposed.len());
        entry.customers.extend(customer);
        reading.proposed.push(Proposed { line, entry });
        return;
    };
    let first = &mut reading.proposed[place];
    let differs = Field::ALL.into_iter().find(|field| {
        let (here, there) = (entry.compared(*field), first.entry.compared(*field));
        !here.is_empty() && here != there
    });
    match (customer, differs) {
        (Some(customer), None) => first.entry.customers.push(customer),
        (Some(_), Some(field)) => {
            let why = format!("{} differs from line {}", field.key(), first.line);
            reading.refuse(line, entry.get(Field::Fqdn), why);
        }
        (None, _) => {
            let why = format!("line {} names this device already", first.line);
            reading.refuse(line, entry.get(Field::Fqdn), why);
        }
    }
}

/// What parts the cells, by the first line: no column head has any of these in it.
fn delimiter(bytes: &[u8]) -> u8 {
    let head = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let found = [b',', b';', b'\t']
        .into_iter()
        .find(|mark| head.contains(mark));
    found.unwrap_or(b',')
}

fn columns(heads: &ByteRecord) -> Result<Vec<Column>, String> {
    let mut columns: Vec<Column> = Vec::with_capacity(heads.len());
    for head in heads {
        let head = String::from_utf8_lossy(head);
        let head = head.trim();
        let Some(column) = Column::all().find(|column| column.head().eq_ignore_ascii_case(head))
        else {
            let all: Vec<_> = Column::all().map(Column::head).collect();
            return Err(format!(
                "there is no column {head:?}; there are: {}",
                all.join(", ")
            ));
        };
        if columns.contains(&column) {
            return Err(format!("the column {} comes twice", column.head()));
        }
        columns.push(column);
    }
    match columns.contains(&Column::Device(Field::Fqdn)) {
        true => Ok(columns),
        false => Err("the column fqdn is missing".to_string()),
    }
}

/// The device and the customer on a line; else the device as far as it is named, and why the line can't be used.
fn take(
    record: &ByteRecord,
    columns: &[Column],
) -> Result<(Entry, Option<CustomerEntry>), (String, String)> {
    let mut entry = Entry::default();
    let mut customer = CustomerEntry::default();
    let mut trouble = None;
    for (column, cell) in columns.iter().zip(record) {
        let Ok(text) = std::str::from_utf8(cell) else {
            trouble.get_or_insert(format!("{} is not UTF-8", column.head()));
            continue;
        };
        match column {
            Column::Device(field) => entry.set(*field, as_meant(text)),
            Column::Customer(field) => customer.set(*field, as_meant(text)),
        }
    }
    let name = entry.get(Field::Fqdn).to_string();
    if record.len() != columns.len() {
        let why = format!(
            "it has {} cells, and there are {} columns",
            record.len(),
            columns.len()
        );
        trouble = Some(why);
    }
    match trouble {
        Some(why) => Err((name, why)),
        None if name.is_empty() => Err((name, "fqdn: the FQDN is empty".to_string())),
        None => Ok((entry, Some(customer).filter(|one| !one.is_empty()))),
    }
}
