//! Deleted applications and service principals, which can be restored for thirty days: `/directory/deletedItems`.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::directory::{Bearer, Grant, Principal, Tenant};
use super::super::exchange::Answer;
use super::super::state::days_from;
use super::failure::Failure;
use super::listing::{is_list, list_or_count, single};
use super::{Call, READ, WRITE, applications, grants, principal_shape};

/// How many days a deleted object can be restored.
const RESTORABLE_DAYS: i64 = 30;

/// Deletes an application, and with it the tenant's service principal of it.
pub(super) fn delete_application(call: &Call<'_>, tenant: &mut Tenant, place: usize) {
    tenant.applications[place].deleted = Some(call.now);
    let app_id = tenant.applications[place].app_id;
    tenant.application_changed(place);
    let own = |one: &Principal| one.app_id == app_id && one.is_live();
    if let Some(own) = tenant.principals.iter().position(own) {
        tenant.principals[own].deleted = Some(call.now);
        tenant.principal_came_or_went(own);
    }
}

/// `/directory/deletedItems`.
pub(super) fn answer(
    call: &Call<'_>,
    tenant: &mut Tenant,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let restorable = |deleted: Option<Timestamp>| {
        deleted.is_some_and(|at| days_from(at, RESTORABLE_DAYS) > call.now)
    };
    match (call.request.method.as_str(), rest) {
        (
            "GET",
            [
                "graph.application" | "microsoft.graph.application",
                rest @ ..,
            ],
        ) if is_list(rest) => {
            call.require(READ)?;
            let gone = tenant
                .applications
                .iter()
                .filter(|one| restorable(one.deleted));
            let gone = gone.map(|one| (one.serial, applications::rendered(one)));
            list_or_count(call, &applications::TYPE, gone, rest)
        }
        (
            "GET",
            [
                "graph.servicePrincipal" | "microsoft.graph.servicePrincipal",
                rest @ ..,
            ],
        ) if is_list(rest) => {
            call.require(READ)?;
            let tenant = &*tenant;
            let gone = tenant
                .principals
                .iter()
                .filter(|one| restorable(one.deleted));
            let gone = gone.map(|one| (one.serial, principal_shape::rendered(tenant, one)));
            list_or_count(call, &principal_shape::TYPE, gone, rest)
        }
        (method, [id, action @ ..]) => {
            call.require_by_method(READ, WRITE)?;
            let wanted = Uuid::parse_str(id).ok();
            let application = tenant
                .applications
                .iter()
                .position(|one| restorable(one.deleted) && wanted == Some(one.object_id));
            let principal = tenant
                .principals
                .iter()
                .position(|one| restorable(one.deleted) && wanted == Some(one.object_id));
            let place = application
                .map(Bearer::Application)
                .or(principal.map(Bearer::Principal))
                .ok_or_else(|| Failure::not_found(id))?;
            match (method, action) {
                ("GET", []) => shown(call, tenant, place),
                ("POST", ["restore" | "microsoft.graph.restore"]) => restore(call, tenant, place),
                ("DELETE", []) => {
                    purge(tenant, place);
                    Ok(Answer::empty(204))
                }
                _ => Err(Failure::not_implemented("this on a deleted item")),
            }
        }
        _ => Err(Failure::not_implemented("this view of deleted items")),
    }
}

/// Restoring an application does not restore its service principal, which has to be restored by itself.
fn restore(call: &Call<'_>, tenant: &mut Tenant, place: Bearer) -> Result<Answer, Failure> {
    match place {
        Bearer::Application(at) => {
            tenant.applications[at].deleted = None;
            tenant.application_changed(at);
        }
        Bearer::Principal(at) => {
            let app_id = tenant.principals[at].app_id;
            let orphan = tenant
                .applications
                .iter()
                .any(|one| one.app_id == app_id && one.deleted.is_some());
            if orphan {
                return Err(Failure::bad(
                    "The service principal cannot be restored while its application is deleted.",
                ));
            }
            if tenant.principal_by_app_id(app_id).is_some() {
                return Err(Failure::conflict("servicePrincipalNames"));
            }
            tenant.principals[at].deleted = None;
            tenant.principal_came_or_went(at);
        }
    }
    shown(call, tenant, place)
}

fn purge(tenant: &mut Tenant, place: Bearer) {
    match place {
        Bearer::Application(at) => {
            let gone = tenant.applications.remove(at);
            tenant.note_purged(gone.object_id.to_string(), applications::TYPE.collection);
            let own = tenant
                .principals
                .iter()
                .position(|one| one.app_id == gone.app_id && one.deleted.is_some());
            if let Some(own) = own {
                purge(tenant, Bearer::Principal(own));
            }
        }
        Bearer::Principal(at) => {
            let gone = tenant.principals.remove(at).object_id;
            let of_it = |one: &Grant| one.client_id == gone;
            while let Some(grant) = tenant.grants.iter().position(of_it) {
                grants::remove(tenant, grant);
            }
            tenant.assignments.retain(|one| one.principal_id != gone);
            tenant.note_purged(gone.to_string(), principal_shape::TYPE.collection);
        }
    }
}

/// The object, which says of what type it is: the path does not.
fn shown(call: &Call<'_>, tenant: &Tenant, place: Bearer) -> Result<Answer, Failure> {
    let (of, mut object) = match place {
        Bearer::Application(at) => (
            applications::TYPE,
            applications::rendered(&tenant.applications[at]),
        ),
        Bearer::Principal(at) => (
            principal_shape::TYPE,
            principal_shape::rendered(tenant, &tenant.principals[at]),
        ),
    };
    if let Value::Object(members) = &mut object {
        let name = format!("#microsoft.graph.{}", of.name);
        members.insert("@odata.type".into(), json!(name));
    }
    let directory_object = super::listing::Type {
        collection: "directoryObjects",
        ..of
    };
    single(call, &directory_object, object, 200)
}
