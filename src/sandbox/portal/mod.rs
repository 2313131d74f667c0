//! The multitenant portals, one for each device. All answer the documented REST API for customers. Some have an interface
//! for the sync app's settings too, as real sites may or may not: three generations of it, each with its own way in and
//! its own quirks. Tenants without one answer 404: there, only a person can type the values in.

mod account;
mod customers;
mod gate;
mod settings;
mod tasks;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::exchange::{Answer, Request};
use super::state::{Interface, State};
pub(super) use settings::read_settings;

/// The user who may sign in to every training portal; the password is public, like all of the sandbox.
pub(super) const PORTAL_USER: &str = "training-operator";
pub(super) const PORTAL_PASSWORD: &str = "training-password";

/// Answers a request to `/portal/{fqdn}/tenantui/…`.
pub(super) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let ["portal", fqdn, "tenantui", rest @ ..] = segments.as_slice() else {
        return missing();
    };
    let Some(place) = state.device_index(fqdn) else {
        return missing();
    };
    tasks::settle(state, now);
    let documented = matches!(rest, ["api", "v3", "customer", ..]);
    let interface = state.devices[place].interface;
    let has_interface = state.tenants[state.devices[place].tenant].portal_interface;
    if documented {
        return match gate::token(state, place, request, now) {
            Some(refused) => refused,
            None => customers::answer(state, place, &rest[3..], request),
        };
    }
    if !has_interface {
        return missing();
    }
    if (request.method.as_str(), rest) == ("POST", &["login"]) && interface == Interface::Form {
        return gate::sign_in(state, request);
    }
    let refused = match interface {
        Interface::Tokens => gate::token(state, place, request, now),
        Interface::Form => gate::cookie(state, request),
        Interface::Tasks => gate::password(request),
        Interface::Open => None,
    };
    if let Some(refused) = refused {
        return refused;
    }
    let method = request.method.as_str();
    let device = &mut state.devices[place];
    match (interface, method, rest) {
        (Interface::Tokens | Interface::Open, "GET", ["api", "settings", "auth-tokens"]) => {
            Answer::json(200, settings::tokens(device))
        }
        (Interface::Tokens | Interface::Open, "PUT", ["api", "settings", "auth-tokens"]) => {
            settings::put_tokens(device, request)
        }
        (Interface::Tokens | Interface::Open, "GET", ["api", "settings", "invitations"]) => {
            Answer::json(
                200,
                device.customers.iter().map(customers::invitation).collect(),
            )
        }
        (Interface::Tokens | Interface::Open, "GET", ["api", "settings", "microsoft365"]) => {
            Answer::json(200, account::of_device(state, place, now))
        }
        (Interface::Form, "GET", ["security", "authentication-status"]) => {
            Answer::json(200, settings::status(device))
        }
        (Interface::Form, "POST", ["security", "authentication-status"]) => {
            settings::post_status(device, request)
        }
        (Interface::Tasks, "GET", ["api", "ump", of, "system-settings"]) if of == fqdn => {
            Answer::json(200, settings::system(device))
        }
        (Interface::Tasks, "PATCH", ["api", "ump", of, "system-settings"]) if of == fqdn => {
            tasks::begin(state, place, request, now)
        }
        (Interface::Tasks, "GET", ["api", "v2", "task", id]) => tasks::answer(state, place, id),
        (Interface::Tasks, "GET", ["api", "ump", of, "microsoft365"]) if of == fqdn => {
            Answer::json(200, account::of_device(state, place, now))
        }
        (Interface::Tasks, "GET", ["api", "ump", of, "customers", short_name, "microsoft365"])
            if of == fqdn =>
        {
            account::of_customer(state, place, short_name, now)
        }
        _ => missing(),
    }
}

fn missing() -> Answer {
    message(404, "Error", "There is no such interface.")
}

fn message(status: u16, kind: &str, text: &str) -> Answer {
    Answer::json(status, said(kind, text))
}

fn said(kind: &str, text: &str) -> Value {
    json!({"Message": {"Kind": kind, "Text": text}})
}
