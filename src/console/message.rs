//! Everything that can happen to the console, and everything that it can ask for. An answer bears the number of its
//! question.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;
use uuid::Uuid;

use super::chord::Chord;
use super::model::{Card, InventoryWish, Question};
use crate::desk::audit::{AuditRow, TrailState};
use crate::desk::bulk::{BulkIntent, BulkPlan, Pace};
use crate::desk::contact::{Found, Listing, Wanted};
use crate::desk::decide::Decision;
use crate::desk::event::RunId;
use crate::desk::event::{DeskEvent, SignInPrompt, Trouble};
use crate::desk::examination::Finding;
use crate::desk::file::{DeviceFile, PlanFile, Scope};
use crate::desk::inventory::{Order, Written};
use crate::desk::retiring::DueSecret;
use crate::desk::secrets::DeviceSecrets;
use crate::registration::fleet::Fqdn;
use crate::registration::observed::ResourceAccess;
use crate::registration::plan::{CreateForm, Intent};

/// Something happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize(u16, u16),
    /// The desk tells something.
    Desk(DeskEvent),
    /// A device's file is there.
    Loaded(Box<DeviceFile>, Then, Question),
    /// A plan is there, or why not.
    Planned(Result<Box<(PlanFile, DeviceFile)>, Trouble>, Question),
    /// Both ways out of a contradiction are there (`None`: nothing contradicts), or why they can't be planned.
    Decided(Result<Option<Box<Decision>>, Trouble>, Question),
    /// A run began, or why not.
    RunBegan(Fqdn, Result<RunId, Trouble>),
    /// The inventory as it is written is there, for what was asked for.
    Inventory(Box<Written>, InventoryWish),
    /// A change of the inventory was written, or why not.
    InventoryWritten(Result<(), Trouble>),
    /// A combined plan is there, or why not.
    BulkPlanned(Result<Box<BulkPlan>, Trouble>),
    /// The bulk run began, or why not.
    BulkBegan(Result<(), Trouble>),
    /// A dead run was given up; what came of it, in words.
    Abandoned(Fqdn, String),
    /// The client secrets of the fleet are there.
    Secrets(Box<(Vec<DeviceSecrets>, Vec<DueSecret>)>, Question),
    /// The audit trail is there, of one device or of all.
    Audit(Option<Fqdn>, Box<(Vec<AuditRow>, TrailState)>, Question),
    /// What became of each step of a run.
    Story(Card),
    /// A first contact waits for a person.
    ContactAsked(Uuid, SignInPrompt),
    /// A first contact was made, or why not; and the tenant whose code was shown.
    Contacted(Option<Uuid>, Box<Result<Found, Trouble>>),
    /// A tenant was listed: its name; or why not.
    TenantAdded(Result<String, Trouble>),
    /// A value was to be copied; how that went.
    Sent(Sent),
    /// The names of each device's customers.
    Customers(HashMap<Fqdn, String>, Question),
    /// What was examined.
    Examined(Vec<Finding>),
    /// The settings file was written, or why not; how, in words.
    SettingsWritten(Result<String, Trouble>),
    /// The mouse was used at a column and a row.
    Mouse(Mouse, u16, u16),
    /// Something is told in passing.
    Told(String),
    /// Something failed.
    Failed(Trouble),
    /// A deadline has passed.
    Tick,
}

/// How a copy went.
#[derive(Debug)]
pub struct Sent {
    /// It, in words.
    pub words: String,
    /// It was sent by at least one way; whether a terminal took it nobody can know.
    pub left: bool,
    /// The field of a handoff whose value it was.
    pub field: Option<FieldValue>,
}

/// The value of a field of the portal's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// The device.
    pub device: Fqdn,
    /// The field's key.
    pub field: String,
    /// The value, or for a secret its key ID.
    pub what: String,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The first button was pressed.
    Click,
    /// The wheel was turned up.
    WheelUp,
    /// The wheel was turned down.
    WheelDown,
}

/// What a device's file was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// To be shown wherever the device is on screen.
    Show,
    /// For the form of a new registration.
    Create,
    /// For the checklist beside the list.
    Peek,
    /// To choose which application is the registration.
    Adopt,
}

/// What kind of plan is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Create, with the form as filled in and the chosen blueprint.
    Create(CreateForm, String),
    /// Repair; the extra permissions that are to go.
    Repair(Vec<ResourceAccess>),
    /// Take the application with this object ID for the registration.
    Adopt(Uuid),
    /// Consent in the provider's own tenant.
    Consent,
    /// Push.
    Push,
    /// Rotate the secret.
    Rotate,
}

impl Ask {
    /// What is asked for, as the core says it, and the blueprint that was chosen for it.
    pub fn intent(self) -> (Intent, Option<String>) {
        match self {
            Ask::Create(form, blueprint) => (Intent::Create(form), Some(blueprint)),
            Ask::Adopt(object_id) => (Intent::Adopt { object_id }, None),
            Ask::Repair(remove_extra) => (Intent::Repair { remove_extra }, None),
            Ask::Consent => (Intent::Consent, None),
            Ask::Push => {
                let secret_in_hand = None;
                (Intent::Push { secret_in_hand }, None)
            }
            Ask::Rotate => (Intent::Rotate, None),
        }
    }
}

/// Something to do outside of the console's state.
#[derive(Debug)]
pub enum Effect {
    /// Read.
    Refresh(Scope),
    /// Stop every reading that is under way.
    StopReading,
    /// Read consent in the tenants of a device's customers.
    ReadCustomers(Fqdn),
    /// Fetch a device's file.
    Load(Fqdn, Then, Question),
    /// Fetch the names of each device's customers.
    LoadCustomers(Question),
    /// Make a plan.
    Plan(Fqdn, Ask, Question),
    /// Fetch the client secrets of the fleet.
    LoadSecrets(Question),
    /// Fetch and verify the audit trail, of one device or of all.
    LoadAudit(Option<Fqdn>, Question),
    /// Fetch what became of each step of a run.
    LoadStory(RunId),
    /// Put down that somebody has seen the value of the secret in hand for a device.
    SecretIsOut(Fqdn),
    /// Plan to remove a secret of a device, on fresh facts.
    PlanRetire(Fqdn, Uuid, Question),
    /// Plan both ways out of what portal and Entra contradict each other in.
    Decide(Fqdn, Question),
    /// Plan what a dead run was for anew, on fresh facts.
    PlanResume(RunId, Question),
    /// Give a dead run up.
    Abandon(RunId),
    /// Carry a plan out.
    StartRun(Box<PlanFile>),
    /// Stop a run after the step under way.
    StopRun(RunId),
    /// Read the inventory as it is written.
    ReadInventory(InventoryWish),
    /// Write a change of the inventory that was made from what bears this mark.
    WriteInventory(Order, u64),
    /// Make a combined plan for many devices.
    PlanBulk(Vec<Fqdn>, BulkIntent),
    /// Carry a combined plan out.
    StartBulk(Arc<BulkPlan>),
    /// Pause the bulk run, go on with it, or stop it.
    PaceBulk(Pace),
    /// The operator has applied the values of a handoff.
    Applied(RunId),
    /// Remember that a field of the portal's page was copied.
    MarkCopied(FieldValue),
    /// Record what the operator states that the portal holds.
    State(Fqdn),
    /// Copy a value.
    Copy {
        /// What it is.
        label: String,
        /// The value.
        text: SecretString,
        /// It is a client secret.
        secret: bool,
        /// The field of a handoff whose value it is.
        field: Option<FieldValue>,
    },
    /// Find a tenant that is not listed yet, and sign in there.
    Contact(Box<Wanted>),
    /// Stop that.
    CancelContact,
    /// List a tenant.
    AddTenant(Box<Listing>),
    /// Begin anew with what is listed now.
    BeginAnew,
    /// Stop asking for a tenant's sign-in.
    CancelSignIn(Uuid),
    /// Examine everything that umpdeck stands on.
    Examine,
    /// Write a commented settings file.
    WriteSettings,
    /// Take the mouse, or give it back to the terminal.
    Mouse(bool),
    /// Leave for the training ground.
    ToSandbox,
    /// Suspend to the shell.
    Suspend,
    /// Leave.
    Quit,
}

impl Effect {
    /// Copies a value that may be seen.
    pub fn copy(label: impl Into<String>, text: impl Into<SecretString>) -> Effect {
        Effect::Copy {
            label: label.into(),
            text: text.into(),
            secret: false,
            field: None,
        }
    }
}
