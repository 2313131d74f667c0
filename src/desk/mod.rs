//! The work between the faces and the outside: reading the fleet, carrying out plans step by step with the journal.
//! The faces know this folder and the core, nothing below; progress comes out as [`event::DeskEvent`]s.

mod anchor;
pub mod audit;
pub mod bulk;
mod choice;
pub mod contact;
mod customers;
pub mod decide;
pub mod event;
pub mod examination;
pub mod file;
mod finding;
mod hand_over;
pub mod inventory;
mod judging;
pub mod owner;
mod planning;
mod policies;
pub mod portal_trial;
mod preview;
pub mod query;
mod read_back;
pub mod read_only;
mod refresh;
mod removal;
pub mod retiring;
mod run;
pub mod secret_in_hand;
pub mod secrets;
pub mod sign_in;
pub mod site;
mod statement;
mod steps;
pub mod training;
mod trouble;
mod unfinished;
pub mod verification;
mod ways;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::registration::blueprint::Blueprint;
use crate::registration::fleet::{Device, Fqdn, Tenant};
use crate::registration::portal_page::PortalPage;
use crate::registration::values::CloudHosts;
use crate::store::{RunsSeen, Store};
use event::{DeskEvent, Trouble};
use file::DeviceFile;
use run::RunControl;
use secret_in_hand::SecretInHand;
use site::Site;
use ways::{Clients, Listed, TenantWays, profile};

/// How many runs a device's file lists.
const RUNS_SHOWN: usize = 50;

/// The desk. Clones are the same desk.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

pub(in crate::desk) struct Inner {
    site: Site,
    store: Store,
    /// What is listed, with the ways to it; whoever works on it holds it as it was.
    listed: RwLock<Arc<Listed>>,
    /// Who keeps the inventory, when it can be changed.
    keeper: OnceLock<Arc<dyn inventory::Keeper>>,
    /// The mark of the inventory that is taken up.
    inventory_mark: Mutex<Option<u64>>,
    /// The secrets that this process made and still holds; nothing else does.
    secrets: Mutex<HashMap<Fqdn, SecretInHand>>,
    runs: Mutex<HashMap<crate::store::RunId, RunControl>>,
    /// The command that takes secrets where a person would fill in the portal's page, if one was named.
    secret_command: OnceLock<Vec<String>>,
    /// The pace of the bulk run of this process; closed when none is under way.
    bulk: Mutex<Option<watch::Sender<bulk::Pace>>>,
    /// A run of this process has ended.
    run_ended: Notify,
    /// How far the runs of a device were when this process last began to read it.
    runs_seen: Mutex<HashMap<Fqdn, RunsSeen>>,
    /// Held while devices are judged: see [`judging`].
    judging: Mutex<()>,
    sign_ins: Mutex<HashMap<Uuid, CancellationToken>>,
    /// By client ID: who signs in lets the others wait, since one sign-in may do for all.
    sign_in_turns: Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>>,
    events: UnboundedSender<DeskEvent>,
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these locks keep is whole after every single change, so a panic elsewhere spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// Opens the desk of a site: its store, and the ways to its tenants and portals. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be opened or a way to the outside can't be set up.
    pub fn open(mut site: Site) -> Result<(Desk, UnboundedReceiver<DeskEvent>), Trouble> {
        let store = Store::open(&site.data_dir)?;
        if site.begins_anew {
            store.forget_what_was_done()?;
        }
        let tenants: Vec<Tenant> = site.tenants.iter().map(|one| one.tenant.clone()).collect();
        store.replace_inventory(&tenants, &site.devices)?;
        let mut clients = Clients::new();
        let ways = clients.tenants(&site)?;
        let portals = clients.portals(&site.profiles, &site.devices, &ways)?;
        let (events, receiver) = unbounded_channel();
        let inner = Inner {
            store,
            listed: RwLock::new(Arc::new(Listed {
                tenants: ways,
                devices: std::mem::take(&mut site.devices),
                portals,
            })),
            keeper: OnceLock::new(),
            inventory_mark: Mutex::default(),
            secrets: Mutex::default(),
            runs: Mutex::default(),
            secret_command: OnceLock::new(),
            bulk: Mutex::default(),
            run_ended: Notify::new(),
            runs_seen: Mutex::default(),
            judging: Mutex::default(),
            sign_ins: Mutex::default(),
            sign_in_turns: Mutex::default(),
            events,
            site,
        };
        Ok((
            Desk {
                inner: Arc::new(inner),
            },
            receiver,
        ))
    }

    /// Everything is a training ground's.
    pub fn is_sandbox(&self) -> bool {
        self.inner.site.sandbox
    }

    /// The tenants, in the order of the inventory.
    pub fn tenants(&self) -> Vec<Tenant> {
        let listed = self.inner.listed();
        let tenants = listed.tenants.iter();
        tenants.map(|ways| ways.site.tenant.clone()).collect()
    }

    /// The names of each device's customers in lower case, for the filter.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn customer_names(&self) -> Result<HashMap<Fqdn, String>, Trouble> {
        Ok(self.inner.store.customer_names()?)
    }

    /// All that is known of one device.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device or the store can't be read.
    pub fn device(&self, fqdn: &Fqdn) -> Result<DeviceFile, Trouble> {
        self.inner.file(fqdn)
    }
}

/// A site without any profile has no page either.
fn no_page() -> PortalPage {
    PortalPage {
        path: "its security settings".to_string(),
        or_path: None,
        fields: vec![],
        apply: None,
    }
}

impl Inner {
    fn tell(&self, event: DeskEvent) {
        // Nobody listens any more when a face has left: then nobody needs to know.
        let _ = self.events.send(event);
    }

    /// What is listed now.
    fn listed(&self) -> Arc<Listed> {
        let listed = self.listed.read().unwrap_or_else(PoisonError::into_inner);
        listed.clone()
    }

    fn set_listed(&self, listed: Listed) {
        let mut now = self.listed.write().unwrap_or_else(PoisonError::into_inner);
        *now = Arc::new(listed);
    }

    fn ways(&self, tenant: Uuid) -> Result<Arc<TenantWays>, Trouble> {
        self.listed().ways(tenant).cloned().ok_or_else(|| {
            Trouble::new(
                "the tenant is not listed",
                tenant.to_string(),
                "`umpdeck tenants add` adds it.",
            )
        })
    }

    fn device(&self, fqdn: &Fqdn) -> Result<Option<Device>, Trouble> {
        let Some(device) = self.store.device(fqdn)? else {
            return Ok(None);
        };
        Ok(Some(self.store.with_choice(device)?))
    }

    /// A device's blueprint; the default one where its own is not there any more.
    fn blueprint(&self, device: &Device) -> &Blueprint {
        let all = &self.site.blueprints;
        all.iter()
            .find(|one| *one.name == *device.blueprint)
            .unwrap_or(&all[0])
    }

    fn file(&self, fqdn: &Fqdn) -> Result<DeviceFile, Trouble> {
        let device = self.device(fqdn)?;
        let device = device.ok_or_else(|| Trouble::no_such_device(fqdn.as_str()))?;
        let ways = self.ways(device.tenant)?;
        let described = profile(&self.site.profiles, &device).or(self.site.profiles.first());
        let page = described.map_or_else(no_page, |profile| profile.page.clone());
        let runs = self.store.runs(Some(fqdn), RUNS_SHOWN)?;
        let facts = self.store.registration_facts(fqdn)?;
        let mut file = DeviceFile {
            secrets: vec![],
            others: self.others(&facts)?,
            unfinished: self.unfinished_of(&runs, Timestamp::now())?,
            orphans: vec![],
            tenant: ways.site.tenant.clone(),
            blueprint: self.blueprint(&device).clone(),
            tenant_facts: self.store.tenant_facts(device.tenant)?,
            hosts: CloudHosts {
                login: ways.site.login.as_str().to_string(),
                graph: ways.site.graph.as_str().to_string(),
            },
            page,
            invitation: self.site.invitation.clone(),
            blueprint_choices: self
                .site
                .blueprints
                .iter()
                .map(|one| (one.name.clone(), one.title.clone()))
                .collect(),
            secret: self.secret_in_hand(fqdn, &facts),
            facts,
            copied: self.store.copied(fqdn)?,
            runs,
            device,
        };
        file.orphans = self.orphans(&file)?;
        file.secrets = self.secret_lines(&file)?;
        Ok(file)
    }
}
