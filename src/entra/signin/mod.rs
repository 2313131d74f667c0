//! Signing in to a tenant: device code or client secret, one cached token per tenant, renewed before it ends.
//!
//! [`aadsts`] has Entra's error codes in plain words, [`proof`] tries a registration's own pair of client ID and secret.

pub mod aadsts;
pub mod claims;
mod device_code;
pub mod error;
pub mod proof;
pub mod session;
mod token_endpoint;

pub use device_code::Prompt;
pub use error::{Refusal, SignInError};
pub use proof::{Proven, is_propagation, prove};
pub use session::{AccessToken, Session, SessionSettings, SignIn};
