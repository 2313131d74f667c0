//! What the tests of behaviour share.
// Each test file is a program of its own and uses only a part of this.
#![allow(dead_code)]

pub mod gate;
pub mod ground;
pub mod outside;
pub mod program;
pub mod pty;
