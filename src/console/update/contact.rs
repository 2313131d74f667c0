//! First contact with a tenant: its keys, and what comes of it.

use std::path::PathBuf;

use tui_input::Input;
use url::Url;
use uuid::Uuid;

use super::super::chord::Chord;
use super::super::keymap::Action;
use super::super::message::Effect;
use super::super::model::{
    ContactField, ContactScreen, ContactStage, Known, Model, Overlay, Screen, Tone,
};
use super::{back, forget_sign_in, typing};
use crate::desk::contact::{ContactWay, Found, Hosts, Listing, Wanted, azure_command};
use crate::desk::event::{SignInPrompt, Trouble};
use crate::registration::fleet::{Fqdn, valid_display_name};
use crate::registration::rights::abilities;

/// Opens the form.
pub(super) fn open(model: &mut Model) {
    match &model.suggested {
        Some(suggested) => {
            let screen = ContactScreen::new(suggested);
            model.screens.push(Screen::Contact(screen));
        }
        None => model.toast(
            Tone::Plain,
            "the tenants of a sandbox can't be changed; start umpdeck without --sandbox and --endpoint",
        ),
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Contact(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    match action {
        Action::Back => match screen.stage {
            ContactStage::Writing => {}
            ContactStage::Known(_) => screen.back_to_the_form(),
            ContactStage::Reaching => {
                screen.back_to_the_form();
                return vec![Effect::CancelContact];
            }
            ContactStage::Asking => back(model),
        },
        Action::Next => turn(screen, 1),
        Action::Previous => turn(screen, screen.fields().len().saturating_sub(1)),
        Action::ChoiceNext => choose(screen, true),
        Action::ChoicePrevious => choose(screen, false),
        Action::ToPlan => return go_on(screen),
        _ => {}
    }
    vec![]
}

fn go_on(screen: &mut ContactScreen) -> Vec<Effect> {
    screen.error = None;
    let checked = match &screen.stage {
        ContactStage::Asking => wanted(screen).map(|wanted| {
            let effect = Effect::Contact(Box::new(wanted));
            (effect, ContactStage::Reaching)
        }),
        ContactStage::Known(known) => listing(screen, known.found.id).map(|listing| {
            let effect = Effect::AddTenant(Box::new(listing));
            (effect, ContactStage::Writing)
        }),
        ContactStage::Reaching | ContactStage::Writing => return vec![],
    };
    match checked {
        Ok((effect, stage)) => {
            screen.stage = stage;
            vec![effect]
        }
        Err((field, why)) => {
            screen.field = field;
            screen.error = Some((field, why));
            vec![]
        }
    }
}

type Wrong = (ContactField, String);

fn wanted(screen: &ContactScreen) -> Result<Wanted, Wrong> {
    let tenant = screen.text(ContactField::Tenant);
    if Uuid::parse_str(tenant).is_err() {
        Fqdn::parse(tenant).map_err(|_| {
            let why = "neither a directory ID nor a domain; the tenant's overview page shows both";
            (ContactField::Tenant, why.to_string())
        })?;
    }
    Ok(Wanted {
        tenant: tenant.to_string(),
        way: way(screen)?,
        hosts: hosts(screen)?,
    })
}

fn hosts(screen: &ContactScreen) -> Result<Hosts, Wrong> {
    let text = |field| screen.text(field).to_string();
    let given = |field| Some(text(field)).filter(|text| !text.is_empty());
    let proxy = given(ContactField::Proxy);
    if proxy
        .as_ref()
        .is_some_and(|proxy| Url::parse(proxy).is_err())
    {
        let why = "a proxy is a URL, such as http://proxy.example:8080";
        return Err((ContactField::Proxy, why.to_string()));
    }
    Ok(Hosts {
        login: text(ContactField::Login),
        graph: text(ContactField::Graph),
        proxy,
        ca_file: given(ContactField::CaFile).map(PathBuf::from),
    })
}

fn way(screen: &ContactScreen) -> Result<ContactWay, Wrong> {
    let text = screen.text(ContactField::Client);
    if screen.by_command {
        let words: Vec<String> = text.split_whitespace().map(str::to_string).collect();
        return match words.is_empty() {
            true => Err((
                ContactField::Client,
                "give a command that prints a token".to_string(),
            )),
            false => Ok(ContactWay::Command { words }),
        };
    }
    match Uuid::parse_str(text) {
        Ok(client_id) => Ok(ContactWay::DeviceCode { client_id }),
        Err(_) => Err((ContactField::Client, "a client ID is a GUID".to_string())),
    }
}

fn listing(screen: &ContactScreen, id: Uuid) -> Result<Listing, Wrong> {
    let name = screen.text(ContactField::Name);
    valid_display_name(name).map_err(|why| (ContactField::Name, why.to_string()))?;
    let domain = Fqdn::parse(screen.text(ContactField::Domain))
        .map_err(|why| (ContactField::Domain, why.to_string()))?;
    let Wanted { way, hosts, .. } = wanted(screen)?;
    Ok(Listing {
        id,
        name: name.to_string(),
        primary_domain: domain.to_string(),
        way,
        hosts,
    })
}

fn turn(screen: &mut ContactScreen, by: usize) {
    let fields = screen.fields();
    let at = fields.iter().position(|one| *one == screen.field);
    if let Some(next) = at.and_then(|at| fields.get((at + by) % fields.len())) {
        screen.field = *next;
    }
}

/// Right and left: the other way to sign in, or the cursor in a text.
fn choose(screen: &mut ContactScreen, right: bool) {
    if !screen.fields().contains(&screen.field) {
        return;
    }
    if screen.field != ContactField::Way {
        typing::step(&mut screen.inputs[screen.field as usize], right);
        return;
    }
    screen.by_command = !screen.by_command;
    let text = match screen.by_command {
        true => {
            let tenant = screen.text(ContactField::Tenant);
            azure_command(tenant)
        }
        false => screen.usual_client_id.to_string(),
    };
    screen.inputs[ContactField::Client as usize] = Input::from(text);
}

/// A key that is no command edits the field.
pub(super) fn typed(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    if let Some(input) = input(model) {
        typing::key(input, chord);
    }
    vec![]
}

pub(super) fn pasted(model: &mut Model, line: &str) {
    if let Some(input) = input(model) {
        typing::paste(input, line);
    }
}

fn input(model: &mut Model) -> Option<&mut Input> {
    let Some(Screen::Contact(screen)) = model.screens.last_mut() else {
        return None;
    };
    let edits = screen.fields().contains(&screen.field) && screen.field != ContactField::Way;
    screen.error = None;
    edits.then(|| &mut screen.inputs[screen.field as usize])
}

impl ContactScreen {
    fn back_to_the_form(&mut self) {
        self.stage = ContactStage::Asking;
        self.field = ContactField::Tenant;
    }
}

/// The contact waits for a person.
pub(super) fn asked(model: &mut Model, tenant: Uuid, prompt: SignInPrompt) -> Vec<Effect> {
    if reaching(model).is_some() {
        model.overlays.push(Overlay::SignIn(tenant, prompt));
    }
    vec![]
}

/// The contact was made, or not.
pub(super) fn contacted(
    model: &mut Model,
    tenant: Option<Uuid>,
    outcome: Result<Found, Trouble>,
) -> Vec<Effect> {
    if let Some(tenant) = tenant {
        forget_sign_in(model, tenant);
    }
    let Some(screen) = reaching(model) else {
        // It was left meanwhile.
        return vec![];
    };
    match outcome {
        Ok(found) => {
            let organization = found.organization.as_ref().ok();
            let typed = screen.text(ContactField::Tenant).to_string();
            let domain = Uuid::parse_str(&typed).is_err().then_some(typed);
            let own = organization.and_then(|one| one.primary_domain.clone());
            let domain = own.or(domain).unwrap_or_default();
            let name = organization.map(|one| one.name.clone());
            let name = name
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| domain.clone());
            screen.inputs[ContactField::Name as usize] = Input::from(name);
            screen.inputs[ContactField::Domain as usize] = Input::from(domain);
            screen.field = ContactField::Name;
            let abilities = abilities(&found.identity);
            screen.stage = ContactStage::Known(Box::new(Known { found, abilities }));
        }
        Err(trouble) => {
            screen.back_to_the_form();
            model.trouble(&trouble);
        }
    }
    vec![]
}

/// A contact is being made on the screen with the keyboard.
pub(super) fn is_under_way(model: &Model) -> bool {
    matches!(model.screens.last(), Some(Screen::Contact(screen)) if matches!(screen.stage, ContactStage::Reaching))
}

fn reaching(model: &mut Model) -> Option<&mut ContactScreen> {
    model.screens.iter_mut().find_map(|screen| match screen {
        Screen::Contact(screen) if matches!(screen.stage, ContactStage::Reaching) => Some(screen),
        _ => None,
    })
}

/// The tenant is listed, or not: the console begins anew with it, unless runs are under way.
pub(super) fn added(model: &mut Model, outcome: Result<String, Trouble>) -> Vec<Effect> {
    let is_contact = |screen: &Screen| matches!(screen, Screen::Contact(_));
    match outcome {
        Ok(name) => {
            model.screens.retain(|screen| !is_contact(screen));
            if !model.is_at_work() {
                return vec![Effect::BeginAnew];
            }
            let words = format!(
                "{name} is added; since runs are under way, it is shown after the next start"
            );
            model.toast(Tone::Good, words);
        }
        Err(trouble) => {
            if let Some(Screen::Contact(screen)) = model.screens.last_mut() {
                screen.back_to_the_form();
            }
            model.trouble(&trouble);
        }
    }
    vec![]
}
