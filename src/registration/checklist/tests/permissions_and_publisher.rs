//! The permissions that the registration asks for, its publisher, and the rights of who looks.

use std::collections::HashSet;

use super::*;

#[test]
fn a_person_without_an_administrators_role_is_told_so_and_nothing_else_changes() {
    let person = |roles: Vec<Uuid>| {
        World::with(|world| {
            world
                .tenant
                .identity
                .value
                .as_mut()
                .unwrap()
                .directory_roles = roles;
        })
    };
    let without = person(vec![Uuid::nil()]);
    assert_eq!(without.not_met(), [CheckId::IdentityRights]);
    assert_eq!(outcome(&without, CheckId::IdentityRights).status(), None);
    // A token may not say: that is not held against it.
    assert_eq!(person(vec![]).not_met(), []);
    let mut application = person(vec![Uuid::nil()]);
    application
        .tenant
        .identity
        .value
        .as_mut()
        .unwrap()
        .delegated = false;
    assert_eq!(application.not_met(), []);
}

#[test]
fn permissions_are_matched_by_the_tenants_own_ids_and_extras_are_only_counted() {
    let mut world = World::right();
    let extra = ResourceAccess {
        resource_app_id: Uuid::nil(),
        id: Uuid::nil(),
        kind: PermissionKind::Application,
    };
    world.app().required_resource_access.push(extra);
    assert_eq!(world.not_met(), []);
    assert!(words(&world, CheckId::Permissions).contains("6 of 6, 1 extra"));
    // The same id as an application permission is another permission.
    world.app().required_resource_access[0].kind = PermissionKind::Application;
    assert_eq!(world.not_met(), [CheckId::Permissions]);
    assert!(words(&world, CheckId::Permissions).contains("missing: Group.ReadWrite.All"));
}

#[test]
fn another_publisher_than_the_wanted_one_is_drift_and_none_wanted_does_not_apply() {
    let other = World::with(|world| world.device.mpn_id = Some("1".into()));
    assert_eq!(other.not_met(), [CheckId::Publisher]);
    let none = World::with(|world| {
        world.device.mpn_id = None;
        world.app().verified_publisher = None;
    });
    assert!(matches!(
        outcome(&none, CheckId::Publisher),
        Outcome::NotApplicable { .. }
    ));
    let without_publisher = asked_for() - 1;
    assert_eq!(
        none.checklist().count(),
        (without_publisher, without_publisher)
    );
    // Nor does its domain, whatever it is.
    let bare = World::with(|world| {
        world.device.mpn_id = None;
        world.app().verified_publisher = None;
        world.app().publisher_domain = None;
    });
    assert!(matches!(
        outcome(&bare, CheckId::PublisherDomain),
        Outcome::NotApplicable { .. }
    ));
}

#[test]
fn a_publisher_domain_that_hinders_verification_is_told_and_changes_no_status() {
    let world = World::with(|world| {
        world.app().verified_publisher = None;
        world.app().publisher_domain = None;
    });
    let told = outcome(&world, CheckId::PublisherDomain);
    assert_eq!(told.status(), None, "advisory");
    assert!(words(&world, CheckId::PublisherDomain).contains("none"));
    // Microsoft has verified it: nobody needs another domain any more.
    let verified = World::with(|world| world.app().publisher_domain = None);
    assert_eq!(verified.not_met(), []);
}

#[test]
fn step_one_and_what_an_identity_may_never_contradict_each_other() {
    use crate::registration::rights::{Right, Verdict, permissions};
    let everyone = World::right().tenant.identity.value.unwrap();
    let administrator = everyone.directory_roles.clone();
    let mut seen = HashSet::new();
    for delegated in [true, false] {
        for roles in [vec![], vec![Uuid::nil()], administrator.clone()] {
            for permission in permissions::WRITE_APPLICATIONS.iter().chain(&["User.Read"]) {
                let identity = Identity {
                    delegated,
                    directory_roles: roles.clone(),
                    permissions: vec![permission.to_string()],
                    ..everyone.clone()
                };
                let may = Right::ChangeRegistrations.of(&identity);
                let world = World::with(|world| world.tenant.identity.value = Some(identity));
                let told = outcome(&world, CheckId::IdentityRights);
                assert_eq!(told.is_met(), may.word() != "no", "{may:?}: {told:?}");
                if let Verdict::Lacks(least) = may {
                    assert!(format!("{told:?}").contains(least), "{told:?}");
                }
                seen.insert(may.word());
            }
        }
    }
    assert_eq!(seen.len(), 3, "yes, no and unknown were all there");
}
