//! What the desk works on, as plain values: who made them (settings file, training inventory) does not matter here.

use std::path::PathBuf;

use secrecy::SecretString;
use uuid::Uuid;

pub use crate::entra::signin::{ClientCertificate, SignIn};
pub use crate::http::{BaseUrl, ClientSettings};
pub use crate::portal::door::Person;
pub use crate::portal::profile::{Profile, ProfileError};
use crate::registration::blueprint::Blueprint;
use crate::registration::fleet::{Device, Tenant};
pub use crate::registration::invitation::Template;

/// A site: its tenants, devices, blueprints, profiles, and where its facts are kept.
#[derive(Debug, Clone)]
pub struct Site {
    /// Everything is a training ground's.
    pub sandbox: bool,
    /// What was pushed, stated or chosen before is void: an embedded sandbox starts from its data each time.
    pub begins_anew: bool,
    /// Nothing is changed anywhere.
    pub read_only: bool,
    /// The tenants, in the order of the settings file.
    pub tenants: Vec<TenantSite>,
    /// The devices, each of one of these tenants.
    pub devices: Vec<Device>,
    /// The blueprints; the first is the default.
    pub blueprints: Vec<Blueprint>,
    /// The portal profiles; the first is the default.
    pub profiles: Vec<Profile>,
    /// The template of the invitation's text.
    pub invitation: Template,
    /// The folder of the store; this user's alone.
    pub data_dir: PathBuf,
    /// The OS user at work.
    pub operator: String,
    /// The socket of this machine's syslog, where the head of the audit trail is to go; `None` = nowhere.
    pub syslog: Option<PathBuf>,
}

/// A tenant with the ways into it.
#[derive(Debug, Clone)]
pub struct TenantSite {
    /// The tenant as operators know it: directory ID, name, primary domain.
    pub tenant: Tenant,
    /// Nothing is changed in it.
    pub read_only: bool,
    /// The sign-in host of its cloud, such as `https://login.microsoftonline.com`.
    pub login: BaseUrl,
    /// The Graph host of its cloud, such as `https://graph.microsoft.com`.
    pub graph: BaseUrl,
    /// How to sign in to it, with the secret or certificate read.
    pub sign_in: SignIn,
    /// The permissions that a person's sign-in asks for by name; empty = all that the client was consented to.
    pub scopes: Vec<String>,
    /// The way to these hosts: proxy and certificates.
    pub client: ClientSettings,
    /// How to get into the portals of its devices, where they have an interface.
    pub portal: Option<PortalAccess>,
}

/// How to get into the portals of a tenant's devices.
#[derive(Debug, Clone)]
pub struct PortalAccess {
    /// As an application, with tokens of Entra.
    pub application: Option<PortalApplication>,
    /// As a user of the portals, with a password.
    pub person: Option<Person>,
    /// The way to the portals, where it is not the tenant's.
    pub client: Option<ClientSettings>,
}

/// An application that the portals let in.
#[derive(Debug, Clone)]
pub struct PortalApplication {
    /// The application's client ID in the tenant.
    pub client_id: Uuid,
    /// The application's client secret.
    pub secret: SecretString,
    /// The resource that tokens are asked for, such as `api://<guid>`.
    pub resource: String,
}
