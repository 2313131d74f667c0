//! The ways to sign in.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use uuid::Uuid;

use super::certificate::ClientCertificate;

/// A token is renewed when it has less than this left.
const RENEW_EARLY: Duration = Duration::from_secs(300);

/// The way to sign in.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// An operator confirms a code on Microsoft's page; the client is a public one.
    DeviceCode {
        /// The client ID that signs in.
        client_id: Uuid,
    },
    /// An application signs in by itself.
    ClientSecret {
        /// The client ID that signs in.
        client_id: Uuid,
        /// Its secret.
        secret: SecretString,
    },
    /// An application signs in by itself, with an assertion that its certificate's key signs.
    Certificate {
        /// The client ID that signs in.
        client_id: Uuid,
        /// Its certificate and key.
        certificate: Arc<ClientCertificate>,
    },
    /// A command of the site's own prints a token.
    Command {
        /// Program and arguments, without a shell.
        words: Vec<String>,
    },
}

impl SignIn {
    /// The client ID that signs in; a command keeps its own to itself.
    pub fn client_id(&self) -> Option<Uuid> {
        match self {
            SignIn::DeviceCode { client_id }
            | SignIn::ClientSecret { client_id, .. }
            | SignIn::Certificate { client_id, .. } => Some(*client_id),
            SignIn::Command { .. } => None,
        }
    }

    /// Whether a person has to confirm the sign-in on Microsoft's page.
    pub fn needs_a_person(&self) -> bool {
        matches!(self, SignIn::DeviceCode { .. })
    }

    /// A token is renewed when it has less than this left.
    pub(super) fn renew_early(&self) -> Duration {
        match self {
            // A command keeps a token of its own until shortly before its end, and would give that one again.
            SignIn::Command { .. } => Duration::from_secs(60),
            _ => RENEW_EARLY,
        }
    }
}
