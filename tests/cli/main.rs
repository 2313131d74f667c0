//! What the headless commands do, through the real binary: what they print, what they change, how they end.

mod adopt;
mod audit;
mod bulk;
mod consent;
mod customer_consent;
mod customer_tenants;
mod customers;
mod devices;
mod fleet;
mod monitoring;
mod places;
mod plan;
mod portal_decide;
mod portal_profiles;
mod refresh_requests;
mod schema;
mod secret_command;
mod secrets;
mod signin;
mod start;
mod values;

#[path = "../support/mod.rs"]
mod support;
