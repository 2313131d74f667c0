//! `/servicePrincipals`: those of the tenant's registrations and those of the resource applications.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::exchange::Answer;
use super::super::state::{Application, Principal, Tenant, later};
use super::delta::{self, Change, Removed};
use super::failure::{Failure, object};
use super::listing::{Kind, Type, count, is_list, list_with, single, single_with};
use super::{Address, Call, READ, credentials, directory_objects, grants, keys, roles};

pub(super) const TYPE: Type = Type {
    name: "servicePrincipal",
    collection: "servicePrincipals",
    filterable: &[
        ("id", Kind::Key),
        ("appId", Kind::Key),
        ("displayName", Kind::Text),
        ("description", Kind::Text),
        ("accountEnabled", Kind::Key),
        ("appOwnerOrganizationId", Kind::Key),
        ("servicePrincipalType", Kind::Key),
        ("servicePrincipalNames", Kind::List),
        ("alternativeNames", Kind::List),
        ("homepage", Kind::Text),
        ("signInAudience", Kind::Key),
        ("tags", Kind::List),
        ("owners", Kind::Relation),
    ],
    searchable: &["displayName", "description"],
    sortable: &["displayName"],
    expandable: &["owners", "appRoleAssignments", "oauth2PermissionGrants"],
    is_property,
};

/// What a caller may write to a service principal.
const WRITABLE: &[&str] = &[
    "accountEnabled",
    "appRoleAssignmentRequired",
    "description",
    "notes",
    "loginUrl",
    "notificationEmailAddresses",
    "tags",
    "alternativeNames",
    "homepage",
    "logoutUrl",
    "preferredSingleSignOnMode",
    "replyUrls",
    "keyCredentials",
];

/// Permissions that let change service principals.
const WRITE_PRINCIPALS: &[&str] = &[
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.ReadWrite.All",
];

fn is_property(name: &str) -> bool {
    new_principal(Uuid::nil(), Uuid::nil(), Uuid::nil(), "").contains_key(name)
}

/// A service principal with nothing of its application's but ids and name.
pub(in crate::sandbox) fn new_principal(
    object_id: Uuid,
    app_id: Uuid,
    owner_tenant: Uuid,
    name: &str,
) -> Map<String, Value> {
    let value = json!({
        "id": object_id,
        "deletedDateTime": null,
        "accountEnabled": true,
        "alternativeNames": [],
        "appDescription": null,
        "appDisplayName": name,
        "appId": app_id,
        "applicationTemplateId": null,
        "appOwnerOrganizationId": owner_tenant,
        "appRoleAssignmentRequired": false,
        "description": null,
        "disabledByMicrosoftStatus": null,
        "displayName": name,
        "homepage": null,
        "loginUrl": null,
        "logoutUrl": null,
        "notes": null,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": null,
        "preferredTokenSigningKeyThumbprint": null,
        "replyUrls": [],
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "tags": [],
        "tokenEncryptionKeyId": null,
        "samlSingleSignOnSettings": null,
        "addIns": [],
        "appRoles": [],
        "info": {
            "logoUrl": null,
            "marketingUrl": null,
            "privacyStatementUrl": null,
            "supportUrl": null,
            "termsOfServiceUrl": null,
        },
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "resourceSpecificApplicationPermissions": [],
        "verifiedPublisher": super::application_shape::unverified(),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

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
                .filter(|one| one.visible_from <= call.now && one.deleted.is_none());
            let live = live.map(|one| {
                let mut shown = rendered(tenant, one);
                // For a filter on how many there are.
                shown["owners"] = json!(one.owners);
                (one.serial, shown)
            });
            match rest {
                [] => list_with(call, &TYPE, live, |object, name| {
                    related(tenant, object, name)
                }),
                _ => count(call, &TYPE, live),
            }
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
                    .position(|one| one.app_id == app_id && one.deleted.is_none())
                    .ok_or_else(|| Failure::not_found(address.text()))?,
                None => find(call, tenant, address)?,
            };
            call.require_owner(&tenant.principals[place].owners)?;
            check(&body)?;
            let body = with_keys(&tenant.principals[place].properties, body, call.now)?;
            write(&mut tenant.principals[place].properties, &body);
            tenant.principal_changed(place);
            Ok(Answer::empty(204))
        }
        ("DELETE", []) => {
            call.require(WRITE_PRINCIPALS)?;
            let place = find(call, tenant, address)?;
            call.require_owner(&tenant.principals[place].owners)?;
            tenant.principals[place].deleted = Some(call.now);
            tenant.principal_came_or_went(place);
            Ok(Answer::empty(204))
        }
        ("POST", [action @ ("addPassword" | "removePassword")]) => {
            call.require(WRITE_PRINCIPALS)?;
            let place = find(call, tenant, address)?;
            call.require_owner(&tenant.principals[place].owners)?;
            match *action {
                "addPassword" => credentials::add_to_principal(call, tenant, place),
                _ => credentials::remove_from_principal(call, tenant, place),
            }
        }
        ("POST", [action @ ("addKey" | "removeKey")]) => {
            call.require(WRITE_PRINCIPALS)?;
            let place = find(call, tenant, address)?;
            call.require_owner(&tenant.principals[place].owners)?;
            let properties = &mut tenant.principals[place].properties;
            let answer = match *action {
                "addKey" => keys::add(call, properties)?,
                _ => keys::remove(call, properties)?,
            };
            tenant.principal_changed(place);
            Ok(answer)
        }
        (method, ["owners", rest @ ..]) => {
            call.require(if method == "GET" {
                READ
            } else {
                WRITE_PRINCIPALS
            })?;
            let place = find(call, tenant, address)?;
            let ids = tenant.principals[place].owners.clone();
            if method != "GET" {
                call.require_owner(&ids)?;
            }
            let (answer, changed) = directory_objects::owners_of(call, tenant, &ids, rest)?;
            if let Some(owners) = changed {
                tenant.principals[place].owners = owners;
            }
            Ok(answer)
        }
        ("GET", ["ownedObjects" | "createdObjects", rest @ ..]) => {
            call.require(READ)?;
            let id = tenant.principals[find(call, tenant, address)?].object_id;
            directory_objects::owned_objects(call, tenant, id, rest)
        }
        ("GET", ["memberOf" | "transitiveMemberOf", rest @ ..]) => {
            call.require(READ)?;
            let id = tenant.principals[find(call, tenant, address)?].object_id;
            roles::of_member(call, tenant, id, rest)
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
            grants::assignments(call, tenant, id, *which == "appRoleAssignments", rest)
        }
        _ => Err(Failure::not_implemented("this on a service principal")),
    }
}

/// A change with its certificates completed.
fn with_keys(
    properties: &Map<String, Value>,
    mut change: Map<String, Value>,
    now: Timestamp,
) -> Result<Map<String, Value>, Failure> {
    if let Some(wanted) = change.get("keyCredentials") {
        let completed = keys::completed(&properties["keyCredentials"], wanted, now)?;
        change.insert("keyCredentials".into(), completed);
    }
    Ok(change)
}

/// What `$expand` shows of a principal that was rendered.
fn related(tenant: &Tenant, object: &Value, name: &str) -> Vec<Value> {
    let id = object["id"]
        .as_str()
        .and_then(|id| Uuid::parse_str(id).ok());
    let own = tenant
        .principals
        .iter()
        .find(|one| Some(one.object_id) == id);
    let Some(own) = own else {
        return Vec::new();
    };
    match name {
        "owners" => directory_objects::owners(tenant, &own.owners),
        _ => grants::related(tenant, own.object_id, name),
    }
}

/// `/servicePrincipals/delta`: what changed since a token.
pub(super) fn delta(call: &Call<'_>, tenant: &Tenant) -> Result<Answer, Failure> {
    call.require(READ)?;
    let gone = delta::purged(tenant, TYPE.collection);
    let all = tenant.principals.iter().map(|one| Change {
        id: one.object_id.to_string(),
        changed: one.changed,
        visible: one.visible_from <= call.now,
        removed: one.deleted.map(|_| Removed::Restorable),
        object: one,
    });
    delta::answer(call, &TYPE, tenant, all, gone, |one| rendered(tenant, one))
}

pub(super) fn find(call: &Call<'_>, tenant: &Tenant, address: &Address) -> Result<usize, Failure> {
    let at = |one: &Principal| match address {
        Address::AppId(_) => address.guid() == Some(one.app_id),
        _ => address.guid() == Some(one.object_id),
    };
    tenant
        .principals
        .iter()
        .position(|one| one.visible_from <= call.now && at(one) && one.deleted.is_none())
        .ok_or_else(|| Failure::not_found(address.text()))
}

fn check(body: &Map<String, Value>) -> Result<(), Failure> {
    match body.keys().find(|name| {
        !WRITABLE.contains(&name.as_str()) && *name != "appId" && !name.contains("@odata.")
    }) {
        Some(name) => Err(Failure::bad(format!(
            "Invalid property '{name}', or one that cannot be set here."
        ))),
        None => Ok(()),
    }
}

fn write(properties: &mut Map<String, Value>, body: &Map<String, Value>) {
    for (name, value) in body {
        if WRITABLE.contains(&name.as_str()) {
            properties.insert(name.clone(), value.clone());
        }
    }
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
    let serial = tenant.next_serial();
    let made = Principal {
        object_id,
        app_id,
        serial,
        changed: serial,
        properties,
        secrets: Vec::new(),
        owners: call.owners(),
        visible_from: later(call.now, call.replication_lag),
        deleted: None,
    };
    let shown = rendered(tenant, &made);
    tenant.principals.push(made);
    let location = format!("{}/servicePrincipals/{object_id}", call.base);
    Ok(single(call, &TYPE, shown, 201)?.with_header("location", location))
}

/// The principal as Graph shows it: what its application says, it says too.
pub(super) fn rendered(tenant: &Tenant, principal: &Principal) -> Value {
    let mut shown = principal.properties.clone();
    shown.insert(
        "deletedDateTime".into(),
        json!(principal.deleted.as_ref().map(Timestamp::to_string)),
    );
    let secrets = principal.secrets.iter();
    let secrets = secrets.map(|secret| credentials::rendered(secret, None));
    shown.insert("passwordCredentials".into(), secrets.collect());
    if let Some(application) = tenant.application_by_app_id(principal.app_id) {
        let property = |name: &str| property_of(application, name);
        shown.insert("displayName".into(), property("displayName"));
        shown.insert("appDisplayName".into(), property("displayName"));
        shown.insert("appDescription".into(), property("description"));
        shown.insert("signInAudience".into(), property("signInAudience"));
        shown.insert("verifiedPublisher".into(), property("verifiedPublisher"));
        let uris = application
            .properties
            .get("web")
            .and_then(|web| web.get("redirectUris"))
            .cloned()
            .unwrap_or_else(|| json!([]));
        shown.insert("replyUrls".into(), uris);
        // What the application exposes, its principal offers.
        if let Some(scopes) = application.properties["api"].get("oauth2PermissionScopes") {
            shown.insert("oauth2PermissionScopes".into(), scopes.clone());
        }
        shown.insert("appRoles".into(), property("appRoles"));
        let own = json!(principal.app_id);
        let names = application.properties["identifierUris"].as_array();
        let names = names.into_iter().flatten().cloned().chain([own]);
        shown.insert("servicePrincipalNames".into(), names.collect());
    }
    Value::Object(shown)
}

fn property_of(application: &Application, name: &str) -> Value {
    application
        .properties
        .get(name)
        .cloned()
        .unwrap_or(Value::Null)
}
