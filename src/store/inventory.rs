//! The inventory: tenants, devices and their customers, as the settings list them.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use uuid::Uuid;

use super::choice::heed_entry;
use super::columns::{fqdn, parsed_or_nothing, redirect_uri, unreadable, uuid};
use super::{Store, StoreError};
use crate::registration::fleet::{Customer, Device, Fqdn, PortalWay, Tenant};

const DEVICE: &str = "SELECT device.*, link.object_id FROM device \
     LEFT JOIN link ON link.device = device.fqdn AND link.tenant = device.tenant";

impl Store {
    /// Makes the inventory exactly this. Tenants and devices that are no longer listed vanish with their facts; the
    /// facts of the others stay, save for a device that moved to another tenant: its facts are of the old one.
    /// Portal records, links, runs and audit are kept in any case. A link given with a device is taken over; one
    /// that the store has stays where the device is given without.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] as well when a device names a tenant that isn't listed.
    pub fn replace_inventory(
        &self,
        tenants: &[Tenant],
        devices: &[Device],
    ) -> Result<(), StoreError> {
        // Most starts change nothing; then there is nothing to write, nor a lock to wait for.
        // Links may change without the inventory, so given ones are always compared.
        let fingerprint = fingerprint(tenants, devices);
        let links = devices.iter().any(|one| one.linked_object_id.is_some());
        if !links && self.inventory_fingerprint()? == Some(fingerprint) {
            return Ok(());
        }
        if links && self.tenants()? == sorted_tenants(tenants) && self.is_listed(devices)? {
            return Ok(());
        }
        self.write(|transaction| {
            for tenant in tenants {
                put_tenant(transaction, tenant)?;
            }
            for device in devices {
                put_device(transaction, device)?;
            }
            let listed: HashSet<String> = devices
                .iter()
                .map(|device| device.fqdn.to_string())
                .collect();
            delete_unlisted(transaction, "device", "fqdn", &listed)?;
            let listed: HashSet<String> =
                tenants.iter().map(|tenant| tenant.id.to_string()).collect();
            delete_unlisted(transaction, "tenant", "id", &listed)?;
            transaction.execute("DELETE FROM inventory", [])?;
            transaction
                .execute("INSERT INTO inventory VALUES (?1)", [fingerprint])
                .map(drop)
        })
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM tenant ORDER BY name, id")?
                .query_map([], |row| {
                    Ok(Tenant {
                        id: uuid(row, "id")?,
                        name: row.get("name")?,
                        primary_domain: row.get("primary_domain")?,
                        mpn_id: row.get("mpn_id")?,
                    })
                })?
                .collect()
        })
    }

    /// One device with its customers, when it is listed.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn device(&self, name: &Fqdn) -> Result<Option<Device>, StoreError> {
        self.read(|connection| {
            let device = connection
                .prepare_cached(&format!("{DEVICE} WHERE device.fqdn = ?1"))?
                .query_row([name.as_str()], read_device)
                .optional()?;
            let Some(mut device) = device else {
                return Ok(None);
            };
            device.customers = connection
                .prepare_cached("SELECT * FROM customer WHERE device = ?1 ORDER BY position")?
                .query_map([name.as_str()], read_customer)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Some(device))
        })
    }

    /// All devices with their customers, by FQDN.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        self.read(read_devices)
    }

    /// The names of each device's customers, short and full, in lower case: those that the inventory lists, and those
    /// that were read from its portal.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn customer_names(&self) -> Result<HashMap<Fqdn, String>, StoreError> {
        self.read(|connection| {
            let mut names: HashMap<Fqdn, String> = HashMap::new();
            let mut found = connection.prepare_cached(
                "SELECT device, short_name, full_name FROM customer
                 UNION
                 SELECT device, json_extract(one.value, '$.short_name'), json_extract(one.value, '$.full_name')
                 FROM registration_facts, json_each(facts, '$.customers.value') AS one",
            )?;
            let mut rows = found.query([])?;
            while let Some(row) = rows.next()? {
                let (short, full): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
                let all = names.entry(fqdn(row, 0)?).or_default();
                for name in [short, full].into_iter().flatten() {
                    all.push_str(&name.to_lowercase());
                    all.push('\n');
                }
            }
            Ok(names)
        })
    }

    /// Remembers by object ID which application is the device's, or forgets it. Nothing happens for a device that
    /// isn't listed.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be written.
    pub fn link(&self, device: &Fqdn, object_id: Option<Uuid>) -> Result<(), StoreError> {
        self.write(|transaction| match object_id {
            Some(object_id) => put_link(transaction, device, object_id),
            None => transaction
                .execute("DELETE FROM link WHERE device = ?1", [device.as_str()])
                .map(drop),
        })
    }

    fn inventory_fingerprint(&self) -> Result<Option<i64>, StoreError> {
        self.read(|connection| {
            connection
                .query_row("SELECT fingerprint FROM inventory", [], |row| row.get(0))
                .optional()
        })
    }

    fn is_listed(&self, devices: &[Device]) -> Result<bool, StoreError> {
        let mut wanted: Vec<&Device> = devices.iter().collect();
        wanted.sort_by(|one, other| one.fqdn.cmp(&other.fqdn));
        let stored = self.devices()?;
        Ok(stored.len() == wanted.len()
            && stored.iter().zip(wanted).all(|(stored, wanted)| {
                let kept = wanted.linked_object_id.is_none();
                let link = if kept { None } else { stored.linked_object_id };
                *wanted
                    == Device {
                        linked_object_id: link,
                        ..stored.clone()
                    }
            }))
    }
}

/// Everything that is kept of an inventory, as one number. Another build may come to another one: then the inventory
/// is written once more.
fn fingerprint(tenants: &[Tenant], devices: &[Device]) -> i64 {
    let mut hasher = DefaultHasher::new();
    for tenant in tenants {
        let Tenant {
            id,
            name,
            primary_domain,
            mpn_id,
        } = tenant;
        (id, name, primary_domain, mpn_id).hash(&mut hasher);
    }
    for device in devices {
        let Device {
            fqdn,
            tenant,
            blueprint,
            portal_profile,
            portal_way,
            portal_url,
            redirect_uri,
            linked_object_id,
            mpn_id,
            notes,
            customers,
        } = device;
        (fqdn, tenant, blueprint, portal_profile).hash(&mut hasher);
        (portal_way.word(), portal_url, redirect_uri).hash(&mut hasher);
        (linked_object_id, mpn_id, notes, customers.len()).hash(&mut hasher);
        for customer in customers {
            let Customer {
                short_name,
                full_name,
                tenant_id,
                redirect_uri,
            } = customer;
            (short_name, full_name, tenant_id, redirect_uri).hash(&mut hasher);
        }
    }
    hasher.finish().cast_signed()
}

fn sorted_tenants(tenants: &[Tenant]) -> Vec<Tenant> {
    let mut sorted = tenants.to_vec();
    sorted.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
    sorted
}

fn put_tenant(transaction: &Transaction<'_>, tenant: &Tenant) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO tenant (id, name, primary_domain, mpn_id) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, primary_domain = excluded.primary_domain, mpn_id = excluded.mpn_id",
        )?
        .execute(params![
            tenant.id.to_string(),
            tenant.name,
            tenant.primary_domain,
            tenant.mpn_id
        ])
        .map(drop)
}

fn put_device(transaction: &Transaction<'_>, device: &Device) -> rusqlite::Result<()> {
    let name = device.fqdn.as_str();
    let tenant = device.tenant.to_string();
    let moved = transaction
        .prepare_cached("SELECT 1 FROM device WHERE fqdn = ?1 AND tenant <> ?2")?
        .exists(params![name, tenant])?;
    if moved {
        // Takes the facts, the verdict and the customers along.
        transaction.execute("DELETE FROM device WHERE fqdn = ?1", [name])?;
    }
    heed_entry(transaction, device)?;
    transaction
        .prepare_cached(
            "INSERT INTO device (fqdn, tenant, blueprint, portal_profile, portal_way, portal_url, redirect_uri, mpn_id, notes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (fqdn) DO UPDATE SET blueprint = excluded.blueprint, portal_profile = excluded.portal_profile,
                 portal_way = excluded.portal_way, portal_url = excluded.portal_url, redirect_uri = excluded.redirect_uri,
                 mpn_id = excluded.mpn_id, notes = excluded.notes",
        )?
        .execute(params![
            name,
            tenant,
            device.blueprint,
            device.portal_profile,
            device.portal_way.word(),
            device.portal_url,
            device.redirect_uri.as_ref().map(|uri| uri.as_str()),
            device.mpn_id,
            device.notes
        ])?;
    transaction
        .prepare_cached("INSERT INTO fleet (fqdn, tenant) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![name, tenant])?;
    transaction
        .prepare_cached("DELETE FROM customer WHERE device = ?1")?
        .execute([name])?;
    let mut put_customer = transaction.prepare_cached(
        "INSERT INTO customer (device, position, short_name, full_name, tenant_id, redirect_uri) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, customer) in (0_i64..).zip(&device.customers) {
        put_customer.execute(params![
            name,
            position,
            customer.short_name,
            customer.full_name,
            customer.tenant_id.map(|id| id.to_string()),
            customer.redirect_uri.as_ref().map(|uri| uri.as_str())
        ])?;
    }
    match device.linked_object_id {
        Some(object_id) => put_link(transaction, &device.fqdn, object_id),
        None => Ok(()),
    }
}

/// The tenant stands beside the object ID, which means nothing in any other one.
fn put_link(transaction: &Transaction<'_>, device: &Fqdn, object_id: Uuid) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO link (device, tenant, object_id) SELECT fqdn, tenant, ?2 FROM device WHERE fqdn = ?1
             ON CONFLICT (device) DO UPDATE SET tenant = excluded.tenant, object_id = excluded.object_id",
        )?
        .execute(params![device.as_str(), object_id.to_string()])
        .map(drop)
}

/// `table` and `key` are this file's own words, never input.
fn delete_unlisted(
    transaction: &Transaction<'_>,
    table: &str,
    key: &str,
    listed: &HashSet<String>,
) -> rusqlite::Result<()> {
    let stored: Vec<String> = transaction
        .prepare(&format!("SELECT {key} FROM {table}"))?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut delete = transaction.prepare(&format!("DELETE FROM {table} WHERE {key} = ?1"))?;
    for gone in stored.iter().filter(|name| !listed.contains(*name)) {
        delete.execute([gone])?;
    }
    Ok(())
}

fn read_devices(connection: &Connection) -> rusqlite::Result<Vec<Device>> {
    let mut customers: HashMap<String, Vec<Customer>> = HashMap::new();
    let mut statement =
        connection.prepare_cached("SELECT * FROM customer ORDER BY device, position")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        customers
            .entry(row.get("device")?)
            .or_default()
            .push(read_customer(row)?);
    }
    connection
        .prepare_cached(&format!("{DEVICE} ORDER BY device.fqdn"))?
        .query_map([], |row| {
            let mut device = read_device(row)?;
            device.customers = customers.remove(device.fqdn.as_str()).unwrap_or_default();
            Ok(device)
        })?
        .collect()
}

fn read_device(row: &Row<'_>) -> rusqlite::Result<Device> {
    let way: String = row.get("portal_way")?;
    Ok(Device {
        fqdn: fqdn(row, "fqdn")?,
        tenant: uuid(row, "tenant")?,
        blueprint: row.get("blueprint")?,
        portal_profile: row.get("portal_profile")?,
        portal_way: PortalWay::ALL
            .into_iter()
            .find(|one| one.word() == way)
            .ok_or_else(|| unreadable("portal_way", &way))?,
        portal_url: row.get("portal_url")?,
        redirect_uri: redirect_uri(row, "redirect_uri")?,
        linked_object_id: parsed_or_nothing(row, "object_id")?,
        mpn_id: row.get("mpn_id")?,
        notes: row.get("notes")?,
        customers: Vec::new(),
    })
}

fn read_customer(row: &Row<'_>) -> rusqlite::Result<Customer> {
    Ok(Customer {
        short_name: row.get("short_name")?,
        full_name: row.get("full_name")?,
        tenant_id: parsed_or_nothing(row, "tenant_id")?,
        redirect_uri: redirect_uri(row, "redirect_uri")?,
    })
}
