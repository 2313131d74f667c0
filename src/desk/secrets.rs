//! The client secrets of the whole fleet: which one each portal has and until when, and what else is on the registrations.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::event::Trouble;
use super::file::DeviceFile;
use super::{Desk, Inner};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::RegistrationFacts;
use crate::registration::secret::SecretInUse;
use crate::registration::secret::retire::PortalOfOther;
use crate::registration::secret::role::{OfRun, secret_lines};
pub use crate::registration::secret::role::{SecretLine, SecretRole};
use crate::registration::status::Urgency;

/// The client secrets of one device's registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSecrets {
    /// The device.
    pub fqdn: Fqdn,
    /// The directory ID of the device's tenant.
    pub tenant: Uuid,
    /// It has a registration, as far as was read.
    pub registered: bool,
    /// The secrets, the one in use first; none without a registration.
    pub lines: Vec<SecretLine>,
    /// The one on record as the secret in use is no longer in Entra.
    pub gone: bool,
    /// From how many days before its end a secret counts as expiring.
    pub expiring_days: u32,
    /// The devices that share the registration.
    pub shared_with: Vec<Fqdn>,
    /// When the registration was last read; `None` = never.
    pub read_at: Option<Timestamp>,
    /// The newest try to read it failed.
    pub stale: bool,
}

impl DeviceSecrets {
    /// The secret that the portal has, as far as is known.
    pub fn in_use(&self) -> Option<&SecretLine> {
        let in_use =
            |line: &&SecretLine| matches!(line.role, SecretRole::InUse | SecretRole::AssumedInUse);
        self.lines.first().filter(in_use)
    }

    /// When the one in use ends.
    pub fn end(&self) -> Option<Timestamp> {
        self.in_use()?.credential.end
    }

    /// How urgent the end of the one in use is.
    pub fn urgency(&self, now: Timestamp) -> Urgency {
        let Some(in_use) = self.in_use() else {
            return match (self.registered, self.gone) {
                (false, _) => Urgency::Unknown,
                (true, true) => Urgency::Broken,
                (true, false) => Urgency::NeedsWork,
            };
        };
        in_use.urgency(self.expiring_days, now)
    }

    /// What is to be known of it beside dates, in a few words: what is assumed or missing, then the others.
    pub fn summary(&self, now: Timestamp) -> String {
        let mut words = Vec::new();
        match self.in_use().map(|line| &line.role) {
            Some(SecretRole::AssumedInUse) => words.push("assumed in use".to_string()),
            Some(_) => {}
            None if self.read_at.is_none() => words.push("never read".to_string()),
            None if !self.registered => words.push("not registered".to_string()),
            None if self.gone => words.push("the secret in use is no longer in Entra".to_string()),
            None => words.push("no client secret".to_string()),
        }
        let count = |fits: fn(&SecretRole) -> bool| {
            let others = self.others().iter();
            others.filter(|line| fits(&line.role)).count()
        };
        let due = self
            .others()
            .iter()
            .filter(|line| matches!(line.role, SecretRole::Retiring(due) if due <= now));
        let kinds = [
            (due.count(), "due for removal"),
            (
                self.others()
                    .iter()
                    .filter(|line| matches!(line.role, SecretRole::Retiring(due) if due > now))
                    .count(),
                "due later",
            ),
            (
                count(|role| matches!(role, SecretRole::InUseBy(_))),
                "in use by others",
            ),
            (count(|role| matches!(role, SecretRole::New(_))), "new"),
            (count(|role| matches!(role, SecretRole::Older(_))), "older"),
            (
                count(|role| matches!(role, SecretRole::LeftByRun(_))),
                "left by a run",
            ),
            (
                count(|role| matches!(role, SecretRole::Unrecognised { earlier: true })),
                "earlier without record of use",
            ),
            (
                count(|role| matches!(role, SecretRole::Unrecognised { earlier: false })),
                "of unknown origin",
            ),
        ];
        let others: Vec<String> = kinds
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, kind)| format!("{count} {kind}"))
            .collect();
        if !others.is_empty() {
            words.push(format!("also {}", others.join(", ")));
        }
        if !self.shared_with.is_empty() {
            let names: Vec<&str> = self.shared_with.iter().map(Fqdn::short).collect();
            words.push(format!("shared with {}", names.join(", ")));
        }
        words.join("; ")
    }

    /// Those that nobody here recognises, or that a run left behind.
    pub fn doubtful(&self) -> impl Iterator<Item = &SecretLine> {
        self.others().iter().filter(|line| line.role.is_doubtful())
    }

    /// The others on the registration.
    pub fn others(&self) -> &[SecretLine] {
        &self.lines[usize::from(self.in_use().is_some())..]
    }
}

impl Desk {
    /// The client secrets of every device, in the order of the inventory. Reads all facts: off a console's loop.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn secrets(&self) -> Result<Vec<DeviceSecrets>, Trouble> {
        let retiring = self.inner.retiring()?;
        let listed = self.inner.listed();
        let devices = listed.devices.iter();
        devices
            .map(|device| {
                let facts = self.inner.store.registration_facts(&device.fqdn)?;
                let others = self.inner.others(&facts)?;
                let of_run = self.inner.runs_of_secrets(&device.fqdn, &facts)?;
                Ok(DeviceSecrets {
                    fqdn: device.fqdn.clone(),
                    tenant: device.tenant,
                    registered: facts.application().is_some(),
                    gone: matches!(SecretInUse::of(&facts), SecretInUse::Gone),
                    expiring_days: self.inner.blueprint(device).secret_days.expiring,
                    lines: secret_lines(&facts, &others, &retiring, &of_run),
                    read_at: facts.application.at,
                    stale: facts.application.failure.is_some(),
                    shared_with: facts.shared_with,
                })
            })
            .collect()
    }
}

impl Inner {
    /// What is on record of the portals of the devices that share a registration.
    pub(super) fn others(&self, facts: &RegistrationFacts) -> Result<Vec<PortalOfOther>, Trouble> {
        let Some(application) = facts.application() else {
            return Ok(vec![]);
        };
        let of = |device: &Fqdn| {
            let record = self.store.registration_facts(device)?.record;
            let record = record.filter(|record| record.client_id == application.app_id);
            Ok(PortalOfOther {
                device: device.clone(),
                key_id: record.and_then(|record| record.key_id),
            })
        };
        facts.shared_with.iter().map(of).collect()
    }

    fn runs_of_secrets(
        &self,
        device: &Fqdn,
        facts: &RegistrationFacts,
    ) -> Result<HashMap<Uuid, OfRun>, Trouble> {
        let mut all = HashMap::new();
        let application = facts.application();
        for secret in application.iter().flat_map(|app| &app.password_credentials) {
            let found = self.of_run(device, &facts.shared_with, secret)?;
            all.extend(found.map(|found| (secret.key_id, found)));
        }
        Ok(all)
    }

    /// All secrets of a device's registration, each with what is known of its use.
    pub(super) fn secret_lines(&self, file: &DeviceFile) -> Result<Vec<SecretLine>, Trouble> {
        let mut of_run = self.runs_of_secrets(&file.device.fqdn, &file.facts)?;
        if let Some(secret) = &file.secret {
            let how = "this process has its value; a push brings it to the portal".to_string();
            of_run.insert(secret.key_id, OfRun::New(how));
        }
        let retiring = self.retiring()?;
        Ok(secret_lines(&file.facts, &file.others, &retiring, &of_run))
    }
}
