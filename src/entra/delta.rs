//! What changed in a tenant since it was last read: Graph's delta queries. Only *that* something changed is taken from
//! them, since Graph says of a changed thing no more than what changed of it.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::failure::GraphError;
use super::graph::{Graph, MOST_PAGES, not_understood};
use super::wire::{NotUnderstood, lenient, read};
use crate::http::{Answer, Request};

/// Where to ask for a link from which changes of applications can be followed from now on.
pub const APPLICATIONS_NOW: &str = "/v1.0/applications/delta?$deltatoken=latest&$select=id,appId,displayName,\
uniqueName,signInAudience,publisherDomain,passwordCredentials,verifiedPublisher,web,spa,publicClient,\
isFallbackPublicClient,requiredResourceAccess,notes";
/// The same of service principals.
pub const PRINCIPALS_NOW: &str =
    "/v1.0/servicePrincipals/delta?$deltatoken=latest&$select=id,appId,accountEnabled";

/// One thing that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The object ID of what changed.
    pub object_id: Uuid,
    /// Its `appId`, where Graph says it; it always does of a new thing.
    pub app_id: Option<Uuid>,
    /// It was deleted; one in the bin counts too.
    pub gone: bool,
}

/// What changed, and where to ask the next time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// All that changed, in Graph's order; one thing may stand there more than once.
    pub changed: Vec<Changed>,
    /// `@odata.deltaLink`, opaque.
    pub link: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default, deserialize_with = "lenient")]
    value: Vec<Item>,
    #[serde(rename = "@odata.nextLink", default)]
    next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink", default)]
    delta_link: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    id: Uuid,
    #[serde(rename = "appId", default)]
    app_id: Option<Uuid>,
    #[serde(rename = "@removed", default)]
    removed: Option<Value>,
}

impl Graph {
    /// What changed since the link was handed out; `None` when Graph no longer knows, and all must be listed again.
    ///
    /// # Errors
    /// [`GraphError`], when Graph refuses, can't be reached, or answers what is not understood.
    pub async fn changes(&self, link: &str) -> Result<Option<Changes>, GraphError> {
        let mut changed = Vec::new();
        // A link of another address (the settings changed) is not followed: it would carry the token away.
        let Some(mut path) = self.client().base().path_of(link) else {
            return Ok(None);
        };
        for _ in 0..MOST_PAGES {
            let answer = match self.send(&Request::get(&path)).await {
                Ok(answer) => answer,
                Err(error) if is_resync(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
            let page: Page = read(answer.body).map_err(|why| not_understood(&path, &why))?;
            changed.extend(page.value.into_iter().map(|item| Changed {
                object_id: item.id,
                app_id: item.app_id,
                gone: item.removed.is_some(),
            }));
            if let Some(link) = page.delta_link {
                return Ok(Some(Changes { changed, link }));
            }
            let next = page.next_link.ok_or_else(|| {
                let why = "it ends without a delta link";
                not_understood(&path, &NotUnderstood(why.to_string()))
            })?;
            let next = self.client().base().path_of(&next);
            path = next.ok_or(GraphError::ForeignLink)?;
        }
        Ok(None)
    }
}

/// Graph has forgotten what this link stood for (`syncStateNotFound`, `resyncRequired`): too old, or the service was
/// moved. A bad request is no other, since the link is Graph's own.
fn is_resync(error: &GraphError) -> bool {
    error
        .refusal()
        .is_some_and(|refusal| matches!(refusal.status, 400 | 404 | 410))
}

/// The delta link in the answer to one of the `…_NOW` paths; `None` when Graph gives none, and changes can't be
/// followed.
pub fn link_in(answer: Answer) -> Option<String> {
    read::<Page>(answer.body).ok()?.delta_link
}
