//! Objects by their id alone, whatever they are: users, applications and service principals; who owns what; and the
//! tenant's users, of whom the sandbox has one, the operator.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Bearer, Tenant};
use super::super::exchange::Answer;
use super::failure::{Failure, object};
use super::listing::{Kind, Type, count, list, numbered, single};
use super::{
    Call, READ, app_role_assignments, applications, directory_roles, grants, principal_shape,
};

pub(super) const TYPE: Type = Type {
    name: "directoryObject",
    collection: "directoryObjects",
    filterable: &[
        ("id", Kind::Key),
        ("displayName", Kind::Text),
        ("appId", Kind::Key),
    ],
    searchable: &["displayName"],
    sortable: &["displayName"],
    expandable: &[],
    is_property: |name| (applications::TYPE.is_property)(name) || is_user_property(name),
};

const USER: Type = Type {
    name: "user",
    collection: "users",
    filterable: &[
        ("id", Kind::Key),
        ("displayName", Kind::Text),
        ("mail", Kind::Text),
        ("userPrincipalName", Kind::Text),
        ("givenName", Kind::Text),
        ("surname", Kind::Text),
        ("accountEnabled", Kind::Key),
    ],
    searchable: &["displayName", "mail", "userPrincipalName"],
    sortable: &["displayName", "userPrincipalName"],
    expandable: &[],
    is_property: is_user_property,
};

const READ_USERS: &[&str] = &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];

fn is_user_property(name: &str) -> bool {
    user(Uuid::nil(), "").contains_key(name)
        || ["accountEnabled", "userType", "deletedDateTime"].contains(&name)
}

/// The operator as a user.
pub(super) fn user(id: Uuid, upn: &str) -> Map<String, Value> {
    let value = json!({
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
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn operator(tenant: &Tenant) -> Map<String, Value> {
    let (id, upn) = tenant.operator();
    user(id, &upn)
}

fn typed(name: &str, object: Value) -> Value {
    let mut typed = Map::new();
    typed.insert(
        "@odata.type".into(),
        json!(format!("#microsoft.graph.{name}")),
    );
    if let Value::Object(members) = object {
        typed.extend(members);
    }
    Value::Object(typed)
}

/// Any object by its id, with its type; a guest operator of another tenant owns things, too.
pub(super) fn by_id(tenant: &Tenant, id: Uuid) -> Option<Value> {
    if tenant.operator().0 == id {
        return Some(typed("user", Value::Object(operator(tenant))));
    }
    let application = tenant.applications.iter().find(|one| one.object_id == id);
    if let Some(one) = application.filter(|one| one.is_live()) {
        return Some(typed("application", applications::rendered(one)));
    }
    let principal = tenant.principals.iter().find(|one| one.object_id == id);
    principal
        .filter(|one| one.is_live())
        .map(|one| typed("servicePrincipal", principal_shape::rendered(tenant, one)))
}

/// The same of several, as far as they are there.
pub(super) fn by_ids(tenant: &Tenant, ids: &[Uuid]) -> Vec<Value> {
    ids.iter().filter_map(|id| by_id(tenant, *id)).collect()
}

/// `…/owners` of an object: listed, and changed by reference.
pub(super) fn owners_of(
    call: &Call<'_>,
    tenant: &mut Tenant,
    bearer: Bearer,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let ids = tenant.bearer(bearer).owners.clone();
    match (call.request.method.as_str(), rest) {
        ("GET", []) => list(call, &TYPE, numbered(by_ids(tenant, &ids))),
        ("GET", ["$count"]) => count(call, &TYPE, numbered(by_ids(tenant, &ids))),
        ("GET", [cast]) if cast.contains("graph.") => {
            let name = cast
                .trim_start_matches("microsoft.")
                .trim_start_matches("graph.");
            let mut all = by_ids(tenant, &ids);
            all.retain(|one| one["@odata.type"] == format!("#microsoft.graph.{name}"));
            list(call, &TYPE, numbered(all))
        }
        ("GET", ["$ref"]) => {
            let references = ids
                .iter()
                .map(|id| json!({"@odata.id": format!("{}/directoryObjects/{id}", call.base)}));
            let body = json!({
                "@odata.context": call.context("Collection($ref)"),
                "value": references.collect::<Vec<_>>(),
            });
            Ok(Answer::json(200, body))
        }
        ("POST", ["$ref"]) => {
            let body = object(call.request)?;
            let id = reference(&body)?;
            if by_id(tenant, id).is_none() {
                return Err(Failure::not_found(&id.to_string()));
            }
            if ids.contains(&id) {
                return Err(Failure::bad(
                    "One or more added object references already exist for the following modified properties: 'owners'.",
                ));
            }
            tenant.bearer(bearer).owners.push(id);
            Ok(Answer::empty(204))
        }
        ("DELETE", [id, "$ref"]) => {
            let gone = Uuid::parse_str(id)
                .ok()
                .filter(|id| ids.contains(id))
                .ok_or_else(|| Failure::not_found(id))?;
            tenant.bearer(bearer).owners.retain(|id| *id != gone);
            Ok(Answer::empty(204))
        }
        _ => Err(Failure::not_implemented("this on owners")),
    }
}

/// The id in a body of `{"@odata.id": "…/directoryObjects/{id}"}`.
pub(super) fn reference(body: &Map<String, Value>) -> Result<Uuid, Failure> {
    body.get("@odata.id")
        .and_then(Value::as_str)
        .and_then(|url| url.trim_end_matches('/').rsplit('/').next())
        .and_then(|id| Uuid::parse_str(id.trim_matches(['(', ')', '\''])).ok())
        .ok_or_else(|| Failure::bad("Invalid URL in '@odata.id'."))
}

/// What an object owns, of one type or of all.
fn owned(tenant: &Tenant, owner: Uuid, of: Option<&str>) -> Result<Vec<Value>, Failure> {
    let applications = tenant
        .applications
        .iter()
        .filter(|one| one.is_live() && one.owners.contains(&owner))
        .map(|one| ("application", one.object_id));
    let principals = tenant
        .principals
        .iter()
        .filter(|one| one.is_live() && one.owners.contains(&owner))
        .map(|one| ("servicePrincipal", one.object_id));
    let wanted = match of {
        None => None,
        Some(cast) => Some(
            cast.strip_prefix("microsoft.graph.")
                .or_else(|| cast.strip_prefix("graph."))
                .ok_or_else(|| Failure::no_such_segment(cast))?,
        ),
    };
    let ids: Vec<Uuid> = applications
        .chain(principals)
        .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name))
        .map(|(_, id)| id)
        .collect();
    Ok(by_ids(tenant, &ids))
}

/// `ownedObjects` (and `createdObjects`) of a user or a service principal.
pub(super) fn owned_objects(
    call: &Call<'_>,
    tenant: &Tenant,
    owner: Uuid,
    rest: &[&str],
) -> Result<Answer, Failure> {
    match rest {
        [] => list(call, &TYPE, numbered(owned(tenant, owner, None)?)),
        ["$count"] => count(call, &TYPE, numbered(owned(tenant, owner, None)?)),
        [cast] => list(call, &TYPE, numbered(owned(tenant, owner, Some(cast))?)),
        _ => Err(Failure::not_implemented("this on owned objects")),
    }
}

/// `/users…`.
pub(super) fn users(call: &Call<'_>, tenant: &Tenant, rest: &[&str]) -> Result<Answer, Failure> {
    if call.request.method != "GET" {
        return Err(Failure::not_implemented("changes to users"));
    }
    let all = || numbered(vec![Value::Object(operator(tenant))]);
    let (id, upn) = tenant.operator();
    match rest {
        [] => {
            call.require(READ_USERS)?;
            list(call, &USER, all())
        }
        ["$count"] => {
            call.require(READ_USERS)?;
            count(call, &USER, all())
        }
        [who, rest @ ..] => {
            call.require(READ_USERS)?;
            if !who.eq_ignore_ascii_case(&upn) && Uuid::parse_str(who).ok() != Some(id) {
                return Err(Failure::not_found(who));
            }
            match rest {
                [] => single(call, &USER, Value::Object(operator(tenant)), 200),
                rest => of_person(call, tenant, id, rest),
            }
        }
    }
}

/// What hangs on a person, be it `/me` or one of `/users`.
pub(super) fn of_person(
    call: &Call<'_>,
    tenant: &Tenant,
    id: Uuid,
    rest: &[&str],
) -> Result<Answer, Failure> {
    match rest {
        ["memberOf" | "transitiveMemberOf", rest @ ..] => {
            directory_roles::of_member(call, tenant, id, rest)
        }
        ["ownedObjects" | "createdObjects", rest @ ..] => owned_objects(call, tenant, id, rest),
        ["oauth2PermissionGrants"] => grants::of_person(call, tenant, id),
        ["appRoleAssignments"] => app_role_assignments::of_person(call, tenant, id),
        _ => Err(Failure::not_implemented("this on a person")),
    }
}

/// `/directoryObjects…`.
pub(super) fn answer(call: &Call<'_>, tenant: &Tenant, rest: &[&str]) -> Result<Answer, Failure> {
    call.require(READ)?;
    match (call.request.method.as_str(), rest) {
        ("GET", [id]) => {
            let found = Uuid::parse_str(id).ok().and_then(|id| by_id(tenant, id));
            single(
                call,
                &TYPE,
                found.ok_or_else(|| Failure::not_found(id))?,
                200,
            )
        }
        ("POST", ["getByIds" | "microsoft.graph.getByIds"]) => {
            let body = object(call.request)?;
            let ids: Vec<Uuid> = body
                .get("ids")
                .and_then(Value::as_array)
                .ok_or_else(|| Failure::invalid_value("ids", TYPE.name))?
                .iter()
                .filter_map(|id| Uuid::parse_str(id.as_str()?).ok())
                .collect();
            let types = body.get("types").and_then(Value::as_array);
            let wanted = |one: &Value| {
                let own = one["@odata.type"].as_str().unwrap_or_default();
                let named = |name: &Value| {
                    let name = name.as_str().unwrap_or_default();
                    name == "directoryObject" || own == format!("#microsoft.graph.{name}")
                };
                types.is_none_or(|types| types.is_empty() || types.iter().any(named))
            };
            let found: Vec<Value> = by_ids(tenant, &ids).into_iter().filter(wanted).collect();
            list(call, &TYPE, numbered(found))
        }
        _ => Err(Failure::not_implemented("this on directory objects")),
    }
}
