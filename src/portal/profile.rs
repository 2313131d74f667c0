//! Portal profiles: where the page is and how its fields are called, and for `http` ones the calls, as data.

use serde::Deserialize;

use crate::registration::fleet::PortalWay;

/// A profile that can't be used, in words for who maintains it.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, or not a profile's fields.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// An http profile lacks a part.
    #[error("the profile {name} has way = \"http\" and no [{part}]")]
    Incomplete {
        /// The profile.
        name: String,
        /// What it lacks.
        part: &'static str,
    },
}

/// One generation of the portal's page, or one site's interface to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, by which devices refer to it.
    pub name: String,
    /// Its title on screen.
    pub title: String,
    /// By hand, or through an interface.
    pub way: PortalWay,
    /// The page.
    pub page: Page,
    /// How the settings are read.
    pub read: Option<Read>,
    /// How they are written.
    pub write: Option<Write>,
    /// How the customers are read.
    pub customers: Option<Customers>,
    /// How an error inside of an HTTP 200 looks.
    pub error: Option<ErrorShape>,
}

/// The portal's page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its path in the menus.
    pub path: String,
    /// The label of the client ID's field.
    pub client_id: String,
    /// The label of the secret's field.
    pub client_secret: String,
    /// The label of the redirect URI's field.
    pub redirect_uri: String,
    /// The button that applies the fields, where it is known.
    pub apply: Option<String>,
}

/// How the settings are read: a GET, and JSON pointers into its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// Path below the portal's address.
    pub path: String,
    /// Pointer to the client ID.
    pub client_id: String,
    /// Pointer to the redirect URI.
    pub redirect_uri: String,
    /// Pointer to whether a secret is set.
    pub has_client_secret: Option<String>,
    /// Pointer to the customer authentication portal URL.
    pub customer_portal_url: Option<String>,
}

/// How the settings are written: a call, and the names of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// HTTP method.
    pub method: WriteMethod,
    /// Path below the portal's address.
    pub path: String,
    /// Field of the client ID.
    pub client_id: String,
    /// Field of the secret.
    pub client_secret: String,
    /// Field of the redirect URI.
    pub redirect_uri: String,
}

/// The methods that write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WriteMethod {
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// POST.
    Post,
}

/// How the customers are read: a GET that answers a list, and JSON pointers into each entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customers {
    /// Path below the portal's address.
    pub path: String,
    /// Pointer to the short name.
    pub short_name: String,
    /// Pointer to the full name.
    pub full_name: Option<String>,
    /// Pointer to the customer's tenant ID.
    pub tenant_id: Option<String>,
    /// Pointer to whether the customer consented (a boolean).
    pub consented: Option<String>,
    /// Pointer to the consenting admin's roles (a list of names, or null).
    pub admin_roles: Option<String>,
}

/// How an error inside of an HTTP 200 looks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorShape {
    /// Pointer to the answer's kind.
    pub kind: String,
    /// The kind that means an error.
    pub is: String,
    /// Pointer to the error's text.
    pub text: String,
}

impl Profile {
    /// Reads one profile file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        let profile: Profile = toml::from_str(text)?;
        if profile.way == PortalWay::Http {
            let incomplete = |part| ProfileError::Incomplete {
                name: profile.name.clone(),
                part,
            };
            if profile.read.is_none() {
                return Err(incomplete("read"));
            }
            if profile.write.is_none() {
                return Err(incomplete("write"));
            }
        }
        Ok(profile)
    }

    /// The profiles that are compiled in; the first is the default.
    pub fn built_in() -> Vec<Profile> {
        const FILES: [&str; 4] = [
            include_str!("../../assets/portals/handoff.toml"),
            include_str!("../../assets/portals/handoff-authentication-status.toml"),
            include_str!("../../assets/portals/handoff-system-settings.toml"),
            include_str!("../../assets/portals/sandbox.toml"),
        ];
        // A test parses every file, so nothing is silently left out here.
        FILES
            .iter()
            .filter_map(|text| Profile::parse(text).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compiled_in_profile_parses() {
        let names: Vec<_> = Profile::built_in()
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(
            names,
            [
                "handoff",
                "handoff-authentication-status",
                "handoff-system-settings",
                "sandbox"
            ]
        );
    }

    #[test]
    fn an_http_profile_without_its_write_call_is_refused() {
        let text = include_str!("../../assets/portals/sandbox.toml");
        let (before, rest) = text.split_once("[write]").unwrap();
        let (_, after) = rest.split_once("[customers]").unwrap();
        let error = Profile::parse(&format!("{before}[customers]{after}")).unwrap_err();
        assert!(error.to_string().contains("[write]"), "{error}");
    }
}
