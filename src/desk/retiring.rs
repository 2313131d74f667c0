//! Earlier client secrets that were put down to go: which are due, and whether they may go yet.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::event::{RunId, Trouble};
use super::file::{DeviceFile, PlanFile};
use super::secrets::SecretLine;
use super::{Desk, Inner};
use crate::registration::fleet::Fqdn;
use crate::registration::plan::Intent;
use crate::registration::secret::retire::may_go;
use crate::registration::status::Urgency;
use crate::text::{days_left, days_words};

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
            Standing::Ready => "it can be removed".to_string(),
            Standing::Unsure(why) => format!("it can be removed, but check first: {why}"),
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

    /// When it is due, in words: "now", "in 6 d".
    pub fn due_words(&self, now: Timestamp) -> String {
        match self.is_due(now) {
            true => "now".to_string(),
            false => match days_left(self.due, now) {
                0 => "today".to_string(),
                days => format!("in {}", days_words(days)),
            },
        }
    }

    /// Whether its day has come and nothing holds it.
    pub fn can_go(&self, now: Timestamp) -> bool {
        self.is_due(now) && !matches!(self.standing, Standing::Held(_))
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
            return Standing::Held("it was removed from Entra already".to_string());
        };
        match may_go(&line.credential, &self.facts, &self.others, now) {
            Ok(cautions) if cautions.is_empty() => Standing::Ready,
            Ok(cautions) => Standing::Unsure(cautions.join("; ")),
            Err(why) => Standing::Held(why),
        }
    }
}

impl Desk {
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
    pub(super) fn retiring(&self) -> Result<HashMap<Uuid, Timestamp>, Trouble> {
        let all = self.store.retirements()?;
        Ok(all.into_iter().map(|one| (one.key_id, one.due)).collect())
    }
}
