//! Real models through both faces, in a process of their own: a process has one ONNX Runtime, the first that it asks for.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

#[allow(dead_code)]
#[path = "../nn/component_guest.rs"]
mod component_guest;
#[allow(dead_code)]
#[path = "../nn/core_guest.rs"]
mod core_guest;
mod frameworks;
#[cfg(feature = "ggml")]
mod language;
mod reference;
#[allow(dead_code)]
#[path = "../nn/setup.rs"]
mod setup;
