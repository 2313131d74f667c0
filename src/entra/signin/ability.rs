//! What an identity may do, by its token's own words: permissions and directory roles. Advisory: the directory decides,
//! and knows more than a token says.

use uuid::{Uuid, uuid};

use crate::entra::permissions::{self, AnyOf};
use crate::registration::observed::Identity;

/// A directory role that Microsoft built in: its template ID and its name.
type Role = (Uuid, &'static str);

const GLOBAL_ADMINISTRATOR: Role = (
    uuid!("62e90394-69f5-4237-9190-012177145e10"),
    "Global Administrator",
);
const PRIVILEGED_ROLE_ADMINISTRATOR: Role = (
    uuid!("e8611ab8-c189-46e8-94e1-60213ab1f814"),
    "Privileged Role Administrator",
);
const APPLICATION_ADMINISTRATOR: Role = (
    uuid!("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
    "Application Administrator",
);
const CLOUD_APPLICATION_ADMINISTRATOR: Role = (
    uuid!("158c047a-c907-4556-b7ef-446551a6b5f7"),
    "Cloud Application Administrator",
);

const OTHER_ROLES: &[Role] = &[
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
const ORDINARY_USER: Uuid = uuid!("b79fbf4d-3ef9-4689-8143-76b194e85509");

/// Who administers registrations.
const OF_APPLICATIONS: &[Role] = &[
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
];
/// Who may consent to delegated permissions for everybody.
const OF_GRANTS: &[Role] = &[
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    PRIVILEGED_ROLE_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
];
/// Who may consent to Microsoft Graph's application permissions.
const OF_APP_ROLES: &[Role] = &[PRIVILEGED_ROLE_ADMINISTRATOR, GLOBAL_ADMINISTRATOR];

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

/// Something that umpdeck does in a tenant, and whether an identity may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    /// A short word for scripts.
    pub key: &'static str,
    /// What it is.
    pub words: &'static str,
    /// Whether the identity may.
    pub verdict: Verdict,
}

/// Whether an identity may do something, by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    May,
    /// The token bears no permission that would do; this one would be the least.
    Lacks(&'static str),
    /// The token bears the permission, and none of these directory roles.
    NoRole(Vec<&'static str>),
    /// The token says nothing of directory roles, and one of these is needed.
    RolesNotTold(Vec<&'static str>),
    /// It may, as far as the token tells; something that no token tells counts too.
    Perhaps(&'static str),
    /// Nobody may in this way.
    Never(&'static str),
}

impl Verdict {
    /// `yes`, `no` or `unknown`.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::May => "yes",
            Verdict::Lacks(_) | Verdict::NoRole(_) | Verdict::Never(_) => "no",
            Verdict::RolesNotTold(_) | Verdict::Perhaps(_) => "unknown",
        }
    }

    /// Why it is no plain yes, with what would help; empty for a plain yes.
    pub fn why(&self) -> String {
        match self {
            Verdict::May => String::new(),
            Verdict::Lacks(permission) => format!("the token lacks {permission}"),
            Verdict::NoRole(roles) => {
                format!("the account has no active role for it; {}", activate(roles))
            }
            Verdict::RolesNotTold(roles) => format!(
                "the token does not name the directory roles; needed: {}",
                roles.join(" or ")
            ),
            Verdict::Perhaps(why) | Verdict::Never(why) => (*why).to_string(),
        }
    }
}

/// What helps where a role is missing.
fn activate(roles: &[&str]) -> String {
    format!(
        "activate {} in Privileged Identity Management, or ask an administrator for the role; then sign in again",
        roles.join(" or ")
    )
}

/// What something takes.
struct Needs {
    key: &'static str,
    words: &'static str,
    any_of: AnyOf,
    /// For a user, any of these roles too; empty = none.
    roles: &'static [Role],
}

const NEEDS: &[Needs] = &[
    Needs {
        key: "read-registrations",
        words: "read registrations and consent",
        any_of: permissions::READ_APPLICATIONS,
        roles: &[],
    },
    Needs {
        key: "read-policy",
        words: "read the tenant's policy for client secrets",
        any_of: permissions::READ_POLICIES,
        roles: &[],
    },
    Needs {
        key: "change-registrations",
        words: "create and repair registrations, add and remove secrets",
        any_of: permissions::WRITE_APPLICATIONS,
        roles: OF_APPLICATIONS,
    },
    Needs {
        key: "consent-delegated",
        words: "consent to delegated permissions",
        any_of: permissions::WRITE_GRANTS,
        roles: OF_GRANTS,
    },
    Needs {
        key: "consent-application",
        words: "consent to application permissions of Microsoft Graph",
        any_of: permissions::ASSIGN_APP_ROLES,
        roles: OF_APP_ROLES,
    },
    Needs {
        key: VERIFY_PUBLISHER,
        words: "verify the publisher",
        any_of: permissions::VERIFY_PUBLISHER,
        roles: OF_APPLICATIONS,
    },
];
const VERIFY_PUBLISHER: &str = "verify-publisher";

/// What an identity may do, in the order in which a registration needs it.
pub fn abilities(identity: &Identity) -> Vec<Ability> {
    let of = |needs: &Needs| Ability {
        key: needs.key,
        words: needs.words,
        verdict: verdict(needs, identity),
    };
    NEEDS.iter().map(of).collect()
}

fn verdict(needs: &Needs, identity: &Identity) -> Verdict {
    let verifies = needs.key == VERIFY_PUBLISHER;
    if verifies && !identity.delegated {
        return Verdict::Never("an application can't verify a publisher; sign in as a person");
    }
    let bears = |one: &String| needs.any_of.contains(&one.as_str());
    if !identity.permissions.iter().any(bears) {
        return match needs.any_of.first() {
            Some(least) => Verdict::Lacks(least),
            None => Verdict::May,
        };
    }
    if identity.delegated && !has_one_of(needs.roles, identity) {
        let names = names(needs.roles);
        return match identity.directory_roles.is_empty() {
            true => Verdict::RolesNotTold(names),
            false => Verdict::NoRole(names),
        };
    }
    if verifies && !identity.mfa {
        return Verdict::Never(
            "the sign-in has no multi-factor authentication; sign in again with it",
        );
    }
    if verifies {
        return Verdict::Perhaps(
            "the account also needs a role in Partner Center, which a token does not show",
        );
    }
    if !identity.delegated
        && needs.key == "change-registrations"
        && !identity
            .permissions
            .iter()
            .any(|one| one == "Application.ReadWrite.All" || one == "Directory.ReadWrite.All")
    {
        return Verdict::Perhaps("only of registrations that this application owns");
    }
    Verdict::May
}

fn has_one_of(roles: &[Role], identity: &Identity) -> bool {
    let held = &identity.directory_roles;
    roles.is_empty() || roles.iter().any(|(id, _)| held.contains(id))
}

fn names(roles: &[Role]) -> Vec<&'static str> {
    // The last one may do everything everywhere: nobody should activate it for this.
    let least = roles.iter().filter(|role| **role != GLOBAL_ADMINISTRATOR);
    least.map(|(_, name)| *name).collect()
}

/// What a person could activate who was refused a request although the token bears the permission; `None` when the
/// token names a role that does, or it is no person's.
pub(in crate::entra) fn missing_role(for_permission: &str, identity: &Identity) -> Option<String> {
    let needs = NEEDS
        .iter()
        .find(|needs| needs.any_of.first() == Some(&for_permission))?;
    let missing = identity.delegated
        && !identity.directory_roles.is_empty()
        && !has_one_of(needs.roles, identity);
    missing.then(|| activate(&names(needs.roles)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn identity(delegated: bool, permissions: &[&str], roles: &[Role]) -> Identity {
        Identity {
            name: "noc".into(),
            delegated,
            permissions: permissions.iter().map(ToString::to_string).collect(),
            directory_roles: roles.iter().map(|(id, _)| *id).collect(),
            mfa: true,
        }
    }

    fn of(identity: &Identity, key: &str) -> Verdict {
        let all = abilities(identity);
        all.into_iter().find(|one| one.key == key).unwrap().verdict
    }

    #[test]
    fn every_well_known_role_has_one_name() {
        let all: Vec<&Role> = OF_GRANTS.iter().chain(OTHER_ROLES).collect();
        let ids: BTreeSet<_> = all.iter().map(|(id, _)| id).collect();
        assert_eq!((all.len(), ids.len()), (18, 18));
        assert_eq!(
            role_name(APPLICATION_ADMINISTRATOR.0),
            Some("Application Administrator")
        );
        assert_eq!(role_name(ORDINARY_USER), Some("User"));
        assert_eq!(role_name(Uuid::nil()), None);
    }

    #[test]
    fn a_person_needs_permission_and_role() {
        let permissions = [
            "Application.ReadWrite.All",
            "AppRoleAssignment.ReadWrite.All",
        ];
        let admin = identity(true, &permissions, &[APPLICATION_ADMINISTRATOR]);
        assert_eq!(of(&admin, "read-registrations"), Verdict::May);
        assert_eq!(of(&admin, "change-registrations"), Verdict::May);
        assert_eq!(of(&admin, "read-policy"), Verdict::Lacks("Policy.Read.All"));
        assert_eq!(
            of(&admin, "read-policy").why(),
            "the token lacks Policy.Read.All"
        );
        let why = of(&admin, "consent-application").why();
        assert!(
            why.contains(
                "activate Privileged Role Administrator in Privileged Identity Management"
            ),
            "{why}"
        );
        assert_eq!(of(&admin, VERIFY_PUBLISHER).word(), "unknown");
        let untold = identity(true, &permissions, &[]);
        assert_eq!(of(&untold, "change-registrations").word(), "unknown");
        let mut weak = admin.clone();
        weak.mfa = false;
        assert!(of(&weak, VERIFY_PUBLISHER).why().contains("multi-factor"));
    }

    #[test]
    fn an_application_needs_permissions_alone_and_never_verifies() {
        let app = identity(false, &["Application.ReadWrite.All"], &[]);
        assert_eq!(of(&app, "change-registrations"), Verdict::May);
        assert_eq!(of(&app, VERIFY_PUBLISHER).word(), "no");
        let owner = identity(false, &["Application.ReadWrite.OwnedBy"], &[]);
        assert!(of(&owner, "change-registrations").why().contains("owns"));
        let nothing = identity(false, &[], &[]);
        assert!(
            abilities(&nothing)
                .iter()
                .all(|one| one.verdict.word() == "no")
        );
    }
}
