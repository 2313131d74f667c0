//! The multitenant portal: its pages and interfaces as data ([`profile`]), and the calls of an http profile
//! ([`interface`]). AudioCodes publishes no call for these settings, so handing off by the page's labels is the default.
//! `desk` uses this folder; it knows `http` and the core.

pub mod interface;
pub mod profile;
