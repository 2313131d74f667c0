//! `umpdeck schema`: the JSON Schema of everything that is printed with `--json`. The tests hold real output against it.

use super::Outcome;

/// The schema, as it lies in the assets.
pub(super) fn run() -> Outcome {
    Outcome::done(include_str!("../../assets/schema.json").to_string())
}
