//! A loopback server that stands in for Microsoft sign-in, Microsoft Graph v1.0 and the multitenant portal, with a
//! training fleet in every state that an operator meets. It shares no type with the rest of the crate (two independent
//! readings of the documentation); only the faces may start it. All state is in memory, and every start begins anew.

mod capture;
mod connection;
mod directory;
mod exchange;
mod faults;
mod fleet;
mod graph;
mod house;
mod identity;
mod portal;
mod refused;
mod resource_manager;
mod seed;
mod server;
mod signed;
mod signin;
mod state;
mod tls;
mod token;
mod training;

pub use faults::{Faults, InvalidFault};
pub use server::{Sandbox, SandboxError, SandboxOptions};
pub use tls::TlsError;
