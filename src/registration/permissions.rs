//! Permissions by name: wanted, present, consented, extra.

use uuid::Uuid;

use super::blueprint::{Blueprint, WantedPermission};
use super::observed::{
    Application, Consented, Observed, PermissionKind, ResourceAccess, ResourcePrincipal,
};

/// One line of the permissions view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionLine {
    /// The permission with its id in this tenant.
    pub access: ResourceAccess,
    /// The resource's name.
    pub resource: String,
    /// The permission's name; its id where nobody names it.
    pub value: String,
    /// The blueprint asks for it.
    pub wanted: bool,
    /// The registration asks for it (`requiredResourceAccess`).
    pub present: bool,
    /// It is consented to for everybody in the provider's tenant; `None` = not known.
    pub consented: Option<bool>,
}

impl PermissionLine {
    /// Somebody added it; the blueprint does not ask for it.
    pub fn extra(&self) -> bool {
        self.present && !self.wanted
    }

    /// "User.Read (Microsoft Graph, delegated)".
    pub fn full_name(&self) -> String {
        format!(
            "{} ({}, {})",
            self.value,
            self.resource,
            self.access.kind.word()
        )
    }
}

/// All permissions that are wanted or present, wanted ones first, in the blueprint's order.
pub fn permission_lines(blueprint: &Blueprint, observed: Observed<'_>) -> Vec<PermissionLine> {
    let resources = observed.tenant.resources.value.as_deref();
    let application = observed.registration.application();
    let mut lines: Vec<PermissionLine> = blueprint
        .permissions
        .iter()
        .map(|wanted| {
            let access = wanted.resolve(resources);
            PermissionLine {
                access,
                resource: wanted.resource.clone(),
                value: wanted.value.clone(),
                wanted: true,
                present: application.is_some_and(|app| asks_for(app, access)),
                consented: consented(observed, access, &wanted.value),
            }
        })
        .collect();
    for access in application
        .iter()
        .flat_map(|app| &app.required_resource_access)
    {
        if lines.iter().any(|line| line.access == *access) {
            continue;
        }
        let (resource, value) = names(resources, *access);
        let consented = consented(observed, *access, &value);
        lines.push(PermissionLine {
            access: *access,
            resource,
            value,
            wanted: false,
            present: true,
            consented,
        });
    }
    lines
}

fn asks_for(application: &Application, access: ResourceAccess) -> bool {
    application.required_resource_access.contains(&access)
}

/// The names of a permission by the tenant's resource principal; ids in their place where it isn't known.
fn names(resources: Option<&[ResourcePrincipal]>, access: ResourceAccess) -> (String, String) {
    let principal = resource(resources, access.resource_app_id);
    let resource = principal.map_or_else(
        || access.resource_app_id.to_string(),
        |one| one.display_name.clone(),
    );
    let value = principal
        .and_then(|one| {
            let list = match access.kind {
                PermissionKind::Delegated => &one.scopes,
                PermissionKind::Application => &one.roles,
            };
            list.iter().find(|permission| permission.id == access.id)
        })
        .map_or_else(
            || access.id.to_string(),
            |permission| permission.value.clone(),
        );
    (resource, value)
}

fn resource(resources: Option<&[ResourcePrincipal]>, app_id: Uuid) -> Option<&ResourcePrincipal> {
    resources.and_then(|all| all.iter().find(|one| one.app_id == app_id))
}

fn consented(observed: Observed<'_>, access: ResourceAccess, value: &str) -> Option<bool> {
    let all = observed.registration.consent.value.as_ref()?;
    let resources = observed.tenant.resources.value.as_deref();
    is_consented(all, resources, access, value)
}

/// What a blueprint wants and a tenant, a customer's too, has not consented to, by name. A resource that the tenant does
/// not have is consented to in nothing.
pub fn not_consented(
    blueprint: &Blueprint,
    all: &[Consented],
    resources: &[ResourcePrincipal],
) -> Vec<String> {
    let given = |wanted: &WantedPermission| {
        let access = wanted.resolve(Some(resources));
        is_consented(all, Some(resources), access, &wanted.value) == Some(true)
    };
    let missing = blueprint.permissions.iter().filter(|one| !given(one));
    missing.map(|one| one.value.clone()).collect()
}

/// Whether a permission is among what a tenant has consented to for everybody; `None` where its resource isn't known.
fn is_consented(
    all: &[Consented],
    resources: Option<&[ResourcePrincipal]>,
    access: ResourceAccess,
    value: &str,
) -> Option<bool> {
    let principal = resource(resources, access.resource_app_id)?;
    Some(all.iter().any(|one| {
        one.resource_object_id == principal.object_id
            && one.kind == access.kind
            && match access.kind {
                PermissionKind::Delegated => one.permission == value,
                PermissionKind::Application => one.permission == access.id.to_string(),
            }
    }))
}
