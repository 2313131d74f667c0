//! Taking an application that is there already for a device's registration.

use uuid::Uuid;

use super::Drafting;
use super::{Action, Change, NoPlan, Plan, Properties, Step, Target};
use crate::registration::changes;
use crate::registration::observed::{Application, Candidate};
use crate::registration::redirect::wanted_redirect_uris;

impl Drafting<'_> {
    /// Restores it when it was deleted, gives it the device's unique name when it has none, and remembers it. What
    /// differs from the blueprint is a repair's business, told beforehand.
    pub fn adopt(&self, plan: &mut Plan, object_id: Uuid) -> Result<(), NoPlan> {
        let facts = self.observed.registration;
        let current = facts.application();
        let own = current.filter(|app| app.object_id == object_id);
        let mut candidates = facts.candidates.iter();
        let candidate = candidates.find(|one| one.object_id == object_id);
        let application = own.or(candidate.and_then(|one| one.application.as_deref()));
        let application = application.ok_or(NoPlan::NotFound(object_id))?;
        let deleted = candidate
            .filter(|_| own.is_none())
            .and_then(|one| one.deleted);
        plan.target = Target {
            object_id: Some(object_id),
            app_id: Some(application.app_id),
            principal_id: plan.target.principal_id.filter(|_| own.is_some()),
        };
        if let (Some(at), Some(candidate)) = (deleted, candidate) {
            plan.steps.push(restore(candidate, &crate::text::day(at)));
        }
        let no_principal = own.is_some() && facts.principal.value == Some(None);
        if deleted.is_some() || no_principal {
            plan.steps.push(Step::new(Action::RestoreServicePrincipal));
        }
        self.name(plan, application, current);
        let reads_back = !plan.steps.is_empty();
        // What bears the device's unique name is found by that.
        let is_named = application.unique_name.as_deref() == Some(&*self.device.unique_name());
        if self.device.linked_object_id != Some(object_id) && !is_named {
            let before = self.device.linked_object_id;
            plan.steps.push(Step {
                action: Action::Link { object_id },
                changes: vec![Change {
                    field: format!("registration of {}", self.device.fqdn),
                    from: before.map_or_else(String::new, |id| id.to_string()),
                    to: object_id.to_string(),
                }],
            });
        }
        if reads_back {
            plan.steps.push(Step::new(Action::ReadBackRegistration));
        }
        if let Some(current) = current.filter(|app| app.object_id != object_id) {
            plan.notes.push(format!(
                "until now its registration is \"{}\" (object ID {}); that application stays in Entra as it is",
                current.display_name, current.object_id
            ));
        }
        self.foretell(plan, application);
        Ok(())
    }

    /// The unique name, which an application gets once and for all.
    fn name(&self, plan: &mut Plan, application: &Application, current: Option<&Application>) {
        let name = self.device.unique_name();
        let mut others = current
            .filter(|app| app.object_id != application.object_id)
            .into_iter();
        let taken = others.any(|app| app.unique_name.as_deref() == Some(name.as_str()));
        match &application.unique_name {
            Some(has) if *has == name => {}
            Some(has) => plan.left_alone.push(format!(
                "its unique name {has} stays, since a unique name can't be changed; umpdeck finds it by its object ID"
            )),
            None if taken => plan.left_alone.push(format!(
                "it gets no unique name, since another application has {name}; umpdeck finds it by its object ID"
            )),
            None => {
                let properties = Properties {
                    unique_name: Some(name),
                    ..Properties::default()
                };
                let changes =
                    changes::between(self.blueprint, self.observed, application, &properties);
                plan.steps.push(Step {
                    action: Action::UpdateApplication { properties },
                    changes,
                });
            }
        }
    }

    /// What the operator should know of the application before it counts as the device's.
    fn foretell(&self, plan: &mut Plan, application: &Application) {
        let wanted = wanted_redirect_uris(self.blueprint, self.device);
        let others: Vec<&str> = application
            .web_redirect_uris
            .iter()
            .map(String::as_str)
            .filter(|uri| {
                !wanted
                    .iter()
                    .any(|own| own.as_str() == *uri || own.is_twin_of(uri))
            })
            .collect();
        if !others.is_empty() {
            plan.left_alone.push(format!(
                "it has other redirect URIs too: {}",
                others.join(", ")
            ));
        }
        let properties = self.differences(application, &[]);
        let differs = changes::between(self.blueprint, self.observed, application, &properties);
        let what = match differs.len() {
            0 => return,
            1 => "1 property differs".to_string(),
            many => format!("{many} properties differ"),
        };
        plan.notes.push(format!(
            "{what} from the blueprint: repair the device afterwards"
        ));
    }
}

fn restore(candidate: &Candidate, deleted: &str) -> Step {
    Step {
        action: Action::RestoreApplication {
            name: candidate.display_name.clone(),
        },
        changes: vec![Change {
            field: "deletedDateTime".into(),
            from: deleted.into(),
            to: String::new(),
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::*;
    use crate::registration::plan::Intent;

    const OTHER: Uuid = Uuid::from_u128(0x0dd);

    fn by_hand() -> Application {
        Application {
            object_id: OTHER,
            app_id: Uuid::from_u128(0x0dda),
            display_name: "made by hand".into(),
            unique_name: None,
            ..application()
        }
    }

    /// A device without a registration, for which this was found.
    fn found(application: Application, deleted: bool) -> World {
        let mut world = World::unregistered();
        let at = deleted.then(|| in_days(-4));
        world.facts.candidates = vec![Candidate::of(application, "redirect URI", at)];
        world
    }

    fn adopt(world: &World, object_id: Uuid) -> Plan {
        world.plan(Intent::Adopt { object_id }).unwrap()
    }

    fn titles(plan: &Plan) -> Vec<String> {
        plan.steps.iter().map(|step| step.action.title()).collect()
    }

    #[test]
    fn what_was_made_by_hand_gets_the_unique_name_and_is_remembered() {
        let plan = adopt(&found(by_hand(), false), OTHER);
        assert_eq!(
            titles(&plan),
            [
                "update the registration",
                "record it on this machine as the device's registration",
                "read the registration back and compare"
            ]
        );
        assert_eq!(plan.target.object_id, Some(OTHER));
        let named = &plan.steps[0].changes[0];
        assert_eq!(
            (named.field.as_str(), named.from.as_str(), named.to.as_str()),
            ("uniqueName", "", "umpdeck.livecloud.finebak.com")
        );
        assert!(
            plan.notes.is_empty(),
            "nothing of it differs: {:?}",
            plan.notes
        );
    }

    #[test]
    fn nothing_of_it_changes_but_its_name_and_what_differs_is_told() {
        let mut app = by_hand();
        app.is_fallback_public_client = false;
        app.enable_id_token_issuance = false;
        app.web_redirect_uris
            .push("https://other.example.com/cb".into());
        let plan = adopt(&found(app, false), OTHER);
        assert_eq!(
            plan.changes(),
            2,
            "the name, and the link: {:?}",
            plan.steps
        );
        assert!(
            plan.notes[0].starts_with("2 properties differ"),
            "{:?}",
            plan.notes
        );
        assert!(plan.left_alone[0].contains("https://other.example.com/cb"));
    }

    #[test]
    fn one_that_bears_another_name_is_only_linked() {
        let mut app = by_hand();
        app.unique_name = Some("umpdeck.other.finebak.com".into());
        let mut world = found(app, false);
        let plan = adopt(&world, OTHER);
        assert_eq!(
            titles(&plan),
            ["record it on this machine as the device's registration"]
        );
        assert!(plan.left_alone[0].contains("umpdeck.other.finebak.com stays"));
        world.device.linked_object_id = Some(OTHER);
        assert!(adopt(&world, OTHER).steps.is_empty(), "once is enough");
    }

    #[test]
    fn one_in_the_bin_is_restored_with_its_service_principal() {
        let plan = adopt(&found(application(), true), OBJECT_ID);
        assert_eq!(
            titles(&plan),
            [
                "restore the deleted application \"UMP Sync livecloud\"",
                "restore the service principal, or create one if none was deleted",
                "read the registration back and compare"
            ]
        );
    }

    #[test]
    fn a_run_that_died_after_the_restore_only_does_what_is_left() {
        let mut world = World::right();
        world.facts.principal.value = Some(None);
        assert_eq!(
            titles(&adopt(&world, OBJECT_ID))[0],
            "restore the service principal, or create one if none was deleted"
        );
        assert!(adopt(&World::right(), OBJECT_ID).steps.is_empty());
    }

    #[test]
    fn another_one_than_now_is_told_and_never_takes_its_name() {
        let mut world = World::right();
        world.facts.candidates = vec![Candidate::of(by_hand(), "object ID", None)];
        let plan = adopt(&world, OTHER);
        assert_eq!(
            titles(&plan),
            ["record it on this machine as the device's registration"]
        );
        assert!(
            plan.notes[0].contains("stays in Entra as it is"),
            "{:?}",
            plan.notes
        );
        assert!(
            plan.left_alone[0].contains("gets no unique name"),
            "{:?}",
            plan.left_alone
        );
    }

    #[test]
    fn what_was_not_found_is_not_adopted() {
        let world = World::unregistered();
        let object_id = OTHER;
        let refused = world.plan(Intent::Adopt { object_id }).unwrap_err();
        assert_eq!(refused, NoPlan::NotFound(OTHER));
    }

    #[test]
    fn a_create_waits_for_the_choice_unless_what_is_in_the_bin_has_lost_the_name() {
        let create = |world: &World| world.plan(Intent::Create(world.form()));
        assert!(create(&found(by_hand(), false)).is_err());
        assert!(
            create(&found(application(), true)).is_err(),
            "it owns the unique name"
        );
        let plan = create(&found(by_hand(), true)).unwrap();
        assert!(
            plan.notes[0].contains("the deleted application"),
            "{:?}",
            plan.notes
        );
    }
}
