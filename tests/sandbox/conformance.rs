//! What the sandbox answers, and what the program asks, held against Microsoft's description of Graph, of which
//! `graph.json` keeps the bare facts: operations, the types that go in and come out, and their properties.

use std::process::{Command, Stdio};

use crate::support::trial::*;
use serde_json::{Value, json};

/// `text?` is a text or null, `[text]` a list of them; other words are types of the description, which may be null.
struct Description(Value);

impl Description {
    fn load() -> Description {
        let text = include_str!("graph.json");
        Description(serde_json::from_str(text).unwrap())
    }

    /// What is wrong with an exchange, in words.
    fn faults(&self, exchange: &Value) -> Vec<String> {
        let method = exchange["method"].as_str().unwrap();
        let target = exchange["path"].as_str().unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix("/v1.0").unwrap();
        let path = path.replace("%27", "'").replace("delta()", "delta");
        let path = path.replace("/microsoft.graph.", "/graph.");
        let at = format!("{method} {path}");
        let operations = self.0["operations"].as_array().unwrap();
        let found = operations
            .iter()
            .filter(|one| one[0] == method && is_at(one[1].as_str().unwrap(), &path))
            .min_by_key(|one| one[1].as_str().unwrap().matches('{').count());
        let Some(found) = found else {
            return vec![format!("{at}: no such operation")];
        };
        let mut faults = Vec::new();
        if !exchange["req"].is_null() {
            self.check(
                &found[2],
                &exchange["req"],
                &format!("{at} asked"),
                &mut faults,
            );
        }
        let status = exchange["status"].to_string();
        let answers = found[3].as_object().unwrap();
        let class = format!("{}XX", &status[..1]);
        let Some(answer) = answers.get(&status).or_else(|| answers.get(&class)) else {
            return vec![format!("{at}: status {status} is not described")];
        };
        let body = &exchange["resp"];
        if status.starts_with(['4', '5']) {
            let error = &body["error"];
            let whole = error["code"].is_string()
                && error["message"].is_string()
                && error["innerError"]["request-id"].is_string();
            if !whole {
                faults.push(format!("{at}: no whole error: {body}"));
            }
        } else if !body.is_null() && !query.contains("$select") {
            self.check(answer, body, &format!("{at} answered"), &mut faults);
        }
        faults
    }

    fn check(&self, kind: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let members = match kind {
            Value::Object(members) => members,
            Value::String(kind) => return self.check_kind(kind, value, at, faults),
            _ => return faults.push(format!("{at}: a body that is not described")),
        };
        let Some(object) = value.as_object() else {
            return faults.push(format!("{at}: no object but {value}"));
        };
        for (name, value) in object {
            match members.get(name) {
                Some(kind) => self.check(kind, value, &format!("{at} {name}"), faults),
                None if name.contains("@odata.") || name == "@removed" => {}
                None => faults.push(format!("{at}: {name} is not described")),
            }
        }
    }

    fn check_kind(&self, kind: &str, value: &Value, at: &str, faults: &mut Vec<String>) {
        if let Some(kind) = kind.strip_suffix('?') {
            if !value.is_null() {
                self.check_kind(kind, value, at, faults);
            }
            return;
        }
        if let Some(inner) = kind
            .strip_prefix('[')
            .and_then(|kind| kind.strip_suffix(']'))
        {
            match value.as_array() {
                Some(list) => {
                    for one in list {
                        self.check_kind(inner, one, at, faults);
                    }
                }
                None => faults.push(format!("{at}: no list but {value}")),
            }
            return;
        }
        let text = value.as_str();
        let fits = match kind {
            "any" => true,
            "text" => value.is_string(),
            "flag" => value.is_boolean(),
            "number" => value.is_number(),
            "time" => text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "guid" => text.is_some_and(|text| uuid::Uuid::parse_str(text).is_ok()),
            named => {
                // An object that says of what type it is, is of that one.
                let own = value["@odata.type"].as_str();
                let own = own.and_then(|own| own.strip_prefix("#microsoft.graph."));
                let members = &self.0["types"][own.unwrap_or(named)];
                if !value.is_null() {
                    self.check(members, value, at, faults);
                }
                true
            }
        };
        if !fits {
            faults.push(format!("{at}: no {kind} but {value}"));
        }
    }

    fn check_file(&self, file: &std::path::Path) -> usize {
        let text = std::fs::read_to_string(file).unwrap();
        let exchanges = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let exchanges: Vec<Value> = exchanges.collect();
        let faults: Vec<String> = exchanges.iter().flat_map(|one| self.faults(one)).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        exchanges.len()
    }
}

/// Whether a path is one of a template with keys in braces.
fn is_at(template: &str, path: &str) -> bool {
    let mut rest = path;
    for (number, part) in template.split('{').enumerate() {
        let literal = match number {
            0 => part,
            _ => {
                let (_, literal) = part.split_once('}').unwrap();
                let end = rest.find(['/', '\'']).unwrap_or(rest.len());
                if end == 0 {
                    return false;
                }
                rest = &rest[end..];
                literal
            }
        };
        let begins = rest.get(..literal.len());
        if !begins.is_some_and(|begin| begin.eq_ignore_ascii_case(literal)) {
            return false;
        }
        rest = &rest[literal.len()..];
    }
    rest.is_empty()
}

#[test]
fn the_check_finds_what_is_not_described() {
    let description = Description::load();
    let exchange = |path: &str, req: Value, status: u16, resp: Value| {
        let one =
            json!({"method": "POST", "path": path, "req": req, "status": status, "resp": resp});
        description.faults(&one).len()
    };
    let good = json!({"displayName": "x", "web": {"redirectUris": []}});
    assert_eq!(
        exchange("/v1.0/applications", good.clone(), 201, good.clone()),
        0
    );
    assert_eq!(
        exchange("/v1.0/applications", good.clone(), 200, good.clone()),
        1
    );
    assert_eq!(exchange("/v1.0/colours", good.clone(), 201, good), 1);
    let wrong = json!({"displayName": 1, "web": {"redirectUri": []}, "createdDateTime": "soon"});
    assert_eq!(exchange("/v1.0/applications", wrong, 201, json!({})), 3);
    assert_eq!(
        exchange("/v1.0/applications", json!({}), 400, json!({"error": {}})),
        1
    );
}

#[tokio::test]
async fn every_answer_of_the_sandbox_is_as_microsoft_describes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchanges.jsonl");
    let trial = Trial::start_with(|options| options.capture = Some(file.clone())).await;
    let robot = trial.app_only("Contoso Telco").await;
    let person = trial.sign_in("contoso-telco.com", ".default").await;
    let person = person["access_token"].as_str().unwrap();
    let new = json!({"displayName": "new", "web": {"redirectUris": ["https://n.example/x"]}});
    let (_, made) = trial.ask(person, "POST", "/applications", Some(new)).await;
    let id = made["id"].as_str().unwrap();
    let by_app_id = format!("(appId='{}')", made["appId"].as_str().unwrap());
    let body = json!({"appId": made["appId"]});
    let (_, principal) = trial
        .ask(&robot, "POST", "/servicePrincipals", Some(body))
        .await;
    let client = principal["id"].as_str().unwrap();
    let graph = "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";
    let (_, graph) = trial.ask(&robot, "GET", graph, None).await;
    let grant = json!({"clientId": client, "consentType": "AllPrincipals", "resourceId": graph["id"], "scope": "User.Read"});
    let role = json!({"principalId": client, "resourceId": graph["id"], "appRoleId": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"});
    let federated =
        json!({"name": "f", "issuer": "https://i.example", "subject": "s", "audiences": ["a"]});
    let short = json!({"passwordCredential": {"endDateTime": "2026-12-01T00:00:00Z", "startDateTime": "2026-11-20T00:00:00Z"}});
    let (roles, federation) = (
        format!("/servicePrincipals/{client}/appRoleAssignments"),
        format!("/applications/{id}/federatedIdentityCredentials"),
    );
    for (path, body) in [
        ("/oauth2PermissionGrants", grant),
        (&roles, role),
        (&federation, federated),
        (&format!("/applications/{id}/addPassword"), short),
        (&format!("/applications/{id}/addPassword"), json!({})),
        (
            "/$batch",
            json!({"requests": [{"id": "1", "method": "GET", "url": "/organization"}, {"id": "2", "method": "GET", "url": "/domains"}]}),
        ),
    ] {
        trial.ask(&robot, "POST", path, Some(body)).await;
    }
    for path in [
        "/applications",
        "/applications?$filter=displayName eq 'x",
        "/applications/delta",
        &format!("/applications{by_app_id}"),
        &format!("/applications/{id}/owners"),
        &federation,
        "/applications/00000000-0000-4000-8000-000000000000",
        "/servicePrincipals",
        "/servicePrincipals/delta",
        &format!("/servicePrincipals{by_app_id}"),
        &roles,
        &format!("/servicePrincipals/{client}/oauth2PermissionGrants"),
        "/oauth2PermissionGrants",
        "/organization",
        "/domains",
        "/me",
        "/me/memberOf",
        "/me/transitiveMemberOf/graph.directoryRole",
        "/users",
        "/directoryRoles",
        "/directoryRoleTemplates",
        "/roleManagement/directory/roleDefinitions",
        "/roleManagement/directory/roleAssignments",
        "/policies/defaultAppManagementPolicy",
        "/policies/appManagementPolicies",
        "/policies/authorizationPolicy",
        "/subscribedSkus",
        "/contracts",
    ] {
        trial.ask(person, "GET", path, None).await;
    }
    trial
        .ask(&robot, "DELETE", &format!("/applications/{id}"), None)
        .await;
    trial
        .ask(
            &robot,
            "GET",
            "/directory/deletedItems/graph.application",
            None,
        )
        .await;
    let restore = format!("/directory/deletedItems/{id}/restore");
    trial.ask(&robot, "POST", &restore, None).await;
    assert!(Description::load().check_file(&file) > 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_the_program_is_as_microsoft_describes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchanges.jsonl");
    let trial = Trial::start_with(|options| options.capture = Some(file.clone())).await;
    let url = trial.sandbox.url();
    for words in [
        vec!["status", "--json"],
        vec!["create", "ump-lab.finebak.com", "--yes", "--json"],
        vec!["repair", "ump-west.finebak.com", "--yes", "--json"],
        vec!["rotate", "ump-03.finebak.com", "--yes", "--json"],
        vec!["check", "ump-lab.finebak.com", "--json"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_umpdeck"));
        command
            .args(&words)
            .args(["--endpoint", &url])
            .env("HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path().join("config"))
            .env("XDG_DATA_HOME", folder.path().join("data"))
            .env("XDG_STATE_HOME", folder.path().join("state"))
            .stdin(Stdio::null());
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = run.await.unwrap();
        let code = output.status.code().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(code <= 3, "{words:?}: {code} {errors}");
    }
    assert!(Description::load().check_file(&file) > 20);
    let text = std::fs::read_to_string(&file).unwrap();
    for operation in ["addPassword", "setVerifiedPublisher", "uniqueName"] {
        assert!(text.contains(operation), "nothing was asked of {operation}");
    }
}
