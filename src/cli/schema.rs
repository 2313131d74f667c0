//! `umpdeck schema`: the JSON Schema of everything that is printed with `--json`. The tests hold real output against it.

use super::Outcome;

/// The schema, as it lies in the assets.
pub(super) fn run() -> Outcome {
    Outcome::done(include_str!("../../assets/schema.json").to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use crate::registration::status::Status;

    #[test]
    fn the_schemas_statuses_are_the_programs_in_their_order() {
        let schema: Value = serde_json::from_str(&super::run().text).unwrap();
        let statuses = schema["$defs"]["status"]["enum"].as_array().unwrap();
        assert_eq!(
            statuses,
            &Status::ALL.map(|status| Value::from(status.key()))
        );
    }

    #[test]
    fn the_alert_rules_ask_for_statuses_that_there_are() {
        let rules = include_str!("../../assets/packaging/examples/umpdeck-alerts.yml");
        let keys = Status::ALL.map(Status::key);
        let mut asked = BTreeSet::new();
        for part in rules.split("status=").skip(1) {
            let words = part.trim_start_matches('~').split('"').nth(1).unwrap();
            asked.extend(words.split('|'));
        }
        assert!(asked.len() > 3, "{asked:?}");
        for one in asked {
            assert!(keys.contains(&one), "{one}");
        }
    }
}
