//! A client secret whose value this process holds, and whether it is in a portal yet.

use jiff::Timestamp;
use secrecy::SecretString;
use uuid::Uuid;

use super::event::DeskEvent;
use super::{Inner, guard};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::RegistrationFacts;

/// A client secret whose value this process still holds; nothing else does.
#[derive(Debug, Clone)]
pub struct SecretInHand {
    /// `keyId` in Entra: names the secret, and is no secret itself.
    pub key_id: Uuid,
    /// What a sign-in needs. Debug output does not show it, and its memory is overwritten when it is dropped.
    pub value: SecretString,
    /// When it was made.
    pub made_at: Timestamp,
    /// The device that it was made for; those that share its registration may use it too.
    pub made_for: Fqdn,
    /// When it ends.
    pub end: Timestamp,
}

impl Inner {
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
