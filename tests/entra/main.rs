//! What is asked of Microsoft and what is made of the answers, against servers that say what a test wants.

mod graph;
mod http;
mod many_tenants;
mod signin;

#[path = "../support/mod.rs"]
mod support;
