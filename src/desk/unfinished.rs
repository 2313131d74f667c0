//! Runs that died under way: what they did, what nobody knows of, and how they are taken up or given up.

use jiff::Timestamp;
use uuid::Uuid;

use super::audit::{Who, signed_in};
use super::event::{RunId, Trouble};
use super::file::{DeviceFile, OrphanSecret, PlanFile, RunOutcome, RunSummary, Scope};
use super::removal::removal;
use super::{Desk, Inner, owner};
use crate::entra::request::Known;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::{Application, PasswordCredential};
use crate::registration::plan::{Intent, Plan, Remains};
use crate::registration::secret::role::OfRun;
use crate::text::sentence;

mod words;
use words::{abandonment, story, tell};

/// A run that died under way, in an operator's words.
#[derive(Debug, Clone, PartialEq)]
pub struct UnfinishedRun {
    /// The run.
    pub summary: RunSummary,
    /// What it was for, in one word: what it was itself to take up, where it was a resume.
    pub purpose: String,
    /// What it surely did.
    pub done: String,
    /// What it had begun and nobody knows the end of.
    pub unknown: String,
    /// What a resume does.
    pub resume_will: String,
}

impl UnfinishedRun {
    /// What it did, what nobody knows, and what a resume will do, in sentences; `resume` is how one resumes it.
    pub fn told(&self, resume: &str) -> [String; 3] {
        [
            format!("Done: {}", self.done),
            format!("Unknown: {}", self.unknown),
            format!("{resume} will: {}", self.resume_will),
        ]
        .map(|line| sentence(&line))
    }
}

/// What giving a run up does.
#[derive(Debug, Clone, PartialEq)]
pub struct Abandonment {
    /// The run that is given up.
    pub run: RunSummary,
    /// The secrets that it added and that are removed, by key ID and name.
    pub removes: Vec<(Uuid, String)>,
    /// The secrets that it added and that stay, by name.
    pub leaves: Vec<String>,
    /// All of it in words.
    pub words: String,
}

impl Desk {
    /// The runs that died under way, oldest first.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn unfinished(&self, now: Timestamp) -> Result<Vec<UnfinishedRun>, Trouble> {
        let open = self.inner.store.open_runs()?;
        open.into_iter()
            .filter(|run| !owner::is_at_work(run, &self.inner.site.operator, now))
            .map(|run| self.inner.told(run))
            .collect()
    }

    /// The runs that are under way somewhere, oldest first.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn under_way(&self, now: Timestamp) -> Result<Vec<RunSummary>, Trouble> {
        let mut open = self.inner.store.open_runs()?;
        open.retain(|run| owner::is_at_work(run, &self.inner.site.operator, now));
        Ok(open)
    }

    /// The newest runs of all devices, newest first, at most `rows` of them.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn runs(&self, rows: usize) -> Result<Vec<RunSummary>, Trouble> {
        Ok(self.inner.store.runs(None, rows)?)
    }

    /// The run that an operator means by its short ID or its whole one.
    ///
    /// # Errors
    /// [`Trouble`], when there is none, or several bear the short ID.
    pub fn run_named(&self, text: &str) -> Result<RunId, Trouble> {
        let lower = text.trim().to_lowercase();
        if let Ok(id) = lower.parse::<RunId>() {
            return Ok(self.inner.store.run(id)?.id);
        }
        let found = self.inner.store.runs_of_short(&lower)?;
        match found.as_slice() {
            [] => Err(Trouble::new(
                "there is no such run",
                text,
                "`umpdeck runs` lists the runs of this machine.",
            )),
            [only] => Ok(only.id),
            several => {
                let each = several.iter();
                let each = each.map(|run| format!("{} ({} {})", run.id, run.intent, run.device));
                Err(Trouble::new(
                    format!("{text} is the short ID of several runs"),
                    each.collect::<Vec<_>>().join(", "),
                    "Name the run by its whole ID.",
                ))
            }
        }
    }

    /// What became of each step of a run, a paragraph each.
    ///
    /// # Errors
    /// [`Trouble`], when there is no such run or the store can't be read.
    pub fn story(&self, run: RunId) -> Result<Vec<String>, Trouble> {
        let summary = self.inner.store.run(run)?;
        let journal = self.inner.store.run_journal(run)?;
        Ok(story(&summary, &journal))
    }

    /// Reads the device of a dead run anew and plans what the run was for again. Carrying the plan out closes the
    /// dead run, with a note that names the new one.
    ///
    /// # Errors
    /// [`Trouble`], when the run is not one to take up, the device can't be read, or there is no such plan.
    pub async fn plan_resume(&self, run: RunId) -> Result<(PlanFile, DeviceFile), Trouble> {
        let summary = self.inner.dead(run, Timestamp::now())?;
        let plan = plan_of(&summary).map_err(|why| {
            Trouble::new(
                "the run can't be resumed",
                format!(
                    "its plan is not understood; another version of umpdeck may have made it: {why}"
                ),
                format!("Abandon it: umpdeck runs abandon {}", run.short()),
            )
        })?;
        self.read_for(&summary.device).await?;
        let intent = Intent::Resume {
            remains: Remains::of(run.short(), &plan),
            intent: Box::new(plan.intent.purpose().clone()),
        };
        let blueprint = match plan.intent.purpose() {
            Intent::Create(_) => Some(plan.blueprint.as_str()),
            _ => None,
        };
        let mut file = self.inner.file(&summary.device)?;
        if let Intent::Adopt { object_id } = intent.purpose() {
            self.look_up(&mut file, *object_id).await?;
        }
        self.plan_on(file, intent, blueprint, Timestamp::now())
    }

    /// Reads the device of a dead run anew and says what giving the run up does.
    ///
    /// # Errors
    /// [`Trouble`], when the run is not one to give up, or the device can't be read.
    pub async fn plan_abandon(&self, run: RunId) -> Result<Abandonment, Trouble> {
        let summary = self.inner.dead(run, Timestamp::now())?;
        self.read_for(&summary.device).await?;
        let file = self.inner.file(&summary.device)?;
        let journal = self.inner.store.run_journal(run)?;
        let application = file.facts.application();
        let credentials = application.map_or(&[][..], |app| &app.password_credentials);
        let plan = plan_of(&summary).ok();
        Ok(abandonment(summary, plan.as_ref(), &journal, credentials))
    }

    /// Gives a dead run up: removes the secrets that it added, unless they may be in use, and closes it.
    ///
    /// # Errors
    /// [`Trouble`]; then the run is still open.
    pub async fn abandon(&self, run: RunId) -> Result<Abandonment, Trouble> {
        let abandonment = self.plan_abandon(run).await?;
        self.may_change(abandonment.run.tenant)?;
        let device = &abandonment.run.device;
        let file = self.inner.file(device)?;
        for (key_id, name) in &abandonment.removes {
            self.inner.remove_secret(&file, run, *key_id, name).await?;
        }
        let note = format!("closed by {}", self.inner.site.operator);
        let now = Timestamp::now();
        self.inner
            .store
            .close_run(run, RunOutcome::Abandoned, &note, now)?;
        let who = Who {
            identity: signed_in(&file.tenant_facts),
            device,
            run: Some(run),
        };
        self.inner
            .audit_by_hand(who, "abandon", &abandonment.words)?;
        self.refresh(Scope::Device(device.clone())).await;
        Ok(abandonment)
    }

    pub(super) async fn read_for(&self, device: &Fqdn) -> Result<(), Trouble> {
        let read = self.refresh(Scope::Device(device.clone())).await;
        match read.into_iter().find_map(|one| one.failure) {
            None => Ok(()),
            Some(failure) => Err(Trouble::not_read(device, &failure)),
        }
    }
}

fn plan_of(run: &RunSummary) -> serde_json::Result<Plan> {
    serde_json::from_value(run.plan.clone())
}

impl Inner {
    fn told(&self, run: RunSummary) -> Result<UnfinishedRun, Trouble> {
        let journal = self.store.run_journal(run.id)?;
        Ok(tell(run, &journal))
    }

    /// The unfinished run of a device.
    pub(super) fn unfinished_of(
        &self,
        runs: &[RunSummary],
        now: Timestamp,
    ) -> Result<Option<UnfinishedRun>, Trouble> {
        let dead = runs
            .iter()
            .find(|run| run.outcome.is_none() && !owner::is_at_work(run, &self.site.operator, now));
        dead.map(|run| self.told(run.clone())).transpose()
    }

    /// A run that died under way.
    fn dead(&self, run: RunId, now: Timestamp) -> Result<RunSummary, Trouble> {
        let summary = self.store.run(run)?;
        let refused = |why: String| {
            Trouble::new(
                "the run can't be resumed or abandoned",
                why,
                "`umpdeck runs` lists those that can.",
            )
        };
        if let Some(outcome) = summary.outcome {
            return Err(refused(format!(
                "run {} is closed: {}",
                run.short(),
                outcome.word()
            )));
        }
        if owner::is_at_work(&summary, &self.site.operator, now) {
            return Err(refused(format!(
                "{} is working on it; its last sign of life was at {}",
                summary.owner, summary.heartbeat
            )));
        }
        Ok(summary)
    }

    async fn remove_secret(
        &self,
        file: &DeviceFile,
        run: RunId,
        key_id: Uuid,
        name: &str,
    ) -> Result<(), Trouble> {
        let ways = self.ways(file.device.tenant)?;
        let known = Known {
            tenant: file.device.tenant,
            object_id: file.facts.application().map(|app| app.object_id),
            ..Known::default()
        };
        let who = || Who {
            identity: signed_in(&file.tenant_facts),
            device: &file.device.fqdn,
            run: Some(run),
        };
        let removal = removal(key_id, name);
        self.remove_from_entra(&ways.graph, &known, &removal, key_id, who)
            .await
            .map_err(|error| Trouble::of(removal.title(), &error))?;
        self.store.is_retired(key_id)?;
        Ok(())
    }

    /// The run that added a secret, by its name: one of the device, or of one that shares the registration.
    fn run_that_added(
        &self,
        device: &Fqdn,
        shared_with: &[Fqdn],
        secret: &PasswordCredential,
    ) -> Result<Option<RunSummary>, Trouble> {
        let Some(short) = run_in(&secret.display_name) else {
            return Ok(None);
        };
        for one in std::iter::once(device).chain(shared_with) {
            if let Some(run) = self.store.run_of_device(one, short)? {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// The key IDs of secrets that a run of this machine made and that did not surely go to the device's portal with it:
    /// it has not ended well, or not yet, or it was for another device of the registration.
    pub(super) fn undelivered(
        &self,
        device: &Fqdn,
        shared_with: &[Fqdn],
        application: Option<&Application>,
    ) -> Result<Vec<Uuid>, Trouble> {
        let mut undelivered = Vec::new();
        for secret in application.iter().flat_map(|app| &app.password_credentials) {
            let Some(run) = self.run_that_added(device, shared_with, secret)? else {
                continue;
            };
            if run.outcome != Some(RunOutcome::Done) || run.device != *device {
                undelivered.push(secret.key_id);
            }
        }
        Ok(undelivered)
    }

    /// What the run at the end of a secret's name tells of it; `None` = its name bears none.
    pub(super) fn of_run(
        &self,
        device: &Fqdn,
        shared_with: &[Fqdn],
        secret: &PasswordCredential,
    ) -> Result<Option<OfRun>, Trouble> {
        let Some(short) = run_in(&secret.display_name) else {
            return Ok(None);
        };
        let Some(run) = self.run_that_added(device, shared_with, secret)? else {
            return Ok(Some(OfRun::Left(format!(
                "run {short} is not in this machine's journal; it may be another machine's"
            ))));
        };
        let named = match run.device == *device {
            true => short.to_string(),
            false => format!("{short} of {}", run.device.short()),
        };
        Ok(Some(match run.outcome {
            Some(RunOutcome::Done) => OfRun::Done(named),
            Some(outcome) => OfRun::Left(format!("its run {named} was {}", outcome.word())),
            None if owner::is_gone(&run.owner, &self.site.operator) => OfRun::Left(format!(
                "its run {named} was interrupted: resume or abandon that run"
            )),
            None => OfRun::New(format!("run {named} is working with it")),
        }))
    }

    /// The secrets of a registration that bear a run which did not end well, or which nobody here knows; not the one
    /// on record, nor the one in hand.
    pub(super) fn orphans(&self, file: &DeviceFile) -> Result<Vec<OrphanSecret>, Trouble> {
        let Some(application) = file.facts.application() else {
            return Ok(vec![]);
        };
        let record = file.facts.record_of_application();
        let in_use = [
            record.and_then(|record| record.key_id),
            file.secret.as_ref().map(|secret| secret.key_id),
        ];
        let mut orphans = Vec::new();
        for secret in &application.password_credentials {
            if in_use.contains(&Some(secret.key_id)) {
                continue;
            }
            // The run under way is not to be disturbed, and one that is done left it on purpose.
            if let Some(OfRun::Left(why)) =
                self.of_run(&file.device.fqdn, &file.facts.shared_with, secret)?
            {
                orphans.push(OrphanSecret {
                    key_id: secret.key_id,
                    name: secret.display_name.clone(),
                    why,
                });
            }
        }
        Ok(orphans)
    }
}

/// The short ID of a run that a secret's name ends with.
fn run_in(name: &str) -> Option<&str> {
    let (_, last) = name.rsplit_once(' ')?;
    let hex = |letter: char| letter.is_ascii_digit() || ('a'..='f').contains(&letter);
    (last.len() == 6 && last.chars().all(hex)).then_some(last)
}

#[cfg(test)]
mod tests;
