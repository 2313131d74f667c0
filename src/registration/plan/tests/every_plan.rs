//! What holds of every plan, whatever is asked for.

use super::*;

#[test]
fn nothing_is_planned_on_what_was_never_read_or_is_not_there() {
    let mut unread = World::right();
    unread.facts = RegistrationFacts::default();
    let form = unread.form();
    for intent in [Intent::Create(form), repair(), push(), Intent::Rotate] {
        assert!(matches!(unread.plan(intent), Err(NoPlan::NeverRead(_))));
    }
    for intent in [repair(), push(), Intent::Rotate] {
        assert!(matches!(
            World::unregistered().plan(intent),
            Err(NoPlan::NotRegistered(_))
        ));
    }
}

/// Every step of the plans for a right registration, for none, and for a portal that is filled in by hand.
fn all_steps() -> Vec<Step> {
    let worlds = [World::right(), World::unregistered(), World::stated()];
    let plans = worlds.iter().flat_map(|world| {
        let intents = [Intent::Create(world.form()), push(), Intent::Rotate];
        intents.map(|intent| world.plan(intent))
    });
    plans.flatten().flat_map(|plan| plan.steps).collect()
}

#[test]
fn a_step_has_a_title_and_announces_no_change_where_it_only_reads() {
    let steps = all_steps();
    assert!(steps.iter().any(|step| step.action.reads_only()));
    for step in steps {
        assert!(!step.action.title().is_empty(), "{step:?}");
        assert!(
            !step.action.reads_only() || step.changes.is_empty(),
            "{step:?}"
        );
    }
}

#[test]
fn a_plan_survives_being_stored() {
    let unregistered = World::unregistered();
    let plans = [
        unregistered.plan(Intent::Create(unregistered.form())),
        World::right().plan(Intent::Rotate),
        World::right().plan(Intent::Push {
            secret_in_hand: Some(KEY_ID),
        }),
        World::right().plan(Intent::Repair {
            remove_extra: vec![extra()],
        }),
    ];
    for plan in plans {
        let plan = plan.unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}
