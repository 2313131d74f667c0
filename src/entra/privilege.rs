//! Which permission a request to Graph needs, so that a refusal can name it.

use super::signin::ability::missing_role;
use crate::http::Method;
use crate::registration::observed::Identity;

/// The least permission that a request needs, and what else would do.
fn needed(method: Method, path: &str) -> Option<(&'static str, &'static [&'static str])> {
    let path = path.strip_prefix("/v1.0").unwrap_or(path);
    let has = |part: &str| path.contains(part);
    let reads = method == Method::Get;
    const READ_DIRECTORY: &[&str] = &[
        "Directory.Read.All",
        "Directory.ReadWrite.All",
        "Directory.AccessAsUser.All",
        "DelegatedPermissionGrant.Read.All",
        "DelegatedPermissionGrant.ReadWrite.All",
    ];
    const READ_APPLICATIONS: &[&str] = &[
        "Application.Read.All",
        "Application.ReadWrite.All",
        "Application.ReadWrite.OwnedBy",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
        "Directory.AccessAsUser.All",
    ];
    const WRITE_APPLICATIONS: &[&str] = &[
        "Application.ReadWrite.All",
        "Application.ReadWrite.OwnedBy",
        "Directory.ReadWrite.All",
        "Directory.AccessAsUser.All",
    ];
    Some(
        if has("appManagementPolic") || path.starts_with("/policies") {
            ("Policy.Read.All", &["Policy.Read.All"])
        } else if has("oauth2PermissionGrants") {
            match reads {
                true => ("Directory.Read.All", READ_DIRECTORY),
                false => (
                    "DelegatedPermissionGrant.ReadWrite.All",
                    &[
                        "DelegatedPermissionGrant.ReadWrite.All",
                        "Directory.ReadWrite.All",
                        "Directory.AccessAsUser.All",
                    ],
                ),
            }
        } else if !reads && (has("appRoleAssign")) {
            (
                "AppRoleAssignment.ReadWrite.All",
                &["AppRoleAssignment.ReadWrite.All"],
            )
        } else if path.starts_with("/organization") {
            (
                "Organization.Read.All",
                &[
                    "Organization.Read.All",
                    "Organization.ReadWrite.All",
                    "User.Read",
                    "Directory.Read.All",
                    "Directory.ReadWrite.All",
                ],
            )
        } else if path.starts_with("/roleManagement") {
            match reads {
                true => (
                    "RoleManagement.Read.Directory",
                    &[
                        "RoleManagement.Read.Directory",
                        "RoleManagement.ReadWrite.Directory",
                    ],
                ),
                false => (
                    "RoleManagement.ReadWrite.Directory",
                    &["RoleManagement.ReadWrite.Directory"],
                ),
            }
        } else if path.starts_with("/applications")
            || path.starts_with("/servicePrincipals")
            || path.starts_with("/directory/deletedItems")
        {
            match reads {
                true => ("Application.Read.All", READ_APPLICATIONS),
                false => ("Application.ReadWrite.All", WRITE_APPLICATIONS),
            }
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
    let (least, any_of) = needed(method, path)?;
    let held = &identity?.permissions;
    let bears = held.iter().any(|one| any_of.contains(&one.as_str()));
    (!bears).then_some(least)
}

/// What a person could activate who bears the permission that a request needs, and none of the roles that it takes too;
/// `None` when the token says nothing of that.
pub(super) fn role_to_activate(
    method: Method,
    path: &str,
    identity: Option<&Identity>,
) -> Option<String> {
    let (least, _) = needed(method, path)?;
    missing_role(least, identity?)
}
