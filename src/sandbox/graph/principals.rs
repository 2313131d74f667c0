//! `/servicePrincipals`: those of the tenant's registrations and those of the resource applications.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Bearer, Principal, Tenant};
use super::super::exchange::Answer;
use super::super::state::later;
use super::delta::{self, Change};
use super::failure::{Failure, object};
use super::keys::with_completed;
use super::listing::{is_list, list_or_count_with, single, single_with};
use super::principal_shape::{TYPE, check, new_principal, rendered, write};
use super::{
    Address, Call, READ, app_role_assignments, credentials, directory_objects, directory_roles,
    grants, read_guid,
};

/// Permissions that let change service principals.
const WRITE_PRINCIPALS: &[&str] = &[
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.ReadWrite.All",
];

pub(super) fn collection(
    call: &Call<'_>,
    tenant: &mut Tenant,
    rest: &[&str],
) -> Result<Answer, Failure> {
    match (call.request.method.as_str(), rest) {
        ("GET", _) => {
            call.require(READ)?;
            let tenant = &*tenant;
            let live = tenant
                .principals
                .iter()
                .filter(|one| one.is_within_reach(call.now));
            let live = live.map(|one| {
                let mut shown = rendered(tenant, one);
                // For a filter on how many there are.
                shown["owners"] = json!(one.owners);
                (one.serial, shown)
            });
            list_or_count_with(call, &TYPE, live, rest, |object, name| {
                related(tenant, object, name)
            })
        }
        ("POST", []) => {
            call.require(WRITE_PRINCIPALS)?;
            let body = object(call.request)?;
            let app_id = body
                .get("appId")
                .and_then(Value::as_str)
                .and_then(|text| Uuid::parse_str(text).ok())
                .ok_or_else(|| Failure::invalid_value("appId", "ServicePrincipal"))?;
            create(call, tenant, app_id, body)
        }
        _ => Err(Failure::not_implemented(
            "this method on service principals",
        )),
    }
}

pub(super) fn one(
    call: &Call<'_>,
    tenant: &mut Tenant,
    address: &Address,
    rest: &[&str],
) -> Result<Answer, Failure> {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => {
            call.require(READ)?;
            let place = find(call, tenant, address)?;
            let tenant = &*tenant;
            let shown = rendered(tenant, &tenant.principals[place]);
            single_with(call, &TYPE, shown, 200, |object, name| {
                related(tenant, object, name)
            })
        }
        ("PATCH", []) => {
            call.require(WRITE_PRINCIPALS)?;
            let body = object(call.request)?;
            let upsert = match address {
                Address::AppId(_) if call.creates_if_missing() => address.guid(),
                _ => None,
            };
            if let Some(app_id) = upsert
                && tenant.principal_by_app_id(app_id).is_none()
            {
                return create(call, tenant, app_id, body);
            }
            let place = match upsert {
                Some(app_id) => tenant
                    .principals
                    .iter()
                    .position(|one| one.app_id == app_id && one.is_live())
                    .ok_or_else(|| Failure::not_found(address.text()))?,
                None => find(call, tenant, address)?,
            };
            call.require_owner(&tenant.principals[place].owners)?;
            check(&body)?;
            let body = with_completed(&tenant.principals[place].properties, body, call.now)?;
            write(&mut tenant.principals[place].properties, &body);
            tenant.principal_changed(place);
            Ok(Answer::empty(204))
        }
        ("DELETE", []) => {
            call.require(WRITE_PRINCIPALS)?;
            let place = own(call, tenant, address)?;
            tenant.principals[place].deleted = Some(call.now);
            tenant.principal_came_or_went(place);
            Ok(Answer::empty(204))
        }
        ("POST", [action @ ("addPassword" | "removePassword" | "addKey" | "removeKey")]) => {
            call.require(WRITE_PRINCIPALS)?;
            let place = own(call, tenant, address)?;
            credentials::change(call, tenant, Bearer::Principal(place), action)
        }
        (method, ["owners", rest @ ..]) => {
            call.require_by_method(READ, WRITE_PRINCIPALS)?;
            let place = match method {
                "GET" => find(call, tenant, address)?,
                _ => own(call, tenant, address)?,
            };
            directory_objects::owners_of(call, tenant, Bearer::Principal(place), rest)
        }
        ("GET", ["ownedObjects" | "createdObjects", rest @ ..]) => {
            call.require(READ)?;
            let id = tenant.principals[find(call, tenant, address)?].object_id;
            directory_objects::owned_objects(call, tenant, id, rest)
        }
        ("GET", ["memberOf" | "transitiveMemberOf", rest @ ..]) => {
            call.require(READ)?;
            let id = tenant.principals[find(call, tenant, address)?].object_id;
            directory_roles::of_member(call, tenant, id, rest)
        }
        ("GET", ["oauth2PermissionGrants", rest @ ..]) if is_list(rest) => {
            let id = tenant.principals[find(call, tenant, address)?].object_id;
            grants::of_client(call, tenant, id, rest)
        }
        (
            _,
            [
                which @ ("appRoleAssignments" | "appRoleAssignedTo"),
                rest @ ..,
            ],
        ) => {
            let id = tenant.principals[find(call, tenant, address)?].object_id;
            app_role_assignments::of_principal(
                call,
                tenant,
                id,
                *which == "appRoleAssignments",
                rest,
            )
        }
        _ => Err(Failure::not_implemented("this on a service principal")),
    }
}

/// What `$expand` shows of a principal that was rendered.
fn related(tenant: &Tenant, object: &Value, name: &str) -> Vec<Value> {
    let id = read_guid(&object["id"]);
    let own = tenant
        .principals
        .iter()
        .find(|one| Some(one.object_id) == id);
    let Some(own) = own else {
        return Vec::new();
    };
    match name {
        "owners" => directory_objects::by_ids(tenant, &own.owners),
        "appRoleAssignments" => app_role_assignments::held(tenant, own.object_id),
        _ => grants::granted(tenant, own.object_id),
    }
}

/// `/servicePrincipals/delta`: what changed since a token.
pub(super) fn delta(call: &Call<'_>, tenant: &Tenant) -> Result<Answer, Failure> {
    call.require(READ)?;
    let all = tenant.principals.iter();
    let all = all.map(|one| Change::of(one, call.now, one));
    delta::answer(call, &TYPE, tenant, all, |one| rendered(tenant, one))
}

/// The place of a live service principal that replication has brought within reach.
pub(super) fn find(call: &Call<'_>, tenant: &Tenant, address: &Address) -> Result<usize, Failure> {
    let at = |one: &Principal| match address {
        Address::AppId(_) => address.guid() == Some(one.app_id),
        _ => address.guid() == Some(one.object_id),
    };
    tenant
        .principals
        .iter()
        .position(|one| one.is_within_reach(call.now) && at(one))
        .ok_or_else(|| Failure::not_found(address.text()))
}

/// The place of a service principal that the caller may change.
fn own(call: &Call<'_>, tenant: &Tenant, address: &Address) -> Result<usize, Failure> {
    let place = find(call, tenant, address)?;
    call.require_owner(&tenant.principals[place].owners)?;
    Ok(place)
}

fn create(
    call: &Call<'_>,
    tenant: &mut Tenant,
    app_id: Uuid,
    body: Map<String, Value>,
) -> Result<Answer, Failure> {
    check(&body)?;
    // Permissions for own objects alone are for the principals of own applications.
    if let Some(own) = tenant.application_by_app_id(app_id) {
        call.require_owner(&own.owners)?;
    }
    let own = tenant
        .application_by_app_id(app_id)
        .filter(|one| one.visible_from <= call.now);
    let abroad = call.abroad.iter().find(|one| one.app_id == app_id);
    let Some((owner, application)) = own
        .map(|own| (tenant.id, &own.properties))
        .or(abroad.map(|one| (one.owner, &one.properties)))
    else {
        let hidden = tenant.application_by_app_id(app_id).is_some();
        if hidden && call.lag_says.1 {
            return Err(Failure::new(
                403,
                "Authorization_RequestDenied",
                "When using this permission, the backing application of the service principal being created must in the local tenant",
            ));
        }
        return Err(Failure::bad(format!(
            "The appId '{app_id}' of the service principal does not reference a valid application object."
        )));
    };
    if tenant.principal_by_app_id(app_id).is_some() {
        return Err(Failure::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            format!(
                "The service principal cannot be created, updated, or restored because the service principal name {app_id} is already in use."
            ),
        ));
    }
    let object_id = Uuid::new_v4();
    let name = application["displayName"].as_str().unwrap_or_default();
    let mut properties = new_principal(object_id, app_id, owner, name);
    for (of_principal, of_application) in [
        ("signInAudience", &application["signInAudience"]),
        ("verifiedPublisher", &application["verifiedPublisher"]),
        ("appRoles", &application["appRoles"]),
        (
            "oauth2PermissionScopes",
            &application["api"]["oauth2PermissionScopes"],
        ),
        ("replyUrls", &application["web"]["redirectUris"]),
    ] {
        properties.insert(of_principal.into(), of_application.clone());
    }
    write(&mut properties, &body);
    let visible_from = later(call.now, call.replication_lag);
    let mut made = tenant.new_object(object_id, app_id, properties, visible_from);
    made.owners = call.owners();
    let shown = rendered(tenant, &made);
    tenant.principals.push(made);
    let location = format!("{}/servicePrincipals/{object_id}", call.base);
    Ok(single(call, &TYPE, shown, 201)?.with_header("location", location))
}

/// The service principal whose object ID stands in a body by this name; it has to be there.
pub(super) fn stated(
    tenant: &Tenant,
    body: &Map<String, Value>,
    name: &str,
    of: &str,
) -> Result<Uuid, Failure> {
    let id = body
        .get(name)
        .and_then(read_guid)
        .ok_or_else(|| Failure::invalid_value(name, of))?;
    match tenant.has_principal(id) {
        true => Ok(id),
        false => Err(Failure::not_found(&id.to_string())),
    }
}
