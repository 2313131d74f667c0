//! The JSON of the commands that change one device: its plan, and what came of it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::document;
use super::plan::steps;
use super::reading::now;
use crate::desk::event::{RunId, Trouble};
use crate::desk::file::PlanFile;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::Candidate;

/// What is told of one device's change, as far as it went.
pub(super) struct ChangeDocument {
    device: Fqdn,
    tenant: Uuid,
    intent: &'static str,
    steps: Vec<Value>,
    left_alone: Vec<String>,
    notes: Vec<String>,
    candidates: Value,
    runs: Vec<String>,
    failure: Value,
    outcome: Option<&'static str>,
}

impl ChangeDocument {
    /// Nothing is planned yet.
    pub fn new(device: Fqdn, tenant: Uuid, intent: &'static str) -> ChangeDocument {
        ChangeDocument {
            device,
            tenant,
            intent,
            steps: Vec::new(),
            left_alone: Vec::new(),
            notes: Vec::new(),
            candidates: json!([]),
            runs: Vec::new(),
            failure: Value::Null,
            outcome: None,
        }
    }

    /// One more plan: a create is followed by a push.
    pub fn plans(&mut self, file: &PlanFile) {
        self.steps.extend(steps(file));
        self.left_alone.extend(file.plan.left_alone.clone());
        self.notes.extend(file.plan.notes.clone());
    }

    /// Somebody has to choose one of these first.
    pub fn has_to_be_chosen(&mut self, all: &[Candidate]) {
        self.candidates = all.iter().map(candidate).collect();
    }

    /// A run began.
    pub fn began(&mut self, run: RunId) {
        self.runs.push(run.short());
    }

    /// All of it was carried out.
    pub fn done(&mut self) {
        self.outcome = Some("done");
    }

    /// It failed on the way.
    pub fn failed(&mut self, why: &Trouble) {
        self.outcome = Some("failed");
        self.failure = json!({"what": why.what, "why": why.why, "next": why.next});
    }

    /// The document.
    pub fn text(self, sandbox: bool) -> String {
        let mut all = document::head("umpdeck.change/1", now(), sandbox);
        let mut put = |key: &str, value: Value| all.insert(key.into(), value);
        put("device", self.device.as_str().into());
        put("tenant", json!(self.tenant));
        put("intent", self.intent.into());
        put("steps", self.steps.into());
        put("leftAlone", json!(self.left_alone));
        put("notes", json!(self.notes));
        put("candidates", self.candidates);
        put("outcome", json!(self.outcome));
        put("failure", self.failure);
        put("runs", json!(self.runs));
        document::text(all)
    }
}

/// An application that may be a device's registration.
pub(super) fn candidate(one: &Candidate) -> Value {
    json!({
        "objectId": one.object_id,
        "clientId": one.app_id,
        "name": one.display_name,
        "foundBy": one.found_by,
        "deleted": one.deleted,
    })
}
