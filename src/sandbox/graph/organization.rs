//! The tenant itself: organization, domains, the signed-in operator, and the policies on secrets.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::exchange::Answer;
use super::super::state::{AppPolicy, Tenant};
use super::failure::Failure;
use super::listing::{Kind, Type, list, single};
use super::{Call, directory_objects, roles};

/// The id of every tenant's default policy.
pub(in crate::sandbox) const DEFAULT_POLICY: Uuid = Uuid::nil();
/// The role that the training operator has: Application Administrator.
pub(in crate::sandbox) const OPERATOR_ROLE: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

/// A type that can be read but not filtered.
const fn plain(name: &'static str, collection: &'static str) -> Type {
    Type {
        name,
        collection,
        filterable: &[("id", Kind::Key), ("displayName", Kind::Text)],
        searchable: &[],
        sortable: &[],
        expandable: &[],
        is_property: |_| true,
    }
}

/// GET on what describes the tenant.
pub(super) fn read(
    call: &Call<'_>,
    tenant: &Tenant,
    first: &str,
    rest: &[&str],
) -> Result<Answer, Failure> {
    match (first, rest) {
        ("organization", []) => {
            call.require(&["User.Read", "Organization.Read.All", "Directory.Read.All"])?;
            list(
                call,
                &plain("organization", "organization"),
                [(1, organization(tenant))].into_iter(),
            )
        }
        ("organization", [id]) => {
            call.require(&[
                "Organization.Read.All",
                "Directory.Read.All",
                "User.Read.All",
            ])?;
            if Uuid::parse_str(id).ok() != Some(tenant.id) {
                return Err(Failure::not_found(id));
            }
            let of = plain("organization", "organization");
            single(call, &of, organization(tenant), 200)
        }
        ("subscribedSkus" | "contracts", []) => {
            call.require(&["Directory.Read.All", "Organization.Read.All"])?;
            let of = match first {
                "contracts" => plain("contract", "contracts"),
                _ => plain("subscribedSku", "subscribedSkus"),
            };
            list(call, &of, std::iter::empty())
        }
        ("domains", []) => {
            call.require(&["Domain.Read.All", "Directory.Read.All"])?;
            list(
                call,
                &plain("domain", "domains"),
                (1u64..).zip(domains(tenant)),
            )
        }
        ("me", rest) => me(call, tenant, rest),
        ("policies", ["defaultAppManagementPolicy"]) => {
            call.require(&["Policy.Read.All"])?;
            let of = plain(
                "tenantAppManagementPolicy",
                "policies/defaultAppManagementPolicy",
            );
            single(call, &of, default_policy(tenant), 200)
        }
        ("policies", ["appManagementPolicies"]) => app_policies(call, tenant, |_| true),
        ("policies", ["appManagementPolicies", id]) => {
            call.require(&["Policy.Read.All"])?;
            let id = id.to_lowercase();
            let mut found = tenant.app_policies.iter();
            let found = found.find(|one| one.id.to_string() == id);
            let found = found.ok_or_else(|| Failure::not_found(&id))?;
            let of = plain("appManagementPolicy", "policies/appManagementPolicies");
            single(call, &of, app_policy(found), 200)
        }
        ("policies", ["authorizationPolicy"]) => {
            call.require(&["Policy.Read.All"])?;
            let of = plain("authorizationPolicy", "policies/authorizationPolicy");
            single(call, &of, authorization_policy(), 200)
        }
        _ => Err(Failure::no_such_segment(first)),
    }
}

fn me(call: &Call<'_>, tenant: &Tenant, rest: &[&str]) -> Result<Answer, Failure> {
    if call.claims.app_only() {
        return Err(Failure::new(
            400,
            "BadRequest",
            "/me request is only valid with delegated authentication flow.",
        ));
    }
    call.require(&["User.Read", "Directory.Read.All"])?;
    let (id, upn) = (call.claims.text("oid"), call.claims.text("upn"));
    match rest {
        [] => {
            let id = id
                .and_then(|id| Uuid::parse_str(id).ok())
                .unwrap_or_default();
            let user = directory_objects::user(id, upn.unwrap_or_default());
            single(call, &plain("user", "users"), Value::Object(user), 200)
        }
        [
            "transitiveMemberOf" | "memberOf",
            "microsoft.graph.directoryRole" | "graph.directoryRole",
        ] => {
            let role = roles::role(tenant, OPERATOR_ROLE);
            let of = plain("directoryRole", "directoryRoles");
            list(call, &of, (1u64..).zip(role))
        }
        ["memberOf" | "transitiveMemberOf"] => {
            let role = roles::role(tenant, OPERATOR_ROLE).map(|mut role| {
                role["@odata.type"] = json!("#microsoft.graph.directoryRole");
                role
            });
            list(call, &directory_objects::TYPE, (1u64..).zip(role))
        }
        ["ownedObjects" | "createdObjects", rest @ ..] => {
            let id = id
                .and_then(|id| Uuid::parse_str(id).ok())
                .unwrap_or_default();
            directory_objects::owned_objects(call, tenant, id, rest)
        }
        _ => Err(Failure::not_implemented("this view of the signed-in user")),
    }
}

fn initial_domain(tenant: &Tenant) -> String {
    let first = tenant.primary_domain.split('.').next().unwrap_or_default();
    format!("{first}.onmicrosoft.com")
}

fn organization(tenant: &Tenant) -> Value {
    let verified: Vec<Value> = [
        (tenant.primary_domain.clone(), true),
        (initial_domain(tenant), false),
    ]
    .into_iter()
    .map(|(name, primary)| {
        json!({
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": primary,
            "isInitial": !primary,
            "name": name,
            "type": "Managed",
        })
    })
    .collect();
    json!({
        "id": tenant.id,
        "deletedDateTime": null,
        "businessPhones": [],
        "city": null,
        "country": null,
        "countryLetterCode": "NL",
        "createdDateTime": tenant.created.to_string(),
        "displayName": tenant.name,
        "tenantType": "AAD",
        "technicalNotificationMails": [format!("noc@{}", tenant.primary_domain)],
        "verifiedDomains": verified,
    })
}

fn domains(tenant: &Tenant) -> Vec<Value> {
    [
        (tenant.primary_domain.clone(), true),
        (initial_domain(tenant), false),
    ]
    .into_iter()
    .map(|(name, primary)| {
        json!({
            "authenticationType": "Managed",
            "availabilityStatus": null,
            "id": name,
            "isAdminManaged": true,
            "isDefault": primary,
            "isInitial": !primary,
            "isRoot": true,
            "isVerified": true,
            "supportedServices": ["Email", "OfficeCommunicationsOnline"],
            "passwordValidityPeriodInDays": i32::MAX,
            "passwordNotificationWindowInDays": 14,
            "state": null,
        })
    })
    .collect()
}

fn lifetime(days: u32) -> Value {
    json!({
        "restrictionType": "passwordLifetime",
        "state": "enabled",
        "maxLifetime": format!("P{days}D"),
        "restrictForAppsCreatedAfterDateTime": null,
    })
}

fn default_policy(tenant: &Tenant) -> Value {
    let restrictions: Vec<Value> = tenant
        .secret_policy_days
        .map(lifetime)
        .into_iter()
        .collect();
    json!({
        "id": DEFAULT_POLICY,
        "displayName": "Default app management tenant policy",
        "description": "Default tenant policy that enforces app management restrictions on applications and service principals.",
        "isEnabled": tenant.secret_policy_days.is_some(),
        "applicationRestrictions": {"passwordCredentials": restrictions, "keyCredentials": []},
        "servicePrincipalRestrictions": {"passwordCredentials": [], "keyCredentials": []},
    })
}

/// The policies for single applications, those that the caller wants.
pub(super) fn app_policies(
    call: &Call<'_>,
    tenant: &Tenant,
    wanted: impl Fn(&AppPolicy) -> bool,
) -> Result<Answer, Failure> {
    call.require(&["Policy.Read.All"])?;
    let rendered = tenant
        .app_policies
        .iter()
        .filter(|one| wanted(one))
        .map(app_policy);
    let of = plain("appManagementPolicy", "policies/appManagementPolicies");
    list(call, &of, (1u64..).zip(rendered))
}

fn app_policy(one: &AppPolicy) -> Value {
    json!({
        "id": one.id,
        "displayName": one.display_name,
        "description": "Secrets of this application follow a lifetime of their own.",
        "isEnabled": true,
        "restrictions": {"passwordCredentials": [lifetime(one.days)], "keyCredentials": []},
    })
}

fn authorization_policy() -> Value {
    json!({
        "id": "authorizationPolicy",
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": true,
        "allowedToUseSSPR": true,
        "allowEmailVerifiedUsersToJoinOrganization": false,
        "blockMsolPowerShell": false,
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": false,
            "allowedToCreateSecurityGroups": true,
            "allowedToReadOtherUsers": true,
        },
    })
}
