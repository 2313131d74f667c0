//! What a key can do, and what the settings call it.

use super::model::DeviceTab;
use crate::registration::values::ValueKind;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Half a page up.
    HalfPageUp,
    /// Half a page down.
    HalfPageDown,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
    /// Open what is under the cursor.
    Open,
    /// One step back.
    Back,
    /// Next tenant, tab, field or choice.
    Next,
    /// Previous tenant, tab, field or choice.
    Previous,
    /// Next choice of a field.
    ChoiceNext,
    /// Previous choice of a field.
    ChoicePrevious,
    /// The n-th tab of a device.
    Tab(DeviceTab),
    /// From a device to the one after it in the list.
    NextDevice,
    /// From a device to the one before it in the list.
    PreviousDevice,
    /// Filter the list.
    Filter,
    /// Only devices that need somebody.
    ProblemsOnly,
    /// Next sort order.
    Sort,
    /// Read again.
    Refresh,
    /// Create a registration.
    Create,
    /// First contact with a tenant that is not listed yet.
    AddTenant,
    /// Take an application that is there already for the registration.
    Adopt,
    /// Consent in the provider's own tenant.
    Consent,
    /// Repair what differs.
    Repair,
    /// Rotate the secret.
    Rotate,
    /// Push to the portal.
    Push,
    /// State what the portal holds.
    State,
    /// The client secrets of the fleet, by their end.
    Secrets,
    /// Only the earlier secrets that wait to be removed, or all devices again.
    DueList,
    /// Remove the secret under the cursor.
    Retire,
    /// The audit trail.
    Audit,
    /// Let secrets leave umpdeck for this session.
    Agree,
    /// Ask which one is right where portal and Entra contradict each other.
    Decide,
    /// Copy the invitation's text for the customer under the cursor.
    CopyInvitation,
    /// Copy all customers as a table.
    CopyTable,
    /// Choose to take away the extra permission under the cursor.
    ToggleExtra,
    /// Menu of values to copy.
    CopyMenu,
    /// Copy one value.
    Copy(ValueKind),
    /// Copy the code of a sign-in.
    CopyCode,
    /// Copy the address of a sign-in.
    CopyAddress,
    /// Copy the value under the cursor.
    CopyHere,
    /// Copy the value under the cursor and go to the next.
    CopyAndGoOn,
    /// Show the value under the cursor alone on a line.
    BareLine,
    /// Show or hide the secret's value.
    Reveal,
    /// From the form to the plan.
    ToPlan,
    /// Add a device to the inventory.
    AddDevice,
    /// Edit what the inventory says of the device.
    EditDevice,
    /// Take devices out of the inventory.
    RemoveDevices,
    /// Edit what the inventory says of the tenant.
    EditTenant,
    /// Take out of the inventory what the form is about.
    Remove,
    /// Mark or unmark the device under the cursor.
    Mark,
    /// Mark every device that the list shows.
    MarkShown,
    /// Mark what is not marked of the list, and unmark the rest.
    InvertMarks,
    /// Unmark every device.
    UnmarkAll,
    /// Show the run that is under way on the device, or the bulk run.
    ShowRun,
    /// Pause the bulk run, or go on with it.
    Pause,
    /// Plan again what a bulk run left.
    Retry,
    /// Show the body of each request.
    Details,
    /// Carry the plan out.
    Apply,
    /// The operator has applied the values in the portal.
    Applied,
    /// Take up the run under the cursor, which died: plan it anew.
    Resume,
    /// Give up the run under the cursor, which died.
    Abandon,
    /// Stop the run after the step that is under way; with nothing running, leave.
    Interrupt,
    /// Leave the console.
    Quit,
    /// Suspend to the shell.
    Suspend,
    /// Help for this pane.
    Help,
    /// Everything that can be done, and every device, by typing.
    Palette,
    /// The messages of this visit.
    Messages,
    /// Examine everything that umpdeck stands on.
    Doctor,
    /// Try again what failed.
    TryAgain,
    /// The mouse on or off.
    Mouse,
    /// Write a commented settings file.
    WriteSettings,
    /// Go on in the training ground.
    ToSandbox,
}

impl Action {
    /// Its name in the settings' `[keys]`.
    pub fn name(self) -> &'static str {
        match self {
            Action::Up => "up",
            Action::Down => "down",
            Action::HalfPageUp => "half-page-up",
            Action::HalfPageDown => "half-page-down",
            Action::PageUp => "page-up",
            Action::PageDown => "page-down",
            Action::Top => "top",
            Action::Bottom => "bottom",
            Action::Open => "open",
            Action::Back => "back",
            Action::Next => "next",
            Action::Previous => "previous",
            Action::ChoiceNext => "choice-next",
            Action::ChoicePrevious => "choice-previous",
            Action::Tab(DeviceTab::Checklist) => "checklist",
            Action::Tab(DeviceTab::Permissions) => "permissions",
            Action::Tab(DeviceTab::Values) => "values",
            Action::Tab(DeviceTab::Portal) => "portal",
            Action::Tab(DeviceTab::Customers) => "customers",
            Action::Tab(DeviceTab::History) => "history",
            Action::Tab(DeviceTab::Secrets) => "secrets-of-device",
            Action::NextDevice => "next-device",
            Action::PreviousDevice => "previous-device",
            Action::Filter => "filter",
            Action::ProblemsOnly => "problems-only",
            Action::Sort => "sort",
            Action::Refresh => "refresh",
            Action::Create => "create",
            Action::AddTenant => "add-tenant",
            Action::Adopt => "adopt",
            Action::Consent => "consent",
            Action::Repair => "repair",
            Action::Rotate => "rotate",
            Action::Push => "push",
            Action::State => "state",
            Action::Secrets => "secrets",
            Action::DueList => "due-list",
            Action::Retire => "retire",
            Action::Audit => "audit",
            Action::Agree => "agree",
            Action::Decide => "which-is-right",
            Action::CopyInvitation => "copy-invitation",
            Action::CopyTable => "copy-table",
            Action::ToggleExtra => "mark-extra",
            Action::CopyMenu => "copy-menu",
            Action::Copy(ValueKind::ClientId) => "copy-client-id",
            Action::Copy(ValueKind::SecretValue) => "copy-secret",
            Action::Copy(ValueKind::RedirectUri) => "copy-redirect-uri",
            Action::Copy(ValueKind::ObjectId) => "copy-object-id",
            Action::Copy(ValueKind::TenantId) => "copy-tenant-id",
            Action::Copy(ValueKind::ConsentUrl) => "copy-consent-url",
            Action::Copy(ValueKind::PortalUrl) => "copy-portal-url",
            Action::CopyAddress => "copy-address",
            Action::CopyCode => "copy-code",
            Action::CopyHere => "copy",
            Action::CopyAndGoOn => "copy-and-go-on",
            Action::BareLine => "bare-line",
            Action::Reveal => "show-secret",
            Action::ToPlan => "plan",
            Action::AddDevice => "add-device",
            Action::EditDevice => "edit-device",
            Action::RemoveDevices => "remove-devices",
            Action::EditTenant => "edit-tenant",
            Action::Remove => "remove",
            Action::Mark => "mark",
            Action::MarkShown => "mark-shown",
            Action::InvertMarks => "invert-marks",
            Action::UnmarkAll => "unmark-all",
            Action::ShowRun => "show-run",
            Action::Pause => "pause",
            Action::Retry => "retry",
            Action::Details => "details",
            Action::Apply => "apply",
            Action::Applied => "applied",
            Action::Resume => "resume",
            Action::Abandon => "give-up",
            Action::Interrupt => "stop-or-leave",
            Action::Quit => "quit",
            Action::Suspend => "suspend",
            Action::Help => "help",
            Action::Palette => "palette",
            Action::Messages => "messages",
            Action::Doctor => "doctor",
            Action::TryAgain => "try-again",
            Action::Mouse => "mouse",
            Action::WriteSettings => "write-settings",
            Action::ToSandbox => "sandbox",
        }
    }
}
