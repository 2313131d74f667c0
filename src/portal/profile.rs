//! Portal profiles: how the page looks, and for `http` ones the calls, as data. `assets/portals/README.md` says what each
//! part means to those who write one.

use serde::Deserialize;

use crate::registration::fleet::PortalWay;
use crate::registration::portal_page::PortalPage;

mod soundness;
pub use soundness::ProfileError;

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
    /// The page where a person does by hand what the interface does.
    pub page: PortalPage,
    /// How one signs in to the interface.
    #[serde(default)]
    pub login: Login,
    /// How the settings are read.
    pub read: Option<Read>,
    /// How they are written.
    pub write: Option<Write>,
    /// How the success of a write looks; `None` = what is no error is one.
    pub success: Option<SuccessShape>,
    /// How an error inside of an HTTP 200 looks.
    pub error: Option<ErrorShape>,
    /// How a long action is asked for.
    pub task: Option<Task>,
    /// How the customers are listed.
    pub customers: Option<Customers>,
    /// How it is told which customers have consented.
    pub invitations: Option<Invitations>,
    /// The device's Microsoft 365 settings.
    pub account: Option<Account>,
    /// Each customer's Microsoft 365 settings.
    pub customer_account: Option<Account>,
}

/// How one signs in to the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginWay {
    /// Not at all.
    None,
    /// User and password with each request.
    Basic,
    /// A token of Entra, by client credentials.
    ClientCredentials,
    /// A form that sets a cookie.
    Form,
}

/// The sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// By what one gets in: nothing, a password, a token, or a form.
    pub way: LoginWay,
    /// Where the form goes.
    pub path: Option<String>,
    /// The field of the user's name.
    pub user: Option<String>,
    /// The field of the password.
    pub password: Option<String>,
    /// How the form is sent.
    #[serde(default)]
    pub body: BodyKind,
    /// The cookie that it sets.
    pub cookie: Option<String>,
}

impl Default for Login {
    fn default() -> Login {
        Login {
            way: LoginWay::ClientCredentials,
            path: None,
            user: None,
            password: None,
            body: BodyKind::default(),
            cookie: None,
        }
    }
}

/// How a body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyKind {
    /// JSON.
    #[default]
    Json,
    /// A form.
    Form,
}

/// How the settings are read: a call, and JSON pointers into its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// HTTP method.
    #[serde(default)]
    pub method: ReadMethod,
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

/// The HTTP methods that a reading call may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReadMethod {
    /// GET.
    #[default]
    Get,
    /// POST.
    Post,
}

/// How the settings are written: a call, and the names of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// HTTP method.
    pub method: WriteMethod,
    /// Path below the portal's address.
    pub path: String,
    /// How the body is written.
    #[serde(default)]
    pub body: BodyKind,
    /// Field of the client ID.
    pub client_id: String,
    /// Field of the secret.
    pub client_secret: String,
    /// Field of the redirect URI.
    pub redirect_uri: String,
    /// Fields that are always the same.
    #[serde(default)]
    pub constants: std::collections::BTreeMap<String, String>,
    /// Pointer to a task's number in the answer.
    pub task: Option<String>,
}

/// The HTTP methods that a push may have.
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

/// How the success of a write looks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessShape {
    /// Pointer into the answer.
    pub at: String,
    /// The words that mean success.
    pub is: Vec<String>,
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

/// How a long action is asked for until it ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Path with `{id}`.
    pub path: String,
    /// Pointer to its state.
    pub status: String,
    /// The words of a task that goes on.
    pub under_way: Vec<String>,
    /// The words of one that is done well; any other word is a failure.
    pub done: Vec<String>,
    /// Pointer to what it says.
    pub text: Option<String>,
    /// How many seconds it may take; 120 unless stated.
    #[serde(default = "patience")]
    pub patience: u64,
}

fn patience() -> u64 {
    120
}

/// How the customers are listed: a GET that answers a list, and JSON pointers into each entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customers {
    /// Path below the portal's address.
    pub path: String,
    /// Pointer to the portal's own ID of the customer.
    pub guid: Option<String>,
    /// Pointer to the short name.
    pub short_name: String,
    /// Pointer to the full name.
    pub full_name: Option<String>,
    /// Pointer to the customer's tenant ID.
    pub tenant_id: Option<String>,
    /// Pointer to the licence.
    pub licence: Option<String>,
    /// Pointer to how many users are licensed.
    pub licensed_users: Option<String>,
    /// Pointer to how many of them are active.
    pub active_users: Option<String>,
    /// Path of one customer's details, with `{guid}`.
    pub details: Option<String>,
    /// Pointer to the list of its sites, in the details.
    pub sites: Option<String>,
}

/// Which customers have consented: a GET that answers a list, and JSON pointers into each entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitations {
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

/// Microsoft 365 settings: a GET, and JSON pointers into its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Path below the portal's address.
    pub path: String,
    /// Pointer to the account that the portal is connected with.
    pub connected_account: Option<String>,
    /// Pointer to the application ID that it is connected with instead.
    pub application_id: Option<String>,
    /// Pointer to when its secret ends.
    pub secret_expiry: Option<String>,
    /// Pointer to how many days that is.
    pub days_left: Option<String>,
    /// Pointer to the roles that it was given.
    pub roles: Option<String>,
    /// Pointer to how the last authentication went.
    pub last_status: Option<String>,
    /// Pointer to when that was.
    pub last_status_at: Option<String>,
}

impl Profile {
    /// Reads one profile file and checks what can be checked without a portal.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        let profile: Profile = toml::from_str(text)?;
        profile.check_parts()?;
        profile.check_values()?;
        Ok(profile)
    }

    /// The profiles that are compiled in; the first is the default.
    pub fn built_in() -> Vec<Profile> {
        const FILES: &[&str] = &[
            include_str!("../../assets/portals/handoff.toml"),
            include_str!("../../assets/portals/handoff-authentication-status.toml"),
            include_str!("../../assets/portals/handoff-system-settings.toml"),
            include_str!("../../assets/portals/sandbox.toml"),
            include_str!("../../assets/portals/sandbox-form.toml"),
            include_str!("../../assets/portals/sandbox-tasks.toml"),
            include_str!("../../assets/portals/sandbox-open.toml"),
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
    fn the_default_leads_by_hand_and_knows_only_the_documented_calls() {
        for profile in Profile::built_in().iter().take(3) {
            assert_eq!(profile.way, PortalWay::Handoff);
            assert!(profile.read.is_none() && profile.write.is_none());
            let customers = profile.customers.as_ref().unwrap();
            assert_eq!(customers.path, "/api/v3/customer?allDetails=false");
            assert!(profile.invitations.is_none() && profile.account.is_none());
        }
    }
}
