//! Microsoft Graph in one tenant: the typed reads, and the way for changes that were rendered elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::failure::{GraphError, GraphRefusal};
use super::policy;
use super::principals::{self, DelegatedGrant};
use super::signin::challenge::claims_in;
use super::signin::{AccessToken, Session, SignInError};
use super::wire::{
    self, APPLICATION_FIELDS, DeletedApplication, NotUnderstood, Organization, Page,
};
use crate::http::{Answer, Authorization, Client, HttpError, Request, encoded};
use crate::registration::observed::{
    Application, Consented, Identity, ResourcePrincipal, SecretPolicy, ServicePrincipal,
};

/// How many requests go to one tenant at a time.
const AT_ONCE: usize = 4;
/// No list is followed further: 999 things a page make a million.
const MOST_PAGES: usize = 1000;

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

    async fn try_with(&self, request: &Request, token: &AccessToken) -> Result<Answer, HttpError> {
        let authorization = Authorization::bearer(token.secret());
        self.client.send(request, Some(&authorization)).await
    }

    /// Who is signed in, by the token's own claims.
    pub async fn identity(&self) -> Result<Identity, GraphError> {
        let token = self.session.token().await?;
        let identity = token.identity().cloned();
        identity.ok_or_else(|| GraphError::Answer {
            what: "who is signed in".to_string(),
            why: "the token can't be read".to_string(),
        })
    }

    /// What the tenant's default policy says of client secrets. Needs Policy.Read.All.
    pub async fn secret_policy(&self) -> Result<SecretPolicy, GraphError> {
        let path = "/v1.0/policies/defaultAppManagementPolicy";
        self.one(path, policy::secret_policy).await
    }

    /// The policy that one application has for itself, which replaces the tenant's default; `None` when it has none.
    pub async fn application_policy(
        &self,
        object_id: Uuid,
    ) -> Result<Option<SecretPolicy>, GraphError> {
        let path = format!("/v1.0/applications/{object_id}/appManagementPolicies");
        // At most one can be assigned.
        let all = self.list(Request::get(path), policy::secret_policy).await?;
        Ok(all.into_iter().next())
    }

    /// The tenant's principals of these resources; a resource without one in this tenant is left out.
    pub async fn resource_principals(
        &self,
        app_ids: &[Uuid],
    ) -> Result<Vec<ResourcePrincipal>, GraphError> {
        let mut found = Vec::with_capacity(app_ids.len());
        for app_id in app_ids {
            let path = format!(
                "/v1.0/servicePrincipals(appId='{app_id}')?$select=id,appId,displayName,appRoles,oauth2PermissionScopes"
            );
            found.extend(or_none(
                self.one(&path, principals::resource_principal).await,
            )?);
        }
        Ok(found)
    }

    /// All applications of the tenant.
    pub async fn applications(&self) -> Result<Vec<Application>, GraphError> {
        let path = format!("/v1.0/applications?$select={APPLICATION_FIELDS}&$top=999");
        self.list(Request::get(path), wire::application).await
    }

    /// One application by its object ID; `None` when there is none.
    pub async fn application(&self, object_id: Uuid) -> Result<Option<Application>, GraphError> {
        let path = format!("/v1.0/applications/{object_id}?$select={APPLICATION_FIELDS}");
        or_none(self.one(&path, wire::application).await)
    }

    /// One application by its `uniqueName`; `None` when there is none.
    pub async fn application_by_unique_name(
        &self,
        unique_name: &str,
    ) -> Result<Option<Application>, GraphError> {
        let name = literal(unique_name);
        let path = format!("/v1.0/applications(uniqueName={name})?$select={APPLICATION_FIELDS}");
        or_none(self.one(&path, wire::application).await)
    }

    /// The applications that have this redirect URI on the *web* platform. The index behind it lags after changes.
    pub async fn applications_with_redirect_uri(
        &self,
        uri: &str,
    ) -> Result<Vec<Application>, GraphError> {
        let filter = format!("web/redirectUris/any(u:u%20eq%20{})", literal(uri));
        let path = format!(
            "/v1.0/applications?$filter={filter}&$count=true&$select={APPLICATION_FIELDS}&$top=999"
        );
        self.list(Request::get(path).eventual(), wire::application)
            .await
    }

    /// The applications of exactly this display name, which need not be unique.
    pub async fn applications_named(&self, name: &str) -> Result<Vec<Application>, GraphError> {
        let filter = format!("displayName%20eq%20{}", literal(name));
        let path =
            format!("/v1.0/applications?$filter={filter}&$select={APPLICATION_FIELDS}&$top=999");
        self.list(Request::get(path), wire::application).await
    }

    /// The application in the tenant's bin that still owns this `uniqueName`, if any.
    pub async fn deleted_application_named(
        &self,
        unique_name: &str,
    ) -> Result<Option<DeletedApplication>, GraphError> {
        let path = "/v1.0/directory/deletedItems/graph.application\
            ?$select=id,appId,displayName,uniqueName,deletedDateTime&$top=999";
        let all = self
            .list(Request::get(path), wire::deleted_application)
            .await?;
        // Filtering the bin by uniqueName is not documented, so it is done here.
        Ok(all
            .into_iter()
            .find(|one| one.unique_name.as_deref() == Some(unique_name)))
    }

    /// The application's service principal in this tenant; `None` when there is none.
    pub async fn service_principal(
        &self,
        app_id: Uuid,
    ) -> Result<Option<ServicePrincipal>, GraphError> {
        let path =
            format!("/v1.0/servicePrincipals(appId='{app_id}')?$select=id,appId,accountEnabled");
        let found = or_none(self.one(&path, principals::service_principal).await)?;
        Ok(found.map(|(_, principal)| principal))
    }

    /// All service principals of the tenant, by the application ID that they stand for.
    pub async fn service_principals(&self) -> Result<HashMap<Uuid, ServicePrincipal>, GraphError> {
        let path = "/v1.0/servicePrincipals?$select=id,appId,accountEnabled&$top=999";
        let all = self
            .list(Request::get(path), principals::service_principal)
            .await?;
        Ok(all.into_iter().collect())
    }

    /// The delegated grants that a service principal holds, one user's grants included.
    pub async fn delegated_grants(
        &self,
        principal_object_id: Uuid,
    ) -> Result<Vec<DelegatedGrant>, GraphError> {
        let path = format!("/v1.0/servicePrincipals/{principal_object_id}/oauth2PermissionGrants");
        self.list(Request::get(path), principals::delegated_grant)
            .await
    }

    /// What is consented to for everybody: the scopes of delegated grants and the app roles that a principal holds.
    pub async fn consents(&self, principal_object_id: Uuid) -> Result<Vec<Consented>, GraphError> {
        let path = format!("/v1.0/servicePrincipals/{principal_object_id}/appRoleAssignments");
        let (grants, roles) = tokio::try_join!(
            self.delegated_grants(principal_object_id),
            self.list(Request::get(path), principals::app_role_assignment),
        )?;
        let delegated = grants.iter().flat_map(DelegatedGrant::consented);
        Ok(delegated.chain(roles).collect())
    }

    /// The tenant as it describes itself.
    pub async fn organization(&self) -> Result<Organization, GraphError> {
        let path = "/v1.0/organization?$select=id,displayName,verifiedDomains";
        let all = self.list(Request::get(path), wire::organization).await?;
        all.into_iter()
            .next()
            .ok_or_else(|| not_understood(path, &NotUnderstood("the list is empty".into())))
    }

    async fn one<T>(
        &self,
        path: &str,
        read: impl FnOnce(Value) -> Result<T, NotUnderstood>,
    ) -> Result<T, GraphError> {
        let answer = self.send(&Request::get(path)).await?;
        read(answer.body).map_err(|why| not_understood(path, &why))
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

/// A text as OData's literal within a URL: quotes doubled, then encoded.
fn literal(text: &str) -> String {
    format!("'{}'", encoded(&text.replace('\'', "''")))
}

fn or_none<T>(result: Result<T, GraphError>) -> Result<Option<T>, GraphError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn not_understood(path: &str, why: &NotUnderstood) -> GraphError {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_name_stays_inside_its_literal() {
        assert_eq!(literal("O'Neill & co"), "'O%27%27Neill%20%26%20co'");
    }
}
