//! Paths of Graph: their segments, and the keys by which they name one object.

use uuid::Uuid;

use super::failure::Failure;

/// How a path names one object.
pub(super) enum Address {
    Id(String),
    AppId(String),
    UniqueName(String),
    RoleTemplateId(String),
}

impl Address {
    pub fn text(&self) -> &str {
        match self {
            Address::Id(text)
            | Address::AppId(text)
            | Address::UniqueName(text)
            | Address::RoleTemplateId(text) => text,
        }
    }

    pub fn guid(&self) -> Option<Uuid> {
        Uuid::parse_str(self.text()).ok()
    }
}

/// A path's parts, and each key of what hangs on an object as a part of its own.
pub(super) fn segments(path: &str) -> Vec<String> {
    let path = path.trim_matches('/');
    let path = path.strip_prefix("myorganization/").unwrap_or(path);
    plain_keys(parted(path))
}

/// `applications(appId='…')` as the collection's name, written as in the documentation, and the key.
pub(super) fn addressed(segment: &str) -> Result<(&str, Option<Address>), Failure> {
    let (collection, Some(Key { property, value })) = keyed(segment)? else {
        return Ok((canonical(segment), None));
    };
    let address = match property {
        "id" => Address::Id(value),
        "appId" => Address::AppId(value),
        "uniqueName" if collection == "applications" => Address::UniqueName(value),
        "roleTemplateId" if collection == "directoryRoles" => Address::RoleTemplateId(value),
        _ => return Err(wrong_key()),
    };
    Ok((canonical(collection), Some(address)))
}

/// Parts a path at its slashes, but not at those inside a quoted key.
fn parted(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in path.chars() {
        quoted ^= c == '\'';
        match parts.last_mut() {
            Some(part) if c != '/' || quoted => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Writes a key of what hangs on an object as a segment of its own: `…/owners('x')` is `…/owners/x`.
fn plain_keys(segments: Vec<String>) -> Vec<String> {
    let parted = |(at, segment): (usize, String)| match keyed(&segment) {
        Ok((name, Some(key))) if at > 0 && ["id", "name"].contains(&key.property) => {
            vec![name.to_string(), key.value]
        }
        _ => vec![segment],
    };
    segments.into_iter().enumerate().flat_map(parted).collect()
}

fn wrong_key() -> Failure {
    Failure::new(400, "BadRequest", "Invalid key in the request's path.")
}

/// What stands in the brackets of `name(property='value')`; without a property's name it is the id.
pub(super) struct Key<'a> {
    pub property: &'a str,
    pub value: String,
}

/// A segment's name, and its key if it has one.
pub(super) fn keyed(segment: &str) -> Result<(&str, Option<Key<'_>>), Failure> {
    let Some((name, key)) = segment.split_once('(') else {
        return Ok((segment, None));
    };
    let key = key.strip_suffix(')').ok_or_else(wrong_key)?;
    let (property, value) = match key.split_once('=') {
        Some((property, value)) => (property.trim(), value.trim()),
        None => ("id", key.trim()),
    };
    let value = value
        .strip_prefix('\'')
        .and_then(|value| value.strip_suffix('\''))
        .ok_or_else(wrong_key)?
        .replace("''", "'");
    Ok((name, Some(Key { property, value })))
}

/// A collection's name as it is written in the documentation: paths are read without regard to case.
fn canonical(name: &str) -> &str {
    const NAMES: [&str; 9] = [
        "applications",
        "servicePrincipals",
        "oauth2PermissionGrants",
        "directory",
        "directoryRoles",
        "directoryRoleTemplates",
        "roleManagement",
        "users",
        "directoryObjects",
    ];
    let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.copied().unwrap_or(name)
}
