//! The part of OpenVINO's C API that models need.
//!
//! The bindings of the crate `openvino` are not used: they turn numbers that a newer library may return into Rust
//! enums, which is undefined behaviour, panic where a function is missing, and hide the library's error messages.

mod compiled;
mod library;
mod raw;
mod request;
mod tensor;

pub(super) use compiled::{Compiled, Port};
pub(super) use library::{Library, Model};
pub(super) use request::{Ended, Request};
pub(super) use tensor::NativeTensor;
