//! From what somebody wants to a plan on the facts that are stored, or read for it.

use jiff::Timestamp;
use uuid::Uuid;

use super::event::Trouble;
use super::file::{DeviceFile, PlanFile};
use super::{Desk, guard};
use crate::registration::fleet::Fqdn;
use crate::registration::observed::Candidate;
use crate::registration::plan::{Intent, plan};

impl Desk {
    /// Makes a plan. A chosen blueprint and what a form says hold for the device from when the plan is carried out.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such device, or no such plan.
    pub fn plan(
        &self,
        fqdn: &Fqdn,
        intent: Intent,
        blueprint: Option<&str>,
        now: Timestamp,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        self.plan_on(self.inner.file(fqdn)?, intent, blueprint, now)
    }

    /// Reads a device anew and plans what `intent` makes of it: what nobody has looked at meanwhile is not planned on.
    ///
    /// # Errors
    /// [`Trouble`], when the device can't be read, or there is no such plan.
    pub async fn plan_fresh(
        &self,
        fqdn: &Fqdn,
        intent: impl FnOnce(&DeviceFile, Timestamp) -> Result<Intent, Trouble>,
    ) -> Result<PlanFile, Trouble> {
        self.read_for(fqdn).await?;
        let file = self.inner.file(fqdn)?;
        let intent = intent(&file, Timestamp::now())?;
        Ok(self.plan_anew(fqdn, intent, None).await?.0)
    }

    /// Makes a plan after reading what it hangs on: for an application that is to be taken over the device, for a secret what
    /// policy forbids, so that this is said before and not after.
    ///
    /// # Errors
    /// [`Trouble`], when that can't be read, or there is no such plan.
    pub async fn plan_anew(
        &self,
        fqdn: &Fqdn,
        intent: Intent,
        blueprint: Option<&str>,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        match intent {
            Intent::Adopt { object_id } => return self.plan_adopt(fqdn, Some(object_id)).await,
            Intent::Push { .. } | Intent::Rotate => self.know_policy(fqdn).await?,
            _ => {}
        }
        self.plan(fqdn, intent, blueprint, Timestamp::now())
    }

    /// Reads a device anew and plans to take an application that is there already for its registration: the one with
    /// this object ID, else the only one that was found.
    ///
    /// # Errors
    /// [`Trouble`], when the device can't be read, or there is no such plan.
    pub async fn plan_adopt(
        &self,
        fqdn: &Fqdn,
        object_id: Option<Uuid>,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        self.read_for(fqdn).await?;
        let mut file = self.inner.file(fqdn)?;
        let object_id = match object_id {
            Some(object_id) => object_id,
            None => file.only_candidate()?,
        };
        self.look_up(&mut file, object_id).await?;
        let now = Timestamp::now();
        self.plan_on(file, Intent::Adopt { object_id }, None, now)
    }

    /// Makes sure that the application with this object ID is among what was found for a device, if Entra has it.
    pub(in crate::desk) async fn look_up(
        &self,
        file: &mut DeviceFile,
        object_id: Uuid,
    ) -> Result<(), Trouble> {
        let facts = &mut file.facts;
        let own = facts.application().map(|app| app.object_id);
        let found = facts.candidates.iter().map(|one| one.object_id);
        if found.chain(own).any(|one| one == object_id) {
            return Ok(());
        }
        let graph = &self.inner.ways(file.device.tenant)?.graph;
        let read = graph.application(object_id).await.map_err(|error| {
            let what = format!("{object_id} could not be read");
            Trouble::of(what, &error)
        })?;
        let named = |app| Candidate::of(app, "object ID", None);
        facts.candidates.extend(read.map(named));
        Ok(())
    }

    pub(in crate::desk) fn plan_on(
        &self,
        mut file: DeviceFile,
        intent: Intent,
        blueprint: Option<&str>,
        now: Timestamp,
    ) -> Result<(PlanFile, DeviceFile), Trouble> {
        if let Some(name) = blueprint {
            file.device.blueprint = name.into();
            file.blueprint = self.inner.blueprint(&file.device).clone();
        }
        if let Intent::Create(form) = intent.purpose() {
            self.inner.take_over(&mut file.device, form);
        }
        let intent = completed(intent, &file);
        let mut plan =
            plan(&file.blueprint, &file.device, file.observed(), intent, now).map_err(|why| {
                Trouble::new("there is no plan", why.to_string(), "Nothing was done.")
            })?;
        if let (Some(dead), false) = (
            &file.unfinished,
            matches!(plan.intent, Intent::Resume { .. }),
        ) {
            plan.notes.push(format!(
                "run {} on this device was interrupted: resume that run instead; otherwise what it left stays",
                dead.summary.id.short()
            ));
        }
        if let (Intent::Push { .. }, Some(secret)) = (plan.intent.purpose(), &file.secret)
            && secret.made_for != file.device.fqdn
        {
            plan.notes.push(format!(
                "the secret that was added for {} is pushed here too: both share the registration",
                secret.made_for
            ));
        }
        self.inner.note_secret_command(&mut plan);
        let requests = self.inner.preview(&plan, &file.device);
        let fqdn = &file.device.fqdn;
        let read = guard(&self.inner.runs_seen).get(fqdn).copied();
        let seen = match read {
            Some(seen) => seen,
            // Read by an earlier process: nothing is known but what the journal says now.
            None => self.inner.store.runs_seen(fqdn)?,
        };
        let file_of_plan = PlanFile {
            plan,
            requests,
            seen: Some(seen),
        };
        Ok((file_of_plan, file))
    }
}

/// An intent with what only the desk knows: the secret in hand, and what is on record of secrets and other portals.
fn completed(intent: Intent, file: &DeviceFile) -> Intent {
    match intent {
        // A push uses the secret whose value this process still holds, if Entra still has it; nobody else's.
        Intent::Push { .. } => Intent::Push {
            secret_in_hand: file.secret_in_entra().map(|secret| secret.key_id),
        },
        Intent::Rotate => match file.secret_of_another() {
            Some(secret) => Intent::Push {
                secret_in_hand: Some(secret.key_id),
            },
            None => Intent::Rotate,
        },
        Intent::Retire { key_id, .. } => Intent::Retire {
            key_id,
            put_down: file
                .secrets
                .iter()
                .any(|line| line.credential.key_id == key_id && line.due.is_some()),
            others: file.others.clone(),
        },
        Intent::Resume { remains, intent } => Intent::Resume {
            remains,
            intent: Box::new(completed(*intent, file)),
        },
        other => other,
    }
}
