//! The multitenant portal.
