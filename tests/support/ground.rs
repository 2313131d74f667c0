//! The training ground as a program of its own, so that a test can look at the outside; and the console on it, in an
//! empty home.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::exchange::{application_token, exchange};
pub use super::home::{Home, PROGRAM};
use super::pty::Pty;

/// The size that most tests use: wide enough for every column, not for the checklist beside the list.
pub const WIDE: (u16, u16) = (180, 50);

/// How long anything may take before a test gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits until something outside has come about; fails the test after a minute.
#[track_caller]
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LIMIT, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The count of a checklist with so many lines open and so many that do not apply.
pub fn checks(open: usize, not_applying: usize) -> String {
    let all = umpdeck::registration::checklist::CHECKS.len() - not_applying;
    format!("{}/{all}", all - open)
}

/// Waits until one line of the screen has all of these, in this order.
#[track_caller]
pub fn wait_for_line(pty: &Pty, parts: &[&str]) {
    pty.wait_until(|screen| {
        let contents = screen.contents();
        contents.lines().any(|line| has_in_order(line, parts))
    });
}

/// Whether a text has all of these, in this order.
pub fn has_in_order(text: &str, parts: &[&str]) -> bool {
    let mut rest = Some(text);
    for part in parts {
        rest = rest.and_then(|rest| rest.split_once(part).map(|(_, after)| after));
    }
    rest.is_some()
}

/// Waits until the tenants that answer have been read. (Fabrikam's Graph never does.)
#[track_caller]
pub fn wait_for_the_fleet(pty: &Pty) {
    pty.wait_for("livecloud.finebak.com");
    pty.wait_until(|screen| {
        let contents = screen.contents();
        let header = contents.lines().next().unwrap_or_default();
        let unread = contents
            .lines()
            .filter(|line| line.contains("Not read yet") && !line.contains("fabrikam"));
        contents.contains("Secret expired")
            && unread.count() == 0
            && (!header.contains("reading") || header.contains("reading Fabrikam Carrier"))
    });
}

/// Puts the fleet's cursor on a device by filtering for it, and waits until it is there.
#[track_caller]
pub fn choose(pty: &mut Pty, fqdn: &str) {
    pty.send("/");
    pty.wait_for("Enter keep");
    pty.send(fqdn);
    pty.wait_for(&format!("/ {fqdn}"));
    pty.wait_for("Devices 1 of 30");
    pty.send("\r");
    pty.wait_for("Enter open");
}

/// A console whose push to ump-eu is under way: the request for its secret is held by this ground.
#[track_caller]
pub fn push_held(ground: &Ground, home: &Home) -> Pty {
    let mut pty = ground.console(home, WIDE);
    choose(&mut pty, "ump-eu.finebak.com");
    pty.send("p");
    pty.wait_for("WILL BE");
    pty.send("\r");
    pty.wait_for("Run: push");
    eventually("the request that is held", || {
        let requests = ground.requests();
        requests.iter().any(|one| one.contains("/addPassword"))
    });
    pty
}

/// Opens a device from the fleet, and waits for its checklist.
#[track_caller]
pub fn open(pty: &mut Pty, fqdn: &str) {
    choose(pty, fqdn);
    pty.send("\r");
    pty.wait_for(&format!("› {fqdn}"));
    pty.wait_for("FOUND");
}

/// A running `umpdeck sandbox`. It is killed when this is dropped.
pub struct Ground {
    child: Child,
    /// Where it is.
    pub url: String,
}

impl Ground {
    /// Starts it with faults, such as `lag=1s`; none is the empty text.
    pub fn start(faults: &str) -> Ground {
        let mut child = Command::new(PROGRAM)
            .args(["sandbox", "--listen", "127.0.0.1:0", "--fault", faults])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox to start");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("its first line");
        let first: Value = serde_json::from_str(&line).expect("a line of JSON");
        let url = first["url"].as_str().expect("its url").to_string();
        Ground { child, url }
    }

    /// The console on this ground, just started.
    pub fn start_console(&self, home: &Home, size: (u16, u16)) -> Pty {
        home.start(&["--endpoint", &self.url], size)
    }

    /// The console on this ground, its fleet read.
    pub fn console(&self, home: &Home, size: (u16, u16)) -> Pty {
        let pty = home.start(&["--endpoint", &self.url], size);
        wait_for_the_fleet(&pty);
        pty
    }

    /// Each of a tenant's devices with the secret that its portal holds and those of its registration.
    pub fn secrets(&self, tenant: &str) -> HashMap<String, (String, Vec<String>)> {
        let state = self.get("/sandbox/state");
        let list = |value: &Value| value.as_array().expect("a list").clone();
        let tenant_id = &self.tenant(tenant)["id"];
        let tenants = list(&state["tenants"]);
        let of_tenant = |one: &&Value| one["id"] == *tenant_id;
        let tenant = tenants.iter().find(of_tenant).expect("the tenant");
        let applications = list(&tenant["applications"]);
        let inventory = list(&self.get("/sandbox/inventory")["devices"]);
        let mut all = HashMap::new();
        for device in list(&state["devices"]) {
            let listed = inventory.iter().find(|one| one["fqdn"] == device["fqdn"]);
            if listed.expect("the device")["tenantId"] != *tenant_id {
                continue;
            }
            let app = applications
                .iter()
                .find(|app| app["appId"] == device["clientId"]);
            let keys = app.map_or_else(Vec::new, |app| list(&app["keyIds"]));
            let word = |value: &Value| value.as_str().unwrap_or_default().to_string();
            let own = (
                word(&device["secretKeyId"]),
                keys.iter().map(word).collect(),
            );
            all.insert(word(&device["fqdn"]), own);
        }
        all
    }

    /// The sandbox's process.
    pub fn process(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// What a GET answers.
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// The requests since the last [`Ground::forget_requests`]: "GET /v1.0/applications 200".
    pub fn requests(&self) -> Vec<String> {
        let log = self.get("/sandbox/requests");
        let text = |one: &Value, field: &str| one[field].as_str().expect("a text").to_string();
        log.as_array()
            .expect("a list")
            .iter()
            .map(|one| {
                let (method, path) = (text(one, "method"), text(one, "path"));
                format!("{method} {path} {}", one["status"])
            })
            .collect()
    }

    /// The requests that change something: no sign-ins, and no batches, which only read.
    pub fn changes(&self) -> Vec<String> {
        let mut requests = self.requests();
        requests.retain(|one| {
            let reads = ["/oauth2/", "/$batch", "/tenantui/login"];
            !one.starts_with("GET ") && reads.iter().all(|part| !one.contains(part))
        });
        requests
    }

    /// Begins the log of requests anew.
    pub fn forget_requests(&self) {
        assert_eq!(self.send("DELETE", "/sandbox/requests", "").0, 204);
    }

    /// Other faults from now on.
    pub fn faults(&self, faults: &str) {
        assert_eq!(self.send("PUT", "/sandbox/faults", faults).0, 204);
    }

    /// Answers what `hold=…` holds back, and holds nothing from now on.
    pub fn release(&self) {
        assert_eq!(self.send("POST", "/sandbox/release", "").0, 204);
    }

    /// Types values into a device's portal, as a person would.
    pub fn type_into_portal(&self, fqdn: &str, values: &Value) {
        let (status, body) = self.send(
            "POST",
            &format!("/sandbox/handoff/{fqdn}"),
            &values.to_string(),
        );
        assert_eq!(status, 204, "{body}");
    }

    /// The applications with that uniqueName, in all tenants.
    pub fn applications(&self, unique_name: &str) -> Vec<Value> {
        let state = self.get("/sandbox/state");
        let tenants = state["tenants"].as_array().expect("tenants");
        tenants
            .iter()
            .flat_map(|tenant| tenant["applications"].as_array().expect("applications"))
            .filter(|one| one["uniqueName"] == unique_name)
            .cloned()
            .collect()
    }

    /// The one application with that uniqueName.
    #[track_caller]
    pub fn application(&self, unique_name: &str) -> Value {
        let mut all = self.applications(unique_name);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// What a device's portal holds.
    pub fn portal(&self, fqdn: &str) -> Value {
        let state = self.get("/sandbox/state");
        let devices = state["devices"].as_array().expect("devices");
        let device = devices.iter().find(|one| one["fqdn"] == fqdn);
        device.expect("the device").clone()
    }

    /// What the sandbox's inventory says of a tenant: its credentials.
    pub fn tenant(&self, name: &str) -> Value {
        let inventory = self.get("/sandbox/inventory");
        let tenants = inventory["tenants"].as_array().expect("tenants");
        let tenant = tenants.iter().find(|one| one["name"] == name);
        tenant.expect("the tenant").clone()
    }

    /// An application as Graph shows it to the tenant's own client.
    pub fn graph_application(&self, tenant: &str, object_id: &str) -> Value {
        let body = self.graph(tenant, "GET", &format!("/v1.0/applications/{object_id}"));
        serde_json::from_str(&body).expect("JSON")
    }

    /// What Graph answers to the tenant's own client, as if somebody else were at work.
    pub fn graph(&self, tenant: &str, method: &str, path: &str) -> String {
        self.graph_with(tenant, method, path, "")
    }

    /// As [`Ground::graph`], with a body.
    pub fn graph_with(&self, tenant: &str, method: &str, path: &str, sent: &str) -> String {
        let tenant = self.tenant(tenant);
        let scope = format!("{}/.default", self.url);
        let token = application_token(&self.url, &tenant, &scope);
        let mut headers = format!("authorization: Bearer {token}\r\n");
        if !sent.is_empty() {
            headers.push_str("content-type: application/json\r\n");
        }
        let (status, body) = exchange(&self.url, method, path, &headers, sent);
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {body}"
        );
        body
    }

    fn send(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let headers = "content-type: application/json\r\n";
        exchange(&self.url, method, path, headers, body)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
