//! What lies over a screen for a moment, and has the keyboard while it does.

use tui_input::Input;
use uuid::Uuid;

use super::super::keymap::{Action, Context};
use super::super::list::ListState;
use crate::desk::event::SignInPrompt;
use crate::desk::examination::Finding;
use crate::desk::file::{DeviceFile, UnfinishedRun};
use crate::registration::fleet::Fqdn;

/// What lies over a screen.
#[derive(Debug)]
pub enum Overlay {
    /// The filter's line.
    Filter(Input),
    /// Everything that can be done, and every device.
    Palette(Box<Palette>),
    /// The menu of values to copy.
    CopyMenu(Box<CopyMenu>),
    /// The keys of a pane.
    Help(Context, ListState),
    /// A card to read.
    Card(Card),
    /// The messages of this visit.
    Messages(ListState),
    /// What was examined, once it was; the first line shown.
    Doctor(Option<Vec<Finding>>, ListState),
    /// A value alone on a line.
    BareLine(BareLine),
    /// A sign-in that waits for a person.
    SignIn(Uuid, SignInPrompt),
    /// The runs that died under way.
    Unfinished(UnfinishedList),
    /// A secret's value is about to leave umpdeck by this key: asked once a session.
    Consent(Action),
}

/// Everything that can be done, and every device, by typing.
#[derive(Debug)]
pub struct Palette {
    /// What is typed.
    pub input: Input,
    /// The pane that it was opened from.
    pub from: Context,
    /// What fits, the best first.
    pub found: Vec<PaletteItem>,
    /// The cursor.
    pub list: ListState,
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaletteItem {
    /// Something to do, by its row in the table of keys.
    Action(usize),
    /// A tenant to narrow the list to; `None` = all.
    Tenant(Option<Uuid>),
    /// A device to open.
    Device(Fqdn),
}

/// The runs that died under way.
#[derive(Debug)]
pub struct UnfinishedList {
    /// The runs, oldest first; never none.
    pub runs: Vec<UnfinishedRun>,
    /// The cursor.
    pub list: ListState,
}

impl UnfinishedList {
    /// The run under the cursor.
    pub fn here(&self) -> Option<&UnfinishedRun> {
        self.runs.get(self.list.cursor)
    }
}

/// The menu of values to copy.
#[derive(Debug)]
pub struct CopyMenu {
    /// The device; its file once it is loaded.
    pub fqdn: Fqdn,
    /// What is known of it.
    pub file: Option<DeviceFile>,
    /// What was asked for before the file was there: done when it is.
    pub asked: Option<Action>,
    /// The cursor.
    pub list: ListState,
}

/// A card to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its title.
    pub title: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
    /// It tells of a failure.
    pub failure: bool,
}

/// A value alone on a line. The text of a secret is shown here because the operator asked for it.
#[derive(Clone)]
pub struct BareLine {
    /// What it is.
    pub label: String,
    /// The value.
    pub text: secrecy::SecretString,
}

impl std::fmt::Debug for BareLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BareLine({})", self.label)
    }
}
