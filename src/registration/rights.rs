//! What an identity may do, by its token's own words: permissions and directory roles. Advisory: the directory decides,
//! and knows more than a token says.
//!
//! The checklist's first line, a plan's notes, a refusal by Graph and `umpdeck signin` all ask this table.

pub(crate) mod permissions;
mod roles;

use self::permissions::AnyOf;
use self::roles::{GLOBAL_ADMINISTRATOR, OF_APP_ROLES, OF_APPLICATIONS, OF_GRANTS, Role};
use super::observed::Identity;
use super::status::Urgency;

pub use self::roles::role_name;

/// Why no publisher is verified in a national cloud, whoever asks.
pub const NOT_IN_THIS_CLOUD: &str = "Microsoft verifies publishers only in its global cloud";

/// Something that umpdeck does in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Reading registrations and consent.
    ReadRegistrations,
    /// Reading the tenant's policy for client secrets.
    ReadPolicy,
    /// Creating and repairing registrations, adding and removing secrets.
    ChangeRegistrations,
    /// Consenting to delegated permissions.
    ConsentDelegated,
    /// Consenting to application permissions of Microsoft Graph.
    ConsentApplication,
    /// Verifying the publisher.
    VerifyPublisher,
}

impl Right {
    /// A short word for scripts.
    pub fn key(self) -> &'static str {
        self.needs().key
    }

    /// What it is.
    pub fn words(self) -> &'static str {
        self.needs().words
    }

    /// All, in the order in which a registration needs them.
    pub const ALL: [Right; 6] = [
        Right::ReadRegistrations,
        Right::ReadPolicy,
        Right::ChangeRegistrations,
        Right::ConsentDelegated,
        Right::ConsentApplication,
        Right::VerifyPublisher,
    ];

    /// The first permission of the token that does for it.
    pub fn borne_by(self, identity: &Identity) -> Option<&'static str> {
        let any_of = self.needs().any_of.iter();
        any_of
            .copied()
            .find(|one| identity.permissions.iter().any(|has| has == one))
    }

    /// Whether an identity may.
    pub fn of(self, identity: &Identity) -> Verdict {
        let needs = self.needs();
        let verifies = self == Right::VerifyPublisher;
        if verifies && !identity.delegated {
            return Verdict::Never("an application can't verify a publisher; sign in as a person");
        }
        if self.borne_by(identity).is_none() {
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
            return Verdict::NoMfa;
        }
        if verifies {
            return Verdict::Perhaps(
                "the account also needs a role in Partner Center, which a token does not show",
            );
        }
        let all = ["Application.ReadWrite.All", "Directory.ReadWrite.All"];
        if !identity.delegated
            && self == Right::ChangeRegistrations
            && !identity
                .permissions
                .iter()
                .any(|one| all.contains(&one.as_str()))
        {
            return Verdict::Perhaps("only of registrations that this application owns");
        }
        Verdict::May
    }

    fn needs(self) -> Needs {
        match self {
            Right::ReadRegistrations => Needs {
                key: "read-registrations",
                words: "read registrations and consent",
                any_of: permissions::READ_APPLICATIONS,
                roles: &[],
            },
            Right::ReadPolicy => Needs {
                key: "read-policy",
                words: "read the tenant's policy for client secrets",
                any_of: permissions::READ_POLICIES,
                roles: &[],
            },
            Right::ChangeRegistrations => Needs {
                key: "change-registrations",
                words: "create and repair registrations, add and remove secrets",
                any_of: permissions::WRITE_APPLICATIONS,
                roles: OF_APPLICATIONS,
            },
            Right::ConsentDelegated => Needs {
                key: "consent-delegated",
                words: "consent to delegated permissions",
                any_of: permissions::WRITE_GRANTS,
                roles: OF_GRANTS,
            },
            Right::ConsentApplication => Needs {
                key: "consent-application",
                words: "consent to application permissions of Microsoft Graph",
                any_of: permissions::ASSIGN_APP_ROLES,
                roles: OF_APP_ROLES,
            },
            Right::VerifyPublisher => Needs {
                key: "verify-publisher",
                words: "verify the publisher",
                any_of: permissions::VERIFY_PUBLISHER,
                roles: OF_APPLICATIONS,
            },
        }
    }
}

/// A right, and whether an identity has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    /// What it is.
    pub right: Right,
    /// Whether the identity may.
    pub verdict: Verdict,
}

/// What an identity may do, in the order in which a registration needs it.
pub fn abilities(identity: &Identity) -> Vec<Ability> {
    let of = |right: Right| Ability {
        right,
        verdict: right.of(identity),
    };
    Right::ALL.into_iter().map(of).collect()
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
    /// The sign-in bears no multi-factor authentication, which it takes.
    NoMfa,
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
            Verdict::Lacks(_) | Verdict::NoRole(_) | Verdict::NoMfa | Verdict::Never(_) => "no",
            Verdict::RolesNotTold(_) | Verdict::Perhaps(_) => "unknown",
        }
    }

    /// How pressing it is.
    pub fn urgency(&self) -> Urgency {
        match self {
            Verdict::May => Urgency::Good,
            Verdict::Lacks(_) | Verdict::NoRole(_) | Verdict::NoMfa => Urgency::NeedsWork,
            Verdict::RolesNotTold(_) | Verdict::Perhaps(_) => Urgency::Unknown,
            Verdict::Never(_) => Urgency::Waiting,
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
            Verdict::NoMfa => {
                "the sign-in has no multi-factor authentication; sign in again with it".to_string()
            }
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
pub(crate) fn missing_role(for_permission: &str, identity: &Identity) -> Option<String> {
    let needs = Right::ALL
        .map(Right::needs)
        .into_iter()
        .find(|needs| needs.any_of.first() == Some(&for_permission))?;
    let missing = identity.delegated
        && !identity.directory_roles.is_empty()
        && !has_one_of(needs.roles, identity);
    missing.then(|| activate(&names(needs.roles)))
}

#[cfg(test)]
mod tests {
    use super::roles::{APPLICATION_ADMINISTRATOR, ORDINARY_USER, OTHER_ROLES};
    use super::*;
    use std::collections::BTreeSet;
    use uuid::Uuid;

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
        let of_key = |one: &Ability| one.right.key() == key;
        all.into_iter().find(of_key).unwrap().verdict
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
        assert_eq!(of(&admin, "verify-publisher").word(), "unknown");
        let untold = identity(true, &permissions, &[]);
        assert_eq!(of(&untold, "change-registrations").word(), "unknown");
        let mut weak = admin.clone();
        weak.mfa = false;
        assert!(of(&weak, "verify-publisher").why().contains("multi-factor"));
    }

    #[test]
    fn an_application_needs_permissions_alone_and_never_verifies() {
        let app = identity(false, &["Application.ReadWrite.All"], &[]);
        assert_eq!(of(&app, "change-registrations"), Verdict::May);
        assert_eq!(of(&app, "verify-publisher").word(), "no");
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
