//! The part of LiteRT's C API that models need, as it has been since 2.2.

mod compiled;
mod library;
mod model;
mod raw;
mod tensor;

pub(super) use compiled::Compiled;
pub(super) use library::Library;
pub(super) use model::{Model, Port};
pub(super) use tensor::TensorMemory;
