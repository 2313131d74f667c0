//! The real binary against a sandbox in a process of its own, killed and taken up again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::exchange::exchange;
use super::ground::eventually;
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
    pub(super) home: Home,
    sandbox: SandboxProgram,
    own_secret: String,
    pub(super) tenant: String,
    pub(super) before: Value,
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

    /// Begins work that is going to be killed.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs")
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

    /// Does to its end what was begun and did not get there.
    pub fn finish(&self, work: Work) {
        if let Some(run) = self.unfinished() {
            self.done(&["runs", "resume", &run, "--yes"]);
        }
        if self.needs(work) {
            self.done(&[work.command, work.device, "--yes"]);
        }
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
        eventually("the end of a request whose caller is gone", || {
            self.held().is_empty()
        });
        true
    }

    /// Waits until the sandbox holds a request.
    pub fn wait_held(&self) {
        self.wait_held_by(1);
    }

    /// Waits until the sandbox holds so many requests.
    pub fn wait_held_by(&self, requests: usize) {
        eventually("requests that are held", || self.held().len() >= requests);
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

    /// What the sandbox has in it just now.
    pub fn state(&self) -> Value {
        self.json("GET", "/sandbox/state")
    }

    /// The runs as `umpdeck runs --json` lists them.
    pub fn runs(&self) -> Value {
        let output = self.run(&["runs", "--json"]);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|why| panic!("{why}: {}", text(&output.stderr)))
    }

    /// The short ID of the only unfinished run, if there is one.
    pub fn unfinished(&self) -> Option<String> {
        let runs = self.runs();
        let unfinished = runs["unfinished"].as_array().expect("a list");
        assert!(unfinished.len() <= 1, "{runs}");
        assert_eq!(runs["underWay"], Value::Array(vec![]), "{runs}");
        unfinished.first().map(|run| word(&run["run"]))
    }

    /// None of the secrets that the sandbox knows stands in these bytes.
    pub(super) fn no_secret_in(&self, place: &str, bytes: &[u8]) {
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
        let (status, body) = exchange(self.sandbox.url(), method, path, "", body);
        assert!((200..210).contains(&status), "{method} {path}: {status}");
        body
    }
}

/// The one of a list whose `key` has this value.
pub(super) fn find<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let list = list.as_array().expect("a list");
    let found = list.iter().find(|one| one[key] == value);
    found.unwrap_or_else(|| panic!("nothing with {key} = {value}"))
}

/// A text as it is.
pub(super) fn word(value: &Value) -> String {
    value.as_str().expect("a text").to_string()
}
