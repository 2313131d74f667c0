//! Directory roles: the definitions, who has which, and the older view of the same as roles with members.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::exchange::Answer;
use super::super::identity::guid;
use super::super::state::{RoleAssignment, Tenant};
use super::failure::{Failure, object};
use super::listing::{Kind, Type, is_list, list, list_or_count, list_with, single};
use super::{Address, Call, directory_objects};

/// The role that the training operator has: Application Administrator.
pub(in crate::sandbox) const OPERATOR_ROLE: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

const READ: &[&str] = &[
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITE: &[&str] = &["RoleManagement.ReadWrite.Directory"];

/// Built-in roles: template id and name, as Microsoft's reference lists them.
const ROLES: &[(&str, &str)] = &[
    (
        "62e90394-69f5-4237-9190-012177145e10",
        "Global Administrator",
    ),
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
    (
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
        "Privileged Role Administrator",
    ),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    (
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
        "Application Administrator",
    ),
    (
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        "Cloud Application Administrator",
    ),
    (
        "cf1c38e5-3621-4004-a7cb-879624dced7c",
        "Application Developer",
    ),
    (
        "69091246-20e8-4a56-aa4d-066075b2a7a8",
        "Teams Administrator",
    ),
    (
        "baf37b3a-610e-45da-9e62-d9d1e5e8914b",
        "Teams Communications Administrator",
    ),
    (
        "aa38014f-0993-46e9-9b45-30501a20909d",
        "Teams Telephony Administrator",
    ),
    (
        "3d762c5a-1b6c-493f-843e-55a3b42923d4",
        "Teams Devices Administrator",
    ),
    ("1076ac91-f3d9-41a7-a339-dcdf5f480acc", "Teams Reader"),
    (
        "75941009-915a-4869-abe7-691bff18279e",
        "Skype for Business Administrator",
    ),
    (
        "8329153b-31d0-4727-b945-745eb3bc5f31",
        "Domain Name Administrator",
    ),
    (
        "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
        "License Administrator",
    ),
    ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"),
    ("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers"),
    (
        "fdd7a751-b60b-444a-984c-02652fe8fa1c",
        "Groups Administrator",
    ),
];

const fn of(
    name: &'static str,
    collection: &'static str,
    filterable: &'static [(&'static str, Kind)],
    expandable: &'static [&'static str],
) -> Type {
    Type {
        name,
        collection,
        filterable,
        searchable: &[],
        sortable: &[],
        expandable,
        is_property: |_| true,
    }
}

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
const ROLE: Type = of(
    "directoryRole",
    "directoryRoles",
    &[("roleTemplateId", Kind::Key), ("displayName", Kind::Key)],
    &[],
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

fn known(template: &str) -> Option<(&'static str, &'static str)> {
    ROLES
        .iter()
        .copied()
        .find(|(id, _)| id.eq_ignore_ascii_case(template))
}

/// `/roleManagement/directory/…`.
pub(super) fn management(
    call: &Call<'_>,
    tenant: &mut Tenant,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let method = call.request.method.as_str();
    call.require(if method == "GET" { READ } else { WRITE })?;
    match (method, rest) {
        ("GET", ["roleDefinitions"]) => {
            let all = ROLES.iter().map(|(id, name)| definition(id, name));
            list(call, &DEFINITION, (1u64..).zip(all))
        }
        ("GET", ["roleDefinitions", id]) => {
            let (id, name) = known(id).ok_or_else(|| Failure::not_found(id))?;
            single(call, &DEFINITION, definition(id, name), 200)
        }
        ("GET", ["roleAssignments"]) => {
            let tenant = &*tenant;
            let all = tenant.role_assignments.iter().map(shown);
            list_with(call, &ASSIGNMENT, (1u64..).zip(all), |object, name| {
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

fn assign(tenant: &mut Tenant, principal: Uuid, role: &'static str) -> Result<Value, Failure> {
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

/// A role as a directory object of the tenant: there once somebody has it.
fn role_id(tenant: &Tenant, template: &str) -> Uuid {
    guid(&format!("role {} {template}", tenant.id))
}

pub(super) fn role(tenant: &Tenant, template: &str) -> Option<Value> {
    let (template, name) = known(template)?;
    Some(json!({
        "id": role_id(tenant, template),
        "deletedDateTime": null,
        "description": format!("The built-in role {name}."),
        "displayName": name,
        "roleTemplateId": template,
    }))
}

/// `memberOf` and `transitiveMemberOf` of a person or a service principal: the directory roles it has.
pub(super) fn of_member(
    call: &Call<'_>,
    tenant: &Tenant,
    member: Uuid,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let assigned = tenant.role_assignments.iter();
    let assigned = assigned.filter(|one| one.principal_id == member);
    let mut held: Vec<&str> = assigned.map(|one| one.role.as_str()).collect();
    // The operator of another tenant works here as a guest with the same role.
    if directory_objects::by_id(tenant, member).is_none() {
        held.push(OPERATOR_ROLE);
    }
    let held = held.into_iter().filter_map(|one| role(tenant, one));
    match rest {
        [
            "microsoft.graph.directoryRole" | "graph.directoryRole",
            rest @ ..,
        ] if is_list(rest) => list_or_count(call, &ROLE, (1u64..).zip(held), rest),
        // There are no groups and administrative units here.
        [
            "microsoft.graph.group"
            | "graph.group"
            | "microsoft.graph.administrativeUnit"
            | "graph.administrativeUnit",
            rest @ ..,
        ] if is_list(rest) => {
            list_or_count(call, &directory_objects::TYPE, std::iter::empty(), rest)
        }
        rest if is_list(rest) => {
            let typed = held.map(|mut role| {
                role["@odata.type"] = json!("#microsoft.graph.directoryRole");
                role
            });
            list_or_count(call, &directory_objects::TYPE, (1u64..).zip(typed), rest)
        }
        _ => Err(Failure::not_implemented("this on memberships")),
    }
}

/// `/directoryRoles…` and `/directoryRoleTemplates…`.
pub(super) fn roles(
    call: &Call<'_>,
    tenant: &mut Tenant,
    address: Option<&Address>,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let method = call.request.method.as_str();
    call.require(if method == "GET" { READ } else { WRITE })?;
    let mut active: Vec<&'static str> = ROLES.iter().map(|(id, _)| *id).collect();
    active.retain(|id| {
        *id == OPERATOR_ROLE
            || tenant.active_roles.iter().any(|one| one == id)
            || tenant.role_assignments.iter().any(|one| one.role == *id)
    });
    let (template, rest) = match (address, rest) {
        (Some(Address::RoleTemplateId(id)), rest) => (Some(id.as_str()), rest),
        (None, [id, rest @ ..]) => {
            let own = Uuid::parse_str(id).ok();
            let found = active.iter().find(|one| Some(role_id(tenant, one)) == own);
            (Some(*found.ok_or_else(|| Failure::not_found(id))?), rest)
        }
        _ => (None, rest),
    };
    let Some(template) = template else {
        return match method {
            "GET" => {
                let all: Vec<Value> = active.iter().filter_map(|id| role(tenant, id)).collect();
                list(call, &ROLE, (1u64..).zip(all))
            }
            "POST" => {
                let body = object(call.request)?;
                let wanted = body.get("roleTemplateId").and_then(Value::as_str);
                let (id, _) = wanted
                    .and_then(known)
                    .ok_or_else(|| Failure::invalid_value("roleTemplateId", ROLE.name))?;
                if active.contains(&id) {
                    return Err(Failure::conflict("roleTemplateId"));
                }
                tenant.active_roles.push(id.to_string());
                let made = role(tenant, id).unwrap_or(Value::Null);
                single(call, &ROLE, made, 201)
            }
            _ => Err(Failure::not_implemented("this on directory roles")),
        };
    };
    let found = active.iter().find(|id| id.eq_ignore_ascii_case(template));
    let template = *found.ok_or_else(|| Failure::not_found(template))?;
    match (method, rest) {
        ("GET", []) => single(
            call,
            &ROLE,
            role(tenant, template).unwrap_or(Value::Null),
            200,
        ),
        ("GET", ["members"]) => {
            let members = tenant
                .role_assignments
                .iter()
                .filter(|one| one.role == template);
            let members =
                members.filter_map(|one| directory_objects::by_id(tenant, one.principal_id));
            list(call, &directory_objects::TYPE, (1u64..).zip(members))
        }
        ("POST", ["members", "$ref"]) => {
            let id = directory_objects::reference(&object(call.request)?)?;
            assign(tenant, id, template)?;
            Ok(Answer::empty(204))
        }
        ("DELETE", ["members", id, "$ref"]) => {
            let own = Uuid::parse_str(id).ok();
            let at = tenant
                .role_assignments
                .iter()
                .position(|one| one.role == template && Some(one.principal_id) == own);
            let at = at.ok_or_else(|| Failure::not_found(id))?;
            tenant.role_assignments.remove(at);
            Ok(Answer::empty(204))
        }
        _ => Err(Failure::not_implemented("this on a directory role")),
    }
}

/// `/directoryRoleTemplates…`.
pub(super) fn templates(call: &Call<'_>, rest: &[&str]) -> Result<Answer, Failure> {
    call.require(READ)?;
    const TEMPLATE: Type = of("directoryRoleTemplate", "directoryRoleTemplates", &[], &[]);
    let shown = |id: &str, name: &str| {
        json!({
            "id": id,
            "deletedDateTime": null,
            "description": format!("The built-in role {name}."),
            "displayName": name,
        })
    };
    match rest {
        [] => list(
            call,
            &TEMPLATE,
            (1u64..).zip(ROLES.iter().map(|(id, name)| shown(id, name))),
        ),
        [id] => {
            let (id, name) = known(id).ok_or_else(|| Failure::not_found(id))?;
            single(call, &TEMPLATE, shown(id, name), 200)
        }
        _ => Err(Failure::not_implemented("this on role templates")),
    }
}
