//! The customers: the documented list and details, and the invitations.

use serde_json::{Value, json};

use super::super::exchange::{Answer, Request};
use super::super::state::{Customer, State};
use super::{message, missing};

/// Answers `/api/v3/customer…`.
pub(super) fn answer(state: &State, place: usize, rest: &[&str], request: &Request) -> Answer {
    let device = &state.devices[place];
    if request.method != "GET" {
        return missing();
    }
    match rest {
        [] => Answer::json(200, device.customers.iter().map(customer).collect()),
        [guid] => {
            let mut all = device.customers.iter();
            match all.find(|one| one.guid.to_string() == *guid) {
                Some(one) => Answer::json(200, details(one)),
                None => message(200, "Error", "The customer was not found."),
            }
        }
        _ => missing(),
    }
}

fn customer(one: &Customer) -> Value {
    json!({
        "UmpCustomerGuid": one.guid,
        "CustomerShortName": one.short_name,
        "CustomerFullName": one.full_name,
        "LicenseType": licence(one),
        "LicensedUsersCount": one.users,
        "MsTenantId": one.tenant_id,
        "ActiveUserCount": one.users * 4 / 5,
    })
}

fn licence(one: &Customer) -> &'static str {
    match one.users {
        0..100 => "Essentials",
        100..300 => "Essentials Plus",
        _ => "Pro",
    }
}

fn details(one: &Customer) -> Value {
    let sites: Vec<Value> = (0..=one.users / 150)
        .map(|number| {
            json!({
                "id": number + 1,
                "name": format!("{} site {}", one.short_name, number + 1),
                "sbcId": 100 + number,
                "sbcDeploymentState": "Deployed",
            })
        })
        .collect();
    let mut all = customer(one);
    all["SiteLocation"] = Value::Array(sites);
    all
}

pub(super) fn invitation(one: &Customer) -> Value {
    json!({
        "ID": one.short_name,
        "FullName": one.full_name,
        "DeviceAuthenticated": one.authenticated,
        "MsTenantId": one.tenant_id,
        "AdminRoles": one.roles,
    })
}
