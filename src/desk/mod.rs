//! The work between the faces and the outside: reading the fleet, carrying out plans step by step with the journal.
//! The faces know this folder and the core, nothing below; progress comes out as [`event::DeskEvent`]s.

mod anchor;
pub mod audit;
pub mod bulk;
pub mod contact;
mod customers;
pub mod decide;
pub mod event;
pub mod examination;
pub mod file;
mod finding;
mod hand_over;
pub mod inventory;
mod owner;
mod policies;
pub mod portal_trial;
mod preview;
pub mod query;
mod read_back;
pub mod read_only;
mod refresh;
mod run;
pub mod secrets;
pub mod sign_in;
pub mod site;
mod steps;
pub mod training;
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

use crate::portal::interface::Portal;
use crate::registration::blueprint::Blueprint;
use crate::registration::checklist::checklist;
use crate::registration::fleet::{Device, Fqdn, Tenant};
use crate::registration::observed::{
    Candidate, Observed, PortalRecord, RecordSource, RegistrationFacts, TenantFacts,
};
use crate::registration::plan::{Intent, plan, wanted_redirect_uris};
use crate::registration::portal_page::PortalPage;
use crate::registration::secret::SecretInUse;
use crate::registration::status::{Verdict, verdict};
use crate::store::{FleetRow, RunsSeen, Store, StoreError};
use audit::{Who, signed_in};
use event::{DeskEvent, Trouble};
use file::{CopyMark, DeviceFile, PlanFile, SecretInHand};
use run::RunControl;
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
    sign_ins: Mutex<HashMap<Uuid, CancellationToken>>,
    /// By client ID: who signs in lets the others wait, since one sign-in may do for all.
    sign_in_turns: Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>>,
    events: UnboundedSender<DeskEvent>,
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        let words = error.to_string();
        let (why, next) = match words.split_once("; ") {
            Some((why, next)) => (why.to_string(), capital(next)),
            None => (words, "Try again.".to_string()),
        };
        Trouble::new("the store on this machine", why, next)
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
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

    /// All devices as they were last judged. Verdicts that time has overtaken are made anew from the stored facts, so
    /// that a secret that ran out overnight shows without any network.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn fleet(&self, now: Timestamp) -> Result<Vec<FleetRow>, Trouble> {
        let mut rows = self.inner.store.fleet()?;
        let mut turned = Vec::new();
        for row in &mut rows {
            let over = row.verdict.as_ref().and_then(|verdict| verdict.holds_until);
            if over.is_some_and(|until| until <= now)
                && let Some(device) = self.inner.device(&row.fqdn)?
            {
                let facts = self.inner.store.registration_facts(&row.fqdn)?;
                let tenant = self.inner.store.tenant_facts(row.tenant)?;
                let verdict = self.inner.judge(&device, &tenant, &facts, now);
                row.verdict = Some(verdict.clone());
                turned.push((row.fqdn.clone(), verdict));
            }
        }
        if !turned.is_empty() {
            self.inner.store.save_verdicts(&turned)?;
        }
        Ok(rows)
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

    /// Makes a plan. A chosen blueprint and what a form says hold for the device from when the plan is carried out.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device, or no such plan.
    pub fn plan(
        &self,
        fqdn: &Fqdn,
        intent: Intent,
        blueprint: Option<&str>,
        now: Timestamp,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        self.plan_on(self.inner.file(fqdn)?, intent, blueprint, now)
    }

    /// Reads a device anew and plans to take an application that is there already for its registration: the one with
    /// this object ID, else the only one that was found.
    ///
    /// # Errors
    /// [`Trouble`], when the device can't be read, or there is no such plan.
    pub async fn plan_adopt(
        &self,
        fqdn: &Fqdn,
        object_id: Option<Uuid>,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        self.read_for(fqdn).await?;
        let mut file = self.inner.file(fqdn)?;
        let object_id = match object_id {
            Some(object_id) => object_id,
            None => file.only_candidate()?,
        };
        self.look_up(&mut file, object_id).await?;
        let now = Timestamp::now();
        self.plan_on(file, Intent::Adopt { object_id }, None, now)
    }

    /// Makes sure that the application with this object ID is among what was found for a device, if Entra has it.
    async fn look_up(&self, file: &mut DeviceFile, object_id: Uuid) -> Result<(), Trouble> {
        let facts = &mut file.facts;
        let own = facts.application().map(|app| app.object_id);
        let found = facts.candidates.iter().map(|one| one.object_id);
        if found.chain(own).any(|one| one == object_id) {
            return Ok(());
        }
        let graph = &self.inner.ways(file.device.tenant)?.graph;
        let read = graph.application(object_id).await.map_err(|error| {
            let what = format!("{object_id} could not be read");
            Trouble::new(what, error.to_string(), error.next())
        })?;
        let named = |app| Candidate::of(app, "object ID", None);
        facts.candidates.extend(read.map(named));
        Ok(())
    }

    fn plan_on(
        &self,
        mut file: DeviceFile,
        intent: Intent,
        blueprint: Option<&str>,
        now: Timestamp,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        if let Some(name) = blueprint {
            file.device.blueprint = name.to_string();
            file.blueprint = self.inner.blueprint(&file.device).clone();
        }
        if let Intent::Create(form) = intent.purpose() {
            self.inner.take_over(&mut file.device, form);
        }
        let intent = completed(intent, &file);
        let mut plan =
            plan(&file.blueprint, &file.device, file.observed(), intent, now).map_err(|why| {
                Trouble::new("there is no plan", why.to_string(), "Nothing was done.")
            })?;
        if let (Some(dead), false) = (
            &file.unfinished,
            matches!(plan.intent, Intent::Resume { .. }),
        ) {
            plan.notes.push(format!(
                "run {} died under way here: resume it instead, or what it left stays behind",
                dead.summary.id.short()
            ));
        }
        if let (Intent::Push { .. }, Some(secret)) = (plan.intent.purpose(), &file.secret)
            && secret.made_for != file.device.fqdn
        {
            plan.notes.push(format!(
                "the secret that was added for {} is used: they share the registration",
                secret.made_for
            ));
        }
        self.inner.note_secret_command(&mut plan);
        let requests = self.inner.preview(&plan, &file.device);
        let fqdn = &file.device.fqdn;
        let read = guard(&self.inner.runs_seen).get(fqdn).copied();
        let seen = match read {
            Some(seen) => seen,
            // Read by an earlier process: nothing is known but what the journal says now.
            None => self.inner.store.runs_seen(fqdn)?,
        };
        let file_of_plan = PlanFile {
            plan,
            requests,
            seen: Some(seen),
        };
        Ok((file_of_plan, file))
    }

    /// Remembers that a field of a device's portal page was copied, until what was copied is stated as applied. `what` is
    /// the value, or for a secret its key ID.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be written.
    pub fn mark_copied(
        &self,
        fqdn: &Fqdn,
        field: String,
        what: String,
        at: Timestamp,
    ) -> Result<(), Trouble> {
        let by = self.inner.site.operator.clone();
        let mark = CopyMark {
            field,
            what,
            at,
            by,
        };
        Ok(self.inner.store.mark_copied(fqdn, &mark)?)
    }

    /// Records that the portal holds what Entra has now: client ID, redirect URI and the secret in use.
    ///
    /// # Errors
    /// [`Trouble`], when there is nothing to state or the store can't be written.
    pub fn state(&self, fqdn: &Fqdn, now: Timestamp) -> Result<(), Trouble> {
        let file = self.inner.file(fqdn)?;
        self.may_change(file.device.tenant)?;
        let nothing = |why: &str| Trouble::new("nothing was stated", why, "Nothing was recorded.");
        let application = file
            .facts
            .application()
            .ok_or_else(|| nothing("there is no registration"))?;
        let listed = self.inner.listed();
        if listed.portals.get(fqdn).is_some_and(Portal::reads) {
            return Err(nothing(
                "this portal is read through its interface, so nobody has to state it",
            ));
        }
        let redirect_uri = wanted_redirect_uris(&file.blueprint, &file.device);
        let record = PortalRecord {
            source: RecordSource::Stated,
            by: self.inner.site.operator.clone(),
            at: now,
            client_id: application.app_id,
            redirect_uri: redirect_uri
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            customer_redirect_uris: customer_redirect_uris(&file.device),
            key_id: SecretInUse::of(&file.facts)
                .credential()
                .map(|secret| secret.key_id),
            proof: None,
        };
        self.inner.store.save_portal_record(fqdn, &record)?;
        self.inner.store.forget_copied(fqdn)?;
        let who = Who {
            identity: signed_in(&file.tenant_facts),
            device: fqdn,
            run: None,
        };
        self.inner
            .audit_by_hand(who, "state", &stated("stated", &record))?;
        self.inner.rejudge(fqdn, now)
    }
}

/// An intent with what only the desk knows: the secret in hand, and what is on record of secrets and other portals.
fn completed(intent: Intent, file: &DeviceFile) -> Intent {
    match intent {
        // A push uses the secret whose value this process still holds, if Entra still has it; nobody else's.
        Intent::Push { .. } => Intent::Push {
            secret_in_hand: file.secret_in_entra().map(|secret| secret.key_id),
        },
        Intent::Rotate => match file.secret_of_another() {
            Some(secret) => Intent::Push {
                secret_in_hand: Some(secret.key_id),
            },
            None => Intent::Rotate,
        },
        Intent::Retire { key_id, .. } => Intent::Retire {
            key_id,
            put_down: file
                .secrets
                .iter()
                .any(|line| line.credential.key_id == key_id && line.due.is_some()),
            others: file.others.clone(),
        },
        Intent::Resume { remains, intent } => Intent::Resume {
            remains,
            intent: Box::new(completed(*intent, file)),
        },
        other => other,
    }
}

/// A statement in words, for the audit trail: which client ID, redirect URI and secret it is about.
fn stated(how: &str, record: &PortalRecord) -> String {
    let secret = match record.key_id {
        Some(key_id) => format!("secret {key_id}"),
        None => "a secret that nobody can name".to_string(),
    };
    format!(
        "{how}: the portal holds client ID {}, {secret}, redirect URI {}",
        record.client_id, record.redirect_uri
    )
}

/// The redirect URIs that customers of a device have of their own.
fn customer_redirect_uris(device: &Device) -> Vec<String> {
    let own = device.customers.iter();
    own.filter_map(|customer| customer.redirect_uri.as_ref())
        .map(ToString::to_string)
        .collect()
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
                "Add it to the settings file.",
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
            .find(|one| one.name == device.blueprint)
            .unwrap_or(&all[0])
    }

    fn judge(
        &self,
        device: &Device,
        tenant: &TenantFacts,
        facts: &RegistrationFacts,
        now: Timestamp,
    ) -> Verdict {
        let observed = Observed {
            tenant,
            registration: facts,
        };
        let blueprint = self.blueprint(device);
        let checklist = checklist(blueprint, device, observed, now);
        verdict(blueprint, device, observed, &checklist, now)
    }

    /// Judges a device anew from its stored facts, and tells.
    fn rejudge(&self, fqdn: &Fqdn, now: Timestamp) -> Result<(), Trouble> {
        let file = self.file(fqdn)?;
        let verdict = file.verdict(now);
        self.store
            .save_verdicts(&[(fqdn.clone(), verdict.clone())])?;
        let row = FleetRow {
            fqdn: fqdn.clone(),
            tenant: file.device.tenant,
            verdict: Some(verdict),
        };
        self.tell(DeskEvent::RowsChanged(vec![row]));
        Ok(())
    }

    fn file(&self, fqdn: &Fqdn) -> Result<DeviceFile, Trouble> {
        let device = self.device(fqdn)?.ok_or_else(|| {
            Trouble::new(
                "there is no such device",
                fqdn.to_string(),
                "`umpdeck status` lists the devices; the settings file adds one.",
            )
        })?;
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
            login: ways.site.login.as_str().trim_end_matches('/').to_string(),
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
