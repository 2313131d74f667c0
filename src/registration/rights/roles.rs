//! Directory roles that Microsoft built in, by their template IDs, and which of them something takes.

use uuid::{Uuid, uuid};

/// A directory role that Microsoft built in: its template ID and its name.
pub(super) type Role = (Uuid, &'static str);

pub(super) const GLOBAL_ADMINISTRATOR: Role = (
    uuid!("62e90394-69f5-4237-9190-012177145e10"),
    "Global Administrator",
);
pub(super) const PRIVILEGED_ROLE_ADMINISTRATOR: Role = (
    uuid!("e8611ab8-c189-46e8-94e1-60213ab1f814"),
    "Privileged Role Administrator",
);
pub(super) const APPLICATION_ADMINISTRATOR: Role = (
    uuid!("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
    "Application Administrator",
);
const CLOUD_APPLICATION_ADMINISTRATOR: Role = (
    uuid!("158c047a-c907-4556-b7ef-446551a6b5f7"),
    "Cloud Application Administrator",
);

pub(super) const OTHER_ROLES: &[Role] = &[
    (
        uuid!("f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
        "Global Reader",
    ),
    (
        uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1"),
        "User Administrator",
    ),
    (
        uuid!("cf1c38e5-3621-4004-a7cb-879624dced7c"),
        "Application Developer",
    ),
    (
        uuid!("69091246-20e8-4a56-aa4d-066075b2a7a8"),
        "Teams Administrator",
    ),
    (
        uuid!("baf37b3a-610e-45da-9e62-d9d1e5e8914b"),
        "Teams Communications Administrator",
    ),
    (
        uuid!("aa38014f-0993-46e9-9b45-30501a20909d"),
        "Teams Telephony Administrator",
    ),
    (
        uuid!("3d762c5a-1b6c-493f-843e-55a3b42923d4"),
        "Teams Devices Administrator",
    ),
    (
        uuid!("1076ac91-f3d9-41a7-a339-dcdf5f480acc"),
        "Teams Reader",
    ),
    (
        uuid!("75941009-915a-4869-abe7-691bff18279e"),
        "Skype for Business Administrator",
    ),
    (
        uuid!("8329153b-31d0-4727-b945-745eb3bc5f31"),
        "Domain Name Administrator",
    ),
    (
        uuid!("4d6ac14f-3453-41d0-bef9-a3e0c569773a"),
        "License Administrator",
    ),
    (
        uuid!("88d8e3e3-8f55-4a1e-953a-9b9898b8876b"),
        "Directory Readers",
    ),
    (
        uuid!("9360feb5-f418-4baa-8175-e2a00bac4301"),
        "Directory Writers",
    ),
    (
        uuid!("fdd7a751-b60b-444a-984c-02652fe8fa1c"),
        "Groups Administrator",
    ),
];

/// Every user's token names this one; it gives nothing beyond what users may do anyway.
pub(super) const ORDINARY_USER: Uuid = uuid!("b79fbf4d-3ef9-4689-8143-76b194e85509");

/// Who administers registrations.
pub(super) const OF_APPLICATIONS: &[Role] = &[
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
];
/// Who may consent to delegated permissions for everybody.
pub(super) const OF_GRANTS: &[Role] = &[
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    PRIVILEGED_ROLE_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
];
/// Who may consent to Microsoft Graph's application permissions.
pub(super) const OF_APP_ROLES: &[Role] = &[PRIVILEGED_ROLE_ADMINISTRATOR, GLOBAL_ADMINISTRATOR];

/// The name of a directory role by its template ID; `None` for one that is not well known.
pub fn role_name(template: Uuid) -> Option<&'static str> {
    if template == ORDINARY_USER {
        return Some("User");
    }
    OF_GRANTS
        .iter()
        .chain(OTHER_ROLES)
        .find(|(id, _)| *id == template)
        .map(|(_, name)| *name)
}
