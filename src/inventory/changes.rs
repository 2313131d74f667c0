//! What a change of the inventory comes to, device by device, before anything is written.

use std::collections::HashMap;

use super::entry::{CustomerEntry, CustomerField, Entry, Field};
use super::known::Known;
use super::read::{Bad, Proposed, Reading};

/// What becomes of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added(Entry),
    /// Some of what is written of it changes.
    Changed {
        /// As it is written now.
        before: Box<Entry>,
        /// As it will be.
        after: Box<Entry>,
    },
    /// It is not listed any more.
    Removed(Entry),
}

/// One thing that changes of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field, or "customer zeta".
    pub field: String,
    /// As it is; empty = not written.
    pub from: String,
    /// As it will be; empty = not written.
    pub to: String,
}

impl Change {
    /// The device's name: the one that it has now.
    pub fn device(&self) -> &str {
        match self {
            Change::Added(entry) | Change::Removed(entry) => entry.get(Field::Fqdn),
            Change::Changed { before, .. } => before.get(Field::Fqdn),
        }
    }

    /// What changes, in the order of the fields; of a new device what is written of it, save its name.
    pub fn fields(&self) -> Vec<FieldChange> {
        let nothing = Entry::default();
        let (before, after) = match self {
            Change::Added(entry) => (&nothing, entry),
            Change::Changed { before, after } => (&**before, &**after),
            Change::Removed(_) => return vec![],
        };
        let of_new = |field: &Field| !(matches!(self, Change::Added(_)) && *field == Field::Fqdn);
        let fields = Field::ALL.into_iter().filter(of_new);
        let mut changes: Vec<FieldChange> = fields
            .filter(|field| before.get(*field) != after.get(*field))
            .map(|field| FieldChange {
                field: field.key().to_string(),
                from: before.get(field).to_string(),
                to: after.get(field).to_string(),
            })
            .collect();
        changes.extend(customers(&before.customers, &after.customers));
        changes
    }
}

fn customers(before: &[CustomerEntry], after: &[CustomerEntry]) -> Vec<FieldChange> {
    let short = |one: &CustomerEntry| one.get(CustomerField::ShortName).to_string();
    let words = |one: &CustomerEntry| {
        let rest = [
            CustomerField::FullName,
            CustomerField::TenantId,
            CustomerField::RedirectUri,
        ];
        let said: Vec<&str> = rest
            .into_iter()
            .map(|field| one.get(field))
            .filter(|text| !text.is_empty())
            .collect();
        match said.is_empty() {
            true => short(one),
            false => said.join(", "),
        }
    };
    let of = |all: &[CustomerEntry], name: &str| {
        let found = all
            .iter()
            .find(|one| one.get(CustomerField::ShortName) == name);
        found.map(words).unwrap_or_default()
    };
    let mut changes = Vec::new();
    let gone = before
        .iter()
        .filter(|one| of(after, &short(one)).is_empty());
    for name in after.iter().chain(gone).map(short) {
        let (from, to) = (of(before, &name), of(after, &name));
        if from != to {
            let field = format!("customer {name}");
            changes.push(FieldChange { field, from, to });
        }
    }
    if changes.is_empty() && before != after {
        let order = |all: &[CustomerEntry]| all.iter().map(short).collect::<Vec<_>>().join(", ");
        changes.push(FieldChange {
            field: "customers".to_string(),
            from: order(before),
            to: order(after),
        });
    }
    changes
}

/// What a change of the inventory comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The devices that change, in the order of the file that they come from.
    pub devices: Vec<Change>,
    /// How many the file says of what is written already.
    pub unchanged: usize,
    /// The lines that can't be used, by number.
    pub bad: Vec<Bad>,
}

impl Changes {
    /// What a file that was read comes to, over the devices that are listed.
    pub fn of_reading(listed: &[Entry], reading: Reading, known: &Known) -> Changes {
        let places: HashMap<String, &Entry> =
            listed.iter().map(|entry| (entry.name(), entry)).collect();
        let mut changes = Changes {
            bad: reading.bad,
            ..Changes::default()
        };
        for Proposed { line, entry } in reading.proposed {
            let before = places.get(&entry.name()).copied();
            let mut after = before.cloned().unwrap_or_default();
            for field in &reading.fields {
                if after.compared(*field) != entry.compared(*field) {
                    after.set(*field, entry.get(*field));
                }
            }
            if reading.customers {
                after.customers = entry.customers;
            }
            if let Err(wrong) = known.device(&after) {
                changes.bad.push(Bad {
                    line,
                    device: after.get(Field::Fqdn).to_string(),
                    why: wrong.to_string(),
                });
                continue;
            }
            match before {
                Some(before) if *before == after => changes.unchanged += 1,
                Some(before) => changes.devices.push(Change::Changed {
                    before: Box::new(before.clone()),
                    after: Box::new(after),
                }),
                None => changes.devices.push(Change::Added(after)),
            }
        }
        changes.bad.sort_by_key(|bad| bad.line);
        changes
    }

    /// How many devices are new, change, go.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |fits: fn(&Change) -> bool| self.devices.iter().filter(|one| fits(one)).count();
        (
            count(|one| matches!(one, Change::Added(_))),
            count(|one| matches!(one, Change::Changed { .. })),
            count(|one| matches!(one, Change::Removed(_))),
        )
    }

    /// "2 new devices, 1 changed, 3 as they are, 1 bad line".
    pub fn words(&self) -> String {
        let (added, changed, removed) = self.counts();
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let all = [
            (added, format!("{added} new device{}", plural(added))),
            (changed, format!("{changed} changed")),
            (removed, format!("{removed} removed")),
            (self.unchanged, format!("{} unchanged", self.unchanged)),
            (
                self.bad.len(),
                format!("{} bad line{}", self.bad.len(), plural(self.bad.len())),
            ),
        ];
        let said: Vec<String> = all
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(_, words)| words)
            .collect();
        match said.is_empty() {
            true => "nothing changes".to_string(),
            false => said.join(", "),
        }
    }
}

/// The devices as they will be listed when these changes are made; new ones come last.
pub fn applied(mut listed: Vec<Entry>, changes: &[Change]) -> Vec<Entry> {
    let mut by_name: HashMap<String, &Change> = HashMap::new();
    for change in changes {
        by_name.insert(change.device().to_ascii_lowercase(), change);
    }
    listed.retain(|entry| !matches!(by_name.get(&entry.name()), Some(Change::Removed(_))));
    for entry in &mut listed {
        if let Some(Change::Changed { after, .. }) = by_name.get(&entry.name()) {
            *entry = (**after).clone();
        }
    }
    listed.extend(changes.iter().filter_map(|change| match change {
        Change::Added(entry) => Some(entry.clone()),
        _ => None,
    }));
    listed
}
