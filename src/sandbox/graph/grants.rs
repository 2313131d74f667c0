//! `/oauth2PermissionGrants`: consent to delegated permissions.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Grant, Tenant};
use super::super::exchange::Answer;
use super::super::identity::new_opaque;
use super::delta::{self, Change, Removed};
use super::failure::{Failure, object};
use super::listing::{Kind, Type, list, list_or_count, numbered, single};
use super::principals::stated;
use super::{Call, read_guid};

const GRANT: Type = Type {
    name: "oAuth2PermissionGrant",
    collection: "oauth2PermissionGrants",
    filterable: &[
        ("id", Kind::Key),
        ("clientId", Kind::Key),
        ("consentType", Kind::Key),
        ("principalId", Kind::Key),
        ("resourceId", Kind::Key),
        ("scope", Kind::Text),
    ],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    is_property: |name| {
        [
            "id",
            "clientId",
            "consentType",
            "principalId",
            "resourceId",
            "scope",
        ]
        .contains(&name)
    },
};

const READ_GRANTS: &[&str] = &[
    "DelegatedPermissionGrant.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITE_GRANTS: &[&str] = &[
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.ReadWrite.All",
];

/// The longest scope text of a grant, in characters.
const LONGEST_SCOPE: usize = 3850;

pub(super) fn collection(
    call: &Call<'_>,
    tenant: &mut Tenant,
    rest: &[&str],
) -> Result<Answer, Failure> {
    match (call.request.method.as_str(), rest) {
        ("GET", _) => {
            call.require(READ_GRANTS)?;
            let tenant = &*tenant;
            let live = tenant
                .grants
                .iter()
                .filter(|one| tenant.has_principal(one.client_id));
            list_or_count(call, &GRANT, numbered(live.map(rendered)), rest)
        }
        ("POST", []) => {
            call.require(WRITE_GRANTS)?;
            let body = object(call.request)?;
            create(call, tenant, &body)
        }
        _ => Err(Failure::not_implemented("this method on grants")),
    }
}

pub(super) fn one(call: &Call<'_>, tenant: &mut Tenant, id: &str) -> Result<Answer, Failure> {
    let method = call.request.method.as_str();
    call.require_by_method(READ_GRANTS, WRITE_GRANTS)?;
    let place = tenant
        .grants
        .iter()
        .position(|grant| grant.id == id)
        .ok_or_else(|| Failure::not_found(id))?;
    match method {
        "GET" => single(call, &GRANT, rendered(&tenant.grants[place]), 200),
        "PATCH" => {
            let body = object(call.request)?;
            let other = |name: &&String| *name != "scope" && !name.contains("@odata.");
            if let Some(other) = body.keys().find(other) {
                return Err(Failure::bad(format!(
                    "Property '{other}' cannot be changed."
                )));
            }
            tenant.grants[place].scope = scope(&body)?;
            tenant.grants[place].changed = tenant.next_serial();
            Ok(Answer::empty(204))
        }
        "DELETE" => {
            remove(tenant, place);
            Ok(Answer::empty(204))
        }
        _ => Err(Failure::not_implemented("this method on a grant")),
    }
}

/// `/oauth2PermissionGrants/delta`: what changed since a token.
pub(super) fn delta(call: &Call<'_>, tenant: &Tenant) -> Result<Answer, Failure> {
    call.require(READ_GRANTS)?;
    let all = tenant.grants.iter().map(|one| Change {
        id: one.id.clone(),
        changed: one.changed,
        visible: true,
        removed: (!tenant.has_principal(one.client_id)).then_some(Removed::Restorable),
        object: one,
    });
    delta::answer(call, &GRANT, tenant, all, rendered)
}

/// Takes a grant away for good.
pub(super) fn remove(tenant: &mut Tenant, place: usize) {
    let id = tenant.grants.remove(place).id;
    tenant.note_purged(id, GRANT.collection);
}

/// What was granted to one client.
pub(super) fn of_client(
    call: &Call<'_>,
    tenant: &Tenant,
    client: Uuid,
    rest: &[&str],
) -> Result<Answer, Failure> {
    call.require(READ_GRANTS)?;
    let own = tenant.grants.iter().filter(|one| one.client_id == client);
    list_or_count(call, &GRANT, numbered(own.map(rendered)), rest)
}

/// What one person consented to for himself.
pub(super) fn of_person(call: &Call<'_>, tenant: &Tenant, person: Uuid) -> Result<Answer, Failure> {
    call.require(READ_GRANTS)?;
    let own = tenant.grants.iter();
    let own =
        own.filter(|one| one.principal_id == Some(person) && tenant.has_principal(one.client_id));
    list(call, &GRANT, numbered(own.map(rendered)))
}

/// What a service principal was granted, for `$expand`.
pub(super) fn granted(tenant: &Tenant, client: Uuid) -> Vec<Value> {
    let own = tenant.grants.iter().filter(|one| one.client_id == client);
    own.map(rendered).collect()
}

fn create(
    call: &Call<'_>,
    tenant: &mut Tenant,
    body: &Map<String, Value>,
) -> Result<Answer, Failure> {
    let unknown = |name: &&String| !(GRANT.is_property)(name) && !name.contains("@odata.");
    if let Some(unknown) = body.keys().find(unknown) {
        return Err(Failure::bad(format!("Invalid property '{unknown}'.")));
    }
    let client_id = stated(tenant, body, "clientId", GRANT.name)?;
    let resource_id = stated(tenant, body, "resourceId", GRANT.name)?;
    let consent_type = match body.get("consentType").and_then(Value::as_str) {
        Some(kind @ ("AllPrincipals" | "Principal")) => kind.to_string(),
        _ => return Err(Failure::invalid_value("consentType", GRANT.name)),
    };
    let principal_id = match body.get("principalId") {
        None | Some(Value::Null) => None,
        Some(value) => Some(
            read_guid(value).ok_or_else(|| Failure::invalid_value("principalId", GRANT.name))?,
        ),
    };
    if principal_id.is_some() != (consent_type == "Principal") {
        return Err(Failure::invalid_value("principalId", GRANT.name));
    }
    let twin = tenant.grants.iter().any(|one| {
        one.client_id == client_id
            && one.resource_id == resource_id
            && one.consent_type == consent_type
            && one.principal_id == principal_id
    });
    if twin {
        return Err(Failure::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "Permission entry already exists.",
        ));
    }
    let grant = Grant {
        id: new_opaque(),
        client_id,
        consent_type,
        principal_id,
        resource_id,
        scope: scope(body)?,
        changed: tenant.next_serial(),
    };
    let shown = rendered(&grant);
    tenant.grants.push(grant);
    single(call, &GRANT, shown, 201)
}

fn scope(body: &Map<String, Value>) -> Result<String, Failure> {
    body.get("scope")
        .and_then(Value::as_str)
        .filter(|scope| scope.chars().count() <= LONGEST_SCOPE)
        .map(str::to_string)
        .ok_or_else(|| Failure::invalid_value("scope", GRANT.name))
}

fn rendered(grant: &Grant) -> Value {
    json!({
        "clientId": grant.client_id,
        "consentType": grant.consent_type,
        "id": grant.id,
        "principalId": grant.principal_id,
        "resourceId": grant.resource_id,
        "scope": grant.scope,
    })
}
