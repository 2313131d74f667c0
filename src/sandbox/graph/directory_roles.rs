//! `/directoryRoles`: the older view of who has which role, as roles with members.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::directory::Tenant;
use super::super::exchange::Answer;
use super::super::identity::guid;
use super::built_in_roles::{OPERATOR_ROLE, READ, ROLES, WRITE, known, of};
use super::failure::{Failure, object};
use super::listing::{Kind, Type, is_list, list, list_or_count, numbered, single};
use super::role_management::assign;
use super::{Address, Call, directory_objects};

const ROLE: Type = of(
    "directoryRole",
    "directoryRoles",
    &[("roleTemplateId", Kind::Key), ("displayName", Kind::Key)],
    &[],
);

/// A role as a directory object of the tenant: there once somebody has it.
fn role_id(tenant: &Tenant, template: &str) -> Uuid {
    guid(&format!("role {} {template}", tenant.id))
}

/// The directory role of this template, as Graph shows it; `None` for a template that is not built in.
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
        ] if is_list(rest) => list_or_count(call, &ROLE, numbered(held), rest),
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
            list_or_count(call, &directory_objects::TYPE, numbered(typed), rest)
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
    call.require_by_method(READ, WRITE)?;
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
                list(call, &ROLE, numbered(all))
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
            list(call, &directory_objects::TYPE, numbered(members))
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
            numbered(ROLES.iter().map(|(id, name)| shown(id, name))),
        ),
        [id] => {
            let (id, name) = known(id).ok_or_else(|| Failure::not_found(id))?;
            single(call, &TEMPLATE, shown(id, name), 200)
        }
        _ => Err(Failure::not_implemented("this on role templates")),
    }
}
