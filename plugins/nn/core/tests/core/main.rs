//! What holds for every framework, with one that is small enough to stand here.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod batch;
mod cancel;
mod detect;
mod engine;
mod framework;
mod gguf;
mod grammar;
mod library;
mod onnx_files;
mod options;
mod registry;
mod schema;
mod spec;
mod tensor;
mod tensor_graph;
