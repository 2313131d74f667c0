//! What somebody wants of a device's registration, and the form of a new one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::blueprint::Blueprint;
use super::super::fleet::{Device, InvalidValue, RedirectUri, valid_display_name, valid_mpn_id};
use super::super::observed::ResourceAccess;
use super::super::secret::retire::PortalOfOther;
use super::Remains;
use crate::registration::redirect::device_redirect_uri;

/// What the operator wants done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "intent")]
pub enum Intent {
    /// Make the registration, or whatever is missing of one that is there already.
    Create(CreateForm),
    /// Change what differs in Entra, nothing else.
    Repair {
        /// Permissions that somebody added and the operator chose to take away.
        remove_extra: Vec<ResourceAccess>,
    },
    /// Let Entra follow the portal: this redirect URI is the device's from now on, and its registration gets it.
    Follow {
        /// The redirect URI that the portal sends.
        redirect_uri: RedirectUri,
    },
    /// Take an application that is there already for the device's registration; one in the bin is restored first.
    Adopt {
        /// Its object ID.
        object_id: Uuid,
    },
    /// Consent in the provider's own tenant, for everybody there, to what the blueprint wants.
    Consent,
    /// Put the settings in the portal, or lead the operator through its page.
    Push {
        /// The key ID of a secret whose value this process still holds; `None` = a new one must be added.
        secret_in_hand: Option<Uuid>,
    },
    /// Add a new secret, put it in the portal, prove it, then retire the one that was in use.
    Rotate,
    /// Remove one secret, once no portal that shares the registration may be using it.
    Retire {
        /// Its key ID.
        key_id: Uuid,
        /// A run put it down to go; otherwise nobody here knows who uses it.
        put_down: bool,
        /// What is on record of the other devices that share the registration.
        others: Vec<PortalOfOther>,
    },
    /// Take up what runs left that died: the same again on fresh facts, then remove what they left behind.
    Resume {
        /// What the dead runs left.
        remains: Remains,
        /// What they were for.
        #[serde(rename = "purpose")]
        intent: Box<Intent>,
    },
}

impl Intent {
    /// What it is for in the end: itself, or what a resume takes up.
    pub fn purpose(&self) -> &Intent {
        match self {
            Intent::Resume { intent, .. } => intent.purpose(),
            other => other,
        }
    }

    /// One word for titles, journal and audit.
    pub fn word(&self) -> &'static str {
        match self {
            Intent::Create(_) => "create",
            Intent::Repair { .. } => "repair",
            Intent::Follow { .. } => "follow",
            Intent::Adopt { .. } => "adopt",
            Intent::Consent => "consent",
            Intent::Push { .. } => "push",
            Intent::Rotate => "rotate",
            Intent::Retire { .. } => "retire",
            Intent::Resume { .. } => "resume",
        }
    }
}

/// What the operator fills in to create a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateForm {
    /// Display name.
    pub name: String,
    /// The device's own redirect URI; its customers' are added by themselves.
    pub redirect_uri: RedirectUri,
    /// Description of the client secret.
    pub secret_name: String,
    /// Its lifetime in months, before policy.
    pub secret_months: u32,
    /// Partner One (MPN) ID; `None` = the publisher is not verified.
    pub mpn_id: Option<String>,
    /// Notes on the registration.
    pub notes: String,
}

impl CreateForm {
    /// The form with what the device and the blueprint suggest.
    ///
    /// # Errors
    /// When the device's redirect URI can't be one.
    pub fn suggested(
        blueprint: &Blueprint,
        device: &Device,
        now: Timestamp,
    ) -> Result<CreateForm, InvalidValue> {
        Ok(CreateForm {
            name: device.default_name(),
            redirect_uri: device_redirect_uri(blueprint, device)?,
            secret_name: secret_name(device, now),
            secret_months: blueprint.secret_months,
            mpn_id: device.mpn_id.clone(),
            notes: device.notes.clone(),
        })
    }

    /// Checks every field that has a rule.
    ///
    /// # Errors
    /// The first field that breaks its rule.
    pub fn check(&self) -> Result<(), InvalidValue> {
        valid_display_name(&self.name)?;
        valid_display_name(&self.secret_name)
            .map_err(|why| InvalidValue(format!("secret description: {why}")))?;
        if !(1..=24).contains(&self.secret_months) {
            return Err(InvalidValue("a secret lasts 1 to 24 months".to_string()));
        }
        self.mpn_id.as_deref().map_or(Ok(()), valid_mpn_id)
    }
}

pub(super) fn secret_name(device: &Device, now: Timestamp) -> String {
    format!("umpdeck {} {}", device.fqdn.short(), now.strftime("%Y-%m"))
}
