//! One way to call a server.
