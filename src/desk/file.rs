//! What the desk hands to the faces: all that is known of one device, and a plan with its requests.

use jiff::Timestamp;
use uuid::Uuid;

use super::event::Trouble;
use super::secret_in_hand::SecretInHand;
pub use super::unfinished::{Abandonment, UnfinishedRun};
use crate::registration::beside::{self, Beside};
use crate::registration::blueprint::Blueprint;
use crate::registration::checklist::{Checklist, checklist};
use crate::registration::customers::{self, CustomerLine};
use crate::registration::fleet::{Device, Fqdn, Tenant};
use crate::registration::invitation::Template;
use crate::registration::observed::{Candidate, Observed, RegistrationFacts, TenantFacts};
use crate::registration::permissions::{PermissionLine, permission_lines};
use crate::registration::plan::Plan;
use crate::registration::portal_page::{FormField, PortalPage, form};
use crate::registration::secret::retire::PortalOfOther;
use crate::registration::secret::role::SecretLine;
use crate::registration::status::{Verdict, verdict};
use crate::registration::values::{CloudHosts, ValueKind, value};
pub use crate::store::{CopyMark, RunOutcome, RunSummary, RunsSeen};

/// What to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every tenant.
    All,
    /// The tenant with this directory ID, and all its devices.
    Tenant(Uuid),
    /// What is read for this device alone.
    Device(Fqdn),
}

/// All that is known of one device.
#[derive(Debug, Clone)]
pub struct DeviceFile {
    /// The device, as the inventory lists it.
    pub device: Device,
    /// The provider's tenant that its registration lives in.
    pub tenant: Tenant,
    /// What its registration is held against, with the site's periods for secrets.
    pub blueprint: Blueprint,
    /// What was read for the tenant.
    pub tenant_facts: TenantFacts,
    /// What was read for the device.
    pub facts: RegistrationFacts,
    /// The hosts of its tenant's cloud, for consent URLs.
    pub hosts: CloudHosts,
    /// The portal's page.
    pub page: PortalPage,
    /// The template of the invitation's text.
    pub invitation: Template,
    /// Name and title of every blueprint that may be chosen.
    pub blueprint_choices: Vec<(String, String)>,
    /// The secret that this process made and still holds, if any.
    pub secret: Option<SecretInHand>,
    /// What was copied of its portal page in a handoff that was not stated.
    pub copied: Vec<CopyMark>,
    /// Its newest runs, the newest first.
    pub runs: Vec<RunSummary>,
    /// The run on it that died under way, if one did.
    pub unfinished: Option<UnfinishedRun>,
    /// Secrets that bear a run which did not end well: nobody has their values.
    pub orphans: Vec<OrphanSecret>,
    /// All secrets of its registration, each with what is known of its use.
    pub secrets: Vec<SecretLine>,
    /// What is on record of the portals of the devices that share its registration.
    pub others: Vec<PortalOfOther>,
}

/// A secret in Entra that a run added and did not bring to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanSecret {
    /// Its key ID.
    pub key_id: Uuid,
    /// Its description.
    pub name: String,
    /// Why it counts as left over.
    pub why: String,
}

impl DeviceFile {
    /// The facts, as the core's functions want them.
    pub fn observed(&self) -> Observed<'_> {
        Observed {
            tenant: &self.tenant_facts,
            registration: &self.facts,
        }
    }

    /// The secret in hand, when Entra has it.
    pub fn secret_in_entra(&self) -> Option<&SecretInHand> {
        let application = self.facts.application()?;
        let secret = self.secret.as_ref()?;
        let mut all = application.password_credentials.iter();
        all.any(|one| one.key_id == secret.key_id).then_some(secret)
    }

    /// The secret that was added for another device of this registration and that this one's portal does not have yet:
    /// a rotation brings it here too, before the earlier one goes.
    pub fn secret_of_another(&self) -> Option<&SecretInHand> {
        let record = self.facts.record_of_application();
        self.secret_in_entra().filter(|secret| {
            secret.made_for != self.device.fqdn
                && record.is_none_or(|record| {
                    record.key_id != Some(secret.key_id) && record.at < secret.made_at
                })
        })
    }

    /// The checklist at `now`.
    pub fn checklist(&self, now: Timestamp) -> Checklist {
        checklist(&self.blueprint, &self.device, self.observed(), now)
    }

    /// The verdict at `now`.
    pub fn verdict(&self, now: Timestamp) -> Verdict {
        let checklist = self.checklist(now);
        verdict(
            &self.blueprint,
            &self.device,
            self.observed(),
            &checklist,
            now,
        )
    }

    /// The permissions, by name.
    pub fn permissions(&self) -> Vec<PermissionLine> {
        permission_lines(&self.blueprint, self.observed())
    }

    /// The customers: as read, then those that only the inventory lists.
    pub fn customers(&self) -> Vec<CustomerLine> {
        customers::lines(&self.blueprint, &self.device, &self.facts, &self.hosts)
    }

    /// The invitation's text for one of the customers.
    ///
    /// # Errors
    /// What is not known of it yet, in words.
    pub fn invitation(&self, line: &CustomerLine) -> Result<String, String> {
        let permissions = self.permissions();
        let both = (&self.blueprint, &self.facts);
        customers::invitation(
            &self.invitation,
            line,
            &self.tenant,
            &self.device,
            both,
            &permissions,
        )
    }

    /// The portal's settings beside Entra's.
    pub fn settings_beside(&self) -> Vec<Beside> {
        beside::settings(&self.page, &self.blueprint, &self.device, &self.facts)
    }

    /// The portal's Microsoft 365 settings beside Entra's own facts; none where they can't be read.
    pub fn account_beside(&self, now: Timestamp) -> Vec<Beside> {
        let account = self.facts.account.value.as_ref();
        account.map_or_else(Vec::new, |account| {
            beside::account(account, &self.blueprint, &self.facts, now)
        })
    }

    /// The portal's page as a form for this device.
    pub fn form(&self) -> Vec<FormField> {
        form(&self.page, &self.blueprint, &self.device, &self.facts)
    }

    /// The application that is to be adopted when nobody said which: the registration that was found without its
    /// unique name, else the only candidate.
    ///
    /// # Errors
    /// [`Trouble`], when there is none or a choice.
    pub fn only_candidate(&self) -> Result<Uuid, Trouble> {
        if let Some(application) = self.facts.application() {
            return Ok(application.object_id);
        }
        let nothing = |why: &str, next: &str| Err(Trouble::new("nothing was adopted", why, next));
        match self.facts.candidates.as_slice() {
            [only] => Ok(only.object_id),
            [] => nothing(
                "no application, deleted ones included, has the device's redirect URI or name",
                "Create the registration; or name the application by its object ID.",
            ),
            several => {
                let each = several.iter().map(|one| {
                    let bin = if one.deleted.is_some() {
                        ", deleted"
                    } else {
                        ""
                    };
                    let Candidate {
                        display_name,
                        object_id,
                        found_by,
                        ..
                    } = one;
                    format!("\"{display_name}\", {object_id}, found by {found_by}{bin}")
                });
                let each: Vec<String> = each.collect();
                nothing(
                    &format!("several applications fit: {}", each.join("; ")),
                    "Name one of them by its object ID.",
                )
            }
        }
    }

    /// A value to copy, or why there is none; the secret's value is in `secret`, never here.
    ///
    /// # Errors
    /// Why there is no such value.
    pub fn value(&self, kind: ValueKind) -> Result<String, &'static str> {
        value(
            kind,
            &self.blueprint,
            &self.device,
            &self.facts,
            &self.hosts,
        )
    }
}

/// A plan with every request that it will make.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanFile {
    /// The steps, their changes and notes.
    pub plan: Plan,
    /// The requests of each of its steps, in order.
    pub requests: Vec<Vec<RequestPreview>>,
    /// How far the device's runs were when what the plan builds on was read; `None` = it does not matter.
    pub seen: Option<RunsSeen>,
}

/// A request as it will be sent, blanks named where a value is not known yet or is secret.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestPreview {
    /// HTTP method.
    pub method: String,
    /// Address without the host: path and query.
    pub path: String,
    /// A header worth showing, such as `Prefer: create-if-missing`.
    pub header: Option<String>,
    /// Body; `None` = none.
    pub body: Option<serde_json::Value>,
    /// Whether it is sent again when its answer is lost.
    pub may_repeat: bool,
}
