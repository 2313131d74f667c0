//! All that the console knows while it runs: the fleet here, each kind of screen in a file of its own. Changed only by
//! `update`, shown only by `view`.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::fleet_list::FleetList;
use super::keymap::{Action, Context};
use super::keys::Keys;
use crate::desk::contact::Suggested;
use crate::desk::event::{FleetRow, RunId, SignInPrompt};
use crate::desk::read_only::ReadOnly;
use crate::registration::fleet::{Fqdn, Tenant};
use crate::registration::observed::{Failure, Identity};

mod adopt;
mod audit;
mod bulk;
mod contact;
mod create;
mod decision;
mod device;
mod inventory;
mod overlay;
mod questions;
pub mod reading;
mod run;
mod said;
mod secrets;

pub use adopt::AdoptScreen;
pub use audit::AuditScreen;
pub use bulk::{BulkCounts, BulkLine, BulkPlanScreen, BulkProgress, BulkState};
pub use contact::{ContactField, ContactScreen, ContactStage, Known};
pub use create::{CreateField, CreateScreen};
pub use decision::DecisionScreen;
pub use device::{DeviceScreen, DeviceTab, Judged, Peek};
pub use inventory::{
    ChangeLine, ChangeScreen, FormKey, FormLine, FormScreen, FormSubject, InventoryWish,
};
use reading::Reading;

pub use overlay::{BareLine, Card, CopyMenu, Overlay, Palette, PaletteItem, UnfinishedList};
pub use questions::{Awaited, Opens, Question, Questions, Subject};
pub use run::{HandoffScreen, PlanScreen, RunProgress, RunScreen, SideBySide, StepState, UnderWay};
pub use said::{Toast, Tone};
pub use secrets::{SecretSort, SecretsScreen};

/// The state of the console.
#[derive(Debug)]
pub struct Model {
    /// The time of the last message.
    pub now: Timestamp,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What a console over an empty fleet has to offer; `None` = it is a training ground's.
    pub first_run: Option<FirstRun>,
    /// The mouse is the console's; else the terminal selects with it.
    pub mouse: bool,
    /// The messages of this visit, the oldest first.
    pub history: Vec<(Timestamp, Tone, String)>,
    /// What was asked for last, to be tried again if it fails.
    pub tried: Option<(Context, Action)>,
    /// The keys that hold.
    pub keys: Keys,
    /// Where nothing may be changed.
    pub read_only: ReadOnly,
    /// Everything shown is a training ground's.
    pub sandbox: bool,
    /// The tenants, in the order of the inventory.
    pub tenants: Vec<TenantState>,
    /// The list of devices.
    pub fleet: FleetList,
    /// The checklist beside the list, where there is room for it.
    pub peek: Peek,
    /// What lies over the fleet, the top one last: the way back.
    pub screens: Vec<Screen>,
    /// What lies over the screen, the top one last; it has the keyboard.
    pub overlays: Vec<Overlay>,
    /// Short messages, the newest last.
    pub toasts: Vec<Toast>,
    /// Sign-ins that were asked for a moment ago: each becomes an overlay when nobody approves it in time.
    pub sign_ins: Vec<(Uuid, SignInPrompt, Timestamp)>,
    /// Runs under way.
    pub running: HashMap<RunId, Fqdn>,
    /// What is shown of each run that was begun from a plan: while it is under way, looked at or not, and until its
    /// result is left.
    pub runs: HashMap<RunId, RunScreen>,
    /// Handoffs that were left before anything was stated: their runs are being stopped.
    pub handoffs_left: HashSet<RunId>,
    /// Devices whose new secret is only in this process and in Entra: in no portal yet.
    pub secrets_waiting: BTreeSet<Fqdn>,
    /// Runs that were asked to stop.
    pub stopping: HashSet<RunId>,
    /// The bulk run of this console, under way or over.
    pub bulk: Option<BulkProgress>,
    /// Devices whose handoff was left while its run was beginning: it is stopped as soon as it began.
    pub given_up: HashSet<Fqdn>,
    /// When the cursor of the fleet moved last; its reason follows a moment later.
    pub moved_at: Option<Timestamp>,
    /// Whether a secret's value may leave umpdeck for a person.
    pub secret_leaving: SecretLeaving,
    /// A key that asks before it acts was pressed once: the next press of the same acts.
    pub asked: Option<Action>,
    /// What is usual for a tenant that is not listed yet; `None` = none can be added.
    pub suggested: Option<Suggested>,
    /// The questions to the desk that are on their way.
    pub questions: Questions,
    /// The console is to end.
    pub leaving: bool,
}

/// Whether a secret's value may leave umpdeck for a person: through the clipboard, or onto the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretLeaving {
    /// The site's settings forbid it.
    Never,
    /// The operator is asked first.
    Ask,
    /// The operator has agreed, for this session.
    Agreed,
}

/// The settings file, for a console that has nothing to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRun {
    /// Its place.
    pub settings_file: String,
    /// It is there.
    pub exists: bool,
}

/// A tenant as the console shows it.
#[derive(Debug, Clone)]
pub struct TenantState {
    /// The tenant.
    pub tenant: Tenant,
    /// Who is signed in.
    pub identity: Option<Identity>,
    /// It is being read.
    pub reading: Option<Reading>,
    /// Why the newest try to read it failed.
    pub failure: Option<Failure>,
}

/// What lies over the fleet.
#[derive(Debug)]
pub enum Screen {
    /// One device.
    Device(DeviceScreen),
    /// The form for a new registration.
    Create(CreateScreen),
    /// First contact with a tenant.
    Contact(ContactScreen),
    /// The applications that may be a device's registration.
    Adopt(AdoptScreen),
    /// A plan.
    Plan(PlanScreen),
    /// A run and its result: [`Model::runs`] has its state, since it goes on when nobody looks.
    Run(RunId),
    /// The portal's page, field by field.
    Handoff(HandoffScreen),
    /// The client secrets of the fleet.
    Secrets(SecretsScreen),
    /// The audit trail.
    Audit(AuditScreen),
    /// The combined plan for many devices.
    BulkPlan(BulkPlanScreen),
    /// The bulk run: [`Model::bulk`] has its state, since it goes on when nobody looks.
    BulkRun,
    /// A form of the inventory.
    Form(FormScreen),
    /// What a change of the inventory comes to.
    Change(ChangeScreen),
    /// Which one is right, the portal or Entra.
    Decision(DecisionScreen),
}

impl Model {
    /// The console as it is before the first key: these tenants and devices, nothing over the list.
    pub fn new(
        sandbox: bool,
        tenants: Vec<Tenant>,
        rows: Vec<FleetRow>,
        size: (u16, u16),
        now: Timestamp,
    ) -> Model {
        let names: Vec<_> = tenants
            .iter()
            .map(|one| (one.id, one.name.clone()))
            .collect();
        let mut fleet = FleetList::default();
        fleet.load(rows, &names, now);
        let state = |tenant| TenantState {
            tenant,
            identity: None,
            reading: None,
            failure: None,
        };
        Model {
            now,
            size,
            first_run: None,
            mouse: false,
            history: vec![],
            tried: None,
            keys: Keys::default(),
            read_only: ReadOnly::default(),
            sandbox,
            tenants: tenants.into_iter().map(state).collect(),
            fleet,
            peek: Peek::default(),
            screens: vec![],
            overlays: vec![],
            toasts: vec![],
            sign_ins: vec![],
            running: HashMap::new(),
            runs: HashMap::new(),
            handoffs_left: HashSet::new(),
            secrets_waiting: BTreeSet::new(),
            stopping: HashSet::new(),
            bulk: None,
            given_up: HashSet::new(),
            moved_at: None,
            secret_leaving: SecretLeaving::Ask,
            asked: None,
            suggested: None,
            questions: Questions::default(),
            leaving: false,
        }
    }

    /// The pane that has the keyboard.
    pub fn context(&self) -> Context {
        match self.overlays.last() {
            Some(Overlay::Filter(_)) => return Context::Filter,
            Some(Overlay::Palette(_)) => return Context::Palette,
            Some(Overlay::CopyMenu(_)) => return Context::CopyMenu,
            Some(Overlay::SignIn(..)) => return Context::SignIn,
            Some(Overlay::Unfinished(_)) => return Context::Unfinished,
            Some(Overlay::Consent(_)) => return Context::Consent,
            Some(
                Overlay::Help(..)
                | Overlay::Card(_)
                | Overlay::BareLine(_)
                | Overlay::Messages(_)
                | Overlay::Doctor(..),
            ) => {
                return Context::Card;
            }
            None => {}
        }
        self.pane()
    }

    /// The pane under whatever lies over it.
    pub fn pane(&self) -> Context {
        pane_of(self.screens.last())
    }

    /// The panes from the one on top down to the fleet, as they come up when each is left.
    pub fn panes_down(&self) -> impl Iterator<Item = Context> {
        let screens = self.screens.iter().rev().map(Some);
        screens.chain([None]).map(pane_of)
    }

    /// The screen on top is about many devices, whatever its cursor is on.
    pub fn on_list(&self) -> bool {
        match self.screens.last() {
            None | Some(Screen::Secrets(_)) => true,
            Some(Screen::Audit(screen)) => screen.device.is_none(),
            Some(_) => false,
        }
    }

    /// The device that the pane with the keyboard is about.
    pub fn device(&self) -> Option<&Fqdn> {
        match self.screens.last() {
            None => self.fleet.selected().map(|row| &row.fqdn),
            Some(Screen::Contact(_)) => None,
            Some(Screen::Device(screen)) => Some(&screen.fqdn),
            Some(Screen::Create(screen)) => Some(&screen.fqdn),
            Some(Screen::Adopt(screen)) => Some(&screen.file.device.fqdn),
            Some(Screen::Plan(screen)) => Some(&screen.file.plan.device),
            Some(Screen::Run(run)) => self.runs.get(run).map(|run| &run.file.plan.device),
            Some(Screen::Handoff(screen)) => Some(&screen.file.plan.device),
            Some(Screen::Decision(screen)) => Some(&screen.decision.file.device.fqdn),
            Some(Screen::Secrets(screen)) => screen.selected(),
            Some(Screen::Audit(screen)) => screen.device.as_ref(),
            Some(Screen::BulkPlan(_) | Screen::BulkRun | Screen::Form(_) | Screen::Change(_)) => {
                None
            }
        }
    }

    /// The run whose screen is on top.
    pub fn run_shown(&self) -> Option<&RunScreen> {
        match self.screens.last() {
            Some(Screen::Run(run)) => self.runs.get(run),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn run_shown_mut(&mut self) -> Option<&mut RunScreen> {
        match self.screens.last() {
            Some(Screen::Run(run)) => self.runs.get_mut(run),
            _ => None,
        }
    }

    /// What is being done with a device just now, by a run that may be looked at.
    pub fn under_way(&self, device: &Fqdn) -> Option<UnderWay> {
        let of_bulk = self.bulk.as_ref().and_then(|bulk| bulk.under_way(device));
        of_bulk.or_else(|| {
            let runs = self.runs.values();
            let mut under_way = runs.filter_map(|run| run.under_way());
            under_way
                .find(|(of, _)| *of == device)
                .map(|(_, words)| words)
        })
    }

    /// The bulk run of this console, while it is not over.
    pub fn bulk_under_way(&self) -> Option<&BulkProgress> {
        self.bulk.as_ref().filter(|bulk| !bulk.over)
    }

    /// Something is being changed, or will be by itself.
    pub fn is_at_work(&self) -> bool {
        !self.running.is_empty() || self.bulk_under_way().is_some()
    }

    /// Takes over the tenants of another inventory; what is known of those that stay is kept.
    pub fn take_tenants(&mut self, tenants: Vec<Tenant>) {
        let mut before = std::mem::take(&mut self.tenants);
        for tenant in tenants {
            let known = before.iter().position(|one| one.tenant.id == tenant.id);
            self.tenants
                .push(match known.map(|at| before.swap_remove(at)) {
                    Some(known) => TenantState { tenant, ..known },
                    None => TenantState {
                        tenant,
                        identity: None,
                        reading: None,
                        failure: None,
                    },
                });
        }
    }

    /// The tenant of the device that the pane with the keyboard is about.
    pub fn tenant_at_work(&self) -> Option<Uuid> {
        if let Some(Overlay::Unfinished(unfinished)) = self.overlays.last() {
            return unfinished.here().map(|one| one.summary.tenant);
        }
        let row = self.fleet.of(self.device()?)?;
        Some(row.tenant)
    }

    /// The tenants' names, in the order of the inventory.
    pub fn tenant_names(&self) -> Vec<String> {
        let tenants = self.tenants.iter();
        tenants.map(|one| one.tenant.name.clone()).collect()
    }

    /// A tenant by its id.
    pub fn tenant(&self, id: Uuid) -> Option<&TenantState> {
        self.tenants.iter().find(|one| one.tenant.id == id)
    }
}

fn pane_of(screen: Option<&Screen>) -> Context {
    match screen {
        None => Context::Fleet,
        Some(Screen::Device(_)) => Context::Device,
        Some(Screen::Create(_)) => Context::Create,
        Some(Screen::Contact(_)) => Context::Contact,
        Some(Screen::Adopt(_)) => Context::Adopt,
        Some(Screen::Plan(_)) => Context::Plan,
        Some(Screen::Run(_)) => Context::Run,
        Some(Screen::Handoff(_)) => Context::Handoff,
        Some(Screen::Decision(_)) => Context::Decision,
        Some(Screen::Secrets(_)) => Context::Secrets,
        Some(Screen::Audit(_)) => Context::Audit,
        Some(Screen::BulkPlan(_)) => Context::BulkPlan,
        Some(Screen::BulkRun) => Context::BulkRun,
        Some(Screen::Form(_)) => Context::Form,
        Some(Screen::Change(_)) => Context::Change,
    }
}
