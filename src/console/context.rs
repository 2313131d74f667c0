//! Where a key works: the panes, and what may lie over them.

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// The list of devices.
    Fleet,
    /// One device.
    Device,
    /// The form for a new registration.
    Create,
    /// First contact with a tenant.
    Contact,
    /// The applications that may be a device's registration.
    Adopt,
    /// A plan, before anything is done.
    Plan,
    /// A run under way, or its result.
    Run,
    /// The portal's page, field by field.
    Handoff,
    /// The client secrets of the fleet.
    Secrets,
    /// The audit trail.
    Audit,
    /// The combined plan for many devices.
    BulkPlan,
    /// The bulk run.
    BulkRun,
    /// A form of the inventory.
    Form,
    /// What a change of the inventory comes to.
    Change,
    /// Which one is right, the portal or Entra.
    Decision,
    /// The menu of values to copy.
    CopyMenu,
    /// A line to type in: the filter.
    Filter,
    /// A line to type in: everything that can be done, and every device.
    Palette,
    /// A sign-in that waits for a person.
    SignIn,
    /// The runs that died under way.
    Unfinished,
    /// A secret's value is about to leave umpdeck.
    Consent,
    /// A card to read: help, an error, an explanation, a bare value.
    Card,
}

impl Context {
    /// All contexts, in the order of the README.
    pub const ALL: [Context; 22] = [
        Context::Fleet,
        Context::Device,
        Context::Create,
        Context::Contact,
        Context::Adopt,
        Context::Plan,
        Context::Run,
        Context::Handoff,
        Context::Secrets,
        Context::Audit,
        Context::BulkPlan,
        Context::BulkRun,
        Context::Form,
        Context::Change,
        Context::Decision,
        Context::CopyMenu,
        Context::Filter,
        Context::Palette,
        Context::SignIn,
        Context::Unfinished,
        Context::Consent,
        Context::Card,
    ];

    /// Keys that can be typed are typed here.
    pub fn types(self) -> bool {
        matches!(
            self,
            Context::Create | Context::Contact | Context::Form | Context::Filter | Context::Palette
        )
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Context::Fleet => "Fleet",
            Context::Device => "Device",
            Context::Create => "Create registration",
            Context::Contact => "First contact",
            Context::Adopt => "Adopt an application",
            Context::Plan => "Plan",
            Context::Run => "Run and result",
            Context::Handoff => "Handoff",
            Context::Secrets => "Client secrets",
            Context::Audit => "Audit trail",
            Context::BulkPlan => "Combined plan",
            Context::BulkRun => "Bulk run",
            Context::Form => "Inventory form",
            Context::Change => "Inventory change",
            Context::Decision => "Which one is right",
            Context::CopyMenu => "Copy menu",
            Context::Filter => "Filter",
            Context::Palette => "Palette",
            Context::SignIn => "Sign-in",
            Context::Unfinished => "Interrupted runs",
            Context::Consent => "A secret leaves umpdeck",
            Context::Card => "Help and messages",
        }
    }
}
