//! A console at a fixed time over a small fleet, the keys that drive it, and a desk that answers from the fleet.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::console::chord::Chord;
use crate::console::message::{Ask, Effect, Message};
use crate::console::model::{
    DeviceScreen, HandoffScreen, Model, PlanScreen, RunScreen, Screen, SecretLeaving,
};
use crate::console::theme::{Glyphs, Theme};
use crate::console::update::update;
use crate::console::view::{Look, view};
use crate::desk::audit::{AuditEntry, AuditHead, AuditRow, TrailState};
use crate::desk::bulk::{BulkIntent, BulkItem, BulkPlan, Then, Work};
use crate::desk::decide::Decision;
use crate::desk::event::{Anchor, DeskEvent, FleetRow, RunEvent, RunId, SignInPrompt, Trouble};
use crate::desk::file::{DeviceFile, PlanFile, RequestPreview};
use crate::desk::inventory::Written;
use crate::desk::retiring::DueSecret;
use crate::desk::secret_in_hand::SecretInHand;
use crate::desk::secrets::DeviceSecrets;
use crate::inventory::{Entry, Field, Known};
use crate::registration::blueprint::Blueprint;
use crate::registration::fixtures::*;
use crate::registration::fleet::{Fqdn, PortalWay, Tenant};
use crate::registration::observed::*;
use crate::registration::plan::{Action, CreateForm, Intent, Plan, plan};
use crate::registration::portal_page::{Holds, PageField, PortalPage};
use crate::registration::secret::role::secret_lines;

pub(super) const SECRET: &str = "Kq7~canned-secret-value-98";
pub(super) const CONTOSO: Uuid = Uuid::from_u128(0x7f);

pub(super) fn fqdn(text: &str) -> Fqdn {
    Fqdn::parse(text).unwrap()
}

/// The n-th run that the canned desk begins.
pub(super) fn run_id(number: u32) -> RunId {
    serde_json::from_str(&format!("\"01936000-0000-7000-8000-0000000a{number:04x}\"")).unwrap()
}

/// A device that is in order, under another name.
pub(super) fn named(name: &str, tenant: Uuid) -> World {
    let mut world = World::right();
    world.device.fqdn = fqdn(name);
    world.device.tenant = tenant;
    world.device.portal_url = format!("https://{name}/tenantui");
    let uri = world.blueprint.redirect_uri(&world.device.fqdn).unwrap();
    let unique_name = world.device.unique_name();
    let short = world.device.fqdn.short().to_string();
    let app = world.app();
    app.web_redirect_uris = vec![uri.to_string()];
    app.unique_name = Some(unique_name);
    app.display_name = format!("UMP Sync {short}");
    world.portal().redirect_uri = uri.to_string();
    world.record().redirect_uri = uri.to_string();
    world
}

/// A permission that no blueprint asks for.
pub(super) fn extra_permission() -> ResourceAccess {
    ResourceAccess {
        resource_app_id: blueprint().permissions[0].resource_app_id,
        id: Uuid::from_u128(0xe77a),
        kind: PermissionKind::Application,
    }
}

/// One device of each status, worst first, in two tenants.
pub(super) fn worlds() -> Vec<World> {
    let mut expired = named("ump-expired.finebak.com", TENANT);
    expired.app().password_credentials[0].end = Some(in_days(-3));
    let mut new = named("ump-new.contoso.net", CONTOSO);
    new.facts = World::unregistered().facts;
    let mut drift = named("ump-drift.finebak.com", TENANT);
    drift.app().is_fallback_public_client = false;
    drift.app().required_resource_access.remove(0);
    drift
        .app()
        .required_resource_access
        .push(extra_permission());
    let mut bare = named("ump-bare.contoso.net", CONTOSO);
    *bare.portal() = PortalSettings {
        has_client_secret: Some(false),
        ..PortalSettings::default()
    };
    bare.facts.record = None;
    let mut soon = named("ump-soon.finebak.com", TENANT);
    soon.app().password_credentials[0].end = Some(in_days(12));
    let mut wait = named("ump-wait.finebak.com", TENANT);
    wait.facts.customers.value = Some(vec![
        customer_facts("acme", CustomerConsent::Pending),
        customer_facts("globex", CustomerConsent::Granted),
    ]);
    let mut lost = named("ump-lost.contoso.net", CONTOSO);
    lost.facts = RegistrationFacts::default();
    lost.facts.application.failure = Some(failure(FailureKind::Unreachable));
    let fine = named("ump-fine.finebak.com", TENANT);
    vec![expired, new, drift, bare, soon, wait, lost, fine]
}

/// A device whose portal takes its settings by hand, nothing stated yet.
pub(super) fn by_hand(name: &str) -> World {
    let mut world = named(name, TENANT);
    world.device.portal_way = PortalWay::Handoff;
    world.facts.portal = Reading::default();
    world.facts.record = None;
    world
}

pub(super) fn tenants() -> Vec<Tenant> {
    [
        (TENANT, "Finebak", "finebak.com"),
        (CONTOSO, "Contoso Voice", "contoso.net"),
    ]
    .map(|(id, name, domain)| Tenant {
        id,
        name: name.into(),
        primary_domain: domain.into(),
        mpn_id: None,
    })
    .to_vec()
}

/// What the desk would hand out for a world.
pub(super) fn file(world: &World) -> DeviceFile {
    DeviceFile {
        device: world.device.clone(),
        tenant: tenants()
            .into_iter()
            .find(|one| one.id == world.device.tenant)
            .unwrap(),
        blueprint: world.blueprint.clone(),
        tenant_facts: world.tenant.clone(),
        facts: world.facts.clone(),
        login: "https://login.microsoftonline.com".into(),
        page: PortalPage {
            path: "Security › Auth Tokens".into(),
            or_path: None,
            fields: [
                (Holds::ClientId, "Application (client) ID"),
                (Holds::ClientSecret, "Client secret"),
                (Holds::RedirectUri, "Redirect URI"),
            ]
            .map(|(holds, label)| PageField {
                holds,
                label: label.into(),
                press: None,
            })
            .to_vec(),
            apply: Some("Apply".into()),
        },
        blueprint_choices: Blueprint::built_in()
            .into_iter()
            .map(|one| (one.name, one.title))
            .collect(),
        invitation: crate::registration::invitation::Template::built_in(),
        secret: None,
        copied: vec![],
        runs: vec![],
        unfinished: None,
        orphans: vec![],
        secrets: secret_lines(&world.facts, &[], &HashMap::new(), &HashMap::new()),
        others: vec![],
    }
}

/// A device's client secrets, as the desk would list them.
fn secrets_of(file: &DeviceFile) -> DeviceSecrets {
    DeviceSecrets {
        fqdn: file.device.fqdn.clone(),
        tenant: file.tenant.id,
        registered: file.facts.application().is_some(),
        lines: file.secrets.clone(),
        gone: false,
        expiring_days: 60,
        shared_with: file.facts.shared_with.clone(),
        read_at: file.facts.application.at,
        stale: file.facts.application.failure.is_some(),
    }
}

/// A row of the audit trail.
pub(super) fn audit_row(row: i64, device: &str, path: &str, outcome: &str) -> AuditRow {
    AuditRow {
        row,
        entry: AuditEntry {
            at: in_days(-row),
            os_user: "ana@noc-2".into(),
            identity: "ana@finebak.com".into(),
            device: Some(fqdn(device)),
            run: Some(run_id(7)),
            method: "POST".into(),
            path: path.into(),
            request_id: Some("3f0a77c2".into()),
            outcome: outcome.into(),
        },
        hash: "9f8e".repeat(16),
    }
}

pub(super) fn row(file: &DeviceFile) -> FleetRow {
    FleetRow {
        fqdn: file.device.fqdn.clone(),
        tenant: file.tenant.id,
        verdict: Some(file.verdict(now())),
    }
}

pub(super) fn identity() -> Identity {
    tenant().identity.value.unwrap()
}

pub(super) fn prompt() -> SignInPrompt {
    SignInPrompt {
        user_code: "HX7QK2MZP".into(),
        verification_uri: "https://microsoft.com/devicelogin".into(),
        expires_at: now() + SignedDuration::from_secs(900),
    }
}

/// The head of the audit trail at a run's end.
pub(super) fn anchor(syslog: Option<Result<(), String>>) -> Anchor {
    Anchor {
        head: Ok(AuditHead {
            rows: 41,
            hash: "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0".into(),
        }),
        syslog,
    }
}

pub(super) fn trouble() -> Trouble {
    Trouble::new(
        "the registration could not be updated",
        "Graph answered 403: Insufficient privileges to complete the operation",
        "sign in as somebody who may change applications, then try again",
    )
}

/// A request a step, as the desk would show it.
fn requests(plan: &Plan) -> Vec<Vec<RequestPreview>> {
    let request = |method: &str, path: &str, body| {
        vec![RequestPreview {
            method: method.into(),
            path: path.into(),
            header: None,
            body,
        }]
    };
    let of = |action: &Action| match action {
        Action::FindRegistration { unique_name, .. } => request(
            "GET",
            &format!("/v1.0/applications(uniqueName='{unique_name}')"),
            None,
        ),
        Action::CreateApplication { .. } | Action::UpdateApplication { .. } => request(
            "PATCH",
            "/v1.0/applications/{object ID}",
            Some(serde_json::json!({ "isFallbackPublicClient": true })),
        ),
        Action::AddSecret { name, .. } => request(
            "POST",
            "/v1.0/applications/{object ID}/addPassword",
            Some(serde_json::json!({ "passwordCredential": { "displayName": name } })),
        ),
        Action::WritePortal { .. } => request("PUT", "/api/auth-tokens", None),
        Action::HandOff { .. } => vec![],
        action if action.reads_only() => request("GET", "/v1.0/applications/{object ID}", None),
        _ => request("POST", "/v1.0/servicePrincipals", None),
    };
    plan.steps.iter().map(|step| of(&step.action)).collect()
}

/// The console, and the canned desk behind it.
pub(super) struct Console {
    pub model: Model,
    pub now: Timestamp,
    pub files: HashMap<Fqdn, DeviceFile>,
    /// The earlier secrets that wait to be removed.
    pub due: Vec<DueSecret>,
    /// The audit trail, newest first.
    pub trail: Vec<AuditRow>,
    runs: u32,
}

impl Console {
    /// Over these devices, at 120x36.
    pub fn over(worlds: Vec<World>) -> Console {
        let files: Vec<DeviceFile> = worlds.iter().map(file).collect();
        let rows = files.iter().map(row).collect();
        let mut model = Model::new(true, tenants(), rows, (120, 36), now());
        // Tests of what is asked before a secret leaves say so.
        model.secret_leaving = SecretLeaving::Agreed;
        Console {
            model,
            now: now(),
            files: files
                .into_iter()
                .map(|file| (file.device.fqdn.clone(), file))
                .collect(),
            due: vec![],
            trail: vec![],
            runs: 0,
        }
    }

    /// Over one device of each status.
    pub fn new() -> Console {
        Console::over(worlds())
    }

    pub fn send(&mut self, message: Message) -> Vec<Effect> {
        update(&mut self.model, message, self.now)
    }

    /// Presses keys, parted by spaces; the desk does not answer.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.split_whitespace() {
            let chord = Chord::parse(key).unwrap();
            effects.extend(self.send(Message::Key(chord)));
        }
        effects
    }

    /// Presses keys; after each the desk answers what it is asked for.
    pub fn drive(&mut self, keys: &str) -> Vec<Effect> {
        let mut all = Vec::new();
        for key in keys.split_whitespace() {
            let effects = self.press(key);
            all.extend(self.answer(effects));
        }
        all
    }

    /// Types a text, letter by letter.
    pub fn type_text(&mut self, text: &str) {
        for letter in text.chars() {
            self.send(Message::Key(Chord::char(letter)));
        }
    }

    /// Carries effects out as the desk would; gives them back with those that came of them.
    pub fn answer(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut seen = Vec::new();
        for effect in effects {
            let reply = match &effect {
                Effect::Load(fqdn, then) => {
                    Some(Message::Loaded(Box::new(self.files[fqdn].clone()), *then))
                }
                Effect::LoadSecrets => {
                    let mut all: Vec<DeviceSecrets> = self.files.values().map(secrets_of).collect();
                    all.sort_by(|a, b| a.fqdn.cmp(&b.fqdn));
                    Some(Message::Secrets(Box::new((all, self.due.clone()))))
                }
                Effect::LoadAudit(device) => {
                    let mut rows = self.trail.clone();
                    rows.retain(|row| device.is_none() || row.entry.device == *device);
                    let state = TrailState::Intact(anchor(None).head.unwrap());
                    Some(Message::Audit(device.clone(), Box::new((rows, state))))
                }
                Effect::PlanRetire(fqdn, key_id) => {
                    let intent = Intent::Retire {
                        key_id: *key_id,
                        put_down: self
                            .due
                            .iter()
                            .any(|one| one.device == *fqdn && one.key_id == *key_id),
                        others: vec![],
                    };
                    Some(Message::Planned(self.plan_of(fqdn, intent)))
                }
                Effect::Plan(fqdn, ask) => Some(Message::Planned(self.plan(fqdn, ask))),
                Effect::ReadInventory(wish) => {
                    let written = Box::new(self.written());
                    Some(Message::Inventory(written, wish.clone()))
                }
                Effect::WriteInventory(..) => Some(Message::InventoryWritten(Ok(()))),
                Effect::PlanBulk(devices, intent) => {
                    let plan = Box::new(self.plan_bulk(devices, *intent));
                    Some(Message::BulkPlanned(Ok(plan)))
                }
                Effect::StartBulk(_) => Some(Message::BulkBegan(Ok(()))),
                Effect::Decide(fqdn) => Some(Message::Decided(self.decision(fqdn).map(Some))),
                Effect::StartRun(plan) => {
                    self.runs += 1;
                    Some(Message::RunBegan(
                        plan.plan.device.clone(),
                        Ok(run_id(self.runs)),
                    ))
                }
                _ => None,
            };
            seen.push(effect);
            if let Some(reply) = reply {
                let more = self.send(reply);
                seen.extend(self.answer(more));
            }
        }
        seen
    }

    fn plan(&self, fqdn: &Fqdn, ask: &Ask) -> Result<Box<(PlanFile, DeviceFile)>, Trouble> {
        let intent = match ask.clone() {
            Ask::Create(form, _) => Intent::Create(form),
            Ask::Repair(remove_extra) => Intent::Repair { remove_extra },
            Ask::Adopt(object_id) => Intent::Adopt { object_id },
            Ask::Consent => Intent::Consent,
            Ask::Push => Intent::Push {
                secret_in_hand: None,
            },
            Ask::Rotate => Intent::Rotate,
        };
        self.plan_of(fqdn, intent)
    }

    fn decision(&self, fqdn: &Fqdn) -> Result<Box<Decision>, Trouble> {
        let push = Intent::Push {
            secret_in_hand: None,
        };
        let (push, file) = *self.plan_of(fqdn, push)?;
        Ok(Box::new(Decision {
            file,
            entra_is_right: Ok(push),
            portal_is_right: Err(trouble()),
            afterwards: None,
        }))
    }

    fn plan_of(&self, fqdn: &Fqdn, intent: Intent) -> Result<Box<(PlanFile, DeviceFile)>, Trouble> {
        let file = self.files[fqdn].clone();
        let plan = plan(
            &file.blueprint,
            &file.device,
            file.observed(),
            intent,
            now(),
        )
        .map_err(|why| Trouble::new("there is no plan", why.to_string(), "Look again."))?;
        let requests = requests(&plan);
        Ok(Box::new((
            PlanFile {
                plan,
                requests,
                seen: None,
            },
            file,
        )))
    }

    /// The inventory as it is written: each device by its name alone.
    pub fn written(&self) -> Written {
        let tenants = tenants();
        let name = |id: Uuid| {
            tenants
                .iter()
                .find(|one| one.id == id)
                .unwrap()
                .name
                .clone()
        };
        let mut entries: Vec<Entry> = self
            .files
            .values()
            .map(|file| {
                let mut entry = Entry::named(file.device.fqdn.as_str());
                entry.set(Field::Tenant, &name(file.tenant.id));
                entry
            })
            .collect();
        entries.sort_by_key(Entry::name);
        Written {
            place: "/etc/umpdeck/settings.toml".into(),
            mark: 7,
            entries,
            known: Known {
                tenants: tenants
                    .iter()
                    .map(|one| (one.id, one.name.clone()))
                    .collect(),
                blueprints: Blueprint::built_in()
                    .into_iter()
                    .map(|one| one.name.into())
                    .collect(),
                profiles: vec![
                    ("handoff".into(), PortalWay::Handoff),
                    ("sandbox".into(), PortalWay::Http),
                ],
            },
            tenants,
        }
    }

    /// A combined plan, each device on a lane of its own.
    fn plan_bulk(&self, devices: &[Fqdn], intent: BulkIntent) -> BulkPlan {
        let item = |(lane, fqdn): (usize, &Fqdn)| {
            let ask = match intent {
                BulkIntent::Repair => Ask::Repair(vec![]),
                BulkIntent::Rotate => Ask::Rotate,
                BulkIntent::Retire => panic!("no key of the fleet retires for many"),
                BulkIntent::Push => Ask::Push,
                BulkIntent::Create => {
                    let file = &self.files[fqdn];
                    let form = CreateForm::suggested(&file.blueprint, &file.device, now()).unwrap();
                    Ask::Create(form, file.blueprint.name.clone())
                }
            };
            let hands_off = |plan: &Plan| {
                let mut steps = plan.steps.iter();
                steps.any(|step| matches!(step.action, Action::HandOff { .. }))
            };
            let work = match self.plan(fqdn, &ask) {
                Err(trouble) => Work::Cannot(trouble),
                Ok(planned) if planned.0.plan.steps.is_empty() => {
                    Work::Nothing("nothing differs from the blueprint".into())
                }
                Ok(planned) if hands_off(&planned.0.plan) => {
                    Work::ByHand("its portal's page is filled in by hand: do it alone".into())
                }
                Ok(planned) => Work::Ready {
                    plan: Box::new(planned.0),
                    then: Then::Nothing,
                },
            };
            BulkItem {
                device: fqdn.clone(),
                tenant: self.files[fqdn].tenant.id,
                lane,
                after: None,
                work,
            }
        };
        BulkPlan {
            intent,
            items: devices.iter().enumerate().map(item).collect(),
        }
    }

    /// The desk tells something; what comes of it is answered.
    pub fn desk(&mut self, event: DeskEvent) -> Vec<Effect> {
        let effects = self.send(Message::Desk(event));
        self.answer(effects)
    }

    /// Something happens in the newest run.
    pub fn run_event(&mut self, device: &str, event: RunEvent) -> Vec<Effect> {
        self.desk(DeskEvent::Run {
            run: run_id(self.runs),
            device: fqdn(device),
            event,
        })
    }

    /// A step of the newest run is done.
    pub fn step_done(&mut self, device: &str, step: usize, outcome: &str) {
        let at = self.now;
        self.run_event(device, RunEvent::Started { step, at });
        self.run_event(
            device,
            RunEvent::Done {
                step,
                outcome: outcome.into(),
                took: SignedDuration::from_millis(800),
            },
        );
    }

    /// The desk holds a new secret of a device.
    pub fn hold_secret(&mut self, device: &str) {
        let file = self.files.get_mut(&fqdn(device)).unwrap();
        file.secret = Some(SecretInHand {
            key_id: Uuid::from_u128(0x6e2),
            value: SECRET.into(),
            made_at: now(),
            made_for: fqdn(device),
            end: in_days(730),
        });
    }

    /// The desk knows a device anew, and its row with it.
    pub fn change(&mut self, world: &World) {
        let file = file(world);
        self.files.insert(file.device.fqdn.clone(), file);
    }

    pub fn rows_changed(&mut self, worlds: &[World]) -> Vec<Effect> {
        for world in worlds {
            self.change(world);
        }
        let rows = worlds.iter().map(|world| row(&file(world))).collect();
        self.desk(DeskEvent::RowsChanged(rows))
    }

    /// Time passes; the loop's deadline wakes the console.
    pub fn wait(&mut self, milliseconds: i64) {
        self.now += SignedDuration::from_millis(milliseconds);
        let effects = self.send(Message::Tick);
        self.answer(effects);
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.send(Message::Resize(columns, rows));
    }

    /// Puts the fleet's cursor on a device.
    pub fn go_to(&mut self, device: &str) {
        self.press("g");
        while self.selected() != device {
            let before = self.model.fleet.list.cursor;
            self.press("j");
            assert_ne!(
                self.model.fleet.list.cursor, before,
                "no {device} in the list"
            );
        }
    }

    /// The device under the fleet's cursor.
    pub fn selected(&self) -> String {
        self.model
            .fleet
            .selected()
            .map(|row| row.fqdn.to_string())
            .unwrap_or_default()
    }

    /// The short names of the devices in the list.
    pub fn listed(&self) -> Vec<String> {
        (0..self.model.fleet.len())
            .filter_map(|at| self.model.fleet.row(at))
            .map(|row| row.fqdn.short().to_string())
            .collect()
    }

    /// The newest toast.
    pub fn toast(&self) -> &str {
        self.model.toasts.last().map_or("", |toast| &toast.text)
    }

    /// What is drawn, cell by cell.
    pub fn buffer_with(&self, theme: &Theme) -> Buffer {
        let (columns, rows) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let look = Look {
            theme,
            glyphs: &theme.glyphs,
        };
        let mut frame = terminal.get_frame();
        view(&self.model, look, &mut frame);
        std::mem::take(frame.buffer_mut())
    }

    pub fn buffer(&self) -> Buffer {
        static DEFAULT: LazyLock<Theme> = LazyLock::new(|| theme("default"));
        self.buffer_with(&DEFAULT)
    }

    /// What is drawn, as text.
    pub fn text(&self) -> String {
        text(&self.buffer())
    }

    pub fn shows(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    pub fn device_screen(&self) -> &DeviceScreen {
        match self.model.screens.last() {
            Some(Screen::Device(screen)) => screen,
            other => panic!("not a device: {other:?}"),
        }
    }

    pub fn plan_screen(&self) -> &PlanScreen {
        match self.model.screens.last() {
            Some(Screen::Plan(screen)) => screen,
            other => panic!("not a plan: {other:?}"),
        }
    }

    pub fn run_screen(&self) -> &RunScreen {
        let shown = self.model.run_shown();
        shown.unwrap_or_else(|| panic!("not a run: {:?}", self.model.screens.last()))
    }

    pub fn handoff_screen(&self) -> &HandoffScreen {
        match self.model.screens.last() {
            Some(Screen::Handoff(screen)) => screen,
            other => panic!("not a handoff: {other:?}"),
        }
    }
}

pub(super) fn theme(name: &str) -> Theme {
    Theme::choose(&[], name, false, true, "xterm-256color").unwrap()
}

/// A theme with the glyphs of a poor terminal.
pub(super) fn ascii(name: &str) -> Theme {
    Theme {
        glyphs: Glyphs::ASCII,
        ..theme(name)
    }
}

/// The text of a buffer, the blanks at the end of each line left out.
pub(super) fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width.max(1));
    let mut text = String::new();
    for line in buffer.content.chunks(width) {
        let mut cells = String::new();
        let mut covered = 0;
        for cell in line {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            cells.push_str(cell.symbol());
            covered = crate::text::width(cell.symbol()).saturating_sub(1);
        }
        text.push_str(cells.trim_end());
        text.push('\n');
    }
    text
}

/// The copies among effects: label, text, whether it is a secret.
pub(super) fn copies(effects: &[Effect]) -> Vec<(String, String, bool)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Copy {
                label,
                text,
                secret,
            } => Some((label.clone(), text.expose_secret().to_string(), *secret)),
            _ => None,
        })
        .collect()
}

pub(super) fn starts(effects: &[Effect]) -> usize {
    effects
        .iter()
        .filter(|effect| matches!(effect, Effect::StartRun(_)))
        .count()
}

pub(super) fn quits(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Quit))
}
