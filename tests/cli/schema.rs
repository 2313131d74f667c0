//! What is printed with `--json` is what `umpdeck schema` says, to the last field.

use crate::support::killed::Ground;
use crate::support::program::{Home, SandboxProgram, text};
use clap::CommandFactory as _;
use serde_json::{Value, json};

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

/// Every way to call the program that prints JSON: one a line at least for each command that has `--json`.
const CALLS: &[&[&str]] = &[
    &["status", "--json"],
    &["check", "livecloud", "--json"],
    &["check", "ump-lab", "--json"],
    &["check", "edge1", "--json"],
    &["values", "livecloud", "--json"],
    // What is planned, what can't be done, what is done by hand and what failed on the way.
    &["create", "--filter", "status:not-registered", "--json"],
    &["repair", "--all", "--json", "--dry-run"],
    &["rotate", "sbc-a", "ump-01", "--json", "--yes"],
    &["push", "--filter", "tenant:finebak", "--json", "--yes"],
    &["plan", "create", "--all", "--json"],
    &["plan", "repair", "--all", "--json"],
    &["plan", "push", "--all", "--json"],
    &["plan", "rotate", "ump-02", "sbc-a", "--json"],
    &["apply", "PLAN", "--json", "--dry-run"],
    &["verify", "--all", "--json"],
    &["plan", "retire", "voice05", "--json"],
    // Several are found, one is taken over, and one is consented to.
    &["adopt", "voice13", "--json"],
    &["adopt", "voice08", "--json", "--yes"],
    &["consent", "ump-01", "--json"],
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
    &[
        "devices",
        "edit",
        "ump.finebak.com",
        "--notes",
        "rack 5",
        "--json",
    ],
    &["devices", "import", "BAD", "--json"],
    &["devices", "remove", "ump.finebak.com", "--json"],
    &[
        "tenants",
        "add",
        "--tenant",
        "northwind-voice.com",
        "--login",
        "URL",
        "--graph",
        "URL",
        "--client-id",
        "CLIENT",
        "--secret-command",
        "SECRET",
        "--yes",
        "--json",
    ],
    &["tenants", "edit", "Finebak", "--mpn-id", "123", "--json"],
    &["tenants", "remove", "Northwind Voice", "--json"],
    &["doctor", "--json"],
    &["portal", "try", "voice09", "--json"],
    &["portal", "try", "edge1", "--json"],
    &["customers", "voice09", "--json"],
    &["customers", "edge1", "--json"],
    &["audit", "--json"],
    &["audit", "--verify", "--json"],
    &["keys", "--json"],
    &["settings", "--json"],
];

/// The same for runs that died.
const CALLS_OF_THE_DEAD: &[&[&str]] = &[
    &["runs", "abandon", "RUN", "--json"],
    &["runs", "resume", "RUN", "--json"],
    &["runs", "resume", "RUN", "--json", "--yes"],
];

/// The commands that have an option `--json`, as they are called.
fn commands_with_json(command: &clap::Command, path: &str, found: &mut Vec<String>) {
    for one in command.get_subcommands() {
        let path = format!("{path} {}", one.get_name()).trim().to_string();
        if one
            .get_arguments()
            .any(|option| option.get_long() == Some("json"))
        {
            found.push(path.clone());
        }
        commands_with_json(one, &path, found);
    }
}

#[test]
fn every_command_with_json_is_held_against_the_schema() {
    let mut commands = Vec::new();
    commands_with_json(
        &umpdeck::cli::arguments::Arguments::command(),
        "",
        &mut commands,
    );
    assert!(commands.len() > 15, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        assert!(
            [CALLS, CALLS_OF_THE_DEAD]
                .concat()
                .iter()
                .any(|call| call.starts_with(&words)),
            "`umpdeck {command} --json` is printed by nobody here: add it to CALLS, and its document to the schema"
        );
    }
}

#[test]
fn every_command_of_the_readers_has_json_but_those_that_print_another_form() {
    let command = umpdeck::cli::arguments::Arguments::command();
    let other_forms = ["sandbox", "metrics", "schema", "completions", "man"];
    for one in command.get_subcommands() {
        let mut with_json = Vec::new();
        commands_with_json(one, "", &mut with_json);
        let own = one
            .get_arguments()
            .any(|option| option.get_long() == Some("json"));
        assert!(
            own || !with_json.is_empty() || other_forms.contains(&one.get_name()),
            "umpdeck {} has no --json",
            one.get_name()
        );
    }
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
        // A sandbox's tenants and devices stand in no settings file, and these read nobody's.
        ["tenants" | "devices" | "settings" | "keys", ..] => {
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
    let plan = home.path().join("plan.json");
    let planned = run(&["plan", "repair", "ump-west", "--json"]);
    std::fs::write(&plan, &planned.stdout).expect("written");
    let tenant = &sandbox.first["tenants"][0];
    let secret = format!(
        "echo {}",
        tenant["clientSecret"].as_str().expect("a secret")
    );
    let mut seen = Vec::new();
    let mut hold = |words: &[&str], output: &std::process::Output| {
        let document: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|why| panic!("{words:?}: {why}: {}", text(&output.stderr)));
        let faults = faults(&schema, &document);
        assert!(faults.is_empty(), "{words:?}: {faults:#?}");
        seen.push(document["schema"].as_str().expect("a name").to_string());
        document
    };
    for words in CALLS {
        let words: Vec<&str> = words
            .iter()
            .map(|word| match *word {
                "PLAN" => plan.to_str().expect("UTF-8"),
                "BAD" => bad,
                "URL" => sandbox.url(),
                "CLIENT" => tenant["clientId"].as_str().expect("an id"),
                "SECRET" => &secret,
                other => other,
            })
            .collect();
        hold(&words, &run(&words));
    }
    let ground = Ground::new();
    ground.faults("hold=POST:addPassword");
    assert!(ground.kill_when_held(&["rotate", "ump-eu.finebak.com", "--yes"]));
    ground.faults("");
    let dead = ground.unfinished().expect("a dead run");
    for words in CALLS_OF_THE_DEAD {
        let words: Vec<&str> = words
            .iter()
            .map(|word| if *word == "RUN" { &dead } else { *word })
            .collect();
        let document = hold(&words, &ground.run(&words));
        if words.contains(&"--yes") {
            assert_eq!(document["outcome"], "done", "{document}");
            assert_eq!(document["runs"].as_array().expect("runs").len(), 1);
        }
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
