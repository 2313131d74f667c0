//! One tenant's sign-in: gets a token, keeps it, renews it before it ends.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::challenge::with_capability;
use super::device_code::{self, Prompt};
use super::error::SignInError;
use super::token_endpoint::Granted;
use super::way::SignIn;
use super::{claims, external};
use crate::http::Client;
use crate::registration::observed::Identity;

mod asking;

/// What a session is made of.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// The tenant's directory ID.
    pub tenant: Uuid,
    /// The way to sign in.
    pub way: SignIn,
    /// The resource that tokens are for: Graph's address, such as `https://graph.microsoft.com`, without a slash at its end.
    pub resource: String,
    /// Delegated permissions to ask for by name; empty = all that the client was consented to (`.default`).
    pub scopes: Vec<String>,
}

/// An access token with what is known of it. Debug output does not show it.
#[derive(Debug, Clone)]
pub struct AccessToken {
    secret: SecretString,
    /// By the clock's stopwatch.
    ends: Duration,
    /// Distinguishes this token from the one that replaces it.
    serial: u64,
    identity: Option<Identity>,
}

impl AccessToken {
    /// The token, for an `Authorization` header.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// What it says of itself; `None` when it can't be read.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

/// One tenant's sign-in. Clones share it.
#[derive(Debug, Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: SessionSettings,
    login: Client,
    kept: Mutex<Kept>,
    /// Held while an operator confirms a code: one code at a time.
    signing_in: Mutex<()>,
}

#[derive(Debug, Default)]
struct Kept {
    access: Option<AccessToken>,
    refresh: Option<SecretString>,
    /// What the next sign-in has to send, since a server asked for it.
    claims: Option<String>,
    serial: u64,
}

impl Session {
    /// A session that is not signed in yet. `login` leads to the sign-in service.
    pub fn new(settings: SessionSettings, login: Client) -> Session {
        Session {
            inner: Arc::new(Inner {
                settings,
                login,
                kept: Mutex::default(),
                signing_in: Mutex::default(),
            }),
        }
    }

    /// What it was made of.
    pub fn settings(&self) -> &SessionSettings {
        &self.inner.settings
    }

    /// The client that leads to the sign-in service, for [`prove`](super::prove).
    pub fn login(&self) -> &Client {
        &self.inner.login
    }

    /// A token that is good for five minutes more, from the cache, by refresh token, or by what an application or a
    /// command has; one request at a time.
    ///
    /// # Errors
    /// [`SignInError::NotSignedIn`] when an operator has to sign in first; else why Entra gave none.
    pub async fn token(&self) -> Result<AccessToken, SignInError> {
        let mut kept = self.inner.kept.lock().await;
        let now = self.inner.login.clock().stopwatch();
        let left = |token: &AccessToken| token.ends.saturating_sub(now);
        if let Some(token) = &kept.access
            && left(token) > self.inner.settings.way.renew_early()
        {
            return Ok(token.clone());
        }
        let old = kept.access.clone();
        match self.fetch(&mut kept).await {
            Ok(token) => Ok(token),
            Err(error) => {
                // Entra can't be asked just now, or gave nothing to renew with: the old token serves while it lasts.
                let serves = match &error {
                    SignInError::Http(error) => error.is_passing(),
                    other => *other == SignInError::NotSignedIn,
                };
                old.filter(|token| serves && left(token) > Duration::from_secs(30))
                    .ok_or(error)
            }
        }
    }

    /// A token other than `refused`, which a server did not take.
    ///
    /// # Errors
    /// As for [`Session::token`].
    pub async fn token_instead_of(
        &self,
        refused: &AccessToken,
    ) -> Result<AccessToken, SignInError> {
        {
            let mut kept = self.inner.kept.lock().await;
            if kept.access.as_ref().map(|token| token.serial) == Some(refused.serial) {
                kept.access = None;
            }
        }
        self.token().await
    }

    /// A token instead of `refused`, for which a server asked more than it bears: the new sign-in sends `claims`, where
    /// the server's own could be read.
    ///
    /// # Errors
    /// [`SignInError::ClaimsChallenge`] when a person has to sign in for that; what they then confirm bears the claims.
    /// Else as for [`Session::token`].
    pub async fn token_with_claims(
        &self,
        refused: &AccessToken,
        claims: Option<String>,
    ) -> Result<AccessToken, SignInError> {
        let mut kept = self.inner.kept.lock().await;
        if let Some(newer) = &kept.access
            && newer.serial != refused.serial
        {
            return Ok(newer.clone());
        }
        kept.access = None;
        let known = claims.is_some();
        kept.claims = claims;
        // The same proof as before gives the same token, unless it is told what more is wanted.
        let gives_more = known && !matches!(self.inner.settings.way, SignIn::Command { .. });
        let outcome = match gives_more {
            true => self.fetch(&mut kept).await,
            false => Err(SignInError::ClaimsChallenge),
        };
        match outcome {
            Err(SignInError::Http(error)) => Err(error.into()),
            Err(error) if self.inner.settings.way.needs_a_person() => {
                tracing::info!(%error, "the tenant's policy requires a new sign-in (claims challenge)");
                kept.refresh = None;
                Err(SignInError::ClaimsChallenge)
            }
            other => other,
        }
    }

    /// Signs in. With a device code, `show` is called once with what the operator has to see, then this waits until
    /// the code is confirmed; `cancel` ends that at once. Otherwise it gets a token.
    ///
    /// # Errors
    /// [`SignInError::Cancelled`]; what Entra refused; that the code ran out, or was declined.
    pub async fn sign_in(
        &self,
        show: impl FnOnce(Prompt) + Send,
        cancel: &CancellationToken,
    ) -> Result<AccessToken, SignInError> {
        let settings = &self.inner.settings;
        let SignIn::DeviceCode { client_id } = settings.way else {
            return tokio::select! {
                biased;
                () = cancel.cancelled() => Err(SignInError::Cancelled),
                token = self.token() => token,
            };
        };
        let login = &self.inner.login;
        let flow = async {
            let _one = self.inner.signing_in.lock().await;
            let claims = with_capability(self.inner.kept.lock().await.claims.as_deref());
            let (tenant, scope) = (settings.tenant, self.scope());
            let started = device_code::start(login, tenant, client_id, &scope, &claims).await?;
            show(started.prompt.clone());
            device_code::poll(login, settings.tenant, client_id, &started, cancel).await
        };
        let granted = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(SignInError::Cancelled),
            granted = flow => granted?,
        };
        let mut kept = self.inner.kept.lock().await;
        Ok(self.keep(&mut kept, granted))
    }

    /// Uses the operator's sign-in to another tenant for this one, by its refresh token; both must sign in by device
    /// code with the same client ID.
    ///
    /// # Errors
    /// [`SignInError::NotRedeemable`] for two that do not go together, [`SignInError::NotSignedIn`] when `other` has nothing to
    /// give; else what Entra refused.
    pub async fn redeem_from(&self, other: &Session) -> Result<AccessToken, SignInError> {
        match (&self.inner.settings.way, &other.inner.settings.way) {
            (SignIn::DeviceCode { client_id: mine }, SignIn::DeviceCode { client_id: theirs })
                if mine == theirs => {}
            (SignIn::DeviceCode { .. }, SignIn::DeviceCode { .. }) => {
                return Err(SignInError::NotRedeemable("the client IDs differ"));
            }
            _ => {
                return Err(SignInError::NotRedeemable(
                    "only a device-code sign-in can be carried over",
                ));
            }
        }
        // Taken and let go before this session's lock, so that two sessions can never wait for each other.
        let refresh = other.inner.kept.lock().await.refresh.clone();
        let refresh = refresh.ok_or(SignInError::NotSignedIn)?;
        // Nor is it held while Entra is asked: others look whether somebody is signed in here.
        let claims = self.inner.kept.lock().await.claims.clone();
        let granted = self.refreshed(&refresh, claims.as_deref()).await?;
        let mut kept = self.inner.kept.lock().await;
        Ok(self.keep(&mut kept, granted))
    }

    /// Takes over the operator's sign-in from a session of the same kind to the same tenant: its refresh token, since
    /// what else it has counts by another clock.
    pub async fn take_over(&self, other: &Session) {
        let (mine, theirs) = (&self.inner.settings, &other.inner.settings);
        let same_client = mine.way.needs_a_person()
            && theirs.way.needs_a_person()
            && mine.way.client_id() == theirs.way.client_id();
        let same_place = mine.tenant == theirs.tenant
            && mine.resource == theirs.resource
            && mine.scopes == theirs.scopes;
        if !(same_client && same_place) {
            return;
        }
        // Let go of before this session's lock, so that two sessions can never wait for each other.
        let refresh = other.inner.kept.lock().await.refresh.clone();
        let mut kept = self.inner.kept.lock().await;
        if kept.refresh.is_none() {
            kept.refresh = refresh;
        }
    }

    /// Whether a token can be had without an operator.
    pub async fn is_signed_in(&self) -> bool {
        match self.inner.settings.way {
            SignIn::ClientSecret { .. } | SignIn::Certificate { .. } | SignIn::Command { .. } => {
                true
            }
            SignIn::DeviceCode { .. } => {
                let kept = self.inner.kept.lock().await;
                kept.refresh.is_some() || kept.access.is_some()
            }
        }
    }

    /// Forgets all tokens.
    pub async fn sign_out(&self) {
        let mut kept = self.inner.kept.lock().await;
        kept.access = None;
        kept.refresh = None;
    }

    async fn fetch(&self, kept: &mut Kept) -> Result<AccessToken, SignInError> {
        let settings = &self.inner.settings;
        let granted = match &settings.way {
            SignIn::ClientSecret { client_id, secret } => {
                let proof = vec![("client_secret", secret.clone().into())];
                self.by_itself(*client_id, proof, kept).await?
            }
            SignIn::Certificate {
                client_id,
                certificate,
            } => {
                let proof = self.assertion(*client_id, certificate)?;
                self.by_itself(*client_id, proof, kept).await?
            }
            SignIn::Command { words } => {
                let now = self.inner.login.clock().now();
                external::token(words, settings.tenant, now).await?
            }
            SignIn::DeviceCode { .. } => {
                let refresh = kept.refresh.clone().ok_or(SignInError::NotSignedIn)?;
                match self.refreshed(&refresh, kept.claims.as_deref()).await {
                    Err(SignInError::Refused(refusal)) if is_over(&refusal.error) => {
                        kept.refresh = None;
                        kept.access = None;
                        kept.claims = refusal.claims.clone().or(kept.claims.take());
                        return Err(SignInError::Refused(refusal));
                    }
                    other => other?,
                }
            }
        };
        Ok(self.keep(kept, granted))
    }

    fn keep(&self, kept: &mut Kept, granted: Granted) -> AccessToken {
        kept.serial += 1;
        let token = AccessToken {
            identity: claims::identity(granted.access.expose_secret()),
            secret: granted.access,
            ends: self
                .inner
                .login
                .clock()
                .stopwatch()
                .saturating_add(granted.lives),
            serial: kept.serial,
        };
        kept.access = Some(token.clone());
        kept.claims = None;
        if granted.refresh.is_some() {
            kept.refresh = granted.refresh;
        }
        token
    }
}

/// Whether a refused refresh token is of no further use.
fn is_over(error: &str) -> bool {
    matches!(error, "invalid_grant" | "interaction_required")
}
