//! `/roleManagement/directory`: the definitions of the directory roles, and who was assigned which.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::directory::{RoleAssignment, Tenant};
use super::super::exchange::Answer;
use super::built_in_roles::{READ, ROLES, WRITE, known, of};
use super::failure::{Failure, object};
use super::listing::{Kind, Type, list, list_with, numbered, single};
use super::{Call, directory_objects};

const DEFINITION: Type = of(
    "unifiedRoleDefinition",
    "roleManagement/directory/roleDefinitions",
    &[
        ("id", Kind::Key),
        ("displayName", Kind::Text),
        ("isBuiltIn", Kind::Key),
        ("templateId", Kind::Key),
    ],
    &[],
);
const ASSIGNMENT: Type = of(
    "unifiedRoleAssignment",
    "roleManagement/directory/roleAssignments",
    &[
        ("id", Kind::Key),
        ("principalId", Kind::Key),
        ("roleDefinitionId", Kind::Key),
        ("directoryScopeId", Kind::Key),
    ],
    &["roleDefinition", "principal"],
);

fn definition(template: &str, name: &str) -> Value {
    json!({
        "id": template,
        "description": format!("The built-in role {name}."),
        "displayName": name,
        "isBuiltIn": true,
        "isEnabled": true,
        "resourceScopes": ["/"],
        "templateId": template,
        "version": "1",
        "rolePermissions": [],
    })
}

/// `/roleManagement/directory/…`.
pub(super) fn management(
    call: &Call<'_>,
    tenant: &mut Tenant,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let method = call.request.method.as_str();
    call.require_by_method(READ, WRITE)?;
    match (method, rest) {
        ("GET", ["roleDefinitions"]) => {
            let all = ROLES.iter().map(|(id, name)| definition(id, name));
            list(call, &DEFINITION, numbered(all))
        }
        ("GET", ["roleDefinitions", id]) => {
            let (id, name) = known(id).ok_or_else(|| Failure::not_found(id))?;
            single(call, &DEFINITION, definition(id, name), 200)
        }
        ("GET", ["roleAssignments"]) => {
            let tenant = &*tenant;
            let all = tenant.role_assignments.iter().map(shown);
            list_with(call, &ASSIGNMENT, numbered(all), |object, name| {
                related(tenant, object, name)
            })
        }
        ("GET", ["roleAssignments", id]) => {
            let found = tenant.role_assignments.iter().find(|one| one.id == *id);
            let found = found.ok_or_else(|| Failure::not_found(id))?;
            single(call, &ASSIGNMENT, shown(found), 200)
        }
        ("POST", ["roleAssignments"]) => {
            let body = object(call.request)?;
            let text = |name: &str| body.get(name).and_then(Value::as_str);
            let invalid = |name: &str| Failure::invalid_value(name, ASSIGNMENT.name);
            let principal = text("principalId")
                .and_then(|id| Uuid::parse_str(id).ok())
                .ok_or_else(|| invalid("principalId"))?;
            let role = text("roleDefinitionId")
                .and_then(known)
                .ok_or_else(|| invalid("roleDefinitionId"))?;
            if text("directoryScopeId") != Some("/") {
                return Err(invalid("directoryScopeId"));
            }
            let made = assign(tenant, principal, role.0)?;
            single(call, &ASSIGNMENT, made, 201)
        }
        ("DELETE", ["roleAssignments", id]) => {
            let at = tenant.role_assignments.iter().position(|one| one.id == *id);
            let at = at.ok_or_else(|| Failure::not_found(id))?;
            tenant.role_assignments.remove(at);
            Ok(Answer::empty(204))
        }
        _ => Err(Failure::not_implemented("this on role management")),
    }
}

/// Gives somebody a role.
pub(super) fn assign(
    tenant: &mut Tenant,
    principal: Uuid,
    role: &'static str,
) -> Result<Value, Failure> {
    if directory_objects::by_id(tenant, principal).is_none() {
        return Err(Failure::not_found(&principal.to_string()));
    }
    let twin = |one: &RoleAssignment| one.principal_id == principal && one.role == role;
    if tenant.role_assignments.iter().any(twin) {
        return Err(Failure::bad(
            "A conflicting object with one or more of the specified property values is present in the directory.",
        ));
    }
    let made = RoleAssignment {
        id: Uuid::new_v4().simple().to_string(),
        principal_id: principal,
        role: role.to_string(),
    };
    let value = shown(&made);
    tenant.role_assignments.push(made);
    Ok(value)
}

fn shown(one: &RoleAssignment) -> Value {
    json!({
        "id": one.id,
        "principalId": one.principal_id,
        "directoryScopeId": "/",
        "roleDefinitionId": one.role,
    })
}

fn related(tenant: &Tenant, object: &Value, name: &str) -> Vec<Value> {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    match name {
        "roleDefinition" => known(text("roleDefinitionId"))
            .map(|(id, name)| definition(id, name))
            .into_iter()
            .collect(),
        _ => Uuid::parse_str(text("principalId"))
            .ok()
            .and_then(|id| directory_objects::by_id(tenant, id))
            .into_iter()
            .collect(),
    }
}
