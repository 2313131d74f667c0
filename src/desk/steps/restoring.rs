//! Steps that take what was deleted out of the tenant's bin, and make sure of the service principal.

use serde_json::json;
use tokio::time::Instant;

use crate::desk::run::StepEnd;
use crate::entra::request::restore;
use crate::registration::plan::Action;

use super::{Done, Work, done, trouble};

impl Work<'_> {
    pub(super) async fn restore_application(
        &mut self,
        at: usize,
        action: &Action,
    ) -> Result<Done, StepEnd> {
        let detail = json!({"objectId": self.known.object_id});
        if let Err(end) = self.replicated(at, action).await {
            // A try whose answer was lost may have done it: then the bin has it no more.
            if !self.is_there().await {
                return Err(end);
            }
            self.lost = false;
        }
        self.made_at = Some(Instant::now());
        done("restored", detail)
    }

    async fn is_there(&self) -> bool {
        let (Some(object_id), Ok(ways)) = (self.known.object_id, self.ways()) else {
            return false;
        };
        matches!(ways.graph.application(object_id).await, Ok(Some(_)))
    }

    /// A restored application has no service principal yet: its own is in the bin too, with what was granted to it.
    pub(super) async fn restore_principal(&mut self, at: usize) -> Result<Done, StepEnd> {
        let app_id = self.app_id()?;
        let failed = |error| trouble("look for the service principal", &error);
        let graph = &self.ways()?.graph;
        if graph
            .service_principal(app_id)
            .await
            .map_err(failed)?
            .is_some()
        {
            return done("it was there already", json!({}));
        }
        let deleted = graph
            .deleted_service_principal(app_id)
            .await
            .map_err(failed)?;
        let Some(object_id) = deleted else {
            return self.ensure_principal(at).await;
        };
        let sent = self.send(&restore(&object_id.to_string())).await;
        if let Err(error) = sent {
            self.lost = error.is_unknown_outcome();
            return Err(trouble("restore the service principal", &error));
        }
        self.made_at = Some(Instant::now());
        self.made_principal = true;
        self.known.principal_id = Some(object_id);
        done("restored", json!({"id": object_id}))
    }

    pub(super) async fn ensure_principal(&mut self, at: usize) -> Result<Done, StepEnd> {
        let answer = self.replicated(at, &Action::EnsureServicePrincipal).await?;
        self.made_at = Some(Instant::now());
        self.made_principal = answer.status == 201;
        let made = answer.body.get("id").and_then(serde_json::Value::as_str);
        if let Some(id) = made.and_then(|id| uuid::Uuid::parse_str(id).ok()) {
            self.known.principal_id = Some(id);
        }
        let words = if self.made_principal {
            "created"
        } else {
            "it was there already"
        };
        done(words, json!({"id": answer.body.get("id")}))
    }
}
