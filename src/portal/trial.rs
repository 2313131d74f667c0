//! Trying a profile: its reading calls are made once, and each place that it names is shown with what was found there.
//! Nothing is written.

use serde_json::Value;

use super::customers;
use super::error::PortalError;
use super::interface::{Portal, shown};
use super::profile::{Account, Customers, Invitations, LoginWay, Read, ReadMethod};
use crate::http::{Authorization, Request};

/// How many places of an answer are listed.
const PLACES_LISTED: usize = 60;

/// One call that was tried.
#[derive(Debug)]
pub struct Tried {
    /// The part of the profile.
    pub part: &'static str,
    /// Method and path.
    pub request: String,
    /// What came of it.
    pub outcome: Result<Understood, PortalError>,
}

/// What was understood of an answer.
#[derive(Debug)]
pub struct Understood {
    /// The places that the profile names.
    pub places: Vec<Place>,
    /// How many entries a list has; `None` = the answer is no list.
    pub entries: Option<usize>,
    /// What the answer holds: each single value's place and the value; of a list, the first entry. What may be a secret
    /// is not shown.
    pub holds: Vec<(String, String)>,
}

impl Understood {
    /// Whether every place that the profile cannot do without was there.
    pub fn is_whole(&self) -> bool {
        self.places
            .iter()
            .all(|place| place.found.is_ok() || !place.needed)
    }
}

/// A place that the profile names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The profile's field.
    pub field: &'static str,
    /// The place.
    pub pointer: String,
    /// The call says nothing without it.
    pub needed: bool,
    /// What was found, or what is wrong.
    pub found: Result<String, &'static str>,
}

/// What a place has to hold.
#[derive(Clone, Copy)]
enum Wanted {
    Text,
    YesNo,
    Count,
    List,
}

/// A field of the profile with the place that it names, whether the call says nothing without it, and what it has to hold.
type Field<'a> = (&'static str, Option<&'a String>, bool, Wanted);

impl Portal {
    /// Tries every reading call of the profile.
    pub async fn try_out(&self, token: Option<&Authorization>) -> Vec<Tried> {
        let mut all = Vec::new();
        let own = self.profile.login.way;
        if let Some(read) = &self.profile.read {
            let method = match read.method {
                ReadMethod::Get => "GET",
                ReadMethod::Post => "POST",
            };
            let (request, fields) = (self.read_request(), of_settings(read));
            let tried = self.attempt("read", method, request, own, token, fields);
            all.push(tried.await);
        }
        if let Some(call) = &self.profile.customers {
            let (request, fields) = (self.get(&call.path), of_customers(call));
            let way = LoginWay::ClientCredentials;
            let tried = self.attempt("customers", "GET", request, way, token, fields);
            all.push(tried.await);
        }
        if let Some(call) = &self.profile.invitations {
            let (request, fields) = (self.get(&call.path), of_invitations(call));
            let tried = self.attempt("invitations", "GET", request, own, token, fields);
            all.push(tried.await);
        }
        if let Some(call) = &self.profile.account {
            let (request, fields) = (self.get(&call.path), of_account(call));
            let tried = self.attempt("account", "GET", request, own, token, fields);
            all.push(tried.await);
        }
        all
    }

    fn get(&self, path: &str) -> Result<Request, PortalError> {
        Ok(Request::get(self.filled(path, &[])))
    }

    async fn attempt(
        &self,
        part: &'static str,
        method: &str,
        request: Result<Request, PortalError>,
        way: LoginWay,
        token: Option<&Authorization>,
        fields: Vec<Field<'_>>,
    ) -> Tried {
        let prefix = self.client.base().path_prefix();
        let path = request.as_ref().map_or("", |request| &request.path);
        let named = format!("{method} {prefix}{path}");
        let outcome = match &request {
            Ok(request) => self.send_as(request, way, token).await,
            Err(_) => Err(PortalError::NoCall),
        };
        let list = matches!(part, "customers" | "invitations");
        Tried {
            part,
            request: named,
            outcome: outcome.and_then(|answer| understand(&answer.body, list, &fields)),
        }
    }
}

fn of_settings(read: &Read) -> Vec<Field<'_>> {
    vec![
        ("client_id", Some(&read.client_id), true, Wanted::Text),
        ("redirect_uri", Some(&read.redirect_uri), true, Wanted::Text),
        (
            "has_client_secret",
            read.has_client_secret.as_ref(),
            false,
            Wanted::YesNo,
        ),
        (
            "customer_portal_url",
            read.customer_portal_url.as_ref(),
            false,
            Wanted::Text,
        ),
    ]
}

fn of_customers(call: &Customers) -> Vec<Field<'_>> {
    vec![
        ("guid", call.guid.as_ref(), false, Wanted::Text),
        ("short_name", Some(&call.short_name), true, Wanted::Text),
        ("full_name", call.full_name.as_ref(), false, Wanted::Text),
        ("tenant_id", call.tenant_id.as_ref(), false, Wanted::Text),
        ("licence", call.licence.as_ref(), false, Wanted::Text),
        (
            "licensed_users",
            call.licensed_users.as_ref(),
            false,
            Wanted::Count,
        ),
        (
            "active_users",
            call.active_users.as_ref(),
            false,
            Wanted::Count,
        ),
    ]
}

fn of_invitations(call: &Invitations) -> Vec<Field<'_>> {
    vec![
        ("short_name", Some(&call.short_name), true, Wanted::Text),
        ("full_name", call.full_name.as_ref(), false, Wanted::Text),
        ("tenant_id", call.tenant_id.as_ref(), false, Wanted::Text),
        ("consented", call.consented.as_ref(), false, Wanted::YesNo),
        (
            "admin_roles",
            call.admin_roles.as_ref(),
            false,
            Wanted::List,
        ),
    ]
}

fn of_account(call: &Account) -> Vec<Field<'_>> {
    vec![
        (
            "connected_account",
            call.connected_account.as_ref(),
            false,
            Wanted::Text,
        ),
        (
            "application_id",
            call.application_id.as_ref(),
            false,
            Wanted::Text,
        ),
        (
            "secret_expiry",
            call.secret_expiry.as_ref(),
            false,
            Wanted::Text,
        ),
        ("days_left", call.days_left.as_ref(), false, Wanted::Count),
        ("roles", call.roles.as_ref(), false, Wanted::List),
        (
            "last_status",
            call.last_status.as_ref(),
            false,
            Wanted::Text,
        ),
        (
            "last_status_at",
            call.last_status_at.as_ref(),
            false,
            Wanted::Text,
        ),
    ]
}

fn understand(body: &Value, list: bool, fields: &[Field<'_>]) -> Result<Understood, PortalError> {
    let entries = list.then(|| customers::list(body)).transpose()?;
    // Of a list the first entry is looked at; an empty one shows nothing.
    let entry = match entries {
        Some(entries) => entries.first(),
        None => Some(body),
    };
    let named = fields
        .iter()
        .filter_map(|(field, pointer, needed, wanted)| {
            Some(Place {
                field,
                pointer: (*pointer)?.clone(),
                needed: *needed,
                found: found(entry?.pointer(pointer.as_ref()?), *wanted),
            })
        });
    let mut holds = Vec::new();
    if let Some(entry) = entry {
        leaves(entry, &mut String::new(), &mut holds);
    }
    Ok(Understood {
        places: named.collect(),
        entries: entries.map(Vec::len),
        holds,
    })
}

fn found(value: Option<&Value>, wanted: Wanted) -> Result<String, &'static str> {
    let value = value.ok_or("not there")?;
    if value.is_null() {
        return Ok("(empty)".to_string());
    }
    match wanted {
        Wanted::Text if value.is_string() || value.is_number() => Ok(match shown(value) {
            text if text.is_empty() => "(empty)".to_string(),
            text => text,
        }),
        Wanted::Text => Err("it is not text"),
        Wanted::YesNo if value.is_boolean() => Ok(shown(value)),
        Wanted::YesNo => Err("it is neither true nor false"),
        Wanted::Count if value.is_i64() || value.is_u64() => Ok(shown(value)),
        Wanted::Count => Err("it is not a whole number"),
        Wanted::List => match value.as_array() {
            Some(list) => Ok(list.iter().map(shown).collect::<Vec<_>>().join(", ")),
            None => Err("it is not a list"),
        },
    }
}

/// The single values of a document with their places; of a list, the first entry's.
fn leaves(value: &Value, place: &mut String, found: &mut Vec<(String, String)>) {
    if found.len() >= PLACES_LISTED {
        return;
    }
    let before = place.len();
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                place.push('/');
                place.push_str(&crate::text::clean(&name));
                leaves(value, place, found);
                place.truncate(before);
            }
        }
        Value::Array(entries) => {
            if let Some(first) = entries.first() {
                place.push_str("/0");
                leaves(first, place, found);
                place.truncate(before);
            }
        }
        Value::String(text) if may_be_secret(place) && !text.is_empty() => {
            found.push((place.clone(), "(not shown)".to_string()));
        }
        single => found.push((place.clone(), shown(single))),
    }
}

/// Whether a place's name says that it may hold a secret.
fn may_be_secret(place: &str) -> bool {
    let lower = place.to_lowercase();
    ["secret", "password", "token", "key"]
        .iter()
        .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(
        name: &'static str,
        pointer: &str,
        wanted: Wanted,
    ) -> (&'static str, Option<String>, bool, Wanted) {
        (name, Some(pointer.to_string()), true, wanted)
    }

    fn of(
        body: &Value,
        list: bool,
        fields: &[(&'static str, Option<String>, bool, Wanted)],
    ) -> Understood {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, pointer, needed, wanted)| (*name, pointer.as_ref(), *needed, *wanted))
            .collect();
        understand(body, list, &fields).unwrap()
    }

    #[test]
    fn each_place_shows_what_was_found_or_what_is_wrong() {
        let body = json!({"id": "abc", "set": "yes", "empty": null});
        let understood = of(
            &body,
            false,
            &[
                field("client_id", "/id", Wanted::Text),
                field("has_client_secret", "/set", Wanted::YesNo),
                field("redirect_uri", "/uri", Wanted::Text),
                field("full_name", "/empty", Wanted::Text),
            ],
        );
        let found: Vec<_> = understood
            .places
            .iter()
            .map(|one| one.found.clone())
            .collect();
        assert_eq!(
            found,
            [
                Ok("abc".to_string()),
                Err("it is neither true nor false"),
                Err("not there"),
                Ok("(empty)".to_string()),
            ]
        );
        assert!(!understood.is_whole());
    }

    #[test]
    fn a_list_shows_its_first_entry_and_its_length() {
        let body = json!([{"n": "one"}, {"n": "two"}]);
        let understood = of(&body, true, &[field("short_name", "/n", Wanted::Text)]);
        assert_eq!(understood.entries, Some(2));
        assert_eq!(understood.places[0].found, Ok("one".to_string()));
        assert!(understood.is_whole());
        assert!(understand(&json!({}), true, &[]).is_err());
    }

    #[test]
    fn what_an_answer_holds_is_listed_without_what_may_be_a_secret() {
        let body =
            json!({"a/b": {"ClientSecret": "very", "Set": true}, "l": [{"x": "\u{1b}[31m1"}]});
        let understood = of(&body, false, &[]);
        assert_eq!(
            understood.holds,
            [
                ("/a~1b/ClientSecret".to_string(), "(not shown)".to_string()),
                ("/a~1b/Set".to_string(), "true".to_string()),
                ("/l/0/x".to_string(), crate::text::clean("\u{1b}[31m1")),
            ]
        );
    }
}
