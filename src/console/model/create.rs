//! The form for a new registration.

use tui_input::Input;

use crate::desk::file::DeviceFile;
use crate::registration::fleet::Fqdn;

/// The form for a new registration.
#[derive(Debug)]
pub struct CreateScreen {
    /// The device.
    pub fqdn: Fqdn,
    /// Its file.
    pub file: DeviceFile,
    /// The names of all blueprints, for the choice.
    pub blueprints: Vec<(String, String)>,
    /// The chosen one, by its place in `blueprints`.
    pub blueprint: usize,
    /// The field that is edited.
    pub field: CreateField,
    /// The texts, in the order of [`CreateField::ALL`].
    pub inputs: [Input; 7],
    /// What is wrong with each text.
    pub errors: [Option<String>; 7],
    /// Something was typed.
    pub touched: bool,
}

/// The fields of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateField {
    /// Display name.
    Name,
    /// The device's FQDN.
    Fqdn,
    /// Redirect URI.
    RedirectUri,
    /// Blueprint (a choice).
    Blueprint,
    /// Description of the secret.
    SecretName,
    /// Its months.
    SecretMonths,
    /// Partner One (MPN) ID.
    MpnId,
    /// Notes.
    Notes,
}

impl CreateField {
    /// All fields, in their order on screen.
    pub const ALL: [CreateField; 8] = [
        CreateField::Name,
        CreateField::Fqdn,
        CreateField::RedirectUri,
        CreateField::Blueprint,
        CreateField::SecretName,
        CreateField::SecretMonths,
        CreateField::MpnId,
        CreateField::Notes,
    ];

    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            CreateField::Name => "Name",
            CreateField::Fqdn => "Device FQDN",
            CreateField::RedirectUri => "Redirect URI",
            CreateField::Blueprint => "Blueprint",
            CreateField::SecretName => "Secret description",
            CreateField::SecretMonths => "Secret months",
            CreateField::MpnId => "MPN ID",
            CreateField::Notes => "Notes",
        }
    }

    /// Its place among the typed texts; `None` for the choice.
    pub fn input(self) -> Option<usize> {
        match self {
            CreateField::Name => Some(0),
            CreateField::Fqdn => Some(1),
            CreateField::RedirectUri => Some(2),
            CreateField::Blueprint => None,
            CreateField::SecretName => Some(3),
            CreateField::SecretMonths => Some(4),
            CreateField::MpnId => Some(5),
            CreateField::Notes => Some(6),
        }
    }
}

impl CreateScreen {
    /// A field's text.
    pub fn text(&self, field: CreateField) -> &str {
        field.input().map_or("", |at| self.inputs[at].value())
    }
}
