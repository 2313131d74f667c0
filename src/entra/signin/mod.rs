//! Signing in to a tenant: device code, client secret, certificate or a command that prints a token; one cached token
//! per tenant, renewed before it ends.
//!
//! [`aadsts`] has Entra's error codes in plain words, [`proof`] tries a registration's own pair of client ID and secret,
//! [`discovery`] finds a tenant by its domain.

pub mod aadsts;
pub mod certificate;
pub mod challenge;
pub mod claims;
mod device_code;
pub mod discovery;
pub mod error;
mod external;
pub mod proof;
pub mod session;
mod token_endpoint;
mod way;

pub use certificate::{CertificateError, ClientCertificate};
pub use device_code::Prompt;
pub use error::{Refusal, SignInError};
pub use proof::{Proven, is_propagation, prove};
pub use session::{AccessToken, Session, SessionSettings};
pub use way::SignIn;
