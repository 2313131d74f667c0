//! What is known of the customers behind a device, and what the portal shows of the registration at work.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is known of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFacts {
    /// Short name, as in the portal.
    pub short_name: String,
    /// The organisation's name; may be empty.
    pub full_name: String,
    /// Its own Entra tenant, where known.
    pub tenant_id: Option<Uuid>,
    /// Whether its admin consented.
    pub consent: CustomerConsent,
    /// The directory roles of its consenting admin, by name, as the portal tells them or else those of whoever is signed
    /// in there here; `None` = not known.
    pub admin_roles: Option<Vec<String>>,
    /// Which of the blueprint's permissions its tenant was read not to have consented to; `None` = its tenant was not read.
    #[serde(default)]
    pub missing_permissions: Option<Vec<String>>,
    /// The portal's own ID of it.
    #[serde(default)]
    pub guid: Option<String>,
    /// Its licence, in the portal's words.
    #[serde(default)]
    pub licence: Option<String>,
    /// How many users are licensed.
    #[serde(default)]
    pub licensed_users: Option<u32>,
    /// How many of them are active.
    #[serde(default)]
    pub active_users: Option<u32>,
    /// How many sites it has; `None` = its details were not read.
    #[serde(default)]
    pub sites: Option<u32>,
    /// Its Microsoft 365 settings in the portal, where they can be read.
    #[serde(default)]
    pub account: Option<Microsoft365>,
}

impl CustomerFacts {
    /// A customer of whom nothing is known, and why not whether it has consented.
    pub fn unknown(why: &str) -> CustomerFacts {
        CustomerFacts {
            short_name: String::new(),
            full_name: String::new(),
            tenant_id: None,
            consent: CustomerConsent::Unknown(why.to_string()),
            admin_roles: None,
            missing_permissions: None,
            guid: None,
            licence: None,
            licensed_users: None,
            active_users: None,
            sites: None,
            account: None,
        }
    }
}

/// What the portal's Microsoft 365 settings show of the registration at work, in the portal's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Microsoft365 {
    /// The account that the portal is connected with.
    pub connected_account: Option<String>,
    /// The application that it is connected with instead of an account.
    pub application_id: Option<String>,
    /// When the application's secret ends, as the portal writes it.
    pub secret_expiry: Option<String>,
    /// How many days that is.
    pub days_left: Option<i64>,
    /// The roles that account or application has; `None` = not told.
    pub roles: Option<Vec<String>>,
    /// How the last authentication went.
    pub last_status: Option<String>,
    /// When that was, as the portal writes it.
    pub last_status_at: Option<String>,
}

/// What was read in a customer's own tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerTenant {
    /// Whether everything is consented to there.
    pub consent: CustomerConsent,
    /// Which of the blueprint's permissions are not.
    pub missing_permissions: Vec<String>,
    /// The directory roles there of the person who is signed in, by name; `None` = no person is, or they can't be read.
    pub own_roles: Option<Vec<String>>,
}

/// Whether a customer consented, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustomerConsent {
    /// Read in its tenant, or the portal says so.
    Granted,
    /// Known not to have consented yet.
    Pending,
    /// Can't be read; the reason in words.
    Unknown(String),
}
