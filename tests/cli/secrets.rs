//! The life of client secrets, headless: when they end, what else is on the registrations, and how an earlier one goes.

use std::process::Output;

use crate::support::ground::Ground;
use crate::support::program::{Home, PROGRAM, text};
use serde_json::Value;

struct Place {
    home: Home,
    ground: Ground,
}

impl Place {
    fn new() -> Place {
        Place {
            home: Home::new(),
            ground: Ground::start(""),
        }
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = self.home.command(PROGRAM);
        command.args(["--endpoint", &self.ground.url]).args(words);
        command.output().expect("it runs")
    }

    fn code(&self, words: &[&str], code: i32) -> String {
        let output = self.run(words);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        said
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.run(words);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|why| panic!("{words:?}: {why}: {}", text(&output.stderr)))
    }

    /// The secret that a device's portal holds, and those of its registration.
    fn secrets(&self, device: &str) -> (String, Vec<String>) {
        self.ground.secrets("Finebak")[device].clone()
    }
}

fn of<'a>(document: &'a Value, device: &str) -> &'a Value {
    let mut all = document["devices"].as_array().expect("devices").iter();
    let found = all.find(|one| one["fqdn"] == device);
    found.unwrap_or_else(|| panic!("no {device}"))
}

#[test]
fn the_fleets_secrets_are_listed_with_the_first_to_run_out_first() {
    let place = Place::new();
    let words = place.code(&["secrets"], 2);
    let order = ["livecloud", "voice07", "voice06", "ump-eu", "ump-lab"];
    let at = |name: &&str| words.find(*name).expect("listed");
    assert!(order.iter().map(at).is_sorted(), "{words}");
    assert!(words.contains("shared with ump-02"), "{words}");

    let all = place.json(&["secrets", "--stored", "--json"]);
    let expired = of(&all, "livecloud.finebak.com");
    assert_eq!(expired["inUse"]["role"], "assumed-in-use");
    assert!(expired["inUse"]["daysLeft"].as_i64().expect("days") < 0);
    let old = &of(&all, "ump-old.finebak.com")["others"][0];
    assert_eq!(old["role"], "unrecognised");
    assert!(old["daysOld"].as_i64().expect("an age") > 300, "{old}");

    let soon = place.json(&["secrets", "--stored", "--due-in", "60", "--json"]);
    let names: Vec<&str> = soon["devices"]
        .as_array()
        .expect("devices")
        .iter()
        .filter_map(|one| one["fqdn"].as_str())
        .collect();
    let due = [
        "livecloud.finebak.com",
        "voice07.contoso-telco.com",
        "voice06.contoso-telco.com",
    ];
    assert_eq!(names, due);
    place.code(&["secrets", "--stored", "--tenant", "Northwind Voice"], 0);
}

#[test]
fn an_earlier_secret_of_a_shared_registration_goes_when_every_portal_has_the_new_one() {
    let (place, one, other) = (Place::new(), "ump-01.finebak.com", "ump-02.finebak.com");
    // From now on it is on record which secret the portals have; one is added for both.
    place.code(&["rotate", "ump-01", "ump-02", "--yes"], 0);
    let (first, _) = place.secrets(one);
    assert_eq!(place.secrets(other).0, first, "one secret for both");

    let said = place.code(&["rotate", "ump-01", "--yes"], 0);
    assert!(
        said.contains("it stays as long as another portal"),
        "{said}"
    );
    let due = place.json(&["runs", "--due", "--json"]);
    assert_eq!(due["due"][0]["keyId"], first.as_str());
    assert_eq!(due["due"][0]["standing"], "held", "{due}");
    let said = place.code(&["runs", "retire", "--due", "--yes"], 1);
    assert!(said.contains("its portal has this secret"), "{said}");
    assert!(place.secrets(one).1.contains(&first), "nothing was removed");
    // Nothing is locked while it waits: another run on the device begins and ends.
    place.code(&["push", "ump-01", "--yes"], 0);

    place.code(&["rotate", "ump-02", "--yes"], 0);
    let due = place.json(&["runs", "--due", "--json"]);
    assert_eq!(due["due"][0]["standing"], "ready", "{due}");
    assert!(place.code(&["runs"], 0).contains("due for removal"));
    place.code(&["runs", "retire", "--due"], 1);
    assert!(place.secrets(one).1.contains(&first), "only planned");
    place.code(&["runs", "retire", "--due", "--yes"], 0);
    let (_, left) = place.secrets(one);
    assert!(!left.contains(&first));
    for device in [one, other] {
        let (in_use, all) = place.secrets(device);
        assert!(all.contains(&in_use), "{device} still signs in");
    }
    place.code(&["runs", "--due"], 0);
    let runs = place.json(&["runs", "--json"]);
    assert_eq!(runs["closed"][0]["intent"], "retire");
    assert_eq!(runs["unfinished"], Value::Array(vec![]));
}

#[test]
fn a_secret_that_nobody_recognises_goes_alone_and_only_when_it_is_named() {
    let (place, device) = (Place::new(), "ump-old.finebak.com");
    let all = place.json(&["secrets", "--json"]);
    let listed = of(&all, device);
    let key = |value: &Value| value["keyId"].as_str().expect("a key ID").to_string();
    let (in_use, old) = (key(&listed["inUse"]), key(&listed["others"][0]));
    let said = place.code(&["runs", "retire", "ump-old", "--secret", &in_use], 3);
    assert!(said.contains("push or rotate first"), "{said}");
    let said = place.code(&["runs", "retire", "ump-old", "--secret", &old], 1);
    assert!(
        said.contains("has expired: nobody can sign in with it any more"),
        "{said}"
    );
    assert!(place.secrets(device).1.contains(&old), "only planned");
    // In bulk it is never among those that go.
    place.code(&["runs", "retire", "ump-old", "--yes"], 0);
    assert!(place.secrets(device).1.contains(&old));
    place.code(&["runs", "retire", "ump-old", "--secret", &old, "--yes"], 0);
    assert_eq!(place.secrets(device).1, [in_use]);
}

#[test]
fn a_secret_that_was_made_for_another_device_of_the_registration_is_not_taken_for_this_ones() {
    let (place, one, other) = (Place::new(), "ump-01.finebak.com", "ump-02.finebak.com");
    let (of_both, _) = place.secrets(one);
    let end =
        |device: &str| of(&place.json(&["secrets", "--json"]), device)["inUse"]["end"].clone();
    let before = end(other);

    let said = place.code(&["rotate", "ump-01", "--yes"], 0);
    assert!(said.contains("shared with ump-02"), "{said}");
    assert_eq!(
        place.secrets(other).0,
        of_both,
        "its portal was not touched"
    );
    assert_eq!(end(other), before, "nor does its secret last any longer");
    let checked = place.run(&["check", "ump-02"]);
    let checked = text(&checked.stdout);
    assert!(!checked.contains("Left over"), "{checked}");

    for device in ["ump-01", "ump-02"] {
        let said = place.code(
            &["runs", "retire", device, "--secret", &of_both, "--yes"],
            3,
        );
        assert!(said.contains("stays"), "{said}");
        assert!(place.secrets(one).1.contains(&of_both), "{said}");
    }
}

#[test]
fn a_removal_that_never_arrived_is_sent_again() {
    let (place, device) = (Place::new(), "ump-03.finebak.com");
    place.code(&["rotate", "ump-03", "--yes"], 0);
    let (earlier, _) = place.secrets(device);
    for fault in [
        "drop-before=POST:removePassword*1",
        "drop=POST:removePassword*1",
    ] {
        let (earlier, _) = place.secrets(device);
        place.ground.faults(fault);
        place.code(&["rotate", "ump-03", "--yes"], 0);
        let (in_use, all) = place.secrets(device);
        assert!(!all.contains(&earlier), "{fault}: {all:?}");
        assert!(all.contains(&in_use) && in_use != earlier, "{fault}");
    }
    assert!(!place.secrets(device).1.contains(&earlier));
}
