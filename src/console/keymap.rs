//! The one table of keys: what [`super::keys`] makes the effective one from, and with it dispatch, footer, help, palette
//! and the README.

use super::chord::Chord;
use super::model::DeviceTab;
use crate::registration::values::ValueKind;

pub use super::action::Action;
pub use super::context::Context;

/// What a slow line may make of an arrow key that comes in two parts: nothing dangerous may be one of these.
pub(super) const SPLIT_ARROWS: &[&str] = &["A", "B", "C", "D", "F", "H", "["];

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// The keys, as [`Chord::parse`] reads them; the first one is shown.
    pub keys: &'static [&'static str],
    /// Where they work.
    pub contexts: &'static [Context],
    /// What they do.
    pub action: Action,
    /// The words in the footer.
    pub label: &'static str,
    /// One sentence for help and README.
    pub help: &'static str,
    /// Place in the footer, the smallest first; 0 = not in the footer.
    pub footer: u8,
    /// Changes something outside of the console.
    pub changes: bool,
}

use Context::{
    Adopt, Audit, BulkPlan, BulkRun, Card, Change, Consent, Contact, CopyMenu, Create, Decision,
    Device, Filter, Fleet, Form, Handoff, Palette, Plan, Run, Secrets, SignIn, Unfinished,
};

const LISTS: &[Context] = &[
    Fleet, Device, Adopt, Plan, Run, Card, CopyMenu, Unfinished, Secrets, Audit, BulkPlan, BulkRun,
    Change,
];

const fn key(
    keys: &'static [&'static str],
    contexts: &'static [Context],
    action: Action,
    label: &'static str,
    help: &'static str,
    footer: u8,
) -> Binding {
    Binding {
        keys,
        contexts,
        action,
        label,
        help,
        footer,
        changes: false,
    }
}

const fn changing(binding: Binding) -> Binding {
    Binding {
        changes: true,
        ..binding
    }
}

/// The table of keys.
#[rustfmt::skip] // one row a line: it is read as a table
pub static KEYMAP: &[Binding] = &[
    // Fleet
    key(&["enter"], &[Fleet, Secrets], Action::Open, "open", "Open the device under the cursor", 1),
    changing(key(&["c"], &[Fleet, Device], Action::Create, "create", "Create the registration of a device that has none", 2)),
    changing(key(&["f"], &[Fleet, Device, Run], Action::Repair, "repair", "Plan a repair: only what differs from the blueprint", 3)),
    changing(key(&["p"], &[Fleet, Device, Run], Action::Push, "push", "Push the settings to the portal, or hand them off field by field", 4)),
    changing(key(&["R"], &[Fleet, Device, Run, Secrets], Action::Rotate, "rotate", "Rotate the secret: add, push, prove; the earlier one is removed when safe", 5)),
    key(&["A"], &[Fleet, Device], Action::Adopt, "adopt", "Make an existing application the device's registration", 0),
    key(&["y"], &[Fleet, Device, Run], Action::CopyMenu, "copy", "Open the menu of all values to copy", 6),
    key(&["/"], &[Fleet, Secrets], Action::Filter, "filter", "Words, !word, status:drift, tenant:name, customer:name, secret<30", 7),
    key(&["!"], &[Fleet, Secrets], Action::ProblemsOnly, "problems", "Show only devices that are not OK, or all again", 8),
    key(&["s"], &[Fleet, Secrets], Action::Sort, "sort", "Next sort order: worst first, name, secret, age", 10),
    key(&["tab", "right", "l"], &[Fleet, Secrets], Action::Next, "next tenant", "Show only the devices of the next tenant", 11),
    key(&["backtab", "left", "h"], &[Fleet, Secrets], Action::Previous, "previous tenant", "Show only the devices of the previous tenant", 0),
    key(&["r"], &[Fleet, Device, Secrets, Audit], Action::Refresh, "refresh", "Read again now; pressed again during a long reading: stop it", 12),
    key(&["E"], &[Fleet], Action::Secrets, "secrets", "The client secrets of all devices, by the days that are left", 13),
    key(&["L"], &[Fleet, Device, Secrets], Action::Audit, "audit", "The audit trail: who changed what, and when", 14),
    key(&["space"], &[Fleet], Action::Mark, "mark", "Mark or unmark the device and go down; create, repair, push and rotate then act on all marked devices", 9),
    key(&["a"], &[Fleet], Action::MarkShown, "mark all", "Mark every device that the list shows", 0),
    key(&["i"], &[Fleet], Action::InvertMarks, "invert", "Mark the unmarked devices of the list, and unmark the marked ones", 0),
    key(&["u"], &[Fleet], Action::UnmarkAll, "unmark", "Unmark every device", 0),
    key(&["b"], &[Fleet], Action::ShowRun, "run", "Show the run on the device, or the bulk run, under way or over", 0),
    changing(key(&["n"], &[Fleet], Action::AddDevice, "new device", "Add a device to the inventory", 15)),
    changing(key(&["e"], &[Fleet, Device], Action::EditDevice, "edit", "Edit the device in the inventory", 16)),
    changing(key(&["x"], &[Fleet], Action::RemoveDevices, "remove", "Remove the device, or the marked ones, from the inventory; shown first", 0)),
    changing(key(&["t"], &[Fleet], Action::EditTenant, "tenant", "Edit the chosen tenant, or the device's tenant, in the inventory", 0)),
    changing(key(&["N"], &[Fleet], Action::AddTenant, "add tenant", "Add a tenant: find it, sign in, write it into the settings file", 0)),
    key(&["w"], &[Fleet], Action::WriteSettings, "write settings", "Write a settings file with comments, if there is none", 0),
    key(&["T"], &[Fleet], Action::ToSandbox, "sandbox", "Leave your tenants and open the sandbox, with practice devices", 0),
    key(&["M"], &[Fleet, Device, Plan, Run, Handoff, Secrets, Audit, BulkPlan, BulkRun], Action::Messages, "messages", "The messages of this session, the newest first", 0),
    key(&["I"], &[Fleet, Device], Action::Doctor, "doctor", "Examine terminal, settings, store, tenants and portals", 0),
    key(&["W"], &[Fleet, Device, Plan, Run, Handoff, Secrets, Audit, BulkPlan, BulkRun], Action::Mouse, "mouse", "Switch the mouse on or off; while it is on, hold Shift to select text", 0),
    // Client secrets and audit trail
    key(&["d"], &[Secrets], Action::DueList, "to remove", "Show the earlier secrets that wait to be removed, or all devices again", 3),
    changing(key(&["X"], &[Secrets], Action::Retire, "retire", "Plan to remove the secret that is due, or open the device's secrets to choose one", 4)),
    key(&["enter"], &[Audit], Action::Open, "details", "Show the whole row under the cursor", 1),
    // Device
    key(&["enter"], &[Device], Action::Open, "explain", "Explain the line under the cursor; in the tab Values, copy it", 1),
    key(&["tab", "right", "l"], &[Device], Action::Next, "next tab", "Next tab", 0),
    key(&["backtab", "left", "h"], &[Device], Action::Previous, "previous tab", "Previous tab", 0),
    key(&["."], &[Device], Action::NextDevice, "next device", "Open the next device of the list, at the same tab", 0),
    key(&[","], &[Device], Action::PreviousDevice, "previous device", "Open the previous device of the list, at the same tab", 0),
    key(&["1"], &[Device], Action::Tab(DeviceTab::Checklist), "checklist", "Checklist", 0),
    key(&["2"], &[Device], Action::Tab(DeviceTab::Permissions), "permissions", "Permissions: wanted, present, consented, extra", 0),
    key(&["3"], &[Device], Action::Tab(DeviceTab::Values), "values", "Values to copy", 0),
    key(&["4"], &[Device], Action::Tab(DeviceTab::Portal), "portal", "The portal's settings beside Entra's", 0),
    key(&["5"], &[Device], Action::Tab(DeviceTab::Customers), "customers", "Customers and their consent", 0),
    key(&["6"], &[Device], Action::Tab(DeviceTab::History), "history", "Runs on this device", 0),
    key(&["7"], &[Device], Action::Tab(DeviceTab::Secrets), "secrets", "All client secrets of the registration, with what is known of their use", 0),
    changing(key(&["X"], &[Device], Action::Retire, "retire", "Plan to remove the secret under the cursor, if no portal may be using it", 9)),
    changing(key(&["K"], &[Device], Action::Consent, "consent", "Plan consent in your own tenant to the permissions of the blueprint", 0)),
    key(&["space"], &[Device], Action::ToggleExtra, "mark extra", "Permissions: mark an extra one, so that a repair removes it", 0),
    changing(key(&["S"], &[Device], Action::State, "state", "State that the portal holds Entra's values, if the portal can't be read", 0)),
    key(&["w"], &[Device], Action::Decide, "which is right", "Portal and Entra differ: see what each one holds and both plans, and choose", 0),
    key(&["N"], &[Device], Action::CopyInvitation, "invitation", "Customers: copy the invitation's text for the customer under the cursor", 0),
    key(&["Y"], &[Device], Action::CopyTable, "copy table", "Customers: copy the list as a table with tabs, for a spreadsheet", 0),
    key(&["B"], &[Device], Action::ShowRun, "run", "Show the run that is under way on the device, or the bulk run", 0),
    key(&["b"], &[Device, CopyMenu, Handoff, Run], Action::BareLine, "bare line", "Show the value under the cursor alone on a line, for the mouse", 7),
    key(&["v"], &[Device, Run, Handoff], Action::Reveal, "show secret", "Show or hide the secret's value, while this process holds it", 8),
    key(&["i"], &[Device, Run, CopyMenu], Action::Copy(ValueKind::ClientId), "client ID", "Copy the application (client) ID", 0),
    key(&["x"], &[Device, Run, CopyMenu], Action::Copy(ValueKind::SecretValue), "secret", "Copy the client secret's value", 0),
    key(&["u"], &[Device, Run, CopyMenu], Action::Copy(ValueKind::RedirectUri), "redirect URI", "Copy the redirect URI", 0),
    key(&["o"], &[Device, Run, CopyMenu], Action::Copy(ValueKind::ObjectId), "object ID", "Copy the object ID", 0),
    key(&["t"], &[Device, Run, CopyMenu], Action::Copy(ValueKind::TenantId), "tenant ID", "Copy the directory (tenant) ID", 0),
    key(&["n"], &[Device, Run, CopyMenu], Action::Copy(ValueKind::ConsentUrl), "consent URL", "Copy the admin consent URL", 0),
    key(&["m"], &[Device, Run, CopyMenu], Action::Copy(ValueKind::PortalUrl), "portal URL", "Copy the multitenant portal's URL", 0),
    // Copy menu
    key(&["enter"], &[CopyMenu], Action::CopyHere, "copy", "Copy the value under the cursor", 1),
    // Create
    key(&["ctrl-n"], &[Create], Action::ToPlan, "plan", "Show every request that will be made", 1),
    key(&["tab", "down", "enter"], &[Create, Form], Action::Next, "next field", "Next field", 2),
    key(&["backtab", "up"], &[Create, Form], Action::Previous, "previous", "Previous field", 3),
    key(&["right"], &[Create, Form], Action::ChoiceNext, "next choice", "Next choice; in a text, move the cursor right", 0),
    key(&["left"], &[Create, Form], Action::ChoicePrevious, "previous choice", "Previous choice; in a text, move the cursor left", 0),
    // Inventory
    key(&["ctrl-n"], &[Form], Action::ToPlan, "plan", "Show what would change in the inventory", 1),
    changing(key(&["ctrl-x"], &[Form], Action::Remove, "remove", "Remove it from the inventory; what changes is shown first", 4)),
    changing(key(&["enter"], &[Change], Action::Apply, "write", "Write the change to the inventory", 1)),
    // First contact
    key(&["ctrl-n"], &[Contact], Action::ToPlan, "go on", "Find the tenant and sign in; then add it to the settings file", 1),
    key(&["tab", "down", "enter"], &[Contact], Action::Next, "next field", "Next field", 2),
    key(&["backtab", "up"], &[Contact], Action::Previous, "previous", "Previous field", 3),
    key(&["right"], &[Contact], Action::ChoiceNext, "other way", "The other way to sign in; in a text, move the cursor right", 0),
    key(&["left"], &[Contact], Action::ChoicePrevious, "other way", "The other way to sign in; in a text, move the cursor left", 0),
    key(&["esc"], &[Contact], Action::Back, "back", "Stop signing in and go back to the form; from the form, leave; nothing is written", 20),
    // Adopt
    key(&["enter"], &[Adopt], Action::Open, "adopt", "Plan to adopt the application under the cursor; a deleted one is restored", 1),
    key(&["r"], &[Adopt], Action::Refresh, "refresh", "Look for applications again; pressed again during a long reading: stop it", 2),
    // Plan
    changing(key(&["enter"], &[Plan], Action::Apply, "apply", "Carry out the plan", 1)),
    key(&["d"], &[Plan], Action::Details, "details", "Show or hide the body of each request", 2),
    // Many devices
    changing(key(&["enter"], &[BulkPlan], Action::Apply, "apply", "Carry out the combined plan, a few devices at a time", 1)),
    key(&["space"], &[BulkRun], Action::Pause, "pause", "Pause: devices under way finish, no other begins; pressed again: go on", 1),
    key(&["enter"], &[BulkRun], Action::Open, "open", "Open the device under the cursor", 2),
    key(&["r"], &[BulkRun], Action::Retry, "plan again", "When the run is over: plan again what failed, was stopped or did not begin", 3),
    // Handoff
    key(&["enter"], &[Handoff], Action::CopyAndGoOn, "copy, go on", "Copy the field under the cursor and go to the next", 1),
    changing(key(&["a"], &[Handoff], Action::Applied, "applied", "You have applied the values in the portal: record that, and prove the secret", 2)),
    key(&["down", "j", "tab"], &[Handoff], Action::Down, "down", "Next field", 0),
    key(&["up", "k", "backtab"], &[Handoff], Action::Up, "up", "Previous field", 0),
    // Which one is right
    key(&["enter"], &[Decision], Action::Open, "plan", "Open the plan under the cursor; nothing is done yet", 1),
    key(&["down", "j", "tab"], &[Decision], Action::Down, "down", "The portal is right", 2),
    key(&["up", "k", "backtab"], &[Decision], Action::Up, "up", "Entra is right", 3),
    // Filter and sign-in
    key(&["enter"], &[Filter], Action::Open, "keep", "Keep the filter and go back to the list", 1),
    key(&["tab"], &[Filter], Action::Next, "complete", "Complete the word", 2),
    key(&["enter"], &[Palette], Action::Open, "do it", "Do the action under the cursor, or open the device", 1),
    key(&["down", "ctrl-n", "tab"], &[Palette], Action::Down, "down", "Down", 0),
    key(&["up", "ctrl-p", "backtab"], &[Palette], Action::Up, "up", "Up", 0),
    key(&["pgdn"], &[Palette], Action::PageDown, "page down", "A page down", 0),
    key(&["pgup"], &[Palette], Action::PageUp, "page up", "A page up", 0),
    key(&["c"], &[SignIn], Action::CopyCode, "copy code", "Copy the code", 1),
    key(&["u"], &[SignIn], Action::CopyAddress, "copy address", "Copy the address", 2),
    // Unfinished runs
    key(&["enter"], &[Unfinished], Action::Resume, "resume", "Read the device again and plan what the run was for; the plan is shown first", 1),
    changing(key(&["a"], &[Unfinished], Action::Abandon, "abandon", "Close the run; remove the secrets that it added, unless the portal may be using them", 2)),
    key(&["esc", "q"], &[Unfinished], Action::Back, "later", "Leave the runs as they are; the device's history offers them again", 20),
    // A secret leaves umpdeck
    key(&["enter"], &[Consent], Action::Agree, "go on", "Allow copying and showing secrets for this session", 1),
    key(&["esc", "q"], &[Consent], Action::Back, "cancel", "Go back; nothing is copied or shown", 20),
    // What failed
    key(&["r"], &[Card], Action::TryAgain, "try again", "Try again what failed", 1),
    key(&["I"], &[Card], Action::Doctor, "doctor", "Examine terminal, settings, store, tenants and portals", 2),
    // Moving
    key(&["j", "down"], LISTS, Action::Down, "down", "Down", 0),
    key(&["k", "up"], LISTS, Action::Up, "up", "Up", 0),
    key(&["ctrl-d"], LISTS, Action::HalfPageDown, "half page down", "Half a page down", 0),
    key(&["ctrl-u"], LISTS, Action::HalfPageUp, "half page up", "Half a page up", 0),
    key(&["pgdn", "ctrl-f"], LISTS, Action::PageDown, "page down", "A page down", 0),
    key(&["pgup", "ctrl-b"], LISTS, Action::PageUp, "page up", "A page up", 0),
    key(&["g", "home"], LISTS, Action::Top, "top", "First line", 0),
    key(&["G", "end"], LISTS, Action::Bottom, "bottom", "Last line", 0),
    // Everywhere
    key(&["esc"], &[Fleet], Action::Back, "clear", "Clear the filter, then the tenant, then the marks", 0),
    key(&["esc", "backspace"], &[Device, Adopt, Plan, Run, Handoff, Decision, Secrets, Audit, BulkPlan, BulkRun, Change, Card, CopyMenu], Action::Back, "back", "One step back", 20),
    key(&["esc"], &[Form], Action::Back, "leave", "Leave the form; nothing is written yet", 20),
    key(&["esc"], &[Create], Action::Back, "leave", "Leave the form; nothing is created yet", 20),
    key(&["esc"], &[Filter], Action::Back, "clear", "Clear the filter", 20),
    key(&["esc"], &[Palette], Action::Back, "close", "Close the palette, nothing is done", 20),
    key(&["esc"], &[SignIn], Action::Back, "cancel", "Stop asking for this sign-in", 20),
    key(&[":"], &[Fleet, Device, Adopt, Plan, Run, Handoff, Decision, Secrets, Audit, BulkPlan, BulkRun], Action::Palette, "palette", "Find any action, tenant or device: type a part of its name", 29),
    key(&["?", "f1"], &[Fleet, Device, Adopt, Plan, Run, Handoff, Decision, Secrets, Audit, BulkPlan, BulkRun, Change, CopyMenu, SignIn, Unfinished], Action::Help, "help", "The keys of this pane", 30),
    key(&["q"], &[Fleet], Action::Quit, "quit", "Leave umpdeck", 31),
    key(&["q"], &[Device, Adopt, Plan, Run, Handoff, Decision, Secrets, Audit, BulkPlan, BulkRun, Change, Card, CopyMenu], Action::Back, "back", "One step back", 0),
    key(&["ctrl-c"], &Context::ALL, Action::Interrupt, "stop or leave", "Stop the run after the step under way; with no run, leave umpdeck", 0),
    key(&["ctrl-z"], &Context::ALL, Action::Suspend, "suspend", "Suspend umpdeck and go to the shell; fg brings it back", 0),
];

/// The bindings of a context, in the order of the table.
fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    KEYMAP
        .iter()
        .filter(move |binding| binding.contexts.contains(&context))
}

/// Keys as people read them: "j ↓".
fn keys_text(keys: &[&str]) -> String {
    let chords = keys.iter().filter_map(|key| Chord::parse(key).ok());
    let shown: Vec<String> = chords.map(|chord| chord.to_string()).collect();
    shown.join(" ")
}

/// The README's table of keys: one section a pane, and one for the keys that most panes share.
pub fn readme_table() -> String {
    const SHARED_FROM: usize = 5;
    let mut text = String::new();
    let mut section = |title: &str, bindings: &[&Binding]| {
        if bindings.is_empty() {
            return;
        }
        text.push_str(&format!("\n**{title}**\n\n| key | does |\n| --- | --- |\n"));
        for binding in bindings {
            let keys = keys_text(binding.keys).replace('|', "\\|");
            text.push_str(&format!("| {keys} | {} |\n", binding.help));
        }
    };
    let shared = |binding: &&Binding| binding.contexts.len() >= SHARED_FROM;
    for context in Context::ALL {
        let own: Vec<_> = of(context).filter(|one| !shared(one)).collect();
        section(context.title(), &own);
    }
    let all: Vec<_> = KEYMAP.iter().filter(shared).collect();
    section("In most panes", &all);
    text
}

/// The keys that the two main panes show in their footers, two a line, for the README's first pages.
pub fn readme_essentials() -> String {
    let mut cells: Vec<String> = Vec::new();
    let mut shown: Vec<Action> = Vec::new();
    for context in [Context::Fleet, Context::Device] {
        let mut bindings: Vec<_> = of(context).filter(|one| one.footer > 0).collect();
        bindings.sort_by_key(|one| one.footer);
        for binding in bindings {
            if shown.contains(&binding.action) {
                continue;
            }
            shown.push(binding.action);
            let keys = keys_text(binding.keys).replace('|', "\\|");
            cells.push(format!("| {keys} | {} ", binding.help));
        }
    }
    let mut text = String::from("\n| key | does | key | does |\n| --- | --- | --- | --- |\n");
    for pair in cells.chunks(2) {
        let second = pair.get(1).map_or("| | ", String::as_str);
        text.push_str(&format!("{}{second}|\n", pair[0]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_changes_the_world_hides_in_a_split_arrow_key() {
        for binding in KEYMAP.iter().filter(|binding| binding.changes) {
            for key in binding.keys {
                assert!(!SPLIT_ARROWS.contains(key), "{key} changes something");
            }
        }
    }
}
