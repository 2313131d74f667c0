//! Which permission a request to Graph needs, so that a refusal can name it.

use crate::http::Method;
use crate::registration::observed::Identity;
use crate::registration::rights::missing_role;
use crate::registration::rights::permissions::{self, AnyOf};

/// The permissions of which a request needs one.
fn needed(method: Method, path: &str) -> Option<AnyOf> {
    let path = path.strip_prefix("/v1.0").unwrap_or(path);
    let has = |part: &str| path.contains(part);
    let by_method = |to_read, to_write| match method {
        Method::Get => to_read,
        _ => to_write,
    };
    Some(
        if has("appManagementPolic") || path.starts_with("/policies") {
            permissions::READ_POLICIES
        } else if has("oauth2PermissionGrants") {
            by_method(permissions::READ_GRANTS, permissions::WRITE_GRANTS)
        } else if method != Method::Get && has("appRoleAssign") {
            permissions::ASSIGN_APP_ROLES
        } else if path.starts_with("/organization") {
            permissions::READ_ORGANIZATION
        } else if path.starts_with("/roleManagement") {
            by_method(permissions::READ_ROLES, permissions::ASSIGN_ROLES)
        } else if path.starts_with("/applications")
            || path.starts_with("/servicePrincipals")
            || path.starts_with("/directory/deletedItems")
        {
            by_method(
                permissions::READ_APPLICATIONS,
                permissions::WRITE_APPLICATIONS,
            )
        } else {
            return None;
        },
    )
}

/// The least permission that a request needs, when this identity bears none that would do. `None` when it bears one, or
/// when nothing can be said.
pub(super) fn lacking(
    method: Method,
    path: &str,
    identity: Option<&Identity>,
) -> Option<&'static str> {
    let any_of = needed(method, path)?;
    let held = &identity?.permissions;
    let bears = held.iter().any(|one| any_of.contains(&one.as_str()));
    any_of.first().filter(|_| !bears).copied()
}

/// What a person could activate who bears the permission that a request needs, and none of the roles that it takes too;
/// `None` when the token says nothing of that.
pub(super) fn role_to_activate(
    method: Method,
    path: &str,
    identity: Option<&Identity>,
) -> Option<String> {
    let least = needed(method, path)?.first()?;
    missing_role(least, identity?)
}
