//! The plugin `crypto`, from guests of both kinds.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod completeness;
mod components;
mod core_modules;
mod isolation;
mod strange;
mod strange_calls;
mod support;
