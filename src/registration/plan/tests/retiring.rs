//! Removing one earlier secret: which one it is, and why it may have to stay.

use super::*;

#[test]
fn retiring_removes_the_one_secret_or_says_why_it_stays() {
    let old = Uuid::from_u128(0x01d);
    let mut world = World::right();
    let earlier = secret(old, in_days(-400), in_days(20));
    world.app().password_credentials.insert(0, earlier);
    let retire = |key_id, put_down, others| Intent::Retire {
        key_id,
        put_down,
        others,
    };
    let plan = world.plan(retire(old, true, vec![])).unwrap();
    assert_eq!(tags(&plan), ["remove-secret", "read-back-registration"]);
    assert!(plan.removes(old) && plan.notes.is_empty());
    let unknown = world.plan(retire(old, false, vec![])).unwrap();
    assert!(unknown.notes[0].contains("can't sign in"), "{unknown:?}");
    let in_use = world.plan(retire(KEY_ID, true, vec![]));
    assert!(matches!(in_use, Err(NoPlan::Stays { .. })));
    let neighbour = PortalOfOther {
        device: Fqdn::parse("ump2.finebak.com").unwrap(),
        key_id: Some(old),
    };
    let stays = world.plan(retire(old, true, vec![neighbour])).unwrap_err();
    assert!(stays.to_string().contains("ump2.finebak.com"), "{stays}");
    let gone = world.plan(retire(Uuid::nil(), true, vec![])).unwrap();
    assert!(gone.steps.is_empty());
}

#[test]
fn a_secret_that_shares_its_name_is_told_by_its_first_letters() {
    let old = Uuid::from_u128(0x01d);
    let mut world = World::right();
    let mut earlier = secret(old, in_days(-400), in_days(20));
    earlier.hint = Some("Mg4".into());
    world.app().password_credentials.insert(0, earlier);
    let retire = Intent::Retire {
        key_id: old,
        put_down: false,
        others: vec![],
    };
    let title = |world: &World| {
        let plan = world.plan(retire.clone()).unwrap();
        let note = plan.notes[0].clone();
        (plan.steps[0].action.title(), note)
    };
    let (alone, _) = title(&world);
    assert_eq!(alone, "remove the earlier secret \"secret 1d\"");
    let name = world.app().password_credentials[1].display_name.clone();
    world.app().password_credentials[0].display_name = name.clone();
    world.facts.record = None;
    let (twin, note) = title(&world);
    assert_eq!(twin, format!("remove the earlier secret \"{name}\" (Mg4…)"));
    assert!(note.contains(&format!("\"{name}\" (Mg4…)")), "{note}");
    let plan = world.plan(retire.clone()).unwrap();
    let assumed = format!("\"{name}\" (abc…), the newest");
    assert!(plan.notes[1].contains(&assumed), "{:?}", plan.notes);
}
