//! Consent in the provider's own tenant: where the blueprint asks for it, or the operator does.

use super::Drafting;
use super::{Action, Change, Plan, Step};
use crate::registration::observed::PermissionKind;
use crate::registration::permissions::{PermissionLine, permission_lines};

impl Drafting<'_> {
    /// Consent alone, the service principal first where it is missing: a grant is made to that.
    pub fn consent(&self, plan: &mut Plan) {
        self.grant(plan);
        let no_principal = self.observed.registration.principal.value == Some(None);
        if no_principal && !plan.steps.is_empty() {
            plan.steps
                .insert(0, Step::new(Action::EnsureServicePrincipal));
        }
    }

    /// The steps that grant what the blueprint wants and nobody has consented to yet: one a resource for delegated
    /// permissions, one each for application permissions.
    pub fn grant(&self, plan: &mut Plan) {
        let facts = self.observed.registration;
        let lines = permission_lines(self.blueprint, self.observed);
        let missing: Vec<&PermissionLine> = lines
            .iter()
            .filter(|line| line.wanted && line.consented != Some(true))
            .collect();
        if missing.is_empty() {
            return;
        }
        let resources = self.observed.tenant.resources.value.as_deref();
        let before = plan.steps.len();
        for (app_id, name) in self.resources() {
            let of_it: Vec<_> = missing
                .iter()
                .filter(|line| line.access.resource_app_id == app_id)
                .collect();
            if of_it.is_empty() {
                continue;
            }
            let mut all = resources.into_iter().flatten();
            let Some(principal) = all.find(|one| one.app_id == app_id) else {
                plan.left_alone.push(format!(
                    "no consent to {name}: your tenant has no service principal for it, or that could not be read"
                ));
                continue;
            };
            let of_kind = |kind| of_it.iter().filter(move |line| line.access.kind == kind);
            let added: Vec<String> = of_kind(PermissionKind::Delegated)
                .map(|line| line.value.clone())
                .collect();
            let consented = facts.consent.value.iter().flatten();
            let has: Vec<_> = consented
                .filter(|one| one.resource_object_id == principal.object_id)
                .filter(|one| one.kind == PermissionKind::Delegated)
                .collect();
            if !added.is_empty() {
                let changes = added.iter().map(|name| granted(name)).collect();
                plan.steps.push(Step {
                    action: Action::GrantScopes {
                        resource: name.clone(),
                        resource_object_id: principal.object_id,
                        grant: has.iter().find_map(|one| one.grant.clone()),
                        kept: has.iter().map(|one| one.permission.clone()).collect(),
                        added,
                    },
                    changes,
                });
            }
            for line in of_kind(PermissionKind::Application) {
                plan.steps.push(Step {
                    action: Action::GrantRole {
                        resource: name.clone(),
                        resource_object_id: principal.object_id,
                        role_id: line.access.id,
                        name: line.value.clone(),
                    },
                    changes: vec![granted(&line.value)],
                });
            }
        }
        if plan.steps.len() == before {
            return;
        }
        plan.notes.push(
            "consent in your own tenant holds for everybody in it and takes effect at once; customers consent in theirs"
                .into(),
        );
        if let (None, Some(failure)) = (&facts.consent.value, &facts.consent.failure) {
            plan.notes.push(format!(
                "what is consented to already could not be read ({}): the run reads it again and takes nothing away",
                failure.why
            ));
        }
    }

    /// The resources that the blueprint asks permissions of, in its order.
    fn resources(&self) -> Vec<(uuid::Uuid, String)> {
        let mut all: Vec<(uuid::Uuid, String)> = Vec::new();
        for wanted in &self.blueprint.permissions {
            if all.iter().all(|(id, _)| *id != wanted.resource_app_id) {
                all.push((wanted.resource_app_id, wanted.resource.clone()));
            }
        }
        all
    }
}

fn granted(name: &str) -> Change {
    Change {
        field: "consent".into(),
        from: String::new(),
        to: name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::*;
    use crate::registration::observed::{Consented, Reading};
    use crate::registration::plan::Intent;

    /// Resource, grant, what it has, what comes to it.
    type Grant = (String, Option<String>, Vec<String>, Vec<String>);

    fn grants(plan: &Plan) -> Vec<Grant> {
        let of = |step: &Step| match &step.action {
            Action::GrantScopes {
                resource,
                grant,
                kept,
                added,
                ..
            } => Some((resource.clone(), grant.clone(), kept.clone(), added.clone())),
            _ => None,
        };
        plan.steps.iter().filter_map(of).collect()
    }

    #[test]
    fn there_is_one_grant_a_resource_with_all_that_the_blueprint_wants() {
        let plan = World::right().plan(Intent::Consent).unwrap();
        let grants = grants(&plan);
        assert_eq!(plan.steps.len(), 2, "{:?}", plan.steps);
        assert_eq!(grants[0].0, "Microsoft Graph");
        assert_eq!((grants[0].3.len(), grants[1].3.len()), (5, 1));
        assert!(grants.iter().all(|one| one.1.is_none() && one.2.is_empty()));
    }

    #[test]
    fn a_grant_is_extended_and_what_it_has_stays() {
        let mut world = World::right();
        let graph = world.tenant.resources.value.as_ref().unwrap()[0].clone();
        let has = |permission: &str| Consented {
            resource_object_id: graph.object_id,
            kind: PermissionKind::Delegated,
            permission: permission.into(),
            grant: Some("g1".into()),
        };
        let has = vec![has("Group.ReadWrite.All"), has("Calendars.Read")];
        world.facts.consent = Reading::of(has, world.now);
        let grants = grants(&world.plan(Intent::Consent).unwrap());
        let (_, grant, kept, added) = &grants[0];
        assert_eq!(grant.as_deref(), Some("g1"));
        assert_eq!(*kept, ["Group.ReadWrite.All", "Calendars.Read"]);
        assert_eq!(added.len(), 4);
        assert!(!added.contains(&"Group.ReadWrite.All".to_string()));
    }

    #[test]
    fn it_is_part_of_a_repair_only_where_the_blueprint_asks_for_it() {
        let mut world = World::right();
        let repair = || Intent::Repair {
            remove_extra: vec![],
        };
        assert!(world.plan(repair()).unwrap().steps.is_empty());
        world.blueprint.provider_consent = true;
        assert_eq!(grants(&world.plan(repair()).unwrap()).len(), 2);
        let mut new = World::unregistered();
        new.blueprint.provider_consent = true;
        let plan = new.plan(Intent::Create(new.form())).unwrap();
        let place =
            |fits: fn(&Action) -> bool| plan.steps.iter().position(|step| fits(&step.action));
        let principal = place(|action| *action == Action::EnsureServicePrincipal);
        let grant = place(|action| matches!(action, Action::GrantScopes { .. }));
        assert!(principal < grant && principal.is_some(), "{:?}", plan.steps);
    }

    #[test]
    fn a_resource_that_the_tenant_lacks_is_left_alone_and_a_missing_principal_is_made_first() {
        let mut world = World::right();
        world.tenant.resources.value.as_mut().unwrap().truncate(1);
        world.facts.principal.value = Some(None);
        let plan = world.plan(Intent::Consent).unwrap();
        assert_eq!(plan.steps[0].action, Action::EnsureServicePrincipal);
        assert_eq!(plan.steps.len(), 2);
        assert!(
            plan.left_alone[0].contains("Skype and Teams Tenant Admin API"),
            "{:?}",
            plan.left_alone
        );
    }
}
