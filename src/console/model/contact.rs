//! First contact with a tenant that is not listed yet: the form, and how far it has come.

use tui_input::Input;
use uuid::Uuid;

use crate::desk::contact::{Found, Suggested};
use crate::registration::rights::Ability;

/// First contact with a tenant.
#[derive(Debug)]
pub struct ContactScreen {
    /// The field that is edited.
    pub field: ContactField,
    /// The texts, in the order of [`ContactField::ALL`]; the choice's is empty.
    pub inputs: [Input; 9],
    /// A command prints the token; otherwise somebody types a code.
    pub by_command: bool,
    /// What is wrong, and with which field.
    pub error: Option<(ContactField, String)>,
    /// How far it has come.
    pub stage: ContactStage,
    /// The client ID that stands there unless somebody types another one.
    pub usual_client_id: Uuid,
    /// The file in which tenants are listed.
    pub place: String,
}

/// How far a first contact has come.
#[derive(Debug)]
pub enum ContactStage {
    /// The form is filled in.
    Asking,
    /// The tenant is looked for, and somebody signs in.
    Reaching,
    /// Somebody is signed in: name and domain may still be changed.
    Known(Box<Known>),
    /// It is written into the settings file.
    Writing,
}

/// What the contact brought.
#[derive(Debug)]
pub struct Known {
    /// The tenant, who is signed in, and what the tenant says of itself.
    pub found: Found,
    /// What that identity may do.
    pub abilities: Vec<Ability>,
}

/// The fields of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactField {
    /// Directory ID or domain.
    Tenant,
    /// The way to sign in (a choice).
    Way,
    /// The public client that asks for the code, or the command.
    Client,
    /// Sign-in host.
    Login,
    /// Graph host.
    Graph,
    /// The proxy to them.
    Proxy,
    /// A file with certificates to trust beside the system's.
    CaFile,
    /// Its name here.
    Name,
    /// Its primary domain.
    Domain,
}

impl ContactField {
    /// All fields, in their order on screen.
    pub const ALL: [ContactField; 9] = [
        ContactField::Tenant,
        ContactField::Way,
        ContactField::Client,
        ContactField::Login,
        ContactField::Graph,
        ContactField::Proxy,
        ContactField::CaFile,
        ContactField::Name,
        ContactField::Domain,
    ];

    /// Those that are filled in before anybody signs in.
    pub const OF_THE_FORM: &[ContactField] = &[
        ContactField::Tenant,
        ContactField::Way,
        ContactField::Client,
        ContactField::Login,
        ContactField::Graph,
        ContactField::Proxy,
        ContactField::CaFile,
    ];
}

impl ContactScreen {
    /// An empty form with what is usual.
    pub fn new(suggested: &Suggested) -> ContactScreen {
        let text = |field| match field {
            ContactField::Client => suggested.client_id.to_string(),
            ContactField::Login => suggested.login.clone(),
            ContactField::Graph => suggested.graph.clone(),
            _ => String::new(),
        };
        ContactScreen {
            field: ContactField::Tenant,
            inputs: ContactField::ALL.map(|field| Input::from(text(field))),
            by_command: false,
            error: None,
            stage: ContactStage::Asking,
            usual_client_id: suggested.client_id,
            place: suggested.place.clone(),
        }
    }

    /// The fields that can be edited now.
    pub fn fields(&self) -> &'static [ContactField] {
        match self.stage {
            ContactStage::Asking => ContactField::OF_THE_FORM,
            ContactStage::Known(_) => &[ContactField::Name, ContactField::Domain],
            ContactStage::Reaching | ContactStage::Writing => &[],
        }
    }

    /// A field's text.
    pub fn text(&self, field: ContactField) -> &str {
        self.inputs[field as usize].value().trim()
    }

    /// A field's label.
    pub fn label(&self, field: ContactField) -> &'static str {
        match field {
            ContactField::Tenant => "Directory ID or domain",
            ContactField::Way => "Sign in by",
            ContactField::Client if self.by_command => "Command",
            ContactField::Client => "Client ID",
            ContactField::Login => "Sign-in host",
            ContactField::Graph => "Graph host",
            ContactField::Proxy => "Proxy, if any",
            ContactField::CaFile => "CA file, if any",
            ContactField::Name => "Name for it here",
            ContactField::Domain => "Primary domain",
        }
    }
}
