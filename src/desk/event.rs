//! What the desk tells the faces while it works; both show progress from the same events.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub use super::anchor::Anchor;
pub use super::trouble::Trouble;
pub use crate::entra::signin::Prompt as SignInPrompt;
use crate::registration::fleet::{Fqdn, Tenant};
pub use crate::registration::fleet_row::FleetRow;
use crate::registration::observed::{Failure, Identity};
pub use crate::store::RunId;

/// Something happened at the desk.
#[derive(Debug, Clone)]
pub enum DeskEvent {
    /// A tenant is being read.
    RefreshStarted {
        /// The tenant.
        tenant: Uuid,
    },
    /// A tenant's sign-in waits for a person.
    SignInAsked {
        /// The tenant.
        tenant: Uuid,
        /// What to type where.
        prompt: SignInPrompt,
    },
    /// Somebody is signed in to a tenant.
    SignedIn {
        /// The tenant.
        tenant: Uuid,
        /// Who, by the token.
        identity: Identity,
    },
    /// Devices were read and judged anew.
    RowsChanged(Vec<FleetRow>),
    /// Whether a secret that this process made for a device and holds is in no portal yet: it is lost when this ends.
    SecretWaits {
        /// The device.
        device: Fqdn,
        /// It is in Entra, and in no portal by what is on record.
        waits: bool,
    },
    /// A tenant was read, or could not be.
    RefreshEnded {
        /// The tenant.
        tenant: Uuid,
        /// Why it could not be read.
        failure: Option<Failure>,
    },
    /// A tenant's reading was stopped before its end: what is known of it stands as it was.
    RefreshStopped {
        /// The tenant.
        tenant: Uuid,
    },
    /// The inventory has changed: these are all tenants and all devices from now on.
    InventoryChanged {
        /// The tenants, in their order.
        tenants: Vec<Tenant>,
        /// The devices, as they were last judged.
        rows: Vec<FleetRow>,
    },
    /// Something happened in a run.
    Run {
        /// The run.
        run: RunId,
        /// Its device.
        device: Fqdn,
        /// What happened.
        event: RunEvent,
    },
    /// Something happened in the bulk run of this process.
    Bulk(BulkEvent),
}

/// Something happened in a bulk run. What its runs do step by step comes as [`DeskEvent::Run`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkEvent {
    /// It is a device's turn.
    Began(Fqdn),
    /// A run of the bulk run begins; a create is followed by a second one, the push.
    Run {
        /// The device.
        device: Fqdn,
        /// The run.
        run: RunId,
        /// The titles of its steps.
        steps: Vec<String>,
    },
    /// A device is done with.
    Ended(Fqdn, BulkOutcome),
    /// Nothing more will happen.
    Over,
}

/// What came of one device of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkOutcome {
    /// Its turn did not come before the stop.
    NotBegun,
    /// Done; in words, where there is more to say.
    Done(Option<String>),
    /// It failed: what, why, what to do.
    Failed(Trouble),
    /// Stopped between two steps.
    Stopped,
}

/// Something happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEvent {
    /// A step begins.
    Started {
        /// Its place in the plan, from 0.
        step: usize,
        /// When.
        at: Timestamp,
    },
    /// A step waits for something outside.
    Waiting {
        /// Its place in the plan.
        step: usize,
        /// For what, in words: "replication", "Entra to accept the new secret".
        on: String,
        /// Since when.
        since: Timestamp,
    },
    /// A step waits for the operator to apply the values in the portal's page.
    YourTurn {
        /// Its place in the plan.
        step: usize,
    },
    /// A step is done.
    Done {
        /// Its place in the plan.
        step: usize,
        /// What came of it, in words.
        outcome: String,
        /// How long it took.
        took: SignedDuration,
    },
    /// A step failed; the run ends.
    Failed {
        /// Its place in the plan.
        step: usize,
        /// What failed, why, what to do.
        why: Trouble,
    },
    /// The head of the audit trail, when the run's last row is in it.
    Anchored(Anchor),
    /// The run is over.
    Ended(RunEnd),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Every step is done.
    Done,
    /// A step failed.
    Failed,
    /// The operator stopped it between two steps.
    Stopped,
}
