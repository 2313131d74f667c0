//! What the tests of behaviour share.
// Each test binary uses only a part of this.
#![allow(dead_code)]

pub mod aftermath;
pub mod emulator;
pub mod exchange;
pub mod fleet;
pub mod gate;
pub mod ground;
pub mod home;
pub mod killed;
pub mod outside;
pub mod program;
pub mod pty;
pub mod scale;
pub mod server;
pub mod trial;
