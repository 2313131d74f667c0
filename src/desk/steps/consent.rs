//! Steps that consent in the provider's own tenant.

use serde_json::json;
use uuid::Uuid;

use crate::desk::event::Trouble;
use crate::desk::run::StepEnd;
use crate::entra::principals::DelegatedGrant;
use crate::entra::request::requests;
use crate::registration::plan::Action;

use super::{Done, Work, done, trouble};

impl Work<'_> {
    /// Grants scopes of one resource. What is granted is read now: whatever somebody added since the plan was drawn up
    /// stays, since a change of a grant replaces all of it.
    pub(super) async fn grant_scopes(
        &mut self,
        at: usize,
        action: &Action,
        resource: Uuid,
        added: &[String],
    ) -> Result<Done, StepEnd> {
        self.know_principal().await?;
        let there = self.grant(resource).await?;
        let words = match self.grant_beside(at, action, there, added).await {
            // Somebody was faster, or our own first try was carried out and its answer lost.
            Err(StepEnd::Failed(_)) if self.duplicate => {
                let there = self.grant(resource).await?;
                self.grant_beside(at, action, there, added).await?
            }
            outcome => outcome?,
        };
        done(words, json!({"resource": resource, "scopes": added}))
    }

    async fn grant_beside(
        &mut self,
        at: usize,
        action: &Action,
        there: Option<DelegatedGrant>,
        wanted: &[String],
    ) -> Result<&'static str, StepEnd> {
        let mut fresh = action.clone();
        if let Action::GrantScopes {
            grant, kept, added, ..
        } = &mut fresh
        {
            *kept = there
                .as_ref()
                .map_or_else(Vec::new, |one| one.scopes.clone());
            *added = wanted
                .iter()
                .filter(|one| !kept.contains(one))
                .cloned()
                .collect();
            *grant = there.map(|one| one.id);
            if added.is_empty() {
                return Ok("granted in the meantime");
            }
        }
        self.replicated(at, &fresh).await?;
        Ok("granted")
    }

    /// The grant for everybody that is there already.
    async fn grant(&self, resource: Uuid) -> Result<Option<DelegatedGrant>, StepEnd> {
        let Some(principal) = self.known.principal_id else {
            return Ok(None);
        };
        let all = match self.ways()?.graph.delegated_grants(principal).await {
            Ok(all) => all,
            // One that was made a moment ago is not everywhere yet, and has none.
            Err(error) if error.is_not_found() => vec![],
            Err(error) => return Err(trouble("read what is granted", &error)),
        };
        let mut all = all.into_iter();
        Ok(all.find(|one| one.for_everybody && one.resource_object_id == resource))
    }

    pub(super) async fn grant_role(&mut self, at: usize, action: &Action) -> Result<Done, StepEnd> {
        self.know_principal().await?;
        let words = match self.replicated(at, action).await {
            Err(StepEnd::Failed(_)) if self.duplicate => "it was granted already",
            Err(end) => return Err(end),
            Ok(_) => "granted",
        };
        let detail = requests(action, &self.known)
            .first()
            .map(|one| one.path.clone());
        done(words, json!({"path": detail}))
    }

    /// The service principal that is granted to; this run may have made it.
    async fn know_principal(&mut self) -> Result<(), StepEnd> {
        if self.known.principal_id.is_some() {
            return Ok(());
        }
        let app_id = self.app_id()?;
        let read = self.ways()?.graph.service_principal(app_id).await;
        let found = read.map_err(|error| trouble("read the service principal", &error))?;
        let principal = found.ok_or_else(|| {
            Trouble::new(
                "nothing was consented to in your tenant",
                "the registration has no service principal there",
                "Repair the device, which creates one; then consent.",
            )
        })?;
        self.known.principal_id = Some(principal.object_id);
        Ok(())
    }
}
