//! What a right registration looks like, as data: one blueprint per documented version of the procedure.

use serde::Deserialize;
use uuid::Uuid;

use super::fleet::{Fqdn, InvalidValue, RedirectUri, valid_secret_months};
use super::observed::{PermissionKind, ResourceAccess, ResourcePrincipal};

/// A blueprint file that can't be used, in words for who maintains it.
#[derive(Debug, thiserror::Error)]
pub enum BlueprintError {
    /// Not TOML, or not a blueprint's fields.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// A field's value can't be.
    #[error("{field}: {why}")]
    Value {
        /// The field's name in the file.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// What a right registration looks like.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// Its short name, by which devices refer to it.
    pub name: String,
    /// Its title on screen.
    pub title: String,
    /// Where its list comes from, shown on screen.
    pub source: String,
    /// `signInAudience`.
    pub sign_in_audience: String,
    /// The path after `https://<FQDN>` of the device's redirect URI.
    pub redirect_path: String,
    /// `enableAccessTokenIssuance`.
    pub enable_access_token_issuance: bool,
    /// `enableIdTokenIssuance`.
    pub enable_id_token_issuance: bool,
    /// `isFallbackPublicClient`, the portal's *Allow public client flows*.
    pub is_fallback_public_client: bool,
    /// Lifetime of a client secret, in months.
    pub secret_months: u32,
    /// The site's periods for secrets, whatever the blueprint: no part of its file.
    #[serde(skip)]
    pub secret_days: SecretDays,
    /// Whether consent in the provider's own tenant is judged.
    #[serde(default)]
    pub provider_consent: bool,
    /// What the registration is to ask for.
    pub permissions: Vec<WantedPermission>,
    /// The roles of the customer's consenting admin: any one of these lists, all roles of that list.
    #[serde(default)]
    pub admin_roles: Vec<Vec<String>>,
}

/// A site's periods for secrets, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretDays {
    /// From how long before its end a secret counts as expiring.
    pub expiring: u32,
    /// How long after its replacement was written to the portal, read back and proven an earlier secret is due to go;
    /// 0 = at once.
    pub retire_after_push: u32,
    /// The same after a handoff, where nobody can read back what the portal took.
    pub retire_after_handoff: u32,
}

impl Default for SecretDays {
    fn default() -> SecretDays {
        SecretDays {
            expiring: 60,
            retire_after_push: 0,
            retire_after_handoff: 7,
        }
    }
}

/// A permission that a blueprint asks for, by name; the id stands in where the tenant can't be asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedPermission {
    /// The resource's name on screen.
    pub resource: String,
    /// The resource's application ID.
    pub resource_app_id: Uuid,
    /// Delegated or application.
    pub kind: PermissionKind,
    /// The permission's name, such as `Group.ReadWrite.All`.
    pub value: String,
    /// Its id by public documentation, used when the resource's principal can't be read.
    pub id: Uuid,
}

impl WantedPermission {
    /// The permission with its id: the tenant's own where its resource principal was read, else the blueprint's.
    pub fn resolve(&self, resources: Option<&[ResourcePrincipal]>) -> ResourceAccess {
        let principal =
            resources.and_then(|all| all.iter().find(|one| one.app_id == self.resource_app_id));
        let named = principal.and_then(|one| {
            let list = match self.kind {
                PermissionKind::Delegated => &one.scopes,
                PermissionKind::Application => &one.roles,
            };
            list.iter()
                .find(|permission| permission.value == self.value)
        });
        ResourceAccess {
            resource_app_id: self.resource_app_id,
            id: named.map_or(self.id, |permission| permission.id),
            kind: self.kind,
        }
    }
}

impl Blueprint {
    /// Reads one blueprint file and checks what can be checked without a tenant.
    ///
    /// # Errors
    /// [`BlueprintError`], with the field or the line that is wrong.
    pub fn parse(text: &str) -> Result<Blueprint, BlueprintError> {
        let blueprint: Blueprint = toml::from_str(text)?;
        let value = |field, why: &str| {
            Err(BlueprintError::Value {
                field,
                why: why.to_string(),
            })
        };
        if blueprint.name.is_empty() || blueprint.name.contains(char::is_whitespace) {
            return value("name", "a blueprint's name is one word");
        }
        if !blueprint.redirect_path.starts_with('/') {
            return value("redirect_path", "it must begin with /");
        }
        let example = format!("https://ump.example.com{}", blueprint.redirect_path);
        if let Err(why) = RedirectUri::parse(&example) {
            return value("redirect_path", &why.0);
        }
        if let Err(why) = valid_secret_months(blueprint.secret_months) {
            return value("secret_months", &why.0);
        }
        if blueprint.permissions.is_empty() {
            return value("permissions", "it needs at least one permission");
        }
        Ok(blueprint)
    }

    /// Whether a customer's consenting admin with these roles has enough of them.
    pub fn roles_suffice(&self, has: &[String]) -> bool {
        let complete = |all: &Vec<String>| all.iter().all(|role| has.contains(role));
        self.admin_roles.is_empty() || self.admin_roles.iter().any(complete)
    }

    /// The roles that it wants of a consenting admin: "A and B, or C"; `None` where it names none.
    pub fn roles_words(&self) -> Option<String> {
        let lists = self.admin_roles.iter().map(|all| all.join(" and "));
        let lists: Vec<String> = lists.collect();
        (!lists.is_empty()).then(|| lists.join(", or "))
    }

    /// The blueprints that are compiled in; the first is the default.
    pub fn built_in() -> Vec<Blueprint> {
        const FILES: &[&str] = &[
            include_str!("../../assets/blueprints/consent-2025.toml"),
            include_str!("../../assets/blueprints/ump-365-sp-8.0.toml"),
            include_str!("../../assets/blueprints/live-platform.toml"),
        ];
        // A test parses every file, so nothing is silently left out here.
        FILES
            .iter()
            .filter_map(|text| Blueprint::parse(text).ok())
            .collect()
    }

    /// The redirect URI that the device's own name leads to.
    ///
    /// # Errors
    /// [`InvalidValue`], when the device's FQDN and the path make none that Entra takes.
    pub fn redirect_uri(&self, fqdn: &Fqdn) -> Result<RedirectUri, InvalidValue> {
        RedirectUri::for_device(fqdn, &self.redirect_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_the_default_with_the_permissions_of_the_public_text() {
        let all = Blueprint::built_in();
        assert_eq!(all[0].name, "consent-2025");
        assert_eq!(all[0].permissions.len(), 6);
    }

    #[test]
    fn a_wrong_value_is_named_with_its_field() {
        let text = include_str!("../../assets/blueprints/consent-2025.toml")
            .replace("secret_months = 24", "secret_months = 25");
        let error = Blueprint::parse(&text).unwrap_err();
        assert!(error.to_string().starts_with("secret_months:"), "{error}");
    }

    #[test]
    fn what_the_sites_settings_decide_is_not_taken_from_the_file() {
        let text = include_str!("../../assets/blueprints/consent-2025.toml");
        for key in ["secret_days", "secret_expiring_days"] {
            let error = Blueprint::parse(&format!("{key} = 30\n{text}")).unwrap_err();
            assert!(error.to_string().contains("unknown field"), "{error}");
        }
    }

    #[test]
    fn a_path_that_makes_no_redirect_uri_is_refused() {
        for path in ["authenticate", "/a b", "/a(b)", "/a#b", "/*"] {
            let text = include_str!("../../assets/blueprints/consent-2025.toml")
                .replace("/authenticate/OAuth2Callback", path);
            let error = Blueprint::parse(&text).unwrap_err();
            assert!(error.to_string().starts_with("redirect_path:"), "{error}");
        }
    }

    #[test]
    fn a_permission_takes_the_tenants_own_id_when_it_was_read() {
        use crate::registration::observed::NamedPermission;
        let blueprint = &Blueprint::built_in()[0];
        let wanted = &blueprint.permissions[0];
        let other = Uuid::from_u128(7);
        let principal = ResourcePrincipal {
            app_id: wanted.resource_app_id,
            object_id: Uuid::from_u128(1),
            display_name: wanted.resource.clone(),
            scopes: vec![NamedPermission {
                id: other,
                value: wanted.value.clone(),
            }],
            roles: vec![],
        };
        assert_eq!(wanted.resolve(None).id, wanted.id);
        assert_eq!(wanted.resolve(Some(&[principal])).id, other);
    }
}
