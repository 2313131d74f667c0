//! What is there after a program was killed and its work taken up again: everything once, and nothing left over.

use std::collections::BTreeSet;

use serde_json::Value;

use super::killed::{Ground, Work, find, word};

impl Ground {
    /// Everything is as it should be after work on a device: see each assertion.
    pub fn check(&self, work: Work, said: &str) {
        let state = self.state();
        let secrets = |state: &Value| -> Vec<(String, String)> {
            let applications = self.applications(state, work.device);
            let one = |app: &Value| -> Vec<(String, String)> {
                let ids = app["keyIds"].as_array().expect("keys").iter().map(word);
                let names = app["secretNames"].as_array().expect("names");
                let names = names
                    .iter()
                    .map(|name| name.as_str().unwrap_or("").to_string());
                ids.zip(names).collect()
            };
            applications.iter().flat_map(one).collect()
        };
        let applications = self.applications(&state, work.device);
        assert_eq!(
            applications.len(),
            1,
            "{said}: one application, not {applications:?}"
        );
        let device = find(&state["devices"], "fqdn", work.device);
        let key = device["secretKeyId"].as_str();
        let had: BTreeSet<String> = secrets(&self.before)
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        let has = secrets(&state);
        let gone: Vec<_> = had
            .iter()
            .filter(|id| has.iter().all(|(one, _)| one != *id))
            .collect();
        assert!(
            gone.is_empty(),
            "{said}: secrets of others are gone: {gone:?}"
        );
        let mut new: Vec<_> = has.iter().filter(|(id, _)| !had.contains(id)).collect();
        if work.command != "repair" {
            assert_eq!(
                device["clientId"], applications[0]["appId"],
                "{said}: the portal"
            );
            let place = new.iter().position(|(id, _)| Some(id.as_str()) == key);
            let place = place.unwrap_or_else(|| {
                panic!("{said}: the portal's secret {key:?} is not among the new ones {new:?}")
            });
            new.remove(place);
            // A create that came to its end left its secret on purpose; who died after it can't know its value.
            let ended = self.ended("done", Some("create"));
            new.retain(|(_, name)| !ended.iter().any(|run| name.ends_with(run.as_str())));
            // A run that a fault stopped, and that said so, leaves its secret to the operator, and those that it was to
            // clean up after runs that had died: they are shown as left over.
            let failed = self.ended("failed", None);
            if !failed.is_empty() {
                let unwell = [failed.clone(), self.ended("abandoned", None)].concat();
                let of_unwell = |name: &str| unwell.iter().any(|run| name.ends_with(run.as_str()));
                let flagged = self.left_over(work.device).join("\n");
                new.retain(|(_, name)| !(of_unwell(name) && flagged.contains(name.as_str())));
            }
            // One that could not prove its own secret says so, and leaves the earlier one where it is: an older one.
            if !failed.is_empty() && !new.is_empty() {
                let older = self.older(work.device);
                new.retain(|(id, _)| !older.contains(id));
            }
        }
        assert!(
            new.is_empty(),
            "{said}: left over: {new:?}; {}; told of: {:?}",
            self.runs(),
            self.left_over(work.device)
        );
        assert_eq!(self.unfinished(), None, "{said}: the journal is closed");
        let store = rusqlite::Connection::open(self.store()).expect("the store");
        let verdict: String = store
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("a check");
        assert_eq!(verdict, "ok", "{said}");
        for file in self.home.files() {
            // The store's side files come and go with its last connection.
            if let Ok(bytes) = std::fs::read(&file) {
                self.no_secret_in(&format!("{said}: {}", file.display()), &bytes);
            }
        }
    }

    /// Whether the portal does not hold a secret that umpdeck added, although the work is to put one there.
    pub fn needs(&self, work: Work) -> bool {
        if work.command == "repair" {
            return false;
        }
        let state = self.state();
        let held = |state: &Value| {
            let device = find(&state["devices"], "fqdn", work.device);
            (device["clientId"].clone(), device["secretKeyId"].clone())
        };
        held(&state) == held(&self.before)
    }

    /// Whether Entra has a registration of a device.
    pub fn is_registered(&self, device: &str) -> bool {
        let state = self.state();
        !self.applications(&state, device).is_empty()
    }

    /// The applications that stand for a device.
    pub fn registrations(&self, device: &str) -> Vec<Value> {
        self.applications(&self.state(), device)
    }

    fn applications(&self, state: &Value, device: &str) -> Vec<Value> {
        let tenant = find(&state["tenants"], "id", &self.tenant);
        let name = format!("umpdeck.{device}");
        let shown = format!("UMP Sync {}", device.split('.').next().expect("a label"));
        let all = tenant["applications"].as_array().expect("applications");
        all.iter()
            .filter(|app| {
                app["uniqueName"] == name.as_str() || app["displayName"] == shown.as_str()
            })
            .cloned()
            .collect()
    }

    /// How many secrets a device's registration has that it had not at the beginning.
    pub fn new_secrets(&self, device: &str) -> usize {
        let count = |state: &Value| -> usize {
            let applications = self.applications(state, device);
            let keys = applications
                .iter()
                .map(|app| app["keyIds"].as_array().map_or(0, Vec::len));
            keys.sum()
        };
        count(&self.state()) - count(&self.before)
    }

    /// The names and reasons of the secrets that `check` calls left over.
    pub fn left_over(&self, device: &str) -> Vec<String> {
        let output = self.run(&["check", device, "--json"]);
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let all = document["leftOverSecrets"].as_array().expect("a list");
        all.iter().map(ToString::to_string).collect()
    }

    /// The key IDs of the secrets that a run which is done added, and another one is in use by now.
    fn older(&self, device: &str) -> Vec<String> {
        let output = self.run(&["secrets", "--json"]);
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let others = find(&document["devices"], "fqdn", device)["others"].clone();
        let all = others.as_array().expect("a list").iter();
        let older = all.filter(|one| one["role"] == "older");
        older.map(|one| word(&one["keyId"])).collect()
    }

    /// Short IDs of the runs that ended so; of those that were for this, where it is said.
    fn ended(&self, outcome: &str, purpose: Option<&str>) -> Vec<String> {
        let runs = self.runs();
        let closed = runs["closed"].as_array().expect("a list");
        closed
            .iter()
            .filter(|run| run["outcome"] == outcome)
            .filter(|run| purpose.is_none_or(|purpose| run["purpose"] == purpose))
            .map(|run| word(&run["run"]))
            .collect()
    }
}
