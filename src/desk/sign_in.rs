//! Signing in to a tenant, with as few codes as can be: one sign-in is redeemed for every tenant that takes it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::event::{DeskEvent, Trouble};
use super::{Desk, Inner, TenantWays, guard};
use crate::entra::failure::GraphError;
use crate::entra::signin::{Session, SignInError};
use crate::registration::observed::{Failure, FailureKind, Identity};

/// The sign-ins of persons that outlive a desk: the one that is opened after the settings were changed takes them over,
/// so that nobody has to sign in twice. They live in memory alone.
#[derive(Debug, Clone, Default)]
pub struct KeptSignIns(Arc<std::sync::Mutex<Vec<Session>>>);

impl KeptSignIns {
    pub(super) fn push(&self, session: Session) {
        guard(&self.0).push(session);
    }
}

/// A tenant that somebody is signed in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who, by the token.
    pub identity: Identity,
    /// Why Graph does not take the token, or does not answer; `None` = it took it.
    pub graph: Option<Failure>,
}

impl Desk {
    /// Signs in to a tenant, and tries the token with one small request. A device code comes as
    /// [`DeskEvent::SignInAsked`].
    ///
    /// # Errors
    /// [`Trouble`] for a tenant that is not listed; else the [`Failure`] of the sign-in.
    pub async fn sign_in(&self, tenant: uuid::Uuid) -> Result<Result<SignedIn, Failure>, Trouble> {
        let ways = self.inner.ways(tenant)?;
        let now = jiff::Timestamp::now;
        if let Err(error) = self.inner.sign_in(&ways).await {
            return Ok(Err(error.failure(now())));
        }
        let tried = ways.graph.organization().await;
        let identity = match ways.graph.identity().await {
            Ok(identity) => identity,
            Err(error) => return Ok(Err(error.failure(now()))),
        };
        // Who may not read the organization was recognised all the same.
        let graph = tried.err().map(|error| error.failure(now()));
        let graph = graph.filter(|failure| failure.kind != FailureKind::NotPermitted);
        Ok(Ok(SignedIn { identity, graph }))
    }

    /// Takes over the sign-ins of an earlier desk, and of a first contact.
    pub async fn take_over_sign_ins(&self, kept: &KeptSignIns) {
        let kept = std::mem::take(&mut *guard(&kept.0));
        for ways in &self.inner.listed().tenants {
            for other in &kept {
                ways.graph.session().take_over(other).await;
            }
        }
    }

    /// Keeps the sign-ins for the desk that follows.
    pub fn keep_sign_ins(&self, kept: &KeptSignIns) {
        for ways in &self.inner.listed().tenants {
            kept.push(ways.graph.session().clone());
        }
    }

    /// Stops asking for a tenant's sign-in.
    pub fn cancel_sign_in(&self, tenant: uuid::Uuid) {
        if let Some(cancel) = guard(&self.inner.sign_ins).get(&tenant) {
            cancel.cancel();
        }
    }
}

impl Inner {
    /// Makes sure that somebody is signed in to a tenant, and tells who.
    pub(super) async fn sign_in(self: &Arc<Self>, ways: &TenantWays) -> Result<(), GraphError> {
        let tenant = ways.site.tenant.id;
        let session = ways.graph.session();
        // Two that want into one tenant sign in once. Tenants do not wait for each other: one may not answer for long.
        let turn = self.turn(tenant);
        let turn = turn.lock().await;
        let mut identity = ways.graph.identity().await;
        let by_person = session.settings().way.needs_a_person();
        if by_person
            && matches!(identity, Err(GraphError::SignIn(ref error)) if needs_a_person(error))
        {
            session.sign_out().await;
            let signed_in = self.signed_in_elsewhere(ways).await;
            if !self.redeemed(ways).await {
                self.ask_or_redeem(ways, signed_in).await?;
            }
            identity = ways.graph.identity().await;
        }
        drop(turn);
        self.tell(DeskEvent::SignedIn {
            tenant,
            identity: identity?,
        });
        Ok(())
    }

    /// Whose turn it is, by the tenant that is signed in to or by the client that a person signs in with.
    fn turn(&self, of: uuid::Uuid) -> Arc<tokio::sync::Mutex<()>> {
        guard(&self.sign_in_turns).entry(of).or_default().clone()
    }

    /// Asks a person, one tenant of a client after the other: whoever comes later than the first redeems its sign-in.
    async fn ask_or_redeem(
        self: &Arc<Self>,
        ways: &TenantWays,
        signed_in: usize,
    ) -> Result<(), SignInError> {
        let client = ways.graph.session().settings().way.client_id();
        let turn = self.turn(client.unwrap_or_default());
        let _turn = turn.lock().await;
        let somebody_did = self.signed_in_elsewhere(ways).await > signed_in;
        if somebody_did && self.redeemed(ways).await {
            return Ok(());
        }
        self.ask(ways).await
    }

    /// How many other tenants somebody is signed in to.
    async fn signed_in_elsewhere(&self, ways: &TenantWays) -> usize {
        let mut count = 0;
        for other in &self.listed().tenants {
            let elsewhere = other.site.tenant.id != ways.site.tenant.id;
            count += usize::from(elsewhere && other.graph.session().is_signed_in().await);
        }
        count
    }

    /// Uses another tenant's sign-in for this one, where it is taken.
    async fn redeemed(&self, ways: &TenantWays) -> bool {
        let tenant = ways.site.tenant.id;
        let session = ways.graph.session();
        for other in self
            .listed()
            .tenants
            .iter()
            .filter(|other| other.site.tenant.id != tenant)
        {
            let other = other.graph.session();
            if other.is_signed_in().await && session.redeem_from(other).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// Asks for a sign-in of this tenant's own.
    async fn ask(self: &Arc<Self>, ways: &TenantWays) -> Result<(), SignInError> {
        let tenant = ways.site.tenant.id;
        let cancel = CancellationToken::new();
        guard(&self.sign_ins).insert(tenant, cancel.clone());
        let this = self.clone();
        let show = move |prompt| this.tell(DeskEvent::SignInAsked { tenant, prompt });
        let outcome = ways.graph.session().sign_in(show, &cancel).await;
        guard(&self.sign_ins).remove(&tenant);
        outcome.map(drop)
    }
}

/// Whether only a new sign-in helps: nobody signed in yet, or what was kept is refused.
fn needs_a_person(error: &SignInError) -> bool {
    matches!(
        error,
        SignInError::NotSignedIn | SignInError::ClaimsChallenge | SignInError::Refused(_)
    )
}
