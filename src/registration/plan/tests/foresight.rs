//! What can't be is said in the plan, before anything is tried.

use super::*;

/// The plan of a repair that would verify the publisher, after `change`.
fn to_verify(change: impl FnOnce(&mut World)) -> Plan {
    let mut world = World::right();
    world.app().verified_publisher = None;
    change(&mut world);
    world.plan(repair()).unwrap()
}

fn verifies(plan: &Plan) -> bool {
    let is = |step: &Step| matches!(step.action, Action::VerifyPublisher { .. });
    plan.steps.iter().any(is)
}

#[test]
fn a_publisher_is_not_tried_where_it_can_not_be_verified() {
    assert!(verifies(&to_verify(|_| {})));
    type Change = fn(&mut World);
    let cases: [(Change, &str); 3] = [
        (
            |world| world.tenant.national_cloud = true,
            "only in its global cloud",
        ),
        (
            |world| {
                let identity = world.tenant.identity.value.as_mut().unwrap();
                identity.delegated = false;
            },
            "sign in as a person",
        ),
        (
            |world| world.app().publisher_domain = Some("finebak.onmicrosoft.com".into()),
            "finebak.onmicrosoft.com",
        ),
    ];
    for (change, words) in cases {
        let plan = to_verify(change);
        assert!(!verifies(&plan), "{words}");
        let said = plan.notes.iter().any(|note| note.contains(words));
        assert!(said, "{words}: {:?}", plan.notes);
    }
}

#[test]
fn a_token_that_lacks_what_verifying_takes_is_said_and_microsoft_is_asked_all_the_same() {
    let noted = |change: fn(&mut Identity)| {
        let plan = to_verify(|world| change(world.tenant.identity.value.as_mut().unwrap()));
        assert!(verifies(&plan));
        plan.notes.join("; ")
    };
    assert_eq!(noted(|_| {}), "");
    assert!(noted(|one| one.mfa = false).contains("multi-factor"));
    let poor = noted(|one| one.permissions = vec!["Directory.ReadWrite.All".into()]);
    assert!(poor.contains("lacks Application.ReadWrite.All"), "{poor}");
    let ordinary = noted(|one| one.directory_roles = vec![uuid::Uuid::nil()]);
    assert!(ordinary.contains("no active role"), "{ordinary}");
}

#[test]
fn in_a_national_cloud_the_publisher_is_no_line_of_the_checklist() {
    let mut world = World::right();
    world.app().verified_publisher = None;
    world.tenant.national_cloud = true;
    let checklist = world.checklist();
    let outcome = checklist.outcome(CheckId::Publisher).unwrap();
    assert!(
        matches!(outcome, Outcome::NotApplicable { .. }),
        "{outcome:?}"
    );
}

#[test]
fn a_policy_that_could_not_be_read_is_said_with_its_reason_and_forbids_nothing() {
    let notes = |world: &World| {
        let plan = world.plan(Intent::Rotate).unwrap();
        plan.notes.join("; ")
    };
    assert!(!notes(&World::right()).contains("not known"));
    let mut world = World::right();
    world.tenant.policy = Reading::default();
    world.tenant.policy.failure = Some(failure(FailureKind::NotPermitted));
    let why = failure(FailureKind::NotPermitted).why;
    let said = notes(&world);
    assert!(
        said.contains("the tenant's policy") && said.contains(&why),
        "{said}"
    );
    let mut world = World::right();
    world.facts.secret_policy = Reading::default();
    assert!(
        notes(&world).contains("a policy of its own"),
        "{}",
        notes(&world)
    );
}
