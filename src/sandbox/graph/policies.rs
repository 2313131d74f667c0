//! Policies on secrets: the tenant's default one, those for single applications, and what they refuse.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{AppPolicy, Application, Tenant};
use super::super::exchange::Answer;
use super::Call;
use super::directory_objects::{TYPE as ANY, by_id, reference};
use super::failure::{Failure, object};
use super::listing::{Type, list, numbered, single};
use super::organization::plain;

/// The id of every tenant's default policy.
pub(in crate::sandbox) const DEFAULT_POLICY: Uuid = Uuid::nil();

const DEFAULT: Type = plain(
    "tenantAppManagementPolicy",
    "policies/defaultAppManagementPolicy",
);
const OWN: Type = plain("appManagementPolicy", "policies/appManagementPolicies");
const READ: &[&str] = &[
    "Policy.Read.All",
    "Policy.Read.ApplicationConfiguration",
    "Policy.ReadWrite.ApplicationConfiguration",
];
const WRITE: &[&str] = &["Policy.ReadWrite.ApplicationConfiguration"];
const PASSWORD_RESTRICTIONS: [&str; 5] = [
    "passwordAddition",
    "passwordLifetime",
    "symmetricKeyAddition",
    "symmetricKeyLifetime",
    "customPasswordAddition",
];

/// What a policy says that bounds the lifetime of passwords to so many days.
fn bounded(days: u32) -> Value {
    let lifetime = json!({
        "restrictionType": "passwordLifetime",
        "state": "enabled",
        "maxLifetime": format!("P{days}D"),
        "restrictForAppsCreatedAfterDateTime": null,
    });
    json!({"passwordCredentials": [lifetime], "keyCredentials": []})
}

/// A tenant's default policy, with a bound of so many days if any.
pub(in crate::sandbox) fn default_policy(days: Option<u32>) -> Value {
    let nothing = json!({"passwordCredentials": [], "keyCredentials": []});
    json!({
        "id": DEFAULT_POLICY,
        "displayName": "Default app management tenant policy",
        "description": "Default tenant policy that enforces app management restrictions on applications and service principals.",
        "isEnabled": days.is_some(),
        "applicationRestrictions": days.map_or_else(|| nothing.clone(), bounded),
        "servicePrincipalRestrictions": nothing,
    })
}

/// A policy for single applications that bounds the lifetime of their secrets.
pub(in crate::sandbox) fn own_policy(id: Uuid, name: &str, days: u32) -> AppPolicy {
    AppPolicy {
        id,
        content: json!({
            "id": id,
            "displayName": name,
            "description": "Secrets of this application follow a lifetime of their own.",
            "isEnabled": true,
            "restrictions": bounded(days),
        }),
    }
}

/// `/policies/defaultAppManagementPolicy` and `/policies/appManagementPolicies…`; `None` = another policy.
pub(super) fn answer(
    call: &Call<'_>,
    tenant: &mut Tenant,
    rest: &[&str],
) -> Option<Result<Answer, Failure>> {
    Some(match rest {
        ["defaultAppManagementPolicy"] => default(call, tenant),
        ["appManagementPolicies"] => collection(call, tenant),
        ["appManagementPolicies", id, rest @ ..] => one(call, tenant, id, rest),
        _ => return None,
    })
}

fn default(call: &Call<'_>, tenant: &mut Tenant) -> Result<Answer, Failure> {
    match call.request.method.as_str() {
        "GET" => {
            call.require(READ)?;
            single(call, &DEFAULT, tenant.default_policy.clone(), 200)
        }
        "PATCH" => {
            call.require(WRITE)?;
            let change = object(call.request)?;
            let parts = ["applicationRestrictions", "servicePrincipalRestrictions"];
            check(&change, &parts, &DEFAULT)?;
            merge(&mut tenant.default_policy, change);
            Ok(Answer::empty(204))
        }
        _ => Err(Failure::not_implemented("this method on a policy")),
    }
}

fn collection(call: &Call<'_>, tenant: &mut Tenant) -> Result<Answer, Failure> {
    match call.request.method.as_str() {
        "GET" => of_application(call, tenant, |_| true),
        "POST" => {
            call.require(WRITE)?;
            let body = object(call.request)?;
            check(&body, &["restrictions"], &OWN)?;
            let id = Uuid::new_v4();
            let mut content = json!({
                "id": id,
                "displayName": null,
                "description": null,
                "isEnabled": false,
                "restrictions": {"passwordCredentials": [], "keyCredentials": []},
            });
            merge(&mut content, body);
            let shown = content.clone();
            tenant.app_policies.push(AppPolicy { id, content });
            single(call, &OWN, shown, 201)
        }
        _ => Err(Failure::not_implemented("this method on policies")),
    }
}

fn one(call: &Call<'_>, tenant: &mut Tenant, id: &str, rest: &[&str]) -> Result<Answer, Failure> {
    let method = call.request.method.as_str();
    call.require_by_method(READ, WRITE)?;
    let wanted = Uuid::parse_str(id).ok();
    let mut all = tenant.app_policies.iter();
    let place = all
        .position(|one| wanted == Some(one.id))
        .ok_or_else(|| Failure::not_found(id))?;
    let id = tenant.app_policies[place].id;
    match (method, rest) {
        ("GET", []) => single(call, &OWN, tenant.app_policies[place].content.clone(), 200),
        ("PATCH", []) => {
            let change = object(call.request)?;
            check(&change, &["restrictions"], &OWN)?;
            merge(&mut tenant.app_policies[place].content, change);
            Ok(Answer::empty(204))
        }
        ("DELETE", []) => {
            if tenant.applications.iter().any(|one| one.policy == Some(id)) {
                return Err(Failure::bad(
                    "The policy is assigned to an application. Take it away there first.",
                ));
            }
            tenant.app_policies.remove(place);
            Ok(Answer::empty(204))
        }
        ("GET", ["appliesTo"]) => {
            let tenant = &*tenant;
            let bound = tenant.applications.iter();
            let bound = bound.filter(|one| one.policy == Some(id));
            let shown = bound.filter_map(|one| Some((one.serial, by_id(tenant, one.object_id)?)));
            list(call, &ANY, shown)
        }
        _ => Err(Failure::not_implemented("this on a policy")),
    }
}

/// The policies for single applications, those that the caller wants.
pub(super) fn of_application(
    call: &Call<'_>,
    tenant: &Tenant,
    wanted: impl Fn(&AppPolicy) -> bool,
) -> Result<Answer, Failure> {
    call.require(READ)?;
    let all = tenant.app_policies.iter().filter(|one| wanted(one));
    list(call, &OWN, numbered(all.map(|one| one.content.clone())))
}

/// `POST …/appManagementPolicies/$ref` of the application at this place: there can be one at most.
pub(super) fn assign(
    call: &Call<'_>,
    tenant: &mut Tenant,
    place: usize,
) -> Result<Answer, Failure> {
    call.require(WRITE)?;
    let id = reference(&object(call.request)?)?;
    if !tenant.app_policies.iter().any(|one| one.id == id) {
        return Err(Failure::not_found(&id.to_string()));
    }
    match tenant.applications[place].policy {
        Some(own) if own == id => Err(Failure::bad(
            "One or more added object references already exist for the following modified properties: 'appManagementPolicies'.",
        )),
        Some(_) => Err(Failure::bad(
            "Only one app management policy can be assigned to an application or a service principal.",
        )),
        None => {
            tenant.applications[place].policy = Some(id);
            Ok(Answer::empty(204))
        }
    }
}

/// `DELETE …/appManagementPolicies/{id}/$ref` of the application at this place.
pub(super) fn take_away(
    call: &Call<'_>,
    tenant: &mut Tenant,
    place: usize,
    id: &str,
) -> Result<Answer, Failure> {
    call.require(WRITE)?;
    let own = &mut tenant.applications[place].policy;
    if own.is_none() || Uuid::parse_str(id).ok() != *own {
        return Err(Failure::not_found(id));
    }
    *own = None;
    Ok(Answer::empty(204))
}

/// Refuses a password that the policy of this application does not allow: its own policy replaces the tenant's.
pub(super) fn allow_password(
    tenant: &Tenant,
    application: &Application,
    start: Timestamp,
    end: Timestamp,
) -> Result<(), Failure> {
    let mut own = tenant.app_policies.iter();
    let own = own.find(|one| Some(one.id) == application.policy);
    let (id, policy, restrictions) = match own {
        Some(own) => (own.id, &own.content, &own.content["restrictions"]),
        None => {
            let policy = &tenant.default_policy;
            (DEFAULT_POLICY, policy, &policy["applicationRestrictions"])
        }
    };
    if policy["isEnabled"] != true {
        return Ok(());
    }
    let all = restrictions["passwordCredentials"].as_array();
    let in_force = all.into_iter().flatten().filter(|one| {
        let since = one["restrictForAppsCreatedAfterDateTime"].as_str();
        let since = since.and_then(|text| text.parse::<Timestamp>().ok());
        let created = application.text("createdDateTime");
        let created = created.and_then(|text| text.parse::<Timestamp>().ok());
        one["state"] != "disabled" && since.is_none_or(|since| created.is_none_or(|at| at >= since))
    });
    for one in in_force {
        match one["restrictionType"].as_str() {
            Some("passwordAddition") => return Err(Failure::no_passwords(id)),
            Some("passwordLifetime")
                if one["maxLifetime"].as_str().is_some_and(|longest| {
                    latest(start, longest).is_some_and(|latest| end > latest)
                }) =>
            {
                return Err(Failure::lifetime(id));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The last moment that a lifetime in ISO 8601's form allows.
fn latest(start: Timestamp, lifetime: &str) -> Option<Timestamp> {
    let lifetime: Span = lifetime.parse().ok()?;
    let start = start.to_zoned_datetime(TimeZone::UTC);
    Some(start.checked_add(lifetime).ok()?.timestamp())
}

/// Refuses what a policy can't say.
fn check(change: &Map<String, Value>, parts: &[&str], of: &Type) -> Result<(), Failure> {
    for (name, value) in change {
        let fits = match name.as_str() {
            "isEnabled" => value.is_boolean(),
            "displayName" | "description" => value.is_string() || value.is_null(),
            part if parts.contains(&part) => value.is_null() || are_restrictions(value),
            other => other.contains("@odata."),
        };
        if !fits {
            return Err(Failure::invalid_value(name, of.name));
        }
    }
    Ok(())
}

fn are_restrictions(value: &Value) -> bool {
    let each = |name: &str, right: fn(&Value) -> bool| match &value[name] {
        Value::Null => true,
        Value::Array(all) => all.iter().all(right),
        _ => false,
    };
    fn lifetime(one: &Value) -> bool {
        let text = one["maxLifetime"].as_str();
        one["maxLifetime"].is_null() || text.is_some_and(|text| text.parse::<Span>().is_ok())
    }
    value.is_object()
        && each("passwordCredentials", |one| {
            let kind = one["restrictionType"].as_str();
            kind.is_some_and(|kind| PASSWORD_RESTRICTIONS.contains(&kind)) && lifetime(one)
        })
        && each("keyCredentials", |one| {
            one["restrictionType"] == "asymmetricKeyLifetime" && lifetime(one)
        })
}

/// Writes what was given; the lists within the restrictions are replaced whole.
fn merge(content: &mut Value, change: Map<String, Value>) {
    for (name, value) in change {
        match (&mut content[&name], value) {
            _ if name.contains("@odata.") => {}
            (Value::Object(before), Value::Object(part)) => before.extend(part),
            (place, value) => *place = value,
        }
    }
}
