//! Devices judged anew, kept and told. One at a time: whoever judges has all that is stored until then, so the verdict that
//! is kept and told last is the newest.

use jiff::Timestamp;
use uuid::Uuid;

use super::event::{DeskEvent, FleetRow, Trouble};
use super::{Desk, Inner, guard};
use crate::registration::checklist::checklist;
use crate::registration::fleet::{Device, Fqdn};
use crate::registration::observed::{Observed, RegistrationFacts, TenantFacts};
use crate::registration::status::{Verdict, verdict};

impl Desk {
    /// All devices as they were last judged. Verdicts that time has overtaken are made anew from the stored facts, so
    /// that a secret that ran out overnight shows without any network.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn fleet(&self, now: Timestamp) -> Result<Vec<FleetRow>, Trouble> {
        let _turn = guard(&self.inner.judging);
        let mut rows = self.inner.store.fleet()?;
        let mut turned = Vec::new();
        for row in &mut rows {
            let over = row.verdict.as_ref().and_then(|verdict| verdict.holds_until);
            if over.is_some_and(|until| until <= now)
                && let Some(device) = self.inner.device(&row.fqdn)?
            {
                let facts = self.inner.store.registration_facts(&row.fqdn)?;
                let tenant = self.inner.store.tenant_facts(row.tenant)?;
                let verdict = self.inner.judge(&device, &tenant, &facts, now);
                row.verdict = Some(verdict.clone());
                turned.push((row.fqdn.clone(), verdict));
            }
        }
        if !turned.is_empty() {
            self.inner.store.save_verdicts(&turned)?;
        }
        Ok(rows)
    }
}

impl Inner {
    /// Judges a device anew from its stored facts, and tells.
    pub(super) fn rejudge(&self, fqdn: &Fqdn, now: Timestamp) -> Result<(), Trouble> {
        let turn = guard(&self.judging);
        let file = self.file(fqdn)?;
        let verdict = file.verdict(now);
        self.store
            .save_verdicts(&[(fqdn.clone(), verdict.clone())])?;
        let row = FleetRow {
            fqdn: fqdn.clone(),
            tenant: file.device.tenant,
            verdict: Some(verdict),
        };
        self.tell(DeskEvent::RowsChanged(vec![row]));
        drop(turn);
        self.tell_whether_its_secret_waits(fqdn);
        Ok(())
    }

    /// Keeps what was read of devices of a tenant, judges them and tells. `put` puts what was read into the facts of a
    /// device as they are stored now, so that what was pushed, stated or read while it was under way stays.
    pub(super) fn keep_registrations(
        &self,
        tenant: Uuid,
        tenant_facts: &TenantFacts,
        devices: Vec<Device>,
        mut put: impl FnMut(&Device, &mut RegistrationFacts) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let _turn = guard(&self.judging);
        let now = Timestamp::now();
        let mut judged = Vec::with_capacity(devices.len());
        for device in devices {
            let mut facts = self.store.registration_facts(&device.fqdn)?;
            put(&device, &mut facts)?;
            let verdict = self.judge(&device, tenant_facts, &facts, now);
            judged.push((device.fqdn, facts, verdict));
        }
        self.store.save_registrations(&judged)?;
        let rows = judged.into_iter().map(|(fqdn, _, verdict)| FleetRow {
            fqdn,
            tenant,
            verdict: Some(verdict),
        });
        self.tell(DeskEvent::RowsChanged(rows.collect()));
        Ok(())
    }

    fn judge(
        &self,
        device: &Device,
        tenant: &TenantFacts,
        facts: &RegistrationFacts,
        now: Timestamp,
    ) -> Verdict {
        let observed = Observed {
            tenant,
            registration: facts,
        };
        let blueprint = self.blueprint(device);
        let checklist = checklist(blueprint, device, observed, now);
        verdict(blueprint, device, observed, &checklist, now)
    }
}
