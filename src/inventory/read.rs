//! What was found in a file that is to be imported: the devices that it proposes, and the lines that can't be used.

use std::collections::HashMap;

use super::entry::{Entry, Field};

/// A device that a file proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The line where it begins, counted from 1.
    pub line: usize,
    /// The device. What the file has no column for is empty.
    pub entry: Entry,
}

/// A line that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// The line, counted from 1.
    pub line: usize,
    /// The device on it, where it names one.
    pub device: String,
    /// Why it can't be used.
    pub why: String,
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The devices, in the order of the file.
    pub proposed: Vec<Proposed>,
    /// The lines that can't be used, by number.
    pub bad: Vec<Bad>,
    /// The fields that the file says something of; the others stay as they are in devices that are listed already.
    pub fields: Vec<Field>,
    /// The file says something of customers.
    pub customers: bool,
}

impl Reading {
    pub(super) fn refuse(&mut self, line: usize, device: &str, why: impl Into<String>) {
        self.bad.push(Bad {
            line,
            device: device.to_string(),
            why: why.into(),
        });
    }

    /// The whole file can't be used.
    pub(super) fn unusable(line: usize, why: impl Into<String>) -> Reading {
        let mut reading = Reading::default();
        reading.refuse(line, "", why);
        reading
    }

    /// Each device once: whoever comes a second time is refused. Bad lines come in their order.
    pub(super) fn settled(mut self) -> Reading {
        let mut first: HashMap<String, usize> = HashMap::new();
        for one in std::mem::take(&mut self.proposed) {
            match first.get(&one.entry.name()) {
                Some(line) => {
                    let name = one.entry.get(Field::Fqdn).to_string();
                    self.refuse(
                        one.line,
                        &name,
                        format!("line {line} names this device already"),
                    );
                }
                None => {
                    first.insert(one.entry.name(), one.line);
                    self.proposed.push(one);
                }
            }
        }
        self.bad.sort_by_key(|bad| bad.line);
        self
    }
}
