//! The forms of the inventory, and what a change of it comes to before it is written.

use tui_input::Input;

use super::super::list::ListState;
use crate::desk::inventory::{Order, Written};
use crate::inventory::{CustomerField, Entry, Field, FieldChange};
use crate::registration::fleet::{Fqdn, Tenant};
use uuid::Uuid;

/// What the inventory was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InventoryWish {
    /// The form for one more device.
    Add,
    /// The form of a device.
    Edit(Fqdn),
    /// To take devices out.
    Remove(Vec<Fqdn>),
    /// The form of a tenant.
    Tenant(Uuid),
}

/// What a form is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormSubject {
    /// A device that is not listed yet.
    NewDevice,
    /// A device, as it is written.
    Device(Box<Entry>),
    /// A tenant, as it is listed.
    Tenant(Tenant),
}

/// What a line of a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKey {
    /// A field of a device.
    Device(Field),
    /// A field of one of a device's customers, by its place among them.
    Customer(usize, CustomerField),
    /// A tenant's name.
    TenantName,
    /// A tenant's primary domain.
    TenantDomain,
    /// A tenant's MPN ID.
    TenantMpnId,
}

impl FormKey {
    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            FormKey::Device(field) => field.label(),
            FormKey::Customer(_, field) => field.label(),
            FormKey::TenantName => "Name",
            FormKey::TenantDomain => "Primary domain",
            FormKey::TenantMpnId => "MPN ID",
        }
    }
}

/// A line of a form.
#[derive(Debug, Clone)]
pub struct FormLine {
    /// What it is.
    pub key: FormKey,
    /// Its text.
    pub input: Input,
    /// What it is one of; empty = it is typed. An empty choice is the default.
    pub choices: Vec<String>,
    /// It can't be changed.
    pub fixed: bool,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl FormLine {
    /// A line that is typed.
    pub fn typed(key: FormKey, text: &str) -> FormLine {
        FormLine {
            key,
            input: Input::from(text.to_string()),
            choices: vec![],
            fixed: false,
            error: None,
        }
    }
}

/// A form of the inventory.
#[derive(Debug)]
pub struct FormScreen {
    /// What it is about.
    pub subject: FormSubject,
    /// The inventory that it was made from.
    pub written: Written,
    /// Its lines.
    pub lines: Vec<FormLine>,
    /// The line that is edited.
    pub at: usize,
    /// Something was changed.
    pub touched: bool,
}

impl FormScreen {
    /// A line's text.
    pub fn text(&self, key: FormKey) -> &str {
        let mut lines = self.lines.iter();
        let line = lines.find(|line| line.key == key);
        line.map_or("", |line| line.input.value())
    }

    /// How many customers the device had when the form was opened.
    pub fn customers_before(&self) -> usize {
        match &self.subject {
            FormSubject::Device(entry) => entry.customers.len(),
            FormSubject::NewDevice | FormSubject::Tenant(_) => 0,
        }
    }

    /// What it is about, in words.
    pub fn title(&self) -> String {
        match &self.subject {
            FormSubject::NewDevice => "New device".to_string(),
            FormSubject::Device(entry) => format!("Inventory: {}", entry.get(Field::Fqdn)),
            FormSubject::Tenant(tenant) => format!("Inventory: tenant {}", tenant.name),
        }
    }

    /// What holds where a line is empty.
    pub fn default_of(&self, key: FormKey) -> String {
        let field = match key {
            FormKey::Device(field) => field,
            FormKey::Customer(at, CustomerField::ShortName) => {
                return match at < self.customers_before() {
                    true => "(taken out)".to_string(),
                    false => "a short name adds one".to_string(),
                };
            }
            _ => return String::new(),
        };
        let fqdn = match self.text(FormKey::Device(Field::Fqdn)).trim() {
            "" => "<FQDN>".to_string(),
            fqdn => fqdn.to_ascii_lowercase(),
        };
        let known = &self.written.known;
        match field {
            Field::Tenant => match known.tenants.as_slice() {
                [(_, only)] => only.clone(),
                [] => "none is listed yet: add a tenant first".to_string(),
                _ => "(choose one)".to_string(),
            },
            Field::Blueprint => known
                .blueprints
                .first()
                .map_or_else(String::new, ToString::to_string),
            Field::PortalProfile => "handoff".to_string(),
            Field::PortalUrl => format!("https://{fqdn}/tenantui"),
            Field::RedirectUri => "as the blueprint has it".to_string(),
            Field::ObjectId => "found by name or redirect URI".to_string(),
            Field::MpnId => "the tenant's".to_string(),
            Field::Fqdn | Field::Notes => String::new(),
        }
    }
}

/// What a change of the inventory comes to.
#[derive(Debug)]
pub struct ChangeScreen {
    /// The change.
    pub order: Order,
    /// The mark of the inventory that it was made from.
    pub mark: u64,
    /// Where it is to be written.
    pub place: String,
    /// What changes: a device or tenant and what becomes of it, then each of its fields.
    pub lines: Vec<ChangeLine>,
    /// What is on screen of it.
    pub list: ListState,
    /// It is being written.
    pub writing: bool,
}

/// A line of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeLine {
    /// "add ump.finebak.com".
    Head(String),
    /// A field with what it was and will be.
    Field(FieldChange),
}
