//! # The core of the official plugin `nn`
//!
//! Runs models for guests, and knows neither guests nor engines: what it takes and gives are tensors and text. A
//! [`Registry`] holds the models that the user named and the frameworks that run them; a framework is a
//! [`Backend`], its models are [`Graph`]s, and inference happens in an [`ExecutionContext`]. Most backends only
//! write a [`TensorModel`], a function of tensors, and get the rest from [`TensorGraph`].
//!
//! Calls block, some for seconds: they belong on threads that may wait.

#![warn(missing_docs)]

mod backend;
mod batch;
mod cancel;
mod choice;
mod detect;
mod encoding;
mod error;
mod foreign;
#[cfg(feature = "ggml")]
mod ggml;
#[cfg_attr(not(feature = "ggml"), expect(dead_code, reason = "for `ggml`"))]
mod gguf;
mod grammar;
mod graph;
mod language;
mod library;
mod litert;
mod model;
mod native_type;
mod onnx;
mod openvino;
mod options;
mod order;
mod private_file;
mod pytorch;
mod registry;
mod session_pool;
pub mod setup;
mod signature;
mod spec;
mod tensor;
mod tensor_graph;
mod tensor_model;
#[cfg(any(feature = "ggml", test))]
mod text;
mod tflite;
#[cfg(any(feature = "ggml", test))]
mod turns;

pub use backend::{Backend, Source, Status};
pub use cancel::{Cancel, OnCancel, Reason};
pub use detect::detect;
pub use encoding::{Device, Encoding};
pub use error::{Code, Error, Result};
#[cfg(feature = "ggml")]
pub use ggml::LlamaCpp;
pub use gguf::gguf_metadata;
pub use grammar::Grammar;
pub use graph::{ExecutionContext, Graph, Step};
pub use language::{Finish, Generation, LanguageModel, LanguageModelInfo, Message, Prompt, Usage};
pub use library::{Library, data_folder};
pub use litert::LiteRt;
pub use model::{Context, Model};
pub use onnx::{OnnxRuntime, Rten, check_onnx};
pub use openvino::OpenVino;
pub use options::{Key, MOST_THREADS, Options};
pub use pytorch::PyTorch;
pub use registry::{BackendStatus, Limits, Prepared, Registry, RegistryBuilder};
pub use signature::{Dimension, Side, Signature, TensorDescription};
pub use spec::ModelSpec;
pub use tensor::{Element, NamedTensor, Tensor, TensorId, TensorType};
pub use tensor_graph::TensorGraph;
pub use tensor_model::{Session, TensorModel};
