//! Microsoft Graph in one tenant: how a request goes there and its answer comes back. The typed reads are in `reads`;
//! changes were rendered elsewhere.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;

use super::failure::{GraphError, GraphRefusal};
use super::signin::challenge::claims_in;
use super::signin::{AccessToken, Session, SignInError};
use super::wire::{self, NotUnderstood, Page};
use crate::http::{Answer, Authorization, Client, HttpError, Request};
use crate::registration::observed::Identity;

mod reads;
pub use reads::{
    APPLICATION_POLICIES, DEFAULT_POLICY, any_listed, deleted_applications_path,
    resource_principal_in, resource_principal_path, secret_policy_in,
};

/// How many requests go to one tenant at a time.
const AT_ONCE: usize = 4;
/// No list is followed further: 999 things a page make a million.
pub(super) const MOST_PAGES: usize = 1000;

/// Graph in one tenant. Clones share the sign-in and the limit of requests at once.
#[derive(Debug, Clone)]
pub struct Graph {
    client: Client,
    session: Session,
    places: Arc<Semaphore>,
}

impl Graph {
    /// `client` leads to Graph (`https://graph.microsoft.com`, without `/v1.0`), `session` is the tenant's.
    pub fn new(client: Client, session: Session) -> Graph {
        Graph {
            client,
            session,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The tenant's sign-in.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The client that leads to Graph.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends one request with the tenant's token; a success comes back as it is. A token that Graph does not take is
    /// renewed once. Whether and how often a request is repeated otherwise is `http`'s rule.
    ///
    /// # Errors
    /// [`GraphError::Refused`] with what the token lacks, where that can be told; else why there is no token or no answer.
    pub async fn send(&self, request: &Request) -> Result<Answer, GraphError> {
        let _place = self.places.acquire().await;
        let mut token = self.session.token().await?;
        let mut answer = self.try_with(request, &token).await?;
        if is_challenge(&answer) {
            let claims = answer.www_authenticate.as_deref().and_then(claims_in);
            token = self.session.token_with_claims(&token, claims).await?;
            answer = self.try_with(request, &token).await?;
        } else if answer.status == 401 {
            token = self.session.token_instead_of(&token).await?;
            answer = self.try_with(request, &token).await?;
        }
        judged(request, answer, &token)
    }

    /// The same of an answer that came within a batch: an error where it is none of success.
    pub(super) async fn judged(
        &self,
        request: &Request,
        answer: Answer,
    ) -> Result<Answer, GraphError> {
        if answer.is_success() {
            return Ok(answer);
        }
        if is_challenge(&answer) {
            return self.send(request).await;
        }
        let token = self.session.token().await?;
        judged(request, answer, &token)
    }

    async fn try_with(&self, request: &Request, token: &AccessToken) -> Result<Answer, HttpError> {
        let authorization = Authorization::bearer(token.secret());
        self.client.send(request, Some(&authorization)).await
    }

    /// Who is signed in, by the token's own claims.
    ///
    /// # Errors
    /// [`GraphError`], when there is no token, or it can't be read.
    pub async fn identity(&self) -> Result<Identity, GraphError> {
        let token = self.session.token().await?;
        let identity = token.identity().cloned();
        identity.ok_or_else(|| GraphError::Answer {
            what: "who is signed in".to_string(),
            why: "the token can't be read".to_string(),
        })
    }

    async fn one<T>(
        &self,
        request: &Request,
        read: impl FnOnce(Value) -> Result<T, NotUnderstood>,
    ) -> Result<T, GraphError> {
        let answer = self.send(request).await?;
        read(answer.body).map_err(|why| not_understood(&request.path, &why))
    }

    async fn list<T>(
        &self,
        mut request: Request,
        read: impl Fn(Value) -> Result<T, NotUnderstood>,
    ) -> Result<Vec<T>, GraphError> {
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let answer = self.send(&request).await?;
            let understand = |why: NotUnderstood| not_understood(&request.path, &why);
            let page: Page = wire::read(answer.body).map_err(understand)?;
            for value in page.value {
                all.push(read(value).map_err(understand)?);
            }
            let Some(link) = page.next_link else {
                return Ok(all);
            };
            let next = self.client.base().path_of(&link);
            let next = next.ok_or(GraphError::ForeignLink)?;
            if next == request.path {
                return Err(understand(NotUnderstood(
                    "its next page is the same page".into(),
                )));
            }
            request.path = next;
        }
        Err(not_understood(
            &request.path,
            &NotUnderstood(format!("it has more than {MOST_PAGES} pages")),
        ))
    }
}

fn judged(request: &Request, answer: Answer, token: &AccessToken) -> Result<Answer, GraphError> {
    if answer.is_success() {
        return Ok(answer);
    }
    if is_challenge(&answer) {
        return Err(SignInError::ClaimsChallenge.into());
    }
    let refusal = GraphRefusal::read(request.method, &request.path, &answer, token.identity());
    if answer.status == 401 {
        return Err(SignInError::TokenRefused(refusal.message).into());
    }
    Err(GraphError::Refused(Box::new(refusal)))
}

pub(super) fn or_none<T>(result: Result<T, GraphError>) -> Result<Option<T>, GraphError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn not_understood(path: &str, why: &NotUnderstood) -> GraphError {
    GraphError::Answer {
        what: path.split('?').next().unwrap_or_default().to_string(),
        why: why.to_string(),
    }
}

/// Conditional Access or continuous access evaluation asks for a token with more in it.
fn is_challenge(answer: &Answer) -> bool {
    if !matches!(answer.status, 401 | 403) {
        return false;
    }
    let in_header = answer
        .www_authenticate
        .as_deref()
        .is_some_and(|header| header.contains("insufficient_claims") || header.contains("claims="));
    let error = answer.body.get("error");
    let code = error.and_then(|error| error.get("code").or(Some(error)));
    in_header || code.and_then(Value::as_str) == Some("insufficient_claims")
}
