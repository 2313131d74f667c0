//! `/applications` and the deleted ones.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::exchange::Answer;
use super::super::state::{Application, Tenant, later};
use super::application_shape::{check, is_property, merge, new_application};
use super::delta::{self, Change, Removed};
use super::failure::{Failure, object};
use super::listing::{Type, list, single};
use super::{Address, Call, READ, WRITE, credentials, organization, publisher};

pub(super) const TYPE: Type = Type {
    name: "application",
    collection: "applications",
    filterable: &[
        "id",
        "appId",
        "displayName",
        "uniqueName",
        "createdDateTime",
        "signInAudience",
        "publisherDomain",
        "tags",
        "identifierUris",
        "web/redirectUris",
        "spa/redirectUris",
        "publicClient/redirectUris",
    ],
    is_property,
};

/// GET and POST on the collection.
pub(super) fn collection(call: &Call<'_>, tenant: &mut Tenant) -> Result<Answer, Failure> {
    match call.request.method.as_str() {
        "GET" => {
            call.require(READ)?;
            let live = tenant
                .applications
                .iter()
                .filter(|one| one.deleted.is_none() && one.visible_from <= call.now);
            list(call, &TYPE, live.map(|one| (one.serial, rendered(one))))
        }
        "POST" => {
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
            single(call, &TYPE, rendered(&tenant.applications[found]), 200)
        }
        ("PATCH", []) => {
            call.require(WRITE)?;
            let body = object(call.request)?;
            patch(call, tenant, address, body)
        }
        ("DELETE", []) => {
            call.require(WRITE)?;
            let found = find(call, tenant, address)?;
            super::deleted::delete_application(call, tenant, found);
            Ok(Answer::empty(204))
        }
        ("POST", ["addPassword"]) => {
            call.require(WRITE)?;
            let found = find(call, tenant, address)?;
            credentials::add_password(call, tenant, found)
        }
        ("POST", ["removePassword"]) => {
            call.require(WRITE)?;
            let found = find(call, tenant, address)?;
            credentials::remove_password(call, tenant, found)
        }
        ("POST", ["setVerifiedPublisher"]) => publisher::set(call, tenant, address),
        ("POST", ["unsetVerifiedPublisher"]) => publisher::unset(call, tenant, address),
        ("GET", ["appManagementPolicies"]) => {
            call.require(&["Policy.Read.All"])?;
            let found = find(call, tenant, address)?;
            let assigned = tenant.applications[found].policy;
            organization::app_policies(call, tenant, |policy| Some(policy.id) == assigned)
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
    let gone = delta::purged(tenant, TYPE.collection);
    let all = tenant.applications.iter().map(|one| Change {
        object_id: one.object_id,
        changed: one.changed,
        visible: one.visible_from <= call.now,
        removed: one.deleted.map(|_| Removed::Restorable),
        object: one,
    });
    delta::answer(call, &TYPE, tenant, all, gone, rendered)
}

/// The place of a live application that replication has brought within reach.
pub(super) fn find(call: &Call<'_>, tenant: &Tenant, address: &Address) -> Result<usize, Failure> {
    tenant
        .applications
        .iter()
        .position(|one| {
            one.deleted.is_none() && one.visible_from <= call.now && is_at(one, address)
        })
        .ok_or_else(|| Failure::not_found(address.text()))
}

fn is_at(one: &Application, address: &Address) -> bool {
    match address {
        Address::Id(_) => address.guid() == Some(one.object_id),
        Address::AppId(_) => address.guid() == Some(one.app_id),
        Address::UniqueName(name) => one.text("uniqueName") == Some(name),
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
            .position(|one| one.deleted.is_none() && is_at(one, address)),
        None => Some(find(call, tenant, address)?),
    };
    let Some(place) = place else {
        return create(call, tenant, body, upsert);
    };
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
    merge(&mut tenant.applications[place].properties, &body)?;
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
    merge(&mut properties, &body)?;
    let serial = tenant.next_serial();
    let made = Application {
        object_id,
        app_id,
        serial,
        changed: serial,
        properties,
        secrets: Vec::new(),
        visible_from: later(call.now, call.replication_lag),
        deleted: None,
        policy: None,
    };
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
