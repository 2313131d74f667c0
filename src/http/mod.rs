//! One way to call a server: TLS, deadline, retry and throttling rules, request ids, size cap, redaction.
//!
//! [`request::Request`] is plain data, shown by the preview and sent by [`client::Client`] alike; [`retry::decide`] is
//! the pure rule of what may be sent again. This folder knows no server in particular; `entra` and `portal` use it.

pub mod base;
pub mod client;
pub mod clock;
pub mod connect;
pub mod cookie;
pub mod error;
mod exchange;
pub mod request;
pub mod retry;
mod trouble;

pub use base::{BaseUrl, InvalidBase, encoded};
pub use client::Client;
pub use clock::{Clock, SystemClock};
pub use connect::{Authorization, ClientSettings};
pub use cookie::Entered;
pub use error::HttpError;
pub use request::{Answer, Body, FormValue, Method, Request};
