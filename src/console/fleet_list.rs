//! The list of devices: all rows, the ones that fit the filter in their order, and the cursor among these.

mod marks;
mod totals;

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::list::{ListState, Move};
use crate::desk::event::FleetRow;
use crate::desk::query::{Names, Query};
use crate::registration::fleet::Fqdn;
use crate::registration::status::Status;
pub use totals::Total;

/// The orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Worst status first, then by name.
    #[default]
    WorstFirst,
    /// By device name.
    Name,
    /// The secret that ends first.
    Secret,
    /// The oldest facts first.
    Age,
}

impl Sort {
    /// The next order.
    pub fn next(self) -> Sort {
        match self {
            Sort::WorstFirst => Sort::Name,
            Sort::Name => Sort::Secret,
            Sort::Secret => Sort::Age,
            Sort::Age => Sort::WorstFirst,
        }
    }

    /// Its words on screen.
    pub fn words(self) -> &'static str {
        match self {
            Sort::WorstFirst => "worst first",
            Sort::Name => "name",
            Sort::Secret => "secret ends first",
            Sort::Age => "read longest ago first",
        }
    }
}

/// The list of devices.
#[derive(Debug, Default)]
pub struct FleetList {
    rows: Vec<FleetRow>,
    /// The places of `rows` in the order of their names: where a device stands is found without a second copy of each name.
    by_name: Vec<u32>,
    visible: Vec<u32>,
    /// By the places of `rows`.
    marks: Vec<bool>,
    marked: usize,
    tenant_names: HashMap<Uuid, String>,
    totals: HashMap<Option<Uuid>, Total>,
    oldest: Option<Timestamp>,
    /// Cells that the longest name has, of all devices: the columns stay where they are whatever is filtered.
    longest_name: usize,
    not_ok_shown: usize,
    /// The operator has moved the cursor: it stays on its device from then on, whatever the order becomes.
    held: bool,
    /// A device that is not listed yet: the cursor goes to it when it is.
    awaited: Option<Fqdn>,
    /// The cursor among the visible rows.
    pub list: ListState,
    /// Only this tenant's devices.
    pub tenant: Option<Uuid>,
    /// The filter as typed.
    pub filter: String,
    query: Query,
    /// The names of each device's customers, once a filter has asked for them.
    customers: Option<HashMap<Fqdn, String>>,
    /// Only devices that are not OK.
    pub problems_only: bool,
    /// The order.
    pub sort: Sort,
}

impl FleetList {
    /// Takes over a whole fleet.
    pub fn load(&mut self, rows: Vec<FleetRow>, tenants: &[(Uuid, String)], now: Timestamp) {
        // A device keeps its mark, a device that went takes it along.
        let marked = self.marked_devices();
        // Where the device under the cursor goes, the cursor goes to the one that was nearest, the next one first.
        let cursor = self.list.cursor;
        let near = (cursor..self.visible.len()).chain((0..cursor).rev());
        let near: Vec<Fqdn> = near
            .filter_map(|at| Some(self.row(at)?.fqdn.clone()))
            .collect();
        self.tenant_names = tenants
            .iter()
            .map(|(id, name)| (*id, name.to_lowercase()))
            .collect();
        self.by_name = (0..rows.len() as u32).collect();
        self.by_name
            .sort_unstable_by(|a, b| rows[*a as usize].fqdn.cmp(&rows[*b as usize].fqdn));
        let names = rows.iter().map(|row| row.fqdn.as_str().len());
        self.longest_name = names.max().unwrap_or_default();
        self.rows = rows;
        self.marks = vec![false; self.rows.len()];
        self.marked = 0;
        for fqdn in marked {
            if let Some(at) = self.row_of(&fqdn) {
                self.marks[at as usize] = true;
                self.marked += 1;
            }
        }
        // The cursor's place in the old order says nothing of the new one.
        let held = std::mem::replace(&mut self.held, false);
        self.arrange(now);
        self.held = held;
        let awaited = self.awaited.take().into_iter();
        let near = near.into_iter().filter(|_| held);
        if let Some(at) = awaited.chain(near).find_map(|fqdn| self.place(&fqdn)) {
            self.list.cursor = at;
        }
    }

    /// Where a device stands among all rows.
    fn row_of(&self, fqdn: &Fqdn) -> Option<u32> {
        let of = |at: &u32| self.rows[*at as usize].fqdn.cmp(fqdn);
        let at = self.by_name.binary_search_by(of).ok()?;
        Some(self.by_name[at])
    }

    /// Where a device stands among the visible rows.
    fn place(&self, fqdn: &Fqdn) -> Option<usize> {
        let row = self.row_of(fqdn)?;
        self.visible.iter().position(|at| *at == row)
    }

    /// Something is done with a device: the cursor goes to it, at once or when it is listed, where the filter lets it.
    pub fn follow(&mut self, fqdn: &Fqdn) {
        self.held = true;
        match self.place(fqdn) {
            Some(at) => self.list.cursor = at,
            None if self.row_of(fqdn).is_none() => self.awaited = Some(fqdn.clone()),
            None => {}
        }
    }

    /// Takes over rows that were judged anew.
    pub fn merge(&mut self, rows: Vec<FleetRow>, now: Timestamp) {
        for row in rows {
            // What is not listed was read before the inventory changed.
            if let Some(at) = self.row_of(&row.fqdn) {
                self.rows[at as usize] = row;
            }
        }
        self.arrange(now);
    }

    /// Takes over a filter.
    pub fn set_filter(&mut self, text: &str, now: Timestamp) {
        self.filter = text.to_string();
        self.query = Query::parse(text);
        self.list.offset = 0;
        self.arrange(now);
    }

    /// The filter asks for customers, whose names are not there yet.
    pub fn wants_customers(&self) -> bool {
        self.customers.is_none() && self.query.asks_for_customers()
    }

    /// Takes over the names of each device's customers.
    pub fn know_customers(&mut self, names: HashMap<Fqdn, String>, now: Timestamp) {
        self.customers = Some(names);
        self.arrange(now);
    }

    /// What was read may have brought other customers.
    pub fn forget_customers(&mut self) {
        if !self.query.asks_for_customers() {
            self.customers = None;
        }
    }

    /// Filters and sorts anew; the cursor stays on its device if that is still there.
    pub fn arrange(&mut self, now: Timestamp) {
        let selected = self
            .selected()
            .filter(|_| self.held)
            .map(|row| row.fqdn.clone());
        let fits = |row: &FleetRow| {
            (!self.problems_only || row.status() != Status::Ok) && self.lets_through(row, now)
        };
        let mut visible: Vec<u32> = (0..self.rows.len() as u32)
            .filter(|at| fits(&self.rows[*at as usize]))
            .collect();
        let (rows, sort) = (&self.rows, self.sort);
        visible.sort_unstable_by(|a, b| compare(&rows[*a as usize], &rows[*b as usize], sort));
        self.visible = visible;
        if let Some(fqdn) = selected
            && let Some(at) = self
                .visible
                .iter()
                .position(|at| self.rows[*at as usize].fqdn == fqdn)
        {
            self.list.cursor = at;
        } else if !self.visible.is_empty() && self.list.cursor >= self.visible.len() {
            self.list.cursor = 0;
        }
        self.list.cursor = self.list.cursor.min(self.visible.len().saturating_sub(1));
        self.count();
    }

    /// Whether a device is of the chosen tenant and fits the filter, in order or not.
    pub fn fits(&self, fqdn: &Fqdn, now: Timestamp) -> bool {
        self.of(fqdn).is_some_and(|row| self.lets_through(row, now))
    }

    /// Whether a row is of the chosen tenant and fits the filter.
    fn lets_through(&self, row: &FleetRow, now: Timestamp) -> bool {
        let tenant = |id: Uuid| self.tenant_names.get(&id).cloned().unwrap_or_default();
        let has_customer = |fqdn: &Fqdn, text: &str| {
            let names = self.customers.as_ref().and_then(|all| all.get(fqdn));
            names.is_some_and(|all| all.contains(text))
        };
        let names = Names {
            tenant: &tenant,
            has_customer: &has_customer,
        };
        self.tenant.is_none_or(|tenant| tenant == row.tenant)
            && (self.query.is_empty() || self.query.fits(row, names, now))
    }

    /// Moves the cursor.
    pub fn go(&mut self, step: Move, page: usize) {
        self.held |= step != Move::By(0);
        self.list.go(step, self.visible.len(), page);
    }

    /// Something is done with the device under the cursor: the cursor stays on it, whatever the order becomes.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// How many of the devices in the list were judged and are not OK.
    pub fn not_ok_shown(&self) -> usize {
        self.not_ok_shown
    }

    /// How many rows fit the filter.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Does nothing fit?
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// How many rows there are in all.
    pub fn all(&self) -> usize {
        self.rows.len()
    }

    /// A visible row by its place.
    pub fn row(&self, at: usize) -> Option<&FleetRow> {
        self.visible.get(at).map(|at| &self.rows[*at as usize])
    }

    /// A device's row, visible or not.
    pub fn of(&self, fqdn: &Fqdn) -> Option<&FleetRow> {
        self.row_of(fqdn).map(|at| &self.rows[at as usize])
    }

    /// Every device, visible or not.
    pub fn devices(&self) -> impl Iterator<Item = &Fqdn> {
        self.rows.iter().map(|row| &row.fqdn)
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<&FleetRow> {
        self.row(self.list.cursor)
    }

    /// Cells that the longest device name has.
    pub fn longest_name(&self) -> usize {
        self.longest_name
    }

    /// When the oldest of the visible rows' facts were read.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.oldest
    }
}

fn compare(a: &FleetRow, b: &FleetRow, sort: Sort) -> Ordering {
    let by_name = || a.fqdn.cmp(&b.fqdn);
    let end = |row: &FleetRow| row.verdict.as_ref().and_then(|verdict| verdict.secret_end);
    let read = |row: &FleetRow| row.verdict.as_ref().and_then(|verdict| verdict.read_at);
    match sort {
        Sort::WorstFirst => a.worst_first(b),
        Sort::Name => by_name(),
        Sort::Secret => {
            let key = |row: &FleetRow| end(row).map_or((1, None), |end| (0, Some(end)));
            key(a).cmp(&key(b)).then_with(by_name)
        }
        Sort::Age => read(a).cmp(&read(b)).then_with(by_name),
    }
}
