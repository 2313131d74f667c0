//! The audit trail: who asked Entra and the portals for which change. Each request that changes something is a row
//! once its answer is there (what a run that died had sent last is in the journal); faces read and verify the rows.

use jiff::Timestamp;

use super::event::{RunId, Trouble};
use super::{Desk, Inner};
use crate::entra::failure::GraphError;
use crate::http::{Answer, Request};
use crate::portal::error::PortalError;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::TenantFacts;
use crate::store::StoreError;
pub use crate::store::{AuditEntry, AuditHead, AuditRow};

/// What a verification of the trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrailState {
    /// Every row is as it was written, up to this head.
    Intact(AuditHead),
    /// It isn't.
    Broken {
        /// The first row that isn't as it was written; rows count from 1.
        row: i64,
        /// What is wrong, and what to do.
        why: Trouble,
    },
}

impl Desk {
    /// The newest rows of the audit trail, newest first, at most `rows` of them: of one device, or not older than
    /// `since`, where that is asked for.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn audit(
        &self,
        device: Option<&Fqdn>,
        since: Option<Timestamp>,
        rows: usize,
    ) -> Result<Vec<AuditRow>, Trouble> {
        Ok(self.inner.store.audit_entries(device, since, rows)?)
    }

    /// Holds every row of the trail against its hash, and the trail against a head that is `known` from elsewhere.
    /// Takes as long as reading the whole trail takes.
    ///
    /// # Errors
    /// [`Trouble`], when the store can't be read.
    pub fn verify_audit(&self, known: Option<&AuditHead>) -> Result<TrailState, Trouble> {
        match self.inner.store.verify_audit(known) {
            Ok(head) => Ok(TrailState::Intact(head)),
            Err(
                error @ (StoreError::AuditBroken { row, .. } | StoreError::AuditRewritten { row }),
            ) => Ok(TrailState::Broken {
                row,
                why: error.into(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

/// On whose behalf something was done.
pub(super) struct Who<'a> {
    /// Who was signed in where the request went.
    pub identity: String,
    /// The device on whose account it happened.
    pub device: &'a Fqdn,
    /// The run that it belongs to.
    pub run: Option<RunId>,
}

/// What came of a request: the server's request ID and the outcome in words.
pub(super) type Came = (Option<String>, String);

/// What came of a request to Graph.
pub(super) fn of_graph(sent: &Result<Answer, GraphError>) -> Came {
    match sent {
        Ok(answer) => (answer.request_id.clone(), format!("HTTP {}", answer.status)),
        Err(error) => {
            let refusal = error.refusal();
            let request_id = refusal.and_then(|refusal| refusal.request_id.clone());
            (request_id, error.to_string())
        }
    }
}

/// What came of a request to a portal.
pub(super) fn of_portal(sent: &Result<Answer, PortalError>) -> Came {
    match sent {
        Ok(answer) => (answer.request_id.clone(), format!("HTTP {}", answer.status)),
        Err(error) => (error.request_id().map(str::to_string), error.to_string()),
    }
}

/// Who is signed in to a tenant, as it was last read.
pub(super) fn signed_in(tenant: &TenantFacts) -> String {
    let identity = tenant.identity.value.as_ref();
    identity.map(|one| one.name.clone()).unwrap_or_default()
}

impl Inner {
    /// A row for a request that was answered or given up. The request can't be taken back, so a trail that can't be
    /// written stops nothing here: the journal is written next and stops the run if the store is at fault.
    pub(super) fn audit_request(&self, who: Who<'_>, request: &Request, came: Came) {
        let (request_id, outcome) = came;
        let row = self.row(who, request.method.to_string(), outcome);
        let written = self.store.audit(&AuditEntry {
            path: request.path.clone(),
            request_id,
            ..row
        });
        if let Err(error) = written {
            tracing::error!(%error, path = %request.path, "the audit trail could not be written");
        }
    }

    /// A row for what an operator did without a request.
    pub(super) fn audit_by_hand(
        &self,
        who: Who<'_>,
        method: &str,
        outcome: &str,
    ) -> Result<(), Trouble> {
        let row = self.row(who, method.to_string(), outcome.to_string());
        Ok(self.store.audit(&row)?)
    }

    fn row(&self, who: Who<'_>, method: String, outcome: String) -> AuditEntry {
        AuditEntry {
            at: Timestamp::now(),
            os_user: self.site.operator.clone(),
            identity: who.identity,
            device: Some(who.device.clone()),
            run: who.run,
            method,
            path: String::new(),
            request_id: None,
            outcome,
        }
    }
}
