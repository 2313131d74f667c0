//! The sandbox held to what Microsoft documents, over real HTTP.

mod applications;
mod certificates;
mod clients;
mod conformance;
mod faults;
mod grants;
mod policies;
mod portal;
mod queries;
mod rights;
mod signin;
mod tls;
mod training_fleet;

#[path = "../support/mod.rs"]
mod support;
