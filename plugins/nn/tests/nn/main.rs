//! Guests run models through both faces.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod budgets;
mod component_guest;
mod components;
mod core_guest;
mod core_modules;
mod extension;
mod hostile;
#[allow(dead_code, reason = "others have more of it")]
mod onnx;
mod setup;
