//! All that the console knows while it runs. Changed only by `update`, shown only by `view`.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use tui_input::Input;
use uuid::Uuid;

use super::fleet_list::FleetList;
use super::keymap::{Action, Context};
use super::list::ListState;
use crate::desk::event::{FleetRow, RunEnd, RunId, SignInPrompt, Trouble};
use crate::desk::file::{DeviceFile, PlanFile, UnfinishedRun};
use crate::registration::checklist::Checklist;
use crate::registration::fleet::{Fqdn, Tenant};
use crate::registration::observed::{Failure, Identity, ResourceAccess};
use crate::registration::plan::CreateForm;
use crate::registration::status::Verdict;

/// The state of the console.
#[derive(Debug)]
pub struct Model {
    /// The time of the last message.
    pub now: Timestamp,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Everything shown is a training ground's.
    pub sandbox: bool,
    /// The tenants, in the order of the inventory.
    pub tenants: Vec<TenantState>,
    /// The list of devices.
    pub fleet: FleetList,
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
    /// Runs that were asked to stop.
    pub stopping: HashSet<RunId>,
    /// Devices whose handoff was left while its run was beginning: it is stopped as soon as it began.
    pub given_up: HashSet<Fqdn>,
    /// When the cursor of the fleet moved last; its reason follows a moment later.
    pub moved_at: Option<Timestamp>,
    /// A key that asks before it acts was pressed once: the next press of the same acts.
    pub asked: Option<Action>,
    /// The console is to end.
    pub leaving: bool,
}

/// A tenant as the console shows it.
#[derive(Debug, Clone)]
pub struct TenantState {
    /// The tenant.
    pub tenant: Tenant,
    /// Who is signed in.
    pub identity: Option<Identity>,
    /// It is being read.
    pub refreshing: bool,
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
    /// A plan.
    Plan(PlanScreen),
    /// A run and its result.
    Run(RunScreen),
    /// The portal's page, field by field.
    Handoff(HandoffScreen),
}

/// One device.
#[derive(Debug)]
pub struct DeviceScreen {
    /// The device.
    pub fqdn: Fqdn,
    /// What is known of it, once it is loaded.
    pub judged: Option<Judged>,
    /// The tab that is shown.
    pub tab: DeviceTab,
    /// The cursor of each tab.
    pub lists: [ListState; 6],
    /// Extra permissions that a repair is to take away.
    pub remove_extra: Vec<ResourceAccess>,
    /// The secret's value is shown.
    pub revealed: bool,
}

/// The tabs of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceTab {
    /// The checklist.
    Checklist,
    /// The permissions.
    Permissions,
    /// The values to copy.
    Values,
    /// The portal beside Entra.
    Portal,
    /// The customers.
    Customers,
    /// The runs.
    History,
}

impl DeviceTab {
    /// All tabs, in the order of their numbers.
    pub const ALL: [DeviceTab; 6] = [
        DeviceTab::Checklist,
        DeviceTab::Permissions,
        DeviceTab::Values,
        DeviceTab::Portal,
        DeviceTab::Customers,
        DeviceTab::History,
    ];
}

/// A device's file with what follows from it at a time.
#[derive(Debug)]
pub struct Judged {
    /// The file.
    pub file: DeviceFile,
    /// Its checklist.
    pub checklist: Checklist,
    /// Its verdict.
    pub verdict: Verdict,
}

impl Judged {
    /// Judges a file at `now`.
    pub fn of(file: DeviceFile, now: Timestamp) -> Judged {
        let checklist = file.checklist(now);
        let verdict = file.verdict(now);
        Judged {
            file,
            checklist,
            verdict,
        }
    }
}

/// The form for a new registration.
#[derive(Debug)]
pub struct CreateScreen {
    /// The device.
    pub fqdn: Fqdn,
    /// Its file.
    pub file: DeviceFile,
    /// The names of all blueprints, for the choice.
    pub blueprints: Vec<(String, String)>,
    /// The chosen one, by its place in `blueprints`.
    pub blueprint: usize,
    /// The field that is edited.
    pub field: CreateField,
    /// The texts, in the order of [`CreateField::ALL`].
    pub inputs: [Input; 7],
    /// What is wrong with each text.
    pub errors: [Option<String>; 7],
    /// Something was typed.
    pub touched: bool,
}

/// The fields of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateField {
    /// Display name.
    Name,
    /// The device's FQDN.
    Fqdn,
    /// Redirect URI.
    RedirectUri,
    /// Blueprint (a choice).
    Blueprint,
    /// Description of the secret.
    SecretName,
    /// Its months.
    SecretMonths,
    /// Partner One (MPN) ID.
    MpnId,
    /// Notes.
    Notes,
}

impl CreateField {
    /// All fields, in their order on screen.
    pub const ALL: [CreateField; 8] = [
        CreateField::Name,
        CreateField::Fqdn,
        CreateField::RedirectUri,
        CreateField::Blueprint,
        CreateField::SecretName,
        CreateField::SecretMonths,
        CreateField::MpnId,
        CreateField::Notes,
    ];

    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            CreateField::Name => "Name",
            CreateField::Fqdn => "Device FQDN",
            CreateField::RedirectUri => "Redirect URI",
            CreateField::Blueprint => "Blueprint",
            CreateField::SecretName => "Secret description",
            CreateField::SecretMonths => "Secret months",
            CreateField::MpnId => "MPN ID",
            CreateField::Notes => "Notes",
        }
    }

    /// Its place among the typed texts; `None` for the choice.
    pub fn input(self) -> Option<usize> {
        match self {
            CreateField::Name => Some(0),
            CreateField::Fqdn => Some(1),
            CreateField::RedirectUri => Some(2),
            CreateField::Blueprint => None,
            CreateField::SecretName => Some(3),
            CreateField::SecretMonths => Some(4),
            CreateField::MpnId => Some(5),
            CreateField::Notes => Some(6),
        }
    }
}

/// A plan.
#[derive(Debug)]
pub struct PlanScreen {
    /// The plan with its requests.
    pub file: PlanFile,
    /// The portal's settings side by side, when the plan writes them.
    pub portal: Option<SideBySide>,
    /// The bodies of the requests are shown.
    pub details: bool,
    /// What is on screen of it.
    pub list: ListState,
    /// The run has been asked for.
    pub applying: bool,
}

/// The portal's settings: what it holds, and what it will hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBySide {
    /// The portal's page.
    pub page: String,
    /// When the portal was read; `None` = it can't be.
    pub read_at: Option<Timestamp>,
    /// Label, now, will be.
    pub rows: [(String, String, String); 3],
}

/// A run and its result.
#[derive(Debug)]
pub struct RunScreen {
    /// What is carried out.
    pub file: PlanFile,
    /// The run, once it began.
    pub progress: RunProgress,
    /// The device's file, read anew when the run is over: the values to copy.
    pub judged: Option<Judged>,
    /// The cursor among the values.
    pub list: ListState,
    /// The secret's value is shown.
    pub revealed: bool,
}

/// How far a run is.
#[derive(Debug, Clone)]
pub struct RunProgress {
    /// The run.
    pub run: RunId,
    /// One state a step.
    pub steps: Vec<StepState>,
    /// How it ended; `None` = under way.
    pub end: Option<RunEnd>,
    /// A stop was asked for.
    pub stopping: bool,
}

/// The state of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Planned,
    /// Under way, since when.
    Running(Timestamp),
    /// Waits for something outside: for what, since when.
    Waiting(String, Timestamp),
    /// Waits for the operator.
    YourTurn,
    /// Done: what came of it, how long it took.
    Done(String, SignedDuration),
    /// Failed.
    Failed(Trouble),
}

/// The portal's page, field by field.
#[derive(Debug)]
pub struct HandoffScreen {
    /// The plan whose secret is added when its field is reached.
    pub file: PlanFile,
    /// The device.
    pub judged: Judged,
    /// The field under the cursor: client ID, secret, redirect URI.
    pub field: usize,
    /// When each field was copied.
    pub copied: [Option<Timestamp>; 3],
    /// The run, once the secret's field was reached.
    pub progress: Option<RunProgress>,
    /// The run has been asked for.
    pub starting: bool,
    /// The operator was asked whether the fields that were not copied are applied too.
    pub asked: bool,
    /// The operator said that the values are applied.
    pub applied: bool,
    /// The secret's value is shown.
    pub revealed: bool,
}

/// What lies over a screen.
#[derive(Debug)]
pub enum Overlay {
    /// The filter's line.
    Filter(Input),
    /// The menu of values to copy.
    CopyMenu(Box<CopyMenu>),
    /// The keys of a pane.
    Help(Context, ListState),
    /// A card to read.
    Card(Card),
    /// A value alone on a line.
    BareLine(BareLine),
    /// A sign-in that waits for a person.
    SignIn(Uuid, SignInPrompt),
    /// The runs that died under way.
    Unfinished(UnfinishedList),
}

/// The runs that died under way.
#[derive(Debug)]
pub struct UnfinishedList {
    /// The runs, oldest first; never none.
    pub runs: Vec<UnfinishedRun>,
    /// The cursor.
    pub list: ListState,
}

impl UnfinishedList {
    /// The run under the cursor.
    pub fn here(&self) -> Option<&UnfinishedRun> {
        self.runs.get(self.list.cursor)
    }
}

/// The menu of values to copy.
#[derive(Debug)]
pub struct CopyMenu {
    /// The device; its file once it is loaded.
    pub fqdn: Fqdn,
    /// What is known of it.
    pub file: Option<DeviceFile>,
    /// The cursor.
    pub list: ListState,
}

/// A card to read.
#[derive(Debug, Clone)]
pub struct Card {
    /// Its title.
    pub title: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
    /// It tells of a failure.
    pub failure: bool,
}

/// A value alone on a line. The text of a secret is shown here because the operator asked for it.
#[derive(Clone)]
pub struct BareLine {
    /// What it is.
    pub label: String,
    /// The value.
    pub text: secrecy::SecretString,
}

impl std::fmt::Debug for BareLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BareLine({})", self.label)
    }
}

/// How a toast is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// For your information.
    Plain,
    /// Something did not go well.
    Bad,
}

/// A short message at the bottom.
#[derive(Debug, Clone)]
pub struct Toast {
    /// Its words.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it goes.
    pub until: Timestamp,
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
            refreshing: false,
            failure: None,
        };
        Model {
            now,
            size,
            sandbox,
            tenants: tenants.into_iter().map(state).collect(),
            fleet,
            screens: vec![],
            overlays: vec![],
            toasts: vec![],
            sign_ins: vec![],
            running: HashMap::new(),
            stopping: HashSet::new(),
            given_up: HashSet::new(),
            moved_at: None,
            asked: None,
            leaving: false,
        }
    }

    /// The pane that has the keyboard.
    pub fn context(&self) -> Context {
        match self.overlays.last() {
            Some(Overlay::Filter(_)) => return Context::Filter,
            Some(Overlay::CopyMenu(_)) => return Context::CopyMenu,
            Some(Overlay::SignIn(..)) => return Context::SignIn,
            Some(Overlay::Unfinished(_)) => return Context::Unfinished,
            Some(Overlay::Help(..) | Overlay::Card(_) | Overlay::BareLine(_)) => {
                return Context::Card;
            }
            None => {}
        }
        match self.screens.last() {
            None => Context::Fleet,
            Some(Screen::Device(_)) => Context::Device,
            Some(Screen::Create(_)) => Context::Create,
            Some(Screen::Plan(_)) => Context::Plan,
            Some(Screen::Run(_)) => Context::Run,
            Some(Screen::Handoff(_)) => Context::Handoff,
        }
    }

    /// The device that the pane with the keyboard is about.
    pub fn device(&self) -> Option<&Fqdn> {
        match self.screens.last() {
            None => self.fleet.selected().map(|row| &row.fqdn),
            Some(Screen::Device(screen)) => Some(&screen.fqdn),
            Some(Screen::Create(screen)) => Some(&screen.fqdn),
            Some(Screen::Plan(screen)) => Some(&screen.file.plan.device),
            Some(Screen::Run(screen)) => Some(&screen.file.plan.device),
            Some(Screen::Handoff(screen)) => Some(&screen.file.plan.device),
        }
    }

    /// A tenant by its id.
    pub fn tenant(&self, id: Uuid) -> Option<&TenantState> {
        self.tenants.iter().find(|one| one.tenant.id == id)
    }

    /// Shows a short message: 4 seconds, bad news 8.
    pub fn toast(&mut self, tone: Tone, text: impl Into<String>) {
        let seconds = if tone == Tone::Bad { 8 } else { 4 };
        let until = self
            .now
            .saturating_add(SignedDuration::from_secs(seconds))
            .unwrap_or(self.now);
        self.toasts.push(Toast {
            text: text.into(),
            tone,
            until,
        });
        if self.toasts.len() > 3 {
            self.toasts.remove(0);
        }
    }

    /// Shows a failure as a card: what, why, what to do.
    pub fn trouble(&mut self, trouble: &Trouble) {
        self.overlays.push(Overlay::Card(Card {
            title: trouble.what.clone(),
            paragraphs: vec![trouble.why.clone(), trouble.next.clone()],
            failure: true,
        }));
    }
}

impl CreateScreen {
    /// A field's text.
    pub fn text(&self, field: CreateField) -> &str {
        field.input().map_or("", |at| self.inputs[at].value())
    }

    /// The form, when every field keeps its rule.
    ///
    /// # Errors
    /// The first field that does not, with why.
    pub fn form(&self) -> Result<CreateForm, (CreateField, String)> {
        super::update::create::form(self)
    }
}
