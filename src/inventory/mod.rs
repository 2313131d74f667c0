//! The inventory as it is written down: one table of fields for settings file, forms, CSV and TOML, and what a change
//! of it comes to. Pure; it knows the core's rules for names and addresses, and settings, desk and faces know it.

mod changes;
mod csv;
mod entry;
mod known;
mod read;
mod toml;

pub use changes::{Change, Changes, FieldChange, applied};
pub use csv::{read_csv, write_csv};
pub use entry::{CustomerEntry, CustomerField, Entry, Field};
pub use known::{Known, Wrong, check_customer, valid_address};
pub use read::{Bad, Proposed, Reading};
pub use toml::{put_value, read_toml, write_into, write_toml};

#[cfg(test)]
mod tests;
