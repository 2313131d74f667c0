//! The client secrets of the whole fleet: which one each portal has and until when, what else is on the registrations,
//! and the earlier ones that are due to go.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::event::{DeskEvent, RunId, Trouble};
use super::file::{DeviceFile, PlanFile, SecretInHand};
use super::{Desk, Inner, guard};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::RegistrationFacts;
use crate::registration::plan::Intent;
use crate::registration::secret::retire::{PortalOfOther, may_go};
use crate::registration::secret::role::{OfRun, secret_lines};
pub use crate::registration::secret::role::{SecretLine, SecretRole};
use crate::registration::secret::{SecretInUse, expiring_from};
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
    /// The one on record as the one in use is gone from Entra.
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
        match in_use.credential.end {
            None => Urgency::Unknown,
            Some(end) if end <= now => Urgency::Broken,
            Some(end) if now >= expiring_from(end, self.expiring_days) => Urgency::NeedsWork,
            Some(_) => Urgency::Good,
        }
    }

    /// What is to be known of it beside dates, in a few words: what is assumed or missing, then the others.
    pub fn summary(&self, now: Timestamp) -> String {
        let mut words = Vec::new();
        match self.in_use().map(|line| &line.role) {
            Some(SecretRole::AssumedInUse) => words.push("assumed in use".to_string()),
            Some(_) => {}
            None if self.read_at.is_none() => words.push("never read".to_string()),
            None if !self.registered => words.push("not registered".to_string()),
            None if self.gone => words.push("the one in use is gone from Entra".to_string()),
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
            (due.count(), "due to go"),
            (
                self.others()
                    .iter()
                    .filter(|line| matches!(line.role, SecretRole::Retiring(due) if due > now))
                    .count(),
                "to go later",
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
                "earlier without a record",
            ),
            (
                count(|role| matches!(role, SecretRole::Unrecognised { earlier: false })),
                "unrecognised",
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

/// Whether a secret may be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing speaks against it.
    Ready,
    /// Nothing speaks against it, but it is not certain, in words: only alone, and when an operator says so.
    Unsure(String),
    /// It stays for now; why, and what would change that.
    Held(String),
}

impl Standing {
    /// In words, as a clause.
    pub fn words(&self) -> String {
        match self {
            Standing::Ready => "nothing speaks against removing it".to_string(),
            Standing::Unsure(why) => format!("removing it is not certain: {why}"),
            Standing::Held(why) => format!("it stays: {why}"),
        }
    }
}

/// An earlier secret that was put down to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSecret {
    /// The device whose run replaced it.
    pub device: Fqdn,
    /// The device's tenant.
    pub tenant: Uuid,
    /// `keyId` of the secret in Entra.
    pub key_id: Uuid,
    /// Its description.
    pub name: String,
    /// From when on it may be removed: the stored date of the retirement.
    pub due: Timestamp,
    /// The run that put it down.
    pub run: RunId,
    /// Whether it may go.
    pub standing: Standing,
}

impl DueSecret {
    /// Whether its day has come.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due <= now
    }

    /// How much it asks for somebody.
    pub fn urgency(&self, now: Timestamp) -> Urgency {
        match (&self.standing, self.is_due(now)) {
            (Standing::Held(_), _) => Urgency::Waiting,
            (_, true) => Urgency::NeedsWork,
            (_, false) => Urgency::Good,
        }
    }
}

impl DeviceFile {
    /// The key ID of the earlier secret that is due to go; of several, the first one due.
    pub fn secret_due(&self, now: Timestamp) -> Option<Uuid> {
        let due = self.secrets.iter().filter_map(|line| {
            let due = line.due.filter(|due| *due <= now)?;
            Some((due, line.credential.key_id))
        });
        due.min().map(|(_, key_id)| key_id)
    }

    /// Whether a secret may be removed.
    pub fn standing(&self, key_id: Uuid, now: Timestamp) -> Standing {
        let mut lines = self.secrets.iter();
        let Some(line) = lines.find(|one| one.credential.key_id == key_id) else {
            return Standing::Held("it is gone from Entra already".to_string());
        };
        match may_go(&line.credential, &self.facts, &self.others, now) {
            Ok(cautions) if cautions.is_empty() => Standing::Ready,
            Ok(cautions) => Standing::Unsure(cautions.join("; ")),
            Err(why) => Standing::Held(why),
        }
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

    /// The earlier secrets that were put down to go and are still in Entra, as far as was read; the first one due first.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn due(&self, now: Timestamp) -> Result<Vec<DueSecret>, Trouble> {
        let mut all = Vec::new();
        for one in self.inner.store.retirements()? {
            let listed = self.inner.store.device(&one.device)?.is_some();
            let standing = if listed {
                let file = self.inner.file(&one.device)?;
                let there = |line: &SecretLine| line.credential.key_id == one.key_id;
                let read_since = file
                    .facts
                    .application
                    .at
                    .is_some_and(|at| at > one.put_down);
                if read_since && !file.secrets.iter().any(there) {
                    // Somebody else has removed it.
                    continue;
                }
                file.standing(one.key_id, now)
            } else {
                Standing::Held("its device is not listed any more".to_string())
            };
            all.push(DueSecret {
                device: one.device,
                tenant: one.tenant,
                key_id: one.key_id,
                name: one.name,
                due: one.due,
                run: one.run,
                standing,
            });
        }
        Ok(all)
    }

    /// Reads a device anew and plans to remove one of its secrets, whoever added it.
    ///
    /// # Errors
    /// [`Trouble`], when the device can't be read, or the secret has to stay.
    pub async fn plan_retire(
        &self,
        device: &Fqdn,
        key_id: Uuid,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        self.read_for(device).await?;
        let intent = Intent::Retire {
            key_id,
            put_down: false,
            others: vec![],
        };
        self.plan(device, intent, None, Timestamp::now())
    }
}

impl Inner {
    /// When each secret that was put down is due.
    fn retiring(&self) -> Result<HashMap<Uuid, Timestamp>, Trouble> {
        let all = self.store.retirements()?;
        Ok(all.into_iter().map(|one| (one.key_id, one.due)).collect())
    }

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
            // On a shared registration it may be a run of another device that added it.
            let mut found = self.of_run(device, secret)?;
            for other in &facts.shared_with {
                if matches!(found, Some(OfRun::Left(_)))
                    && let done @ Some(OfRun::Done(_) | OfRun::New(_)) =
                        self.of_run(other, secret)?
                {
                    found = done;
                }
            }
            all.extend(found.map(|found| (secret.key_id, found)));
        }
        Ok(all)
    }

    /// All secrets of a device's registration, each with what is known of its use.
    pub(super) fn secret_lines(&self, file: &DeviceFile) -> Result<Vec<SecretLine>, Trouble> {
        let mut of_run = self.runs_of_secrets(&file.device.fqdn, &file.facts)?;
        if let Some(secret) = &file.secret {
            let how = "this process holds its value; p brings it to the portal".to_string();
            of_run.insert(secret.key_id, OfRun::New(how));
        }
        let retiring = self.retiring()?;
        Ok(secret_lines(&file.facts, &file.others, &retiring, &of_run))
    }

    /// Tells whether the secret that this process made for a device and holds is in no portal yet.
    pub(super) fn tell_whether_its_secret_waits(&self, fqdn: &Fqdn) {
        let Some(secret) = guard(&self.secrets).get(fqdn).cloned() else {
            return;
        };
        // What can't be read counts as waiting: then it is rather asked once too often.
        let file = self.file(fqdn).ok();
        let waits = file.is_none_or(|file| {
            let record = file.facts.record_of_application();
            let delivered = record.is_some_and(|record| record.key_id == Some(secret.key_id));
            let read_since = file.facts.application.at > Some(secret.made_at);
            let is_gone = read_since && file.secret_in_entra().is_none();
            !delivered && !is_gone
        });
        self.tell(DeskEvent::SecretWaits {
            device: fqdn.clone(),
            waits,
        });
    }

    /// The newest secret whose value this process holds, made for this device or for one that shares its registration.
    pub(super) fn secret_in_hand(
        &self,
        device: &Fqdn,
        facts: &RegistrationFacts,
    ) -> Option<SecretInHand> {
        let held = guard(&self.secrets);
        let sharing = facts.shared_with.iter();
        std::iter::once(device)
            .chain(sharing)
            .filter_map(|fqdn| held.get(fqdn))
            .max_by_key(|secret| secret.made_at)
            .cloned()
    }
}
