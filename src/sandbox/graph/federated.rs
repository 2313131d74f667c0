//! Federated identity credentials of an application: who else's tokens it is signed in with.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::directory::Tenant;
use super::super::exchange::Answer;
use super::failure::{Failure, object};
use super::listing::{Kind, Type, is_list, list_or_count, numbered, single};
use super::{Call, READ, WRITE};

const TYPE: Type = Type {
    name: "federatedIdentityCredential",
    collection: "federatedIdentityCredentials",
    filterable: &[
        ("name", Kind::Key),
        ("subject", Kind::Key),
        ("issuer", Kind::Key),
    ],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    is_property: |name| PROPERTIES.contains(&name),
};
const PROPERTIES: [&str; 6] = [
    "id",
    "name",
    "issuer",
    "subject",
    "description",
    "audiences",
];
/// An application has so many at most.
const MOST: usize = 20;

/// `/applications/{id}/federatedIdentityCredentials…` of the application at this place.
pub(super) fn answer(
    call: &Call<'_>,
    tenant: &mut Tenant,
    place: usize,
    rest: &[&str],
) -> Result<Answer, Failure> {
    let application = &mut tenant.applications[place];
    let text = |one: &Map<String, Value>, name: &str| one[name].as_str().map(str::to_string);
    let find = |list: &[Map<String, Value>], key: &str| {
        let key = key.to_string();
        list.iter()
            .position(|one| {
                text(one, "id") == Some(key.clone()) || text(one, "name") == Some(key.clone())
            })
            .ok_or_else(|| Failure::not_found(&key))
    };
    call.require(match call.request.method.as_str() {
        "GET" => READ,
        _ => WRITE,
    })?;
    match (call.request.method.as_str(), rest) {
        ("GET", rest) if is_list(rest) => {
            let all = application.federated.iter().cloned().map(Value::Object);
            list_or_count(call, &TYPE, numbered(all), rest)
        }
        ("GET", [key]) => {
            let at = find(&application.federated, key)?;
            single(
                call,
                &TYPE,
                Value::Object(application.federated[at].clone()),
                200,
            )
        }
        ("POST", []) => {
            let body = object(call.request)?;
            check(&body)?;
            if application.federated.len() == MOST {
                return Err(Failure::bad(
                    "No more than 20 federated identity credentials are allowed on an application.",
                ));
            }
            for name in ["name", "issuer", "subject", "audiences"] {
                if body.get(name).is_none_or(Value::is_null) {
                    return Err(Failure::bad(format!(
                        "A value is required for property '{name}' of resource 'FederatedIdentityCredential'."
                    )));
                }
            }
            let taken = application.federated.iter().any(|one| {
                one["name"] == body["name"]
                    || (one["issuer"] == body["issuer"] && one["subject"] == body["subject"])
            });
            if taken {
                return Err(Failure::new(
                    409,
                    "Request_MultipleObjectsWithSameKeyValue",
                    "FederatedIdentityCredential with that name, or issuer and subject, already exists.",
                ));
            }
            let made = json!({
                "id": Uuid::new_v4(),
                "name": body["name"],
                "issuer": body["issuer"],
                "subject": body["subject"],
                "description": body.get("description"),
                "audiences": body["audiences"],
            });
            if let Value::Object(made) = made.clone() {
                application.federated.push(made);
            }
            single(call, &TYPE, made, 201)
        }
        ("PATCH", [key]) => {
            let body = object(call.request)?;
            check(&body)?;
            let at = find(&application.federated, key)?;
            if body
                .get("name")
                .is_some_and(|name| *name != application.federated[at]["name"])
            {
                return Err(Failure::bad("Property 'name' is immutable once it is set."));
            }
            application.federated[at].extend(body);
            Ok(Answer::empty(204))
        }
        ("DELETE", [key]) => {
            let at = find(&application.federated, key)?;
            application.federated.remove(at);
            Ok(Answer::empty(204))
        }
        _ => Err(Failure::not_implemented(
            "this on federated identity credentials",
        )),
    }
}

fn check(body: &Map<String, Value>) -> Result<(), Failure> {
    for (name, value) in body {
        let fits = match name.as_str() {
            "audiences" => value
                .as_array()
                .is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_string)),
            "description" => value.is_string() || value.is_null(),
            "name" | "issuer" | "subject" => value.as_str().is_some_and(|text| !text.is_empty()),
            name => name.contains("@odata."),
        };
        if !fits {
            return Err(Failure::invalid_value(name, "FederatedIdentityCredential"));
        }
    }
    Ok(())
}
