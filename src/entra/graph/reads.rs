//! The typed reads of one tenant: applications, service principals, grants, policies, the tenant itself. They all fail
//! alike: [`GraphError`], when there is no token, Graph refuses or can't be reached, or its answer is not understood.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use uuid::Uuid;

use super::{Graph, not_understood, or_none};
use crate::entra::failure::GraphError;
use crate::entra::lookups;
use crate::entra::policy;
use crate::entra::principals::{self, DelegatedGrant};
use crate::entra::wire::{self, APPLICATION_FIELDS, NotUnderstood, Organization, Page};
use crate::http::{Answer, Request};
use crate::registration::directory::Deleted;
use crate::registration::observed::{
    Application, Consented, ResourcePrincipal, SecretPolicy, ServicePrincipal,
};

/// The tenant's default app management policy. Needs Policy.Read.All.
pub const DEFAULT_POLICY: &str = "/v1.0/policies/defaultAppManagementPolicy";
/// The policies that replace it for some applications.
pub const APPLICATION_POLICIES: &str = "/v1.0/policies/appManagementPolicies";
/// As many client IDs go into one filter as Graph takes.
const CLIENT_IDS_A_FILTER: usize = 15;
/// So many principals are still asked for by client ID: two batches of filters.
const FEW_PRINCIPALS: usize = 2 * 20 * CLIENT_IDS_A_FILTER;

impl Graph {
    /// The policy that one application has for itself, which replaces the tenant's default; `None` when it has none.
    pub async fn application_policy(
        &self,
        object_id: Uuid,
    ) -> Result<Option<SecretPolicy>, GraphError> {
        let path = format!("/v1.0/applications/{object_id}/appManagementPolicies");
        // At most one can be assigned. One that is switched off leaves the tenant's default in force.
        let read = |value: Value| {
            let on = value.get("isEnabled").and_then(Value::as_bool) != Some(false);
            policy::secret_policy(value).map(|policy| on.then_some(policy))
        };
        let all = self.list(Request::get(path), read).await?;
        Ok(all.into_iter().flatten().next())
    }

    /// All applications of the tenant.
    pub async fn applications(&self) -> Result<Vec<Application>, GraphError> {
        let path = format!("/v1.0/applications?$select={APPLICATION_FIELDS}&$top=999");
        self.list(Request::get(path), wire::application).await
    }

    /// One application by its object ID; `None` when there is none.
    pub async fn application(&self, object_id: Uuid) -> Result<Option<Application>, GraphError> {
        let request = lookups::application(&object_id.to_string());
        or_none(self.one(&request, wire::application).await)
    }

    /// One application by its `uniqueName`; `None` when there is none.
    pub async fn application_by_unique_name(
        &self,
        unique_name: &str,
    ) -> Result<Option<Application>, GraphError> {
        let request = lookups::application_by_unique_name(unique_name);
        or_none(self.one(&request, wire::application).await)
    }

    /// One application by its client ID; `None` when there is none.
    pub async fn application_by_client_id(
        &self,
        app_id: Uuid,
    ) -> Result<Option<Application>, GraphError> {
        let path = format!("/v1.0/applications(appId='{app_id}')?$select={APPLICATION_FIELDS}");
        or_none(self.one(&Request::get(path), wire::application).await)
    }

    /// The applications that have this redirect URI on the *web* platform. The index behind it lags after changes.
    pub async fn applications_with_redirect_uri(
        &self,
        uri: &str,
    ) -> Result<Vec<Application>, GraphError> {
        let request = lookups::applications_with_redirect_uri(uri);
        self.list(request, wire::application).await
    }

    /// The applications of exactly this display name, which need not be unique.
    pub async fn applications_named(&self, name: &str) -> Result<Vec<Application>, GraphError> {
        self.list(lookups::applications_named(name), wire::application)
            .await
    }

    /// The applications in the tenant's bin, which still own their `uniqueName`s.
    pub async fn deleted_applications(&self) -> Result<Vec<Deleted>, GraphError> {
        let request = lookups::deleted_applications();
        self.list(request, wire::deleted_application).await
    }

    /// The same from the answer to [`deleted_applications_path`]; a bin of more than one page is read anew.
    pub async fn deleted_applications_in(
        &self,
        answer: Answer,
    ) -> Result<Vec<Deleted>, GraphError> {
        let understand = |why: NotUnderstood| not_understood("/v1.0/directory/deletedItems", &why);
        let page: Page = wire::read(answer.body).map_err(understand)?;
        if page.next_link.is_some() {
            return self.deleted_applications().await;
        }
        let each = page.value.into_iter().map(wire::deleted_application);
        each.collect::<Result<_, _>>().map_err(understand)
    }

    /// The object ID of the application's service principal in the tenant's bin; `None` when it has none.
    pub async fn deleted_service_principal(
        &self,
        app_id: Uuid,
    ) -> Result<Option<Uuid>, GraphError> {
        let request = lookups::deleted_service_principals();
        let all = self.list(request, principals::service_principal).await?;
        let mut all = all.into_iter();
        Ok(all.find_map(|(of, principal)| (of == app_id).then_some(principal.object_id)))
    }

    /// The application's service principal in this tenant; `None` when there is none.
    pub async fn service_principal(
        &self,
        app_id: Uuid,
    ) -> Result<Option<ServicePrincipal>, GraphError> {
        let request = lookups::service_principal(&app_id.to_string());
        let found = or_none(self.one(&request, principals::service_principal).await)?;
        Ok(found.map(|(_, principal)| principal))
    }

    /// The service principals of these client IDs; one that has none in this tenant is left out. A few are asked for by
    /// name, many are picked from the list of all: whichever takes fewer requests.
    pub async fn service_principals(
        &self,
        app_ids: &[Uuid],
    ) -> Result<HashMap<Uuid, ServicePrincipal>, GraphError> {
        const FIELDS: &str = "$select=id,appId,accountEnabled";
        let read = principals::service_principal;
        if app_ids.len() > FEW_PRINCIPALS {
            let path = format!("/v1.0/servicePrincipals?{FIELDS}&$top=999");
            let all = self.list(Request::get(path), read).await?;
            let wanted: HashSet<&Uuid> = app_ids.iter().collect();
            return Ok(all
                .into_iter()
                .filter(|(id, _)| wanted.contains(id))
                .collect());
        }
        let paths: Vec<String> = app_ids
            .chunks(CLIENT_IDS_A_FILTER)
            .map(|some| {
                let ids: Vec<String> = some.iter().map(|id| format!("'{id}'")).collect();
                let ids = ids.join(",");
                format!("/v1.0/servicePrincipals?$filter=appId%20in%20({ids})&{FIELDS}")
            })
            .collect();
        let mut found = HashMap::new();
        for (answer, path) in self.read_many(&paths).await?.into_iter().zip(&paths) {
            let understand = |why: NotUnderstood| not_understood(path, &why);
            let page: Page = wire::read(answer?.body).map_err(understand)?;
            for value in page.value {
                let (app_id, principal) = read(value).map_err(understand)?;
                found.insert(app_id, principal);
            }
        }
        Ok(found)
    }

    /// Applications by their object IDs, many a request; `None` for one that is gone.
    pub async fn applications_by_id(
        &self,
        object_ids: &[Uuid],
    ) -> Result<Vec<(Uuid, Option<Application>)>, GraphError> {
        let path = |id: &Uuid| lookups::application(&id.to_string()).path;
        let paths: Vec<String> = object_ids.iter().map(path).collect();
        let answers = self.read_many(&paths).await?;
        let each = answers.into_iter().zip(object_ids).zip(&paths);
        each.map(|((answer, id), path)| {
            let read = |answer: Answer| {
                wire::application(answer.body).map_err(|why| not_understood(path, &why))
            };
            Ok((*id, or_none(answer.and_then(read))?))
        })
        .collect()
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

    /// The directory roles of the person who is signed in, by name, in the tenant that is asked. Roles that could be
    /// activated are not among them.
    pub async fn own_roles(&self) -> Result<Vec<String>, GraphError> {
        let path = "/v1.0/me/transitiveMemberOf/graph.directoryRole?$select=displayName";
        self.list(Request::get(path), wire::display_name).await
    }

    /// The tenant as it describes itself.
    pub async fn organization(&self) -> Result<Organization, GraphError> {
        let path = "/v1.0/organization?$select=id,displayName,verifiedDomains";
        let all = self.list(Request::get(path), wire::organization).await?;
        all.into_iter()
            .next()
            .ok_or_else(|| not_understood(path, &NotUnderstood("the list is empty".into())))
    }
}

/// What the tenant's default policy says of client secrets, from the answer to [`DEFAULT_POLICY`].
pub fn secret_policy_in(answer: Answer) -> Result<SecretPolicy, GraphError> {
    policy::secret_policy(answer.body).map_err(|why| not_understood(DEFAULT_POLICY, &why))
}

/// Whether a list has anything in it.
pub fn any_listed(answer: Answer) -> Result<bool, GraphError> {
    let page: Page = wire::read(answer.body).map_err(|why| not_understood("a list", &why))?;
    Ok(!page.value.is_empty() || page.next_link.is_some())
}

/// Where the tenant's bin is read.
pub fn deleted_applications_path() -> String {
    lookups::deleted_applications().path
}

/// Where a resource's principal is read, with the names of its permissions.
pub fn resource_principal_path(app_id: &Uuid) -> String {
    format!(
        "/v1.0/servicePrincipals(appId='{app_id}')?$select=id,appId,displayName,appRoles,oauth2PermissionScopes"
    )
}

/// A resource's principal, from the answer to [`resource_principal_path`]; `None` when the tenant has none.
pub fn resource_principal_in(
    answer: Result<Answer, GraphError>,
) -> Result<Option<ResourcePrincipal>, GraphError> {
    let read = |answer: Answer| {
        principals::resource_principal(answer.body)
            .map_err(|why| not_understood("/v1.0/servicePrincipals", &why))
    };
    or_none(answer.and_then(read))
}
