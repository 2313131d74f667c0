//! The real binary against a sandbox in a process of its own, killed and taken up again.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::program::{Home, PROGRAM, SandboxProgram, text};

/// Longer than anything here takes, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an operator does to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    pub command: &'static str,
    pub device: &'static str,
}

/// A sandbox, a home with settings for one of its tenants, and what its devices had at the beginning.
pub struct Ground {
    home: Home,
    sandbox: SandboxProgram,
    own_secret: String,
    tenant: String,
    before: Value,
}

impl Ground {
    pub fn new() -> Ground {
        Ground::of("Finebak")
    }

    /// The same for another of the sandbox's tenants.
    pub fn of(name: &str) -> Ground {
        let home = Home::new();
        let sandbox = SandboxProgram::start(&home);
        let mut ground = Ground {
            home,
            sandbox,
            own_secret: String::new(),
            tenant: String::new(),
            before: Value::Null,
        };
        let inventory = ground.json("GET", "/sandbox/inventory");
        let tenant = find(&inventory["tenants"], "name", name).clone();
        ground.own_secret = word(&tenant["clientSecret"]);
        ground.tenant = word(&tenant["id"]);
        let url = ground.sandbox.url().to_string();
        let client_id = word(&tenant["clientId"]);
        let mut settings = format!(
            "[[tenants]]\nid = \"{}\"\nname = \"{name}\"\nprimary_domain = \"{}\"\n\
             login = \"{url}\"\ngraph = \"{url}\"\n\
             sign_in = {{ way = \"client-secret\", client_id = \"{client_id}\", secret_env = \"OWN\" }}\n\
             portal = {{ client_id = \"{client_id}\", secret_env = \"OWN\", scope = \"{}\" }}\n",
            ground.tenant,
            word(&tenant["primaryDomain"]),
            word(&tenant["portalScope"]),
        );
        for device in inventory["devices"].as_array().expect("devices") {
            if device["tenantId"] == tenant["id"] {
                settings.push_str(&format!(
                    "[[devices]]\nfqdn = \"{}\"\nportal_profile = \"sandbox\"\nportal_url = \"{}\"\n",
                    word(&device["fqdn"]),
                    word(&device["portalUrl"])
                ));
            }
        }
        std::fs::write(ground.settings(), settings).expect("a settings file");
        ground.before = ground.json("GET", "/sandbox/state");
        ground
    }

    fn settings(&self) -> PathBuf {
        self.home.path().join("settings.toml")
    }

    /// The data folder that the commands use.
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The store in it.
    pub fn store(&self) -> PathBuf {
        self.data_dir().join("umpdeck.sqlite")
    }

    /// A command of umpdeck on this ground.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(&self.data_dir(), arguments)
    }

    /// A command of somebody who has a data folder of their own.
    pub fn command_of(&self, data_dir: &Path, arguments: &[&str]) -> Command {
        let mut command = self.home.command(PROGRAM);
        command
            .env("OWN", &self.own_secret)
            .arg("--settings")
            .arg(self.settings())
            .arg("--data-dir")
            .arg(data_dir)
            .args(arguments);
        command
    }

    /// A command of umpdeck on this ground that a shell script gives its surroundings: `"$@"` is the command.
    pub fn command_in(&self, script: &str, arguments: &[&str]) -> Command {
        let inner = self.command(arguments);
        let mut command = self.home.command("sh");
        command.env("OWN", &self.own_secret);
        command.args(["-c", script, "sh"]);
        command.arg(inner.get_program()).args(inner.get_args());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("the program runs");
        self.no_secret_in("its output", &output.stdout);
        self.no_secret_in("its messages", &output.stderr);
        output
    }

    /// Runs a command that must do what it is for.
    pub fn done(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
    }

    /// Does what is for once more where faults may stop it: as an operator would, who reads what failed and goes on when
    /// that is over.
    pub fn settle(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        if output.status.code() == Some(0) {
            return;
        }
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {said}");
        self.faults("");
        if let Some(run) = self.unfinished() {
            self.done(&["runs", "resume", &run, "--yes"]);
        }
    }

    /// Begins work that is going to be killed.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs")
    }

    /// Sets the sandbox's faults, and lets go of what it holds.
    pub fn faults(&self, faults: &str) {
        self.ask("POST", "/sandbox/release", "");
        self.ask("PUT", "/sandbox/faults", faults);
    }

    /// Begins work and kills it when the sandbox holds one of its requests; false = it came to its end without.
    pub fn kill_when_held(&self, arguments: &[&str]) -> bool {
        let mut child = self.begin(arguments);
        let began = Instant::now();
        loop {
            if !self.held().is_empty() {
                break;
            }
            if child.try_wait().expect("a child").is_some() {
                return false;
            }
            assert!(began.elapsed() < PATIENCE, "{arguments:?} hangs");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("a kill");
        child.wait().expect("an end");
        let began = Instant::now();
        while !self.held().is_empty() {
            assert!(
                began.elapsed() < PATIENCE,
                "the request outlives its caller"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        true
    }

    /// Waits until the sandbox holds a request.
    pub fn wait_held(&self) {
        self.wait_held_by(1);
    }

    /// Waits until the sandbox holds so many requests.
    pub fn wait_held_by(&self, requests: usize) {
        let began = Instant::now();
        while self.held().len() < requests {
            assert!(began.elapsed() < PATIENCE, "nothing is held");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// What the sandbox has in it just now.
    pub fn state(&self) -> Value {
        self.json("GET", "/sandbox/state")
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
        count(&self.json("GET", "/sandbox/state")) - count(&self.before)
    }

    /// Command line and environment for a program on a terminal of its own.
    pub fn at_home(&self, arguments: &[&str]) -> (Vec<String>, Vec<(String, String)>) {
        let command = self.command(arguments);
        let words = command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned());
        let set = |(name, value): (&std::ffi::OsStr, Option<&std::ffi::OsStr>)| {
            let value = value.unwrap_or_default();
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        };
        (words.collect(), command.get_envs().map(set).collect())
    }

    fn held(&self) -> Vec<Value> {
        let held = self.json("GET", "/sandbox/held");
        held.as_array().expect("a list").clone()
    }

    /// As if the process had died before it announced its last step: nothing of it was sent.
    pub fn forget_last_announcement(&self) {
        let store = rusqlite::Connection::open(self.store()).expect("the store");
        let forgotten = store
            .execute(
                "DELETE FROM journal WHERE phase = 'about' AND seq = (SELECT max(seq) FROM journal)",
                [],
            )
            .expect("a write");
        assert_eq!(forgotten, 1, "the last line is an announcement");
    }

    /// The runs as `umpdeck runs --json` lists them.
    pub fn runs(&self) -> Value {
        let output = self.run(&["runs", "--json"]);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|why| panic!("{why}: {}", text(&output.stderr)))
    }

    /// Does to its end what was begun and did not get there.
    pub fn finish(&self, work: Work) {
        if let Some(run) = self.unfinished() {
            self.done(&["runs", "resume", &run, "--yes"]);
        }
        if self.needs(work) {
            self.done(&[work.command, work.device, "--yes"]);
        }
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

    /// The short ID of the only unfinished run, if there is one.
    pub fn unfinished(&self) -> Option<String> {
        let runs = self.runs();
        let unfinished = runs["unfinished"].as_array().expect("a list");
        assert!(unfinished.len() <= 1, "{runs}");
        assert_eq!(runs["underWay"], Value::Array(vec![]), "{runs}");
        unfinished.first().map(|run| word(&run["run"]))
    }

    /// Everything is as it should be after work on a device: see each assertion.
    pub fn check(&self, work: Work, said: &str) {
        let state = self.json("GET", "/sandbox/state");
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

    /// Whether Entra has a registration of a device.
    pub fn is_registered(&self, device: &str) -> bool {
        let state = self.json("GET", "/sandbox/state");
        !self.applications(&state, device).is_empty()
    }

    /// Whether the portal does not hold a secret that umpdeck added, although the work is to put one there.
    pub fn needs(&self, work: Work) -> bool {
        if work.command == "repair" {
            return false;
        }
        let state = self.json("GET", "/sandbox/state");
        let held = |state: &Value| {
            let device = find(&state["devices"], "fqdn", work.device);
            (device["clientId"].clone(), device["secretKeyId"].clone())
        };
        held(&state) == held(&self.before)
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

    fn no_secret_in(&self, place: &str, bytes: &[u8]) {
        let secrets = self.json("GET", "/sandbox/secrets");
        let mut values: Vec<String> = secrets
            .as_array()
            .expect("a list")
            .iter()
            .map(word)
            .collect();
        values.push(self.own_secret.clone());
        for value in values {
            let found = bytes
                .windows(value.len())
                .any(|part| part == value.as_bytes());
            assert!(!found, "{place} holds a secret's value");
        }
    }

    fn json(&self, method: &str, path: &str) -> Value {
        let body = self.ask(method, path, "");
        serde_json::from_str(&body).unwrap_or_else(|why| panic!("{path}: {why}: {body}"))
    }

    /// One request to the sandbox, on a connection of its own.
    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let host = self.sandbox.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the sandbox");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 20"), "{method} {path}: {head}");
        body.to_string()
    }
}

fn find<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let list = list.as_array().expect("a list");
    let found = list.iter().find(|one| one[key] == value);
    found.unwrap_or_else(|| panic!("nothing with {key} = {value}"))
}

fn word(value: &Value) -> String {
    value.as_str().expect("a text").to_string()
}

/// Whole numbers that look random and are the same for the same seed.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}
