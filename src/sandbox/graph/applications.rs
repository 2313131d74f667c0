//! `/applications` and the deleted ones.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::{Application, Bearer, Tenant};
use super::super::exchange::Answer;
use super::super::state::later;
use super::application_shape::{check, is_property, merge, new_application};
use super::delta::{self, Change};
use super::failure::{Failure, object};
use super::keys::with_completed;
use super::listing::{Kind, Type, list_or_count_with, single, single_with};
use super::{
    Address, Call, READ, WRITE, credentials, directory_objects, federated, policies, publisher,
    read_guid,
};

pub(super) const TYPE: Type = Type {
    name: "application",
    collection: "applications",
    filterable: &[
        ("id", Kind::Key),
        ("appId", Kind::Key),
        ("displayName", Kind::Text),
        ("description", Kind::Text),
        ("uniqueName", Kind::Text),
        ("createdDateTime", Kind::Size),
        ("deletedDateTime", Kind::Size),
        ("signInAudience", Kind::Key),
        ("publisherDomain", Kind::Text),
        ("isFallbackPublicClient", Kind::Key),
        ("tags", Kind::List),
        ("identifierUris", Kind::List),
        ("web/redirectUris", Kind::List),
        ("spa/redirectUris", Kind::List),
        ("publicClient/redirectUris", Kind::List),
        ("verifiedPublisher/displayName", Kind::Text),
        ("verifiedPublisher/verifiedPublisherId", Kind::Text),
        ("keyCredentials/keyId", Kind::Key),
        ("passwordCredentials/keyId", Kind::Key),
        ("requiredResourceAccess/resourceAppId", Kind::Key),
        ("owners", Kind::Relation),
    ],
    searchable: &["displayName", "description"],
    sortable: &["displayName", "createdDateTime", "deletedDateTime"],
    expandable: &["owners"],
    is_property,
};

/// GET and POST on the collection.
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
                .applications
                .iter()
                .filter(|one| one.is_within_reach(call.now))
                .map(|one| (one.serial, with_owners(one)));
            list_or_count_with(call, &TYPE, live, rest, |object, _| owners(tenant, object))
        }
        ("POST", []) => {
            call.require(&[WRITE, &["AppRegistration.Create"]].concat())?;
            let body = object(call.request)?;
            create(call, tenant, body, None)
        }
        _ => Err(Failure::not_implemented("this method on applications")),
    }
}

/// One application and what hangs on it.
pub(super) fn one(
    call: &Call<'_>,
    tenant: &mut Tenant,
    address: &Address,
    rest: &[&str],
) -> Result<Answer, Failure> {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => {
            call.require(READ)?;
            let found = find(call, tenant, address)?;
            let tenant = &*tenant;
            let shown = rendered(&tenant.applications[found]);
            single_with(call, &TYPE, shown, 200, |object, _| owners(tenant, object))
        }
        ("PATCH", []) => {
            call.require(WRITE)?;
            let body = object(call.request)?;
            patch(call, tenant, address, body)
        }
        ("DELETE", []) => {
            call.require(WRITE)?;
            let found = own(call, tenant, address)?;
            super::deleted::delete_application(call, tenant, found);
            Ok(Answer::empty(204))
        }
        ("POST", [action @ ("addPassword" | "removePassword" | "addKey" | "removeKey")]) => {
            call.require(WRITE)?;
            let found = own(call, tenant, address)?;
            credentials::change(call, tenant, Bearer::Application(found), action)
        }
        (method, ["owners", rest @ ..]) => {
            call.require_by_method(READ, WRITE)?;
            let found = read_or_own(call, tenant, address, method)?;
            directory_objects::owners_of(call, tenant, Bearer::Application(found), rest)
        }
        (method, ["federatedIdentityCredentials", rest @ ..]) => {
            let found = read_or_own(call, tenant, address, method)?;
            federated::answer(call, tenant, found, rest)
        }
        ("POST", ["setVerifiedPublisher"]) => publisher::set(call, tenant, address),
        ("POST", ["unsetVerifiedPublisher"]) => publisher::unset(call, tenant, address),
        ("GET", ["appManagementPolicies"]) => {
            let found = find(call, tenant, address)?;
            let assigned = tenant.applications[found].policy;
            policies::of_application(call, tenant, |policy| Some(policy.id) == assigned)
        }
        ("POST", ["appManagementPolicies", "$ref"]) => {
            let found = find(call, tenant, address)?;
            policies::assign(call, tenant, found)
        }
        ("DELETE", ["appManagementPolicies", id, "$ref"]) => {
            let found = find(call, tenant, address)?;
            policies::take_away(call, tenant, found, id)
        }
        (_, [segment, ..]) => Err(Failure::not_implemented(&format!(
            "{segment} of an application"
        ))),
        _ => Err(Failure::not_implemented("this method on an application")),
    }
}

/// `/applications/delta`: what changed since a token.
pub(super) fn delta(call: &Call<'_>, tenant: &Tenant) -> Result<Answer, Failure> {
    call.require(READ)?;
    let all = tenant.applications.iter();
    let all = all.map(|one| Change::of(one, call.now, one));
    delta::answer(call, &TYPE, tenant, all, rendered)
}

/// The place of a live application that replication has brought within reach.
pub(super) fn find(call: &Call<'_>, tenant: &Tenant, address: &Address) -> Result<usize, Failure> {
    tenant
        .applications
        .iter()
        .position(|one| one.is_within_reach(call.now) && is_at(one, address))
        .ok_or_else(|| Failure::not_found(address.text()))
}

/// The place of an application that the caller may change.
fn own(call: &Call<'_>, tenant: &Tenant, address: &Address) -> Result<usize, Failure> {
    let found = find(call, tenant, address)?;
    call.require_owner(&tenant.applications[found].owners)?;
    Ok(found)
}

/// The place of an application that is read by anybody, and changed by who may.
fn read_or_own(
    call: &Call<'_>,
    tenant: &Tenant,
    address: &Address,
    method: &str,
) -> Result<usize, Failure> {
    match method {
        "GET" => find(call, tenant, address),
        _ => own(call, tenant, address),
    }
}

/// For a filter on how many there are.
fn with_owners(one: &Application) -> Value {
    let mut shown = rendered(one);
    shown["owners"] = json!(one.owners);
    shown
}

/// Who owns an object that was rendered, for `$expand`.
fn owners(tenant: &Tenant, object: &Value) -> Vec<Value> {
    let id = read_guid(&object["id"]);
    let own = tenant
        .applications
        .iter()
        .find(|one| Some(one.object_id) == id);
    own.map(|one| directory_objects::by_ids(tenant, &one.owners))
        .unwrap_or_default()
}

fn is_at(one: &Application, address: &Address) -> bool {
    match address {
        Address::Id(_) => address.guid() == Some(one.object_id),
        Address::AppId(_) => address.guid() == Some(one.app_id),
        Address::UniqueName(name) => one.text("uniqueName") == Some(name),
        Address::RoleTemplateId(_) => false,
    }
}

fn patch(
    call: &Call<'_>,
    tenant: &mut Tenant,
    address: &Address,
    body: Map<String, Value>,
) -> Result<Answer, Failure> {
    let upsert = match address {
        Address::UniqueName(name) if call.creates_if_missing() => Some(name),
        _ => None,
    };
    // An upsert meets even what replication still hides: the name is taken the moment it is given.
    let place = match upsert {
        Some(_) => tenant
            .applications
            .iter()
            .position(|one| one.is_live() && is_at(one, address)),
        None => Some(find(call, tenant, address).map_err(|failure| {
            let hidden = tenant
                .applications
                .iter()
                .any(|one| one.is_live() && is_at(one, address));
            match hidden && call.lag_says.0 {
                true => Failure::new(
                    409,
                    "Request_Conflict",
                    "A conflicting object is present in the directory; it has not been replicated yet. Try again later.",
                ),
                false => failure,
            }
        })?),
    };
    let Some(place) = place else {
        return create(call, tenant, body, upsert);
    };
    call.require_owner(&tenant.applications[place].owners)?;
    check(&body)?;
    if let Some(wanted) = body.get("uniqueName") {
        let current = tenant.applications[place].text("uniqueName");
        match (current, wanted.as_str()) {
            (Some(current), Some(wanted)) if current == wanted => {}
            (None, None) => {}
            (None, Some(wanted)) => unique(tenant, wanted)?,
            _ => {
                return Err(Failure::bad(
                    "Property 'uniqueName' is immutable once it is set.",
                ));
            }
        }
    }
    let properties = &mut tenant.applications[place].properties;
    merge(properties, &with_completed(properties, body, call.now)?)?;
    tenant.application_changed(place);
    Ok(Answer::empty(204))
}

fn create(
    call: &Call<'_>,
    tenant: &mut Tenant,
    mut body: Map<String, Value>,
    unique_name: Option<&String>,
) -> Result<Answer, Failure> {
    check(&body)?;
    if let Some(name) = unique_name {
        if body
            .get("uniqueName")
            .is_some_and(|stated| stated.as_str() != Some(name))
        {
            return Err(Failure::invalid_value("uniqueName", "Application"));
        }
        body.insert("uniqueName".into(), json!(name));
    }
    if !body.contains_key("displayName") {
        return Err(Failure::bad(
            "A value is required for property 'displayName' of resource 'Application'.",
        ));
    }
    if let Some(name) = body.get("uniqueName").and_then(Value::as_str) {
        unique(tenant, name)?;
    }
    let (object_id, app_id) = (Uuid::new_v4(), Uuid::new_v4());
    let mut properties = new_application(object_id, app_id, &tenant.primary_domain, call.now);
    let body = with_completed(&properties, body, call.now)?;
    merge(&mut properties, &body)?;
    let visible_from = later(call.now, call.replication_lag);
    let mut made = tenant.new_object(object_id, app_id, properties, visible_from);
    made.owners = call.owners();
    let made = Application::from(made);
    let shown = rendered(&made);
    tenant.applications.push(made);
    let location = format!("{}/applications/{object_id}", call.base);
    Ok(single(call, &TYPE, shown, 201)?.with_header("location", location))
}

/// A unique name is taken even by an application that is deleted but can be restored.
fn unique(tenant: &Tenant, name: &str) -> Result<(), Failure> {
    match tenant
        .applications
        .iter()
        .any(|one| one.text("uniqueName") == Some(name))
    {
        true => Err(Failure::conflict("uniqueName")),
        false => Ok(()),
    }
}

/// The application as Graph shows it: secrets without their values.
pub(super) fn rendered(one: &Application) -> Value {
    let mut shown = one.properties.clone();
    shown.insert(
        "deletedDateTime".into(),
        json!(one.deleted.as_ref().map(Timestamp::to_string)),
    );
    let secrets: Vec<Value> = one
        .secrets
        .iter()
        .map(|secret| credentials::rendered(secret, None))
        .collect();
    shown.insert("passwordCredentials".into(), Value::Array(secrets));
    let uris = shown
        .get("web")
        .and_then(|web| web.get("redirectUris"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if let Some(web) = shown.get_mut("web").and_then(Value::as_object_mut) {
        let settings: Vec<Value> = uris
            .into_iter()
            .map(|uri| json!({"uri": uri, "index": null}))
            .collect();
        web.insert("redirectUriSettings".into(), Value::Array(settings));
    }
    Value::Object(shown)
}
