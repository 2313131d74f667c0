//! A device as the inventory lists it: texts, as they were written. What is empty follows from the defaults.

use crate::registration::fleet::{Device, RedirectUri};

/// What the inventory says of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Its public host name; it identifies the device.
    Fqdn,
    /// Its tenant, by name or ID.
    Tenant,
    /// Its blueprint, by name.
    Blueprint,
    /// Its portal profile, by name.
    PortalProfile,
    /// The portal's address.
    PortalUrl,
    /// A redirect URI that differs from the blueprint's.
    RedirectUri,
    /// The object ID of its registration.
    ObjectId,
    /// A Partner One (MPN) ID that differs from the tenant's.
    MpnId,
    /// Free text.
    Notes,
}

impl Field {
    /// All of them, in the order of files and forms.
    pub const ALL: [Field; 9] = [
        Field::Fqdn,
        Field::Tenant,
        Field::Blueprint,
        Field::PortalProfile,
        Field::PortalUrl,
        Field::RedirectUri,
        Field::ObjectId,
        Field::MpnId,
        Field::Notes,
    ];

    /// Its word in settings, CSV and TOML.
    pub fn key(self) -> &'static str {
        match self {
            Field::Fqdn => "fqdn",
            Field::Tenant => "tenant",
            Field::Blueprint => "blueprint",
            Field::PortalProfile => "portal_profile",
            Field::PortalUrl => "portal_url",
            Field::RedirectUri => "redirect_uri",
            Field::ObjectId => "object_id",
            Field::MpnId => "mpn_id",
            Field::Notes => "notes",
        }
    }

    /// Its label on screen.
    pub fn label(self) -> &'static str {
        match self {
            Field::Fqdn => "Device FQDN",
            Field::Tenant => "Tenant",
            Field::Blueprint => "Blueprint",
            Field::PortalProfile => "Portal profile",
            Field::PortalUrl => "Portal URL",
            Field::RedirectUri => "Redirect URI",
            Field::ObjectId => "Object ID",
            Field::MpnId => "MPN ID",
            Field::Notes => "Notes",
        }
    }
}

/// What the inventory says of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CustomerField {
    /// Its short name.
    ShortName,
    /// Its full name.
    FullName,
    /// Its own tenant.
    TenantId,
    /// A redirect URI of its own.
    RedirectUri,
}

impl CustomerField {
    /// All of them, in the order of files.
    pub const ALL: [CustomerField; 4] = [
        CustomerField::ShortName,
        CustomerField::FullName,
        CustomerField::TenantId,
        CustomerField::RedirectUri,
    ];

    /// Its word in settings and TOML.
    pub fn key(self) -> &'static str {
        match self {
            CustomerField::ShortName => "short_name",
            CustomerField::FullName => "full_name",
            CustomerField::TenantId => "tenant_id",
            CustomerField::RedirectUri => "redirect_uri",
        }
    }

    /// Its label on screen.
    pub fn label(self) -> &'static str {
        match self {
            CustomerField::ShortName => "Customer",
            CustomerField::FullName => "  Full name",
            CustomerField::TenantId => "  Tenant ID",
            CustomerField::RedirectUri => "  Redirect URI",
        }
    }

    /// Its column in CSV.
    pub fn column(self) -> &'static str {
        match self {
            CustomerField::ShortName => "customer_short_name",
            CustomerField::FullName => "customer_full_name",
            CustomerField::TenantId => "customer_tenant_id",
            CustomerField::RedirectUri => "customer_redirect_uri",
        }
    }
}

/// A device as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    texts: [String; Field::ALL.len()],
    /// The organisations that it serves, in their order.
    pub customers: Vec<CustomerEntry>,
}

impl Entry {
    /// A device of which nothing but the name is written.
    pub fn named(fqdn: &str) -> Entry {
        let mut entry = Entry::default();
        entry.set(Field::Fqdn, fqdn);
        entry
    }

    /// A device as it would be written, everything spelt out.
    pub fn of(device: &Device, tenant: &str) -> Entry {
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let uri = |uri: &Option<RedirectUri>| uri.as_ref().map(ToString::to_string);
        let mut entry = Entry::named(device.fqdn.as_str());
        entry.set(Field::Tenant, tenant);
        entry.set(Field::Blueprint, &device.blueprint);
        entry.set(Field::PortalProfile, &device.portal_profile);
        entry.set(Field::PortalUrl, &device.portal_url);
        entry.set(
            Field::RedirectUri,
            &uri(&device.redirect_uri).unwrap_or_default(),
        );
        entry.set(Field::ObjectId, &id(device.linked_object_id));
        entry.set(Field::MpnId, device.mpn_id.as_deref().unwrap_or_default());
        entry.set(Field::Notes, &device.notes);
        entry.customers = device
            .customers
            .iter()
            .map(|one| {
                let mut customer = CustomerEntry::default();
                customer.set(CustomerField::ShortName, &one.short_name);
                customer.set(CustomerField::FullName, &one.full_name);
                customer.set(CustomerField::TenantId, &id(one.tenant_id));
                customer.set(
                    CustomerField::RedirectUri,
                    &uri(&one.redirect_uri).unwrap_or_default(),
                );
                customer
            })
            .collect();
        entry
    }

    /// What is written; empty = nothing, so that the default holds.
    pub fn get(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    /// Writes a field. Blanks around it go, save around free text.
    pub fn set(&mut self, field: Field, text: &str) {
        let text = match field {
            Field::Notes => text,
            _ => text.trim(),
        };
        self.texts[field as usize] = text.to_string();
    }

    /// What tells devices apart: the FQDN, in lower case.
    pub fn name(&self) -> String {
        self.get(Field::Fqdn).to_ascii_lowercase()
    }

    /// What is written of a field, as it is compared: a host name's case does not matter.
    pub(super) fn compared(&self, field: Field) -> std::borrow::Cow<'_, str> {
        match field {
            Field::Fqdn => self.name().into(),
            field => self.get(field).into(),
        }
    }
}

/// A customer as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerEntry {
    texts: [String; CustomerField::ALL.len()],
}

impl CustomerEntry {
    /// What is written; empty = nothing.
    pub fn get(&self, field: CustomerField) -> &str {
        &self.texts[field as usize]
    }

    /// Writes a field. Blanks around it go, save around free text.
    pub fn set(&mut self, field: CustomerField, text: &str) {
        let text = match field {
            CustomerField::FullName => text,
            _ => text.trim(),
        };
        self.texts[field as usize] = text.to_string();
    }

    /// Nothing at all is written.
    pub fn is_empty(&self) -> bool {
        self.texts.iter().all(String::is_empty)
    }
}
