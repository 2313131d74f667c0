//! What is printed with `--json` is what `umpdeck schema` says, to the last field.

mod support;

use serde_json::{Value, json};
use support::program::{Home, SandboxProgram, text};

/// The printed schema, made strict: a field that it does not know is a fault here, though not for readers.
fn schema(home: &Home) -> Value {
    let output = home.run(&["schema"]);
    assert_eq!(output.status.code(), Some(0));
    let mut schema: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    fn strict(value: &mut Value) {
        match value {
            Value::Object(all) => {
                if all.contains_key("properties") {
                    all.insert("additionalProperties".into(), false.into());
                }
                all.values_mut().for_each(strict);
            }
            Value::Array(all) => all.iter_mut().for_each(strict),
            _ => {}
        }
    }
    strict(&mut schema);
    schema
}

/// Every way in which a document is not as its own name in the schema says.
fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let name = document["schema"].as_str().unwrap_or_default();
    let named = schema["$defs"].as_object().expect("definitions").iter();
    let mut named = named.filter(|(_, one)| one["properties"]["schema"]["const"] == name);
    let Some((key, _)) = named.next() else {
        return vec![format!("the schema knows no {name:?}")];
    };
    let own = json!({
        "$schema": schema["$schema"],
        "$ref": format!("#/$defs/{key}"),
        "$defs": schema["$defs"],
    });
    let validator = jsonschema::validator_for(&own).expect("a schema");
    let faults = validator.iter_errors(document);
    faults
        .map(|fault| format!("{name} {}: {fault}", fault.instance_path()))
        .collect()
}

#[test]
fn every_document_is_as_the_printed_schema_says() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start(&ground);
    let home = Home::new();
    let schema = schema(&home);
    let settings = home.path().join("settings.toml");
    let tenant = "[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\"\nname = \"Finebak\"\n\
        primary_domain = \"finebak.com\"\n";
    std::fs::write(&settings, tenant).expect("written");
    let run = |words: &[&str]| match words {
        // A sandbox's tenants stand in no settings file.
        ["tenants" | "devices", ..] => {
            home.run(&[words, &["--settings", settings.to_str().expect("UTF-8")]].concat())
        }
        _ => home.run(&[words, &["--endpoint", sandbox.url()]].concat()),
    };
    let bad = home.path().join("bad.csv");
    std::fs::write(&bad, "fqdn,notes\nump.finebak.com,\n10.0.0.1,\n").expect("written");
    let bad = bad.to_str().expect("UTF-8");
    // Something to list: a run that is closed, and a secret that is due to go at some time.
    let keeps = "[secrets]\nretire_after_push_days = 3\n";
    let kept = home.path().join("kept.toml");
    std::fs::write(&kept, keeps).expect("written");
    for words in [
        ["repair", "voice05", "--yes"].as_slice(),
        &[
            "rotate",
            "voice05",
            "--yes",
            "--settings",
            kept.to_str().expect("UTF-8"),
        ],
    ] {
        let done = run(words);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    }
    let mut seen = Vec::new();
    for words in [
        ["status", "--json"].as_slice(),
        &["check", "livecloud", "--json"],
        &["check", "ump-lab", "--json"],
        &["check", "edge1", "--json"],
        &["runs", "--json"],
        &["runs", "--due", "--json"],
        &["runs", "retire", "voice05", "--json"],
        &["secrets", "--json"],
        &["signin", "--json"],
        &["tenants", "--json"],
        &[
            "devices",
            "add",
            "ump.finebak.com",
            "--notes",
            "rack 4",
            "--yes",
            "--json",
        ],
        &["devices", "--json"],
        &["devices", "import", bad, "--json"],
        &["doctor", "--json"],
        &["portal", "try", "voice09", "--json"],
        &["portal", "try", "edge1", "--json"],
        // What is planned, what can't be done, what is done by hand and what failed on the way.
        &["repair", "--all", "--json", "--dry-run"],
        &["push", "--filter", "tenant:finebak", "--json", "--yes"],
        &["audit", "--json"],
        &["audit", "--verify", "--json"],
    ] {
        let output = run(words);
        let document: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|why| panic!("{words:?}: {why}: {}", text(&output.stderr)));
        let faults = faults(&schema, &document);
        assert!(faults.is_empty(), "{words:?}: {faults:#?}");
        seen.push(document["schema"].as_str().expect("a name").to_string());
    }
    for one in schema["oneOf"].as_array().expect("documents") {
        let key = one["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
            .expect("a name");
        let name = &schema["$defs"][key]["properties"]["schema"]["const"];
        assert!(
            seen.iter().any(|one| one == name),
            "{name} is printed and held"
        );
    }
}

#[test]
fn a_field_too_many_or_too_few_is_a_fault() {
    let home = Home::new();
    let schema = schema(&home);
    let head =
        json!({"schema": "umpdeck.tenants/1", "at": "2026-01-01T00:00:00Z", "sandbox": false});
    let mut document = head.clone();
    assert_eq!(faults(&schema, &document).len(), 1, "tenants are missing");
    document["tenants"] = json!([]);
    assert!(faults(&schema, &document).is_empty());
    document["more"] = json!(1);
    assert_eq!(faults(&schema, &document).len(), 1);
}
