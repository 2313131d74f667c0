//! Taking one client secret out of Entra: the same way for a run's step and for giving a dead run up.

use uuid::Uuid;

use super::Inner;
use super::audit::{Who, of_graph};
use crate::entra::failure::GraphError;
use crate::entra::graph::Graph;
use crate::entra::request::{Known, requests};
use crate::registration::plan::Action;

/// How often a removal is sent whose answers are lost while the secret is read to be there still: twice sent removes
/// it once.
pub(super) const REMOVAL_TRIES: u32 = 3;

/// The step that removes a secret.
pub(super) fn removal(key_id: Uuid, name: &str) -> Action {
    Action::RemoveSecret {
        key_id,
        name: name.to_string(),
        hint: None,
    }
}

impl Inner {
    /// Removes a registration's secret, each request with its row in the audit trail. One that is gone already, by a try
    /// whose answer was lost, is as good as removed.
    ///
    /// # Errors
    /// Why the last try failed, where the secret is still there or that can't be told.
    pub(super) async fn remove_from_entra<'a>(
        &self,
        graph: &Graph,
        known: &Known,
        removal: &Action,
        key_id: Uuid,
        who: impl Fn() -> Who<'a>,
    ) -> Result<(), GraphError> {
        // Without a registration there are no secrets.
        let Some(object_id) = known.object_id else {
            return Ok(());
        };
        for request in requests(removal, known) {
            let mut tries = 0;
            loop {
                let sent = graph.send(&request).await;
                self.audit_request(who(), &request, of_graph(&sent));
                let Err(error) = sent else { break };
                tries += 1;
                match graph.application(object_id).await.map(|app| {
                    let mut secrets = app.iter().flat_map(|app| &app.password_credentials);
                    secrets.any(|one| one.key_id == key_id)
                }) {
                    Ok(false) => break,
                    Ok(true) if error.is_unknown_outcome() && tries < REMOVAL_TRIES => {}
                    _ => return Err(error),
                }
            }
        }
        Ok(())
    }
}
