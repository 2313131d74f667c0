//! A new secret lives as long as was asked for, or as the tenant's policy allows.

use proptest::prelude::*;

use super::*;

#[test]
fn a_policy_shortens_a_secret_by_name_or_forbids_it() {
    let mut world = World::right();
    assert_eq!(
        added_end(&world.plan(Intent::Rotate).unwrap()),
        "2028-11-24T12:00:00Z".parse().unwrap()
    );
    restrict(
        &mut world,
        SecretRestrictionKind::MaxLifetimeSeconds(90 * 86_400),
    );
    let plan = world.plan(Intent::Rotate).unwrap();
    assert_eq!(days_left(added_end(&plan), now()), 90);
    assert!(plan.notes[0].contains("\"Default app policy\" caps a secret at 90 days"));
    for kind in [
        SecretRestrictionKind::Forbidden,
        SecretRestrictionKind::MaxLifetimeSeconds(0),
    ] {
        restrict(&mut world, kind);
        for intent in [Intent::Rotate, Intent::Create(world.form())] {
            world.facts.application.value = match intent {
                Intent::Rotate => Some(Some(application())),
                _ => Some(None),
            };
            assert_eq!(
                world.plan(intent),
                Err(NoPlan::SecretsForbidden("Default app policy".into()))
            );
        }
    }
}

proptest! {
    #[test]
    fn a_new_secret_lives_as_long_as_asked_or_as_policy_allows(months in 1u32..=24, cap in 1i64..1_000 * 86_400) {
        let mut world = World::unregistered();
        let form = CreateForm { secret_months: months, ..world.form() };
        let lives = |world: &World| {
            let plan = world.plan(Intent::Create(form.clone())).unwrap();
            added_end(&plan).duration_since(now()).as_secs()
        };
        let asked = lives(&world);
        let days = asked / 86_400;
        prop_assert!((i64::from(months) * 28..=i64::from(months) * 31).contains(&days), "{}", days);
        restrict(&mut world, SecretRestrictionKind::MaxLifetimeSeconds(cap));
        prop_assert_eq!(lives(&world), asked.min(cap));
    }
}
