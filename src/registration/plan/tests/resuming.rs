//! A run that died is taken up again: nothing is made twice, and what it left is removed.

use super::*;

const DEAD: Uuid = Uuid::from_u128(0xdead);

/// The intent that takes up a run with this plan.
fn resume(plan: &Plan) -> Intent {
    resume_of("dead01", plan)
}

fn resume_of(run: &str, plan: &Plan) -> Intent {
    Intent::Resume {
        remains: Remains::of(run.to_string(), plan),
        intent: Box::new(plan.intent.purpose().clone()),
    }
}

/// The secret that the dead run added.
fn mint(world: &mut World) {
    let mut minted = secret(DEAD, in_days(0), in_days(700));
    minted.display_name = "umpdeck ump1 2026-11 dead01".to_string();
    world.app().password_credentials.push(minted);
}

const WHOLE_ROTATION: [&str; 6] = [
    "add-secret",
    "write-portal",
    "read-back-portal",
    "prove-secret",
    "remove-secret",
    "remove-leftovers",
];

#[test]
fn a_rotation_that_died_is_done_whole_again_and_removes_what_it_left_last_of_all() {
    let mut world = World::right();
    let dead = world.plan(Intent::Rotate).unwrap();
    // Before it added anything, after that, and after its push whether or not the record knows.
    let before = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&before), WHOLE_ROTATION);
    mint(&mut world);
    let minted = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&minted), WHOLE_ROTATION);
    assert_eq!(minted.steps[5].changes.len(), 1, "what is removed is named");
    world.record().key_id = Some(DEAD);
    world.record().proof = None;
    let pushed = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&pushed), WHOLE_ROTATION);
    for plan in [&before, &minted, &pushed] {
        assert_eq!(removed(plan), [KEY_ID], "the one that was to go");
        assert_eq!(plan.intent.purpose(), &Intent::Rotate);
    }
}

#[test]
fn a_rotation_that_died_after_its_proof_only_removes_the_old_secret() {
    let mut world = World::right();
    let dead = world.plan(Intent::Rotate).unwrap();
    mint(&mut world);
    world.record().key_id = Some(DEAD);
    let plan = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&plan), ["remove-secret", "remove-leftovers"]);
    assert_eq!(removed(&plan), [KEY_ID]);
    assert!(plan.steps[1].changes.is_empty(), "the one in use stays");
    world.portal().client_id = Uuid::nil().to_string();
    let plan = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&plan), WHOLE_ROTATION, "somebody changed the portal");
}

#[test]
fn a_proof_of_long_ago_says_nothing_of_what_a_dead_run_wrote() {
    // The record is the old secret's, proven; the dead run may have put another in the portal.
    let mut world = World::right();
    world.portal().client_id = Uuid::nil().to_string();
    let dead = world.plan(push()).unwrap();
    assert!(tags(&dead).contains(&"add-secret".to_string()));
    world.portal().client_id = application().app_id.to_string();
    mint(&mut world);
    let plan = world.plan(resume(&dead)).unwrap();
    assert_eq!(
        tags(&plan),
        [
            "add-secret",
            "write-portal",
            "read-back-portal",
            "prove-secret",
            "retire-later",
            "remove-leftovers"
        ]
    );
}

#[test]
fn a_push_of_a_secret_in_hand_that_died_adds_another_and_removes_the_lost_one() {
    let mut world = World::right();
    world.facts.record = None;
    let in_hand = Intent::Push {
        secret_in_hand: Some(KEY_ID),
    };
    let dead = world.plan(in_hand).unwrap();
    let again = Intent::Resume {
        remains: Remains::of("dead01".into(), &dead),
        intent: Box::new(push()),
    };
    let plan = world.plan(again.clone()).unwrap();
    assert_eq!(removed(&plan), [KEY_ID]);
    assert_eq!(
        tags(&plan).last().map(String::as_str),
        Some("remove-secret")
    );
    assert_eq!(tags(&plan)[0], "add-secret");
    // Proven before it died: it is the one in use.
    world.facts.record = Some(record(RecordSource::Pushed));
    let plan = world.plan(again).unwrap();
    assert_eq!(tags(&plan), ["write-portal", "read-back-portal"]);
}

#[test]
fn a_create_that_died_makes_what_is_missing_and_a_secret_whose_value_somebody_has() {
    let world = World::unregistered();
    let dead = world.plan(Intent::Create(world.form())).unwrap();
    let whole = world.plan(resume(&dead)).unwrap();
    assert_eq!(whole.steps.len(), dead.steps.len() + 1);
    assert_eq!(
        tags(&whole).last().map(String::as_str),
        Some("remove-leftovers")
    );
    let mut made = World::right();
    made.app().password_credentials.clear();
    made.facts.record = None;
    mint(&mut made);
    let plan = made.plan(resume(&dead)).unwrap();
    assert_eq!(
        tags(&plan),
        ["add-secret", "read-back-registration", "remove-leftovers"]
    );
}

#[test]
fn a_repair_that_died_with_nothing_left_to_do_ends_with_a_look() {
    let mut world = World::right();
    world.app().is_fallback_public_client = false;
    let dead = world.plan(repair()).unwrap();
    world.app().is_fallback_public_client = true;
    let plan = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&plan), ["read-back-registration"]);
}

#[test]
fn a_resume_that_died_is_taken_up_with_all_that_was_left_before_it() {
    let mut world = World::right();
    let first = world.plan(Intent::Rotate).unwrap();
    mint(&mut world);
    let second = world.plan(resume(&first)).unwrap();
    let third = world.plan(resume_of("dead02", &second)).unwrap();
    let Intent::Resume { remains, intent } = &third.intent else {
        panic!("{:?}", third.intent);
    };
    assert_eq!(remains.runs, ["dead01", "dead02"]);
    assert_eq!(remains.spent, [KEY_ID]);
    assert_eq!(**intent, Intent::Rotate, "never wrapped twice");
    assert_eq!(tags(&third), WHOLE_ROTATION);
    let json = serde_json::to_string(&third).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), third);
}

#[test]
fn a_secret_bears_a_run_only_as_its_last_word() {
    assert!(bears("umpdeck ump1 2026-11 dead01", "dead01"));
    assert!(!bears("umpdeck dead01 2026-11", "dead01"));
    assert!(!bears("umpdeck ump1 2026-11 xdead01", "dead01"));
    assert!(!bears("dead01", "dead01"), "a name comes before it");
}

#[test]
fn a_rotation_by_hand_that_died_still_puts_the_earlier_secret_down_to_go() {
    let mut world = World::stated();
    let dead = world.plan(Intent::Rotate).unwrap();
    let put_down = |plan: &Plan| -> Vec<Uuid> {
        let all = put_down(plan);
        all.into_iter().map(|(key_id, _)| key_id).collect()
    };
    mint(&mut world);
    let whole = world.plan(resume(&dead)).unwrap();
    assert_eq!(put_down(&whole), [KEY_ID], "once");
    assert_eq!(
        tags(&whole)[..3],
        ["add-secret", "hand-off", "prove-secret"]
    );
    world.record().key_id = Some(DEAD);
    let proven = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&proven), ["retire-later", "remove-leftovers"]);
    assert_eq!(put_down(&proven), [KEY_ID]);
}

#[test]
fn a_retirement_that_died_removes_the_secret_once_or_finds_it_gone() {
    let old = Uuid::from_u128(0x01d);
    let mut world = World::right();
    let earlier = secret(old, in_days(-400), in_days(20));
    world.app().password_credentials.insert(0, earlier);
    let retire = Intent::Retire {
        key_id: old,
        put_down: true,
        others: vec![],
    };
    let dead = world.plan(retire).unwrap();
    assert_eq!(removed(&world.plan(resume(&dead)).unwrap()), [old]);
    world.app().password_credentials.remove(0);
    let gone = world.plan(resume(&dead)).unwrap();
    assert_eq!(tags(&gone), ["read-back-registration"]);
}
