//! `umpdeck signin` and `umpdeck tenants`, through the real binary, against the real sandbox.

mod abilities;
mod adding_tenants;
mod ways;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use crate::support::exchange::application_token;
use crate::support::program::{Home, PROGRAM, SandboxProgram, text};
use serde_json::Value;

const TRAINING: &str = include_str!("../../../assets/sandbox/training-client.pem");

struct World {
    home: Home,
    sandbox: SandboxProgram,
}

impl World {
    fn new() -> World {
        let home = Home::new();
        World {
            sandbox: SandboxProgram::start(&home),
            home,
        }
    }

    /// What the sandbox says of its first tenant.
    fn tenant(&self, key: &str) -> String {
        self.sandbox.first["tenants"][0][key]
            .as_str()
            .unwrap()
            .to_string()
    }

    fn settings_file(&self) -> PathBuf {
        self.home.path().join("s.toml")
    }

    /// Lists the first tenant with this way to sign in.
    fn write_settings(&self, sign_in: &str) {
        let url = self.sandbox.url();
        let text = format!(
            "[[tenants]]\nid = \"{}\"\nname = \"Finebak\"\nprimary_domain = \"finebak.com\"\nlogin = \"{url}\"\n\
             graph = \"{url}\"\nsign_in = {sign_in}\n",
            self.tenant("id")
        );
        fs::write(self.settings_file(), text).unwrap();
    }

    fn private_file(&self, name: &str, content: &[u8]) -> String {
        let file = self.home.path().join(name);
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        file.to_str().unwrap().to_string()
    }

    fn run(&self, arguments: &[&str], answers: &str) -> Output {
        let mut child = self
            .home
            .command(PROGRAM)
            .args(arguments)
            .arg("--settings")
            .arg(self.settings_file())
            .env("UMPDECK_TEST_SECRET", self.tenant("clientSecret"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who needs no answer may have ended before.
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn sign_in(&self) -> (Option<i32>, Value) {
        let output = self.run(&["signin", "--json"], "");
        let document = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        (output.status.code(), document)
    }

    /// A token of the training application in this tenant, as the sandbox gives it.
    fn token(&self, tenant: usize) -> String {
        let tenant = &self.sandbox.first["tenants"][tenant];
        let scope = "https://graph.microsoft.com/.default";
        application_token(self.sandbox.url(), tenant, scope)
    }
}

fn may(tenant: &Value, key: &str) -> (String, String) {
    let all = tenant["may"].as_array().unwrap();
    let one = all.iter().find(|one| one["key"] == key).unwrap();
    let text = |name: &str| one[name].as_str().unwrap().to_string();
    (text("may"), text("why"))
}
