//! The sandbox held to what Microsoft documents, over real HTTP.

mod certificates;
mod clients;
mod conformance;
mod faults;
mod objects;
mod policies;
mod portal;
mod queries;
mod signin;
mod tls;

#[path = "../support/mod.rs"]
mod support;
