//! The tenant itself: organization, domains, the signed-in operator, and what users may do.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::directory::Tenant;
use super::super::exchange::Answer;
use super::failure::Failure;
use super::listing::{Kind, Type, list, numbered, single};
use super::{Call, directory_objects};

/// A type that can be read but not filtered.
pub(super) const fn plain(name: &'static str, collection: &'static str) -> Type {
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
            list(call, &plain("domain", "domains"), numbered(domains(tenant)))
        }
        ("domains", [name]) => {
            call.require(&["Domain.Read.All", "Directory.Read.All"])?;
            let mut all = domains(tenant).into_iter();
            let is = |one: &Value| {
                one["id"]
                    .as_str()
                    .is_some_and(|id| id.eq_ignore_ascii_case(name))
            };
            let found = all.find(is).ok_or_else(|| Failure::not_found(name))?;
            single(call, &plain("domain", "domains"), found, 200)
        }
        ("me", rest) => me(call, tenant, rest),
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
    let id = call.claims.text("oid");
    let id = id.and_then(|id| Uuid::parse_str(id).ok());
    let id = id.unwrap_or_default();
    match rest {
        [] => {
            let user = directory_objects::user(id, call.claims.text("upn").unwrap_or_default());
            single(call, &plain("user", "users"), Value::Object(user), 200)
        }
        rest => directory_objects::of_person(call, tenant, id, rest),
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
