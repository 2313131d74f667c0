//! First contact with a tenant that is not listed yet: finds it, signs in, and asks it for its name. Nothing is kept.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::event::{SignInPrompt, Trouble};
use super::sign_in::KeptSignIns;
use super::site::{BaseUrl, ClientSettings, SignIn};
use crate::entra::graph::Graph;
use crate::entra::signin::{Session, SessionSettings, SignInError, discovery};
use crate::http::{Client, HttpError, SystemClock};
use crate::registration::observed::{Failure, Identity};

/// What to know of the client ID that is used where none is given.
pub const DEFAULT_CLIENT: &str = "The default client ID is that of Microsoft Graph Command Line Tools, which exists in every \
tenant and asks you to consent to what it may do; nobody has verified it for this use. A public client of your own is safer.";

/// The ways to a cloud.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// The sign-in host.
    pub login: BaseUrl,
    /// The Graph host.
    pub graph: BaseUrl,
    /// Proxy and certificates.
    pub client: ClientSettings,
}

/// A tenant's words of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its display name in Entra; may be empty.
    pub name: String,
    /// Its default domain; `None` = Entra names none.
    pub primary_domain: Option<String>,
}

/// What is usual for a tenant that is not listed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// The public client that asks for a sign-in; not verified for this use.
    pub client_id: Uuid,
    /// The sign-in host.
    pub login: String,
    /// The Graph host.
    pub graph: String,
    /// Where tenants are listed, for people.
    pub place: String,
}

/// A way to sign in that needs no secret on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactWay {
    /// A code, typed in any browser.
    DeviceCode {
        /// The public client that asks.
        client_id: Uuid,
    },
    /// A command prints the token.
    Command {
        /// Program and arguments.
        words: Vec<String>,
    },
}

/// A cloud's two hosts and the way to them, as somebody typed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hosts {
    /// The sign-in host.
    pub login: String,
    /// The Graph host.
    pub graph: String,
    /// The proxy to them, which may bear a password; `None` = what the environment says.
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust in addition to the system's.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts")
            .field("login", &self.login)
            .field("graph", &self.graph)
            .field("proxy", &self.proxy.as_ref().map(|_| ".."))
            .field("ca_file", &self.ca_file)
            .finish()
    }
}

/// The tenant that a first contact is wanted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its directory ID, or a domain of it.
    pub tenant: String,
    /// How to sign in.
    pub way: ContactWay,
    /// Where it is.
    pub hosts: Hosts,
}

/// A tenant as it is to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Directory ID.
    pub id: Uuid,
    /// What operators call it.
    pub name: String,
    /// The domain that it is known by, such as `finebak.com`.
    pub primary_domain: String,
    /// How to sign in.
    pub way: ContactWay,
    /// Where it is.
    pub hosts: Hosts,
}

/// A tenant that was found, with what the contact brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Directory ID.
    pub id: Uuid,
    /// Who is signed in.
    pub identity: Identity,
    /// What the tenant says of itself, or why it says nothing.
    pub organization: Result<Organization, Failure>,
}

/// Where tenants are listed. The console knows the settings file by this alone.
pub trait TenantBook: std::fmt::Debug + Send + Sync {
    /// What is usual for a new one.
    fn suggested(&self) -> Suggested;
    /// The name of a tenant that is listed already.
    fn listed(&self, id: Uuid) -> Option<String>;
    /// The ways to these hosts.
    ///
    /// # Errors
    /// [`Trouble`] for what is no host, or no path.
    fn cloud(&self, hosts: &Hosts) -> Result<Cloud, Trouble>;
    /// The way to sign in, and the permissions that it asks for by name.
    fn sign_in(&self, way: &ContactWay) -> (SignIn, Vec<String>);
    /// Lists a tenant.
    ///
    /// # Errors
    /// [`Trouble`], when it can't be written; then nothing is.
    fn add(&self, listing: &Listing) -> Result<(), Trouble>;
}

/// First contact as `book` would list the tenant. `show` is called with a device code and the tenant that it is for;
/// `cancel` ends it at once. The sign-in is kept for the desk that is opened with the tenant.
///
/// # Errors
/// [`Trouble`] when there is no such tenant, it is listed already, or nobody gets in.
pub async fn first_contact(
    book: &dyn TenantBook,
    wanted: &Wanted,
    show: impl FnOnce(Uuid, SignInPrompt) + Send,
    keep: &KeptSignIns,
    cancel: &CancellationToken,
) -> Result<Found, Trouble> {
    let cloud = book.cloud(&wanted.hosts)?;
    let id = match Uuid::parse_str(&wanted.tenant) {
        Ok(id) => id,
        Err(_) => cloud.find(&wanted.tenant).await?,
    };
    not_listed(book.listed(id))?;
    let (way, scopes) = book.sign_in(&wanted.way);
    let show = |prompt| show(id, prompt);
    cloud.contact(id, way, scopes, show, keep, cancel).await
}

/// What did not happen, where something stands against it.
pub const NOT_ADDED: &str = "the tenant is not added";

/// A tenant is listed once.
///
/// # Errors
/// [`Trouble`], where it has a name here already.
pub fn not_listed(name: Option<String>) -> Result<(), Trouble> {
    name.map_or(Ok(()), |name| {
        Err(Trouble::new(
            NOT_ADDED,
            format!("it is listed already, as {name}"),
            "`umpdeck tenants edit` changes how umpdeck signs in.",
        ))
    })
}

const WHAT: &str = "the tenant can't be reached";

/// The command of Azure CLI that prints a token for Graph in this tenant, by its ID or domain: what is proposed to whoever
/// signs in by a command.
pub fn azure_command(tenant: &str) -> String {
    format!("az account get-access-token --resource-type ms-graph --tenant {tenant} -o json")
}

impl Cloud {
    /// The directory ID of the tenant that has this domain. Nobody has to sign in for it.
    ///
    /// # Errors
    /// [`Trouble`] when there is none in this cloud, or it can't be asked.
    pub async fn find(&self, domain: &str) -> Result<Uuid, Trouble> {
        let login = self.client(&self.login)?;
        discovery::directory_id(&login, domain)
            .await
            .map_err(|error| {
                let what = match error {
                    SignInError::Refused(_) => format!("there is no tenant for {domain}"),
                    _ => format!("the tenant of {domain} could not be looked up"),
                };
                Trouble::of(what, &error)
            })
    }

    /// Signs in to a tenant, which `show` is called for with a device code, and asks it for its name. `scopes` as in
    /// [`TenantSite`](super::site::TenantSite). The sign-in is kept for whoever lists the tenant.
    ///
    /// # Errors
    /// [`Trouble`] when nobody gets in.
    pub async fn contact(
        &self,
        tenant: Uuid,
        sign_in: SignIn,
        scopes: Vec<String>,
        show: impl FnOnce(SignInPrompt) + Send,
        keep: &KeptSignIns,
        cancel: &CancellationToken,
    ) -> Result<Found, Trouble> {
        let settings = SessionSettings {
            tenant,
            way: sign_in,
            resource: self.graph.as_str().to_string(),
            scopes,
        };
        let session = Session::new(settings, self.client(&self.login)?);
        session
            .sign_in(show, cancel)
            .await
            .map_err(|error| Trouble::of("nobody is signed in", &error))?;
        let graph = Graph::new(self.client(&self.graph)?, session);
        let organization = match graph.organization().await {
            Ok(found) if found.id != tenant => {
                let why = format!(
                    "the sign-in is for the tenant {}, not for {tenant}",
                    found.id
                );
                return Err(Trouble::new(
                    WHAT,
                    why,
                    "Check the tenant's ID and the hosts.",
                ));
            }
            Ok(found) => Ok(Organization {
                name: found.display_name,
                primary_domain: found.primary_domain,
            }),
            Err(error) => Err(error.failure(Timestamp::now())),
        };
        let identity = graph
            .identity()
            .await
            .map_err(|error| Trouble::of(WHAT, &error))?;
        keep.push(graph.session().clone());
        Ok(Found {
            id: tenant,
            identity,
            organization,
        })
    }

    fn client(&self, base: &BaseUrl) -> Result<Client, Trouble> {
        let failed = |error: HttpError| Trouble::of(WHAT, &error);
        Client::new(base.clone(), &self.client, Arc::new(SystemClock::new())).map_err(failed)
    }
}
