//! Consent: delegated permission grants and app role assignments.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::exchange::Answer;
use super::super::identity::new_opaque;
use super::super::state::{Assignment, GRAPH_APP_ID, Grant, Purged, Tenant};
use super::delta::{self, Change, Removed};
use super::failure::{Failure, object};
use super::listing::{Kind, Type, is_list, list, list_or_count, single};
use super::{Call, READ, directory_objects, principals};

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

const ASSIGNMENT: Type = Type {
    name: "appRoleAssignment",
    collection: "appRoleAssignments",
    filterable: &[
        ("resourceId", Kind::Key),
        ("principalId", Kind::Key),
        ("appRoleId", Kind::Key),
        ("principalDisplayName", Kind::Text),
    ],
    searchable: &["principalDisplayName", "resourceDisplayName"],
    sortable: &["principalDisplayName", "createdDateTime"],
    expandable: &[],
    is_property: |name| {
        [
            "id",
            "deletedDateTime",
            "appRoleId",
            "createdDateTime",
            "principalDisplayName",
            "principalId",
            "principalType",
            "resourceDisplayName",
            "resourceId",
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
            {
                let tenant = &*tenant;
                let live = tenant
                    .grants
                    .iter()
                    .filter(|one| tenant.has_principal(one.client_id));
                list_or_count(call, &GRANT, numbered(live.map(rendered)), rest)
            }
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
    call.require(if method == "GET" {
        READ_GRANTS
    } else {
        WRITE_GRANTS
    })?;
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
    let gone = delta::purged(tenant, GRANT.collection);
    let all = tenant.grants.iter().map(|one| Change {
        id: one.id.clone(),
        changed: one.changed,
        visible: true,
        removed: (!tenant.has_principal(one.client_id)).then_some(Removed::Restorable),
        object: one,
    });
    delta::answer(call, &GRANT, tenant, all, gone, rendered)
}

/// Takes a grant away for good.
pub(super) fn remove(tenant: &mut Tenant, place: usize) {
    let id = tenant.grants.remove(place).id;
    let changed = tenant.next_serial();
    tenant.purged.push(Purged {
        id,
        collection: GRANT.collection,
        changed,
    });
}

/// What a service principal was granted, for `$expand`.
pub(super) fn related(tenant: &Tenant, principal: Uuid, name: &str) -> Vec<Value> {
    let held = tenant
        .assignments
        .iter()
        .filter(|one| one.principal_id == principal);
    let granted = tenant
        .grants
        .iter()
        .filter(|one| one.client_id == principal);
    match name {
        "appRoleAssignments" => held.map(|one| rendered_assignment(tenant, one)).collect(),
        _ => granted.map(rendered).collect(),
    }
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

/// The app roles that one person was assigned.
pub(super) fn roles_of_person(
    call: &Call<'_>,
    tenant: &Tenant,
    person: Uuid,
) -> Result<Answer, Failure> {
    call.require(READ)?;
    let own = tenant.assignments.iter();
    let own = own.filter(|one| one.principal_id == person);
    let own = numbered(own.map(|one| rendered_assignment(tenant, one)));
    list(call, &ASSIGNMENT, own)
}

/// `appRoleAssignments` (`held`: what the principal holds) and `appRoleAssignedTo` (who holds its roles).
pub(super) fn assignments(
    call: &Call<'_>,
    tenant: &mut Tenant,
    principal: Uuid,
    held: bool,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let mine = |one: &Assignment| match held {
        true => one.principal_id == principal,
        false => one.resource_id == principal,
    };
    match (call.request.method.as_str(), rest) {
        ("GET", rest) if is_list(rest) => {
            call.require(READ)?;
            let tenant = &*tenant;
            let own = tenant.assignments.iter().filter(|one| mine(one));
            let own = numbered(own.map(|one| rendered_assignment(tenant, one)));
            list_or_count(call, &ASSIGNMENT, own, rest)
        }
        ("POST", []) => {
            call.require(&["AppRoleAssignment.ReadWrite.All"])?;
            let body = object(call.request)?;
            assign(call, tenant, &body)
        }
        ("GET", [id]) => {
            call.require(READ)?;
            let found = tenant
                .assignments
                .iter()
                .find(|one| one.id == *id && mine(one))
                .ok_or_else(|| Failure::not_found(id))?;
            single(call, &ASSIGNMENT, rendered_assignment(tenant, found), 200)
        }
        ("DELETE", [id]) => {
            call.require(&["AppRoleAssignment.ReadWrite.All"])?;
            let place = tenant
                .assignments
                .iter()
                .position(|one| one.id == *id && mine(one))
                .ok_or_else(|| Failure::not_found(id))?;
            tenant.assignments.remove(place);
            Ok(Answer::empty(204))
        }
        _ => Err(Failure::not_implemented("this on app role assignments")),
    }
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
    let client_id = principal_of(tenant, body, "clientId")?;
    let resource_id = principal_of(tenant, body, "resourceId")?;
    let consent_type = match body.get("consentType").and_then(Value::as_str) {
        Some(kind @ ("AllPrincipals" | "Principal")) => kind.to_string(),
        _ => return Err(Failure::invalid_value("consentType", GRANT.name)),
    };
    let principal_id = match body.get("principalId") {
        None | Some(Value::Null) => None,
        Some(value) => {
            Some(guid(value).ok_or_else(|| Failure::invalid_value("principalId", GRANT.name))?)
        }
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

fn assign(
    call: &Call<'_>,
    tenant: &mut Tenant,
    body: &Map<String, Value>,
) -> Result<Answer, Failure> {
    let principal_id = match body.get("principalId").and_then(guid) {
        Some(operator) if operator == tenant.operator().0 => operator,
        _ => principal_of(tenant, body, "principalId")?,
    };
    let resource_id = principal_of(tenant, body, "resourceId")?;
    let app_role_id = body
        .get("appRoleId")
        .and_then(guid)
        .ok_or_else(|| Failure::invalid_value("appRoleId", ASSIGNMENT.name))?;
    let resource = tenant
        .principals
        .iter()
        .find(|one| one.object_id == resource_id);
    let resource_app = resource
        .map(|one| one.app_id.to_string())
        .unwrap_or_default();
    // Graph's own app roles need a Privileged Role Administrator, which the training operator is not.
    if !call.claims.app_only() && resource_app == GRAPH_APP_ID {
        return Err(Failure::denied());
    }
    let offered = resource.map(|one| principals::rendered(tenant, one));
    let offered = offered.as_ref().and_then(|one| one["appRoles"].as_array());
    let is_it = |role: &Value| guid(&role["id"]) == Some(app_role_id);
    // Who needs no particular role is assigned the empty one.
    let known = match offered {
        Some(roles) if !roles.is_empty() => roles.iter().any(is_it),
        _ => app_role_id.is_nil(),
    };
    if !known {
        return Err(Failure::bad(
            "Permission being assigned was not found on application.",
        ));
    }
    let twin = tenant.assignments.iter().any(|one| {
        one.principal_id == principal_id
            && one.resource_id == resource_id
            && one.app_role_id == app_role_id
    });
    if twin {
        return Err(Failure::bad(
            "Permission being assigned already exists on the object.",
        ));
    }
    let assignment = Assignment {
        id: new_opaque(),
        principal_id,
        resource_id,
        app_role_id,
        created: call.now,
    };
    let shown = rendered_assignment(tenant, &assignment);
    tenant.assignments.push(assignment);
    single(call, &ASSIGNMENT, shown, 201)
}

fn numbered(objects: impl Iterator<Item = Value>) -> impl Iterator<Item = (u64, Value)> {
    (1u64..).zip(objects)
}

fn guid(value: &Value) -> Option<Uuid> {
    Uuid::parse_str(value.as_str()?).ok()
}

fn principal_of(tenant: &Tenant, body: &Map<String, Value>, name: &str) -> Result<Uuid, Failure> {
    let id = body
        .get(name)
        .and_then(guid)
        .ok_or_else(|| Failure::invalid_value(name, GRANT.name))?;
    match tenant.has_principal(id) {
        true => Ok(id),
        false => Err(Failure::not_found(&id.to_string())),
    }
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

fn rendered_assignment(tenant: &Tenant, one: &Assignment) -> Value {
    let name = |id: Uuid| {
        let object = directory_objects::by_id(tenant, id);
        object.map_or(Value::Null, |one| one["displayName"].clone())
    };
    let of_person = one.principal_id == tenant.operator().0;
    json!({
        "id": one.id,
        "deletedDateTime": null,
        "appRoleId": one.app_role_id,
        "createdDateTime": one.created.to_string(),
        "principalDisplayName": name(one.principal_id),
        "principalId": one.principal_id,
        "principalType": if of_person { "User" } else { "ServicePrincipal" },
        "resourceDisplayName": name(one.resource_id),
        "resourceId": one.resource_id,
    })
}
