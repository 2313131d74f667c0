//! The tenant itself: organization, domains, the signed-in operator, and the policies on secrets.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::exchange::Answer;
use super::super::identity::guid;
use super::super::state::{AppPolicy, Tenant};
use super::Call;
use super::failure::Failure;
use super::listing::{Type, list, single};

/// The id of every tenant's default policy.
pub(super) const DEFAULT_POLICY: Uuid = Uuid::nil();
/// The role that the training operator has: Application Administrator.
pub(in crate::sandbox) const OPERATOR_ROLE: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

/// A type that can be read but not filtered.
const fn plain(name: &'static str, collection: &'static str) -> Type {
    Type {
        name,
        collection,
        filterable: &[],
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
            let user = json!({
                "businessPhones": [],
                "displayName": "NOC Operator",
                "givenName": "NOC",
                "jobTitle": null,
                "mail": upn,
                "mobilePhone": null,
                "officeLocation": null,
                "preferredLanguage": null,
                "surname": "Operator",
                "userPrincipalName": upn,
                "id": id,
            });
            single(call, &plain("user", "users"), user, 200)
        }
        [
            "transitiveMemberOf" | "memberOf",
            "microsoft.graph.directoryRole" | "graph.directoryRole",
        ] => {
            let role = json!({
                "id": guid(&format!("role {}", tenant.id)),
                "deletedDateTime": null,
                "description": "Can create and manage all aspects of app registrations and enterprise apps.",
                "displayName": "Application Administrator",
                "roleTemplateId": OPERATOR_ROLE,
            });
            let of = plain("directoryRole", "directoryRoles");
            list(call, &of, [(1, role)].into_iter())
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
        .map(|one| {
            json!({
                "id": one.id,
                "displayName": one.display_name,
                "description": "Secrets of this application follow a lifetime of their own.",
                "isEnabled": true,
                "restrictions": {"passwordCredentials": [lifetime(one.days)], "keyCredentials": []},
            })
        });
    let of = plain("appManagementPolicy", "policies/appManagementPolicies");
    list(call, &of, (1u64..).zip(rendered))
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
