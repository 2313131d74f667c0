//! Entra's built-in directory roles, and who may read and give them.

use super::listing::{Kind, Type};

/// The role that the training operator has: Application Administrator.
pub(in crate::sandbox) const OPERATOR_ROLE: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

/// Built-in roles: template id and name, as Microsoft's reference lists them.
pub(super) const ROLES: &[(&str, &str)] = &[
    (
        "62e90394-69f5-4237-9190-012177145e10",
        "Global Administrator",
    ),
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
    (
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
        "Privileged Role Administrator",
    ),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    (
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
        "Application Administrator",
    ),
    (
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        "Cloud Application Administrator",
    ),
    (
        "cf1c38e5-3621-4004-a7cb-879624dced7c",
        "Application Developer",
    ),
    (
        "69091246-20e8-4a56-aa4d-066075b2a7a8",
        "Teams Administrator",
    ),
    (
        "baf37b3a-610e-45da-9e62-d9d1e5e8914b",
        "Teams Communications Administrator",
    ),
    (
        "aa38014f-0993-46e9-9b45-30501a20909d",
        "Teams Telephony Administrator",
    ),
    (
        "3d762c5a-1b6c-493f-843e-55a3b42923d4",
        "Teams Devices Administrator",
    ),
    ("1076ac91-f3d9-41a7-a339-dcdf5f480acc", "Teams Reader"),
    (
        "75941009-915a-4869-abe7-691bff18279e",
        "Skype for Business Administrator",
    ),
    (
        "8329153b-31d0-4727-b945-745eb3bc5f31",
        "Domain Name Administrator",
    ),
    (
        "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
        "License Administrator",
    ),
    ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"),
    ("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers"),
    (
        "fdd7a751-b60b-444a-984c-02652fe8fa1c",
        "Groups Administrator",
    ),
];

/// Permissions that let read who has which role.
pub(super) const READ: &[&str] = &[
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
/// Permissions that let give and take roles.
pub(super) const WRITE: &[&str] = &["RoleManagement.ReadWrite.Directory"];

/// A type of this part of Graph.
pub(super) const fn of(
    name: &'static str,
    collection: &'static str,
    filterable: &'static [(&'static str, Kind)],
    expandable: &'static [&'static str],
) -> Type {
    Type {
        name,
        collection,
        filterable,
        searchable: &[],
        sortable: &[],
        expandable,
        is_property: |_| true,
    }
}

/// A role's template id, as the reference writes it, and its name.
pub(super) fn known(template: &str) -> Option<(&'static str, &'static str)> {
    ROLES
        .iter()
        .copied()
        .find(|(id, _)| id.eq_ignore_ascii_case(template))
}
