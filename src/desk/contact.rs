//! First contact with a tenant that is not listed yet: finds it, signs in, and asks it for its name. Nothing is kept.

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::event::{SignInPrompt, Trouble};
use super::site::{BaseUrl, ClientSettings, SignIn};
use crate::entra::graph::Graph;
use crate::entra::signin::{Session, SessionSettings, discovery};
use crate::http::{Client, HttpError, SystemClock};
use crate::registration::observed::{Failure, Identity};

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

/// What a first contact brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who is signed in.
    pub identity: Identity,
    /// What the tenant says of itself, or why it says nothing.
    pub organization: Result<Organization, Failure>,
}

/// A tenant's words of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its display name.
    pub name: String,
    /// Its default domain.
    pub primary_domain: Option<String>,
}

const WHAT: &str = "the tenant can't be reached";

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
                let what = format!("there is no tenant for {domain}");
                Trouble::new(what, error.to_string(), error.next())
            })
    }

    /// Signs in to a tenant, which `show` is called for with a device code, and asks it for its name. `scopes` as in
    /// [`TenantSite`](super::site::TenantSite).
    ///
    /// # Errors
    /// [`Trouble`] when nobody gets in.
    pub async fn contact(
        &self,
        tenant: Uuid,
        sign_in: SignIn,
        scopes: Vec<String>,
        show: impl FnOnce(SignInPrompt) + Send,
    ) -> Result<Contact, Trouble> {
        let settings = SessionSettings {
            tenant,
            way: sign_in,
            resource: self.graph.as_str().trim_end_matches('/').to_string(),
            scopes,
        };
        let session = Session::new(settings, self.client(&self.login)?);
        let show = |prompt: crate::entra::signin::Prompt| {
            show(SignInPrompt {
                user_code: prompt.user_code,
                verification_uri: prompt.verification_uri,
                expires_at: prompt.expires_at,
            });
        };
        session
            .sign_in(show, &CancellationToken::new())
            .await
            .map_err(|error| {
                Trouble::new("nobody is signed in", error.to_string(), error.next())
            })?;
        let graph = Graph::new(self.client(&self.graph)?, session);
        let organization = match graph.organization().await {
            Ok(found) if found.id != tenant => {
                let why = format!(
                    "the sign-in leads to the tenant {}, not to {tenant}",
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
            .map_err(|error| Trouble::new(WHAT, error.to_string(), error.next()))?;
        Ok(Contact {
            identity,
            organization,
        })
    }

    fn client(&self, base: &BaseUrl) -> Result<Client, Trouble> {
        let failed = |error: HttpError| Trouble::new(WHAT, error.to_string(), error.next());
        Client::new(base.clone(), &self.client, Arc::new(SystemClock::new())).map_err(failed)
    }
}
