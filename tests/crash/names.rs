//! How a run is named by an operator: by six characters, as long as these are one run's alone.

use crate::support::killed::Ground;
use crate::support::program::text;
use serde_json::json;
use umpdeck::registration::fleet::Fqdn;
use umpdeck::store::{NewRun, RunOutcome, Store};
use uuid::Uuid;

#[test]
fn a_short_id_that_is_several_runs_is_refused_with_the_whole_ids() {
    let ground = Ground::new();
    ground.run(&["status"]);
    let store = Store::open(&ground.data_dir()).expect("the store");
    let ids = [
        "0193a7c2-0000-7000-8000-0000000a9f3c",
        "0193a7c2-0001-7000-8000-0000000a9f3c",
    ];
    let devices = ["ump-eu.finebak.com", "ump-03.finebak.com"];
    for (id, device) in ids.iter().zip(devices) {
        let run = NewRun {
            id: id.parse().expect("an ID"),
            device: Fqdn::parse(device).expect("a name"),
            sharing: vec![],
            tenant: Uuid::from_u128(1),
            intent: "rotate".into(),
            plan: json!({}),
            owner: "somebody@elsewhere".into(),
            at: "2026-11-20T00:00:00Z".parse().expect("a time"),
        };
        store.begin_run(&run, None, |_| false).expect("it begins");
    }
    let refused = ground.run(&["runs", "abandon", "0a9f3c"]);
    assert_eq!(refused.status.code(), Some(3));
    let said = text(&refused.stderr);
    for id in ids {
        assert!(said.contains(id), "{said}");
    }
    for id in ids {
        ground.run(&["runs", "abandon", id, "--yes"]);
        let run = store.run(id.parse().expect("an ID")).expect("the run");
        assert_eq!(run.outcome, Some(RunOutcome::Abandoned), "{id}");
    }
}
