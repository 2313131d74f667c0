//! A rotation removes the earlier secret only where that is safe.

use super::*;

#[test]
fn rotate_removes_the_old_secret_only_after_the_new_one_is_proven() {
    let mut world = World::right();
    let unknown = secret(Uuid::from_u128(3), in_days(-5), in_days(5));
    world.app().password_credentials.insert(0, unknown);
    let plan = world.plan(Intent::Rotate).unwrap();
    assert_eq!(
        tags(&plan),
        [
            "add-secret",
            "write-portal",
            "read-back-portal",
            "prove-secret",
            "remove-secret"
        ]
    );
    assert_eq!(removed(&plan), [KEY_ID]);
    assert_eq!(plan.left_alone.len(), 1);
}

#[test]
fn rotate_never_removes_a_secret_that_others_may_use() {
    let shared = World::with(|world| {
        world.facts.shared_with = vec![Fqdn::parse("ump2.finebak.com").unwrap()];
    });
    let assumed = World::with(|world| world.facts.record = None);
    let unnamed = World::with(|world| world.record().key_id = None);
    let others = World::with(|world| world.record().client_id = Uuid::nil());
    for world in [assumed, unnamed, others] {
        let plan = world.plan(Intent::Rotate).unwrap();
        assert!(!tags(&plan).contains(&"remove-secret".to_string()));
        assert_eq!(plan.left_alone.len(), 1);
    }
    for (world, days) in [(shared, 0), (World::stated(), 7)] {
        let plan = world.plan(Intent::Rotate).unwrap();
        assert!(!tags(&plan).contains(&"remove-secret".to_string()));
        assert_eq!(put_down(&plan), [(KEY_ID, in_days(days))]);
        let last = tags(&plan).pop().unwrap();
        assert_eq!(last, "retire-later", "after the proof");
    }
}

#[test]
fn a_site_may_keep_an_earlier_secret_for_some_days_after_a_push_too() {
    let mut world = World::right();
    world.blueprint.secret_days.retire_after_push = 2;
    let plan = world.plan(Intent::Rotate).unwrap();
    assert_eq!(put_down(&plan), [(KEY_ID, in_days(2))]);
    assert!(!plan.removes(KEY_ID));
}
