//! An adopt that was killed is taken up: the application is there once, with its service principal and the secrets that it
//! had, and the device's unique name is its own.

mod crash_support;

use crash_support::Ground;
use crash_support::program::text;
use serde_json::Value;
