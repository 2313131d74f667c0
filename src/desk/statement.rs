//! What an operator says of a portal that nobody can read: copied, and applied.

use jiff::Timestamp;

use super::audit::{Who, signed_in};
use super::event::Trouble;
use super::file::CopyMark;
use super::{Desk, Inner, guard};
use crate::portal::interface::Portal;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{PortalRecord, RecordSource};
use crate::registration::redirect::device_redirect_uri;
use crate::registration::secret::SecretInUse;
use crate::store::StoreError;

impl Desk {
    /// Remembers that a field of a device's portal page was copied, until what was copied is stated as applied. `what` is
    /// the value, or for a secret its key ID.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be written.
    pub fn mark_copied(
        &self,
        fqdn: &Fqdn,
        field: String,
        what: String,
        at: Timestamp,
    ) -> Result<(), Trouble> {
        let by = self.inner.site.operator.clone();
        let mark = CopyMark {
            field,
            what,
            at,
            by,
        };
        let held = guard(&self.inner.secrets).get(fqdn).cloned();
        if held.is_some_and(|secret| secret.key_id.to_string() == mark.what) {
            self.secret_is_out(fqdn)?;
        }
        Ok(self.inner.store.mark_copied(fqdn, &mark)?)
    }

    /// Somebody has the value of a secret that this process holds for a device: copied, or shown on screen. From then on
    /// the portal may have it, whatever anybody says or does not say of it.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be written.
    pub fn secret_is_out(&self, fqdn: &Fqdn) -> Result<(), Trouble> {
        let record = self.inner.store.portal_record(fqdn)?;
        let held = guard(&self.inner.secrets).get(fqdn).map(|one| one.key_id);
        let Some(record) = record.filter(|record| held.is_some() && record.key_id != held) else {
            return Ok(());
        };
        self.inner.put_down_unsure(fqdn, &record)?;
        self.inner.rejudge(fqdn, Timestamp::now())
    }

    /// Records that the portal holds what Entra has now: client ID, redirect URI and the secret in use.
    ///
    /// # Errors
    /// [`Trouble`], when there is nothing to state or the store can't be written.
    pub fn state(&self, fqdn: &Fqdn, now: Timestamp) -> Result<(), Trouble> {
        let file = self.inner.file(fqdn)?;
        self.may_change(file.device.tenant)?;
        let nothing = |why: &str| Trouble::new("nothing was stated", why, "Nothing was recorded.");
        let application = file
            .facts
            .application()
            .ok_or_else(|| nothing("there is no registration"))?;
        let listed = self.inner.listed();
        if listed.portals.get(fqdn).is_some_and(Portal::reads) {
            return Err(nothing(
                "this portal is read through its interface, so nobody needs to state its values",
            ));
        }
        let redirect_uri = device_redirect_uri(&file.blueprint, &file.device)
            .map_err(|why| nothing(&why.to_string()))?;
        let record = PortalRecord {
            source: RecordSource::Stated,
            by: self.inner.site.operator.clone(),
            at: now,
            client_id: application.app_id,
            redirect_uri: redirect_uri.to_string(),
            customer_redirect_uris: customer_redirect_uris(&file.device),
            key_id: SecretInUse::of(&file.facts)
                .credential()
                .map(|secret| secret.key_id),
            proof: None,
        };
        self.inner.store.save_portal_record(fqdn, &record)?;
        self.inner.store.forget_copied(fqdn)?;
        let who = Who {
            identity: signed_in(&file.tenant_facts),
            device: fqdn,
            run: None,
        };
        self.inner
            .audit_by_hand(who, "state", &stated("stated", &record))?;
        self.inner.rejudge(fqdn, now)
    }
}

impl Inner {
    /// Puts down that nobody knows which secret a portal holds: should this process die before that is known, nobody may
    /// take the one on `record` for the one in use.
    pub(super) fn put_down_unsure(
        &self,
        fqdn: &Fqdn,
        record: &PortalRecord,
    ) -> Result<(), StoreError> {
        let unsure = PortalRecord {
            key_id: None,
            proof: None,
            ..record.clone()
        };
        self.store.save_portal_record(fqdn, &unsure)
    }
}

/// A statement in words, for the audit trail: which client ID, redirect URI and secret it is about.
pub(in crate::desk) fn stated(how: &str, record: &PortalRecord) -> String {
    let secret = match record.key_id {
        Some(key_id) => format!("secret {key_id}"),
        None => "an unknown secret".to_string(),
    };
    format!(
        "{how}: the portal holds client ID {}, {secret}, redirect URI {}",
        record.client_id, record.redirect_uri
    )
}

/// The redirect URIs that customers of a device have of their own.
pub(in crate::desk) fn customer_redirect_uris(device: &Device) -> Vec<String> {
    let own = device.customers.iter();
    own.filter_map(|customer| customer.redirect_uri.as_ref())
        .map(ToString::to_string)
        .collect()
}
