//! What Microsoft's reference says of Graph's permissions: any one of a list does, and the first is the least.

/// A list of permissions of which any one does; the first is the least.
pub(crate) type AnyOf = &'static [&'static str];

pub(crate) const READ_APPLICATIONS: AnyOf = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
];
pub(crate) const WRITE_APPLICATIONS: AnyOf = &[
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
];
pub(crate) const VERIFY_PUBLISHER: AnyOf =
    &["Application.ReadWrite.All", "Directory.AccessAsUser.All"];
pub(crate) const READ_GRANTS: AnyOf = &[
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
    "DelegatedPermissionGrant.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
];
pub(crate) const WRITE_GRANTS: AnyOf = &[
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
];
pub(crate) const ASSIGN_APP_ROLES: AnyOf = &["AppRoleAssignment.ReadWrite.All"];
pub(crate) const READ_POLICIES: AnyOf = &["Policy.Read.All"];
pub(crate) const READ_ORGANIZATION: AnyOf = &[
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "User.Read",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(crate) const READ_ROLES: AnyOf = &[
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
];
pub(crate) const ASSIGN_ROLES: AnyOf = &["RoleManagement.ReadWrite.Directory"];
