//! What is left when the program dies: nothing lost, nothing doubled, nothing told.

mod adopt;
mod bulk;
mod dumps;
mod faces;
mod names;
mod points;
mod random;
mod start;
mod store;
mod two;

#[path = "../support/mod.rs"]
mod support;
