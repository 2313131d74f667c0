//! Steps on the registration itself: finding, creating, reading back.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::desk::event::{RunEvent, Trouble};
use crate::desk::finding::Applications;
use crate::desk::read_back::not_there;
use crate::desk::run::StepEnd;
use crate::registration::directory::{Deleted, Listed};
use crate::registration::observed::Application;
use crate::registration::plan::{Action, Intent, Properties};
use crate::registration::redirect::device_redirect_uri;

use super::{CLOCK_SKEW, Done, REPLICATION, Work, done, trouble};

impl Work<'_> {
    /// Somebody may have made the registration since the plan was drawn up: then a create must not go on.
    pub(super) async fn find(&mut self, name: &str) -> Result<Done, StepEnd> {
        let ways = self.ways()?;
        let graph = &ways.graph;
        let failed = |error| trouble("look for an existing registration", &error);
        let device = &self.file.device;
        let unique_name = device.unique_name();
        let mut all: Vec<Application> = graph
            .application_by_unique_name(&unique_name)
            .await
            .map_err(failed)?
            .into_iter()
            .collect();
        let blueprint = &self.file.blueprint;
        if let Ok(uri) = device_redirect_uri(blueprint, device) {
            all.extend(
                graph
                    .applications_with_redirect_uri(uri.as_str())
                    .await
                    .map_err(failed)?,
            );
        }
        all.extend(graph.applications_named(name).await.map_err(failed)?);
        all.sort_by_key(|app| app.object_id);
        all.dedup_by_key(|app| app.object_id);
        let listed: Vec<Listed> = all.iter().map(Listed::of).collect();
        let found = Applications::new(&listed).find_named(blueprint, device, name);
        let there = found
            .application
            .map(|app| (app.display_name.clone(), app.app_id))
            .or_else(|| {
                found
                    .candidates
                    .first()
                    .map(|one| (one.display_name.clone(), one.app_id))
            });
        let unique = all
            .iter()
            .find(|app| app.unique_name.as_deref() == Some(unique_name.as_str()));
        if let (Some(app), true) = (unique, self.resumes()) {
            // The dead run's request arrived after the device was read: the create below finds it.
            self.known.object_id = Some(app.object_id);
            self.known.app_id = Some(app.app_id);
            return done("it is there now", json!({"objectId": app.object_id}));
        }
        if let Some((name, app_id)) = there {
            return Err(Trouble::new(
                "nothing was created",
                format!("\"{name}\" ({app_id}) may be this device's registration already"),
                "Read the device again: umpdeck never creates a second registration where it finds one. Then adopt that one, or rename it in Entra.",
            )
            .into());
        }
        let bin = graph.deleted_applications().await.map_err(failed)?;
        let holds = |one: &&Deleted| one.application.unique_name.as_deref() == Some(&*unique_name);
        if let Some(deleted) = bin.iter().find(holds) {
            return Err(Trouble::new(
                "nothing was created",
                format!(
                    "a deleted registration (object ID {}) still holds the name {unique_name}",
                    deleted.application.object_id
                ),
                "Read the device again and adopt the deleted registration, which restores it; or delete it permanently in the Entra portal (App registrations, Deleted applications).",
            )
            .into());
        }
        done("none yet", json!({}))
    }

    pub(super) async fn create(
        &mut self,
        at: usize,
        action: &Action,
        properties: &Properties,
    ) -> Result<Done, StepEnd> {
        if let (Some(object_id), Some(app_id)) = (self.known.object_id, self.known.app_id) {
            self.set = properties.clone();
            let detail = json!({"objectId": object_id, "appId": app_id});
            return done(format!("it was there already; client ID {app_id}"), detail);
        }
        let answer = self.replicated(at, action).await?;
        let (object_id, app_id, words) = if answer.status == 201 {
            let app = crate::entra::wire::application(answer.body).map_err(|why| {
                Trouble::new(
                    "the registration was created",
                    format!("Graph's answer is not understood: {}", why.0),
                    "Read the device again: umpdeck finds the registration by its unique name.",
                )
            })?;
            (app.object_id, app.app_id, "client ID")
        } else {
            if !answer.perhaps_done_before && !self.resumes() {
                return Err(somebody_was_faster());
            }
            let app = self.made_by_this_run(at, properties).await?;
            (
                app.object_id,
                app.app_id,
                "created; the answer was lost; client ID",
            )
        };
        self.known.object_id = Some(object_id);
        self.known.app_id = Some(app_id);
        self.made_at = Some(Instant::now());
        self.set = properties.clone();
        let detail = json!({"objectId": object_id, "appId": app_id});
        done(format!("{words} {app_id}"), detail)
    }

    /// Takes up a run that died: what it sent may have been carried out.
    fn resumes(&self) -> bool {
        matches!(self.plan.intent, Intent::Resume { .. })
    }

    /// The upsert found something: either our own first try, whose answer was lost, or somebody else was faster.
    /// Ours is just as it was asked for, and not older than this run.
    async fn made_by_this_run(
        &self,
        at: usize,
        properties: &Properties,
    ) -> Result<Application, StepEnd> {
        let failed = |error| trouble("read the registration back", &error);
        let unique_name = self.file.device.unique_name();
        let (began, since) = (Instant::now(), Timestamp::now());
        let mut pause = Duration::from_millis(500);
        // The upsert meets what a read does not see yet.
        let app = loop {
            let ways = self.ways()?;
            let app = ways
                .graph
                .application_by_unique_name(&unique_name)
                .await
                .map_err(failed)?;
            if app.is_some() || began.elapsed() >= REPLICATION {
                break app;
            }
            let on = "replication".to_string();
            self.tell(RunEvent::Waiting {
                step: at,
                on,
                since,
            });
            self.pause(&mut pause).await?;
        };
        let earliest = self.began.checked_sub(CLOCK_SKEW).unwrap_or(self.began);
        app.filter(|app| {
            not_there(properties, app).is_empty() && app.created.is_some_and(|at| at >= earliest)
        })
        .ok_or_else(somebody_was_faster)
    }

    pub(super) async fn read_back(&mut self, at: usize) -> Result<Done, StepEnd> {
        let began = Instant::now();
        let since = Timestamp::now();
        let mut pause = Duration::from_millis(500);
        loop {
            let object_id = self.known.object_id.ok_or_else(|| {
                Trouble::new(
                    "the registration can't be read back",
                    "the object ID is not known",
                    "Read the device again.",
                )
            })?;
            let read = self.ways()?.graph.application(object_id).await;
            let missing = match read {
                Ok(Some(application)) => {
                    let mut missing = not_there(&self.set, &application);
                    let shows = |key_id| {
                        application
                            .password_credentials
                            .iter()
                            .any(|one| one.key_id == key_id)
                    };
                    if self.minted.is_some_and(|key_id| !shows(key_id)) {
                        missing.push("the new secret");
                    }
                    if !self.principal_shows(application.app_id).await? {
                        missing.push("the service principal");
                    }
                    if missing.is_empty() {
                        return done("as planned", json!({}));
                    }
                    missing.join(", ")
                }
                Ok(None) => "the registration".to_string(),
                Err(error) => return Err(trouble("read the registration back", &error)),
            };
            if began.elapsed() >= REPLICATION {
                return Err(Trouble::new(
                    "the registration is not as planned yet",
                    format!("after 60 s Entra still does not show: {missing}"),
                    "Read the device again in a minute; a repair sets what is still missing.",
                )
                .into());
            }
            self.tell(RunEvent::Waiting {
                step: at,
                on: "replication".to_string(),
                since,
            });
            self.pause(&mut pause).await?;
        }
    }

    /// Whether Entra shows the service principal that this run made; true where it made none.
    async fn principal_shows(&self, app_id: Uuid) -> Result<bool, StepEnd> {
        if !self.made_principal {
            return Ok(true);
        }
        let read = self.ways()?.graph.service_principal(app_id).await;
        read.map(|principal| principal.is_some())
            .map_err(|error| trouble("read the service principal back", &error))
    }
}

fn somebody_was_faster() -> StepEnd {
    Trouble::new(
        "nothing was created",
        "somebody else created this registration a moment ago",
        "Read the device again; a repair sets what is missing.",
    )
    .into()
}
