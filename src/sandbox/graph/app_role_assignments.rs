//! App role assignments: application permissions that a service principal holds, and who may use an application.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Assignment, Tenant};
use super::super::exchange::Answer;
use super::super::identity::new_opaque;
use super::super::state::GRAPH_APP_ID;
use super::failure::{Failure, object};
use super::listing::{Kind, Type, is_list, list, list_or_count, numbered, single};
use super::principals::stated;
use super::{Call, READ, directory_objects, principal_shape, read_guid};

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

const WRITE_ASSIGNMENTS: &[&str] = &["AppRoleAssignment.ReadWrite.All"];

/// `appRoleAssignments` (`held`: what the principal holds) and `appRoleAssignedTo` (who holds its roles).
pub(super) fn of_principal(
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
            let own = numbered(own.map(|one| rendered(tenant, one)));
            list_or_count(call, &ASSIGNMENT, own, rest)
        }
        ("POST", []) => {
            call.require(WRITE_ASSIGNMENTS)?;
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
            single(call, &ASSIGNMENT, rendered(tenant, found), 200)
        }
        ("DELETE", [id]) => {
            call.require(WRITE_ASSIGNMENTS)?;
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

/// The app roles that one person was assigned.
pub(super) fn of_person(call: &Call<'_>, tenant: &Tenant, person: Uuid) -> Result<Answer, Failure> {
    call.require(READ)?;
    let own = tenant.assignments.iter();
    let own = own.filter(|one| one.principal_id == person);
    let own = numbered(own.map(|one| rendered(tenant, one)));
    list(call, &ASSIGNMENT, own)
}

/// What a service principal holds, for `$expand`.
pub(super) fn held(tenant: &Tenant, principal: Uuid) -> Vec<Value> {
    let own = tenant.assignments.iter();
    let own = own.filter(|one| one.principal_id == principal);
    own.map(|one| rendered(tenant, one)).collect()
}

fn assign(
    call: &Call<'_>,
    tenant: &mut Tenant,
    body: &Map<String, Value>,
) -> Result<Answer, Failure> {
    let principal_id = match body.get("principalId").and_then(read_guid) {
        Some(operator) if operator == tenant.operator().0 => operator,
        _ => stated(tenant, body, "principalId", ASSIGNMENT.name)?,
    };
    let resource_id = stated(tenant, body, "resourceId", ASSIGNMENT.name)?;
    let app_role_id = body
        .get("appRoleId")
        .and_then(read_guid)
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
    let offered = resource.map(|one| principal_shape::rendered(tenant, one));
    let offered = offered.as_ref().and_then(|one| one["appRoles"].as_array());
    let is_it = |role: &Value| read_guid(&role["id"]) == Some(app_role_id);
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
    let shown = rendered(tenant, &assignment);
    tenant.assignments.push(assignment);
    single(call, &ASSIGNMENT, shown, 201)
}

fn rendered(tenant: &Tenant, one: &Assignment) -> Value {
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
