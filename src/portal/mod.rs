//! The multitenant portal: its pages and interfaces as data ([`profile`]), getting in ([`door`]), the settings' calls of an
//! http profile ([`interface`]), and the customers, whose list AudioCodes documents ([`customers`]). It publishes no call
//! for the settings, so handing off by the page's labels is the default. `desk` uses this folder; it knows `http` and the core.

pub mod customers;
pub mod door;
pub mod error;
pub mod interface;
pub mod profile;
pub mod trial;
