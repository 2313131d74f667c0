//! A combined plan in words, the same for both faces.

use super::{BulkItem, Then, Totals, Work};
use crate::registration::status::Urgency;
use crate::text::counted;

impl BulkItem {
    /// How much it asks for a person's attention.
    pub fn urgency(&self) -> Urgency {
        match self.work {
            Work::Ready { .. } => Urgency::NeedsWork,
            Work::Nothing(_) => Urgency::Good,
            Work::ByHand(_) => Urgency::Waiting,
            Work::Cannot(_) => Urgency::Unknown,
        }
    }

    /// One word for what will become of the device: "ready", "nothing", "by hand", "can't".
    pub fn mark(&self) -> &'static str {
        match self.work {
            Work::Ready { .. } => "ready",
            Work::Nothing(_) => "nothing",
            Work::ByHand(_) => "by hand",
            Work::Cannot(_) => "can't",
        }
    }

    /// What will be done, one clause a step, or why nothing will be.
    pub fn clauses(&self) -> Vec<String> {
        match &self.work {
            Work::Ready { plan, then } => {
                let mut clauses: Vec<String> = plan
                    .plan
                    .steps
                    .iter()
                    .map(|step| match step.changes.len() {
                        0 | 1 => step.action.title(),
                        many => format!("{} ({many} changes)", step.action.title()),
                    })
                    .collect();
                match then {
                    Then::Nothing => {}
                    Then::Push => clauses.push("then push the new secret to the portal".into()),
                    Then::ByHand => {
                        clauses.push("afterwards the portal's page is filled in by hand".into());
                    }
                }
                if let Some(before) = &self.after {
                    clauses.push(format!(
                        "shares its registration with {before}: read and planned again after it"
                    ));
                }
                clauses
            }
            Work::Nothing(why) | Work::ByHand(why) => vec![why.clone()],
            Work::Cannot(trouble) => {
                let mut clauses = vec![trouble.why.clone()];
                let says_more =
                    !trouble.next.is_empty() && !trouble.next.starts_with("Nothing was");
                clauses.extend(says_more.then(|| trouble.next.clone()));
                clauses
            }
        }
    }

    /// What the operator should know before, and what stays as it is.
    pub fn notes(&self) -> Vec<String> {
        let Work::Ready { plan, .. } = &self.work else {
            return vec![];
        };
        let left = plan.plan.left_alone.iter();
        let left = left.map(|one| format!("not changed: {one}"));
        plan.plan.notes.iter().cloned().chain(left).collect()
    }
}

impl Totals {
    /// "12 devices: 8 ready, 2 with nothing to do, 1 by hand, 1 that can't be done".
    pub fn devices_words(&self) -> String {
        let parts = [
            (self.ready, "ready"),
            (self.nothing, "with nothing to do"),
            (self.by_hand, "by hand"),
            (self.cannot, "not possible"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        format!("{}: {}", counted(self.devices, "device"), parts.join(", "))
    }

    /// "12 changes, 40 requests, 8 secrets added, 6 removed".
    pub fn work_words(&self) -> String {
        let mut parts = vec![counted(self.requests, "request")];
        if self.changes > 0 {
            parts.insert(0, counted(self.changes, "change"));
        }
        if self.adds > 0 {
            parts.push(format!("{} added", counted(self.adds, "secret")));
        }
        if self.removes > 0 {
            parts.push(format!("{} removed", counted(self.removes, "secret")));
        }
        parts.join(", ")
    }
}
