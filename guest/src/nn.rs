//! Models that the host runs: classify images, continue text, compare meanings.
//!
//! Nothing here is computed in the guest. The host has the frameworks and the models, loads each model once, and shares it
//! between guests; whoever runs the host names the models. C12's plugin `nn` provides it.
//!
//! | for | there is |
//! |---|---|
//! | models of tensors | [`Graph`], [`Context`], [`Tensor`], [`TensorView`]; what they take and give: [`Signature`] |
//! | many inferences at once | [`Graph::compute_all`] |
//! | images | `image`: decoding, scaling, cropping, normalising (the feature `image`) |
//! | results | [`softmax`], [`top_k`], [`cosine`] |
//! | conversations | [`Chat`], streamed; [`Sampling`] says how answers are made |
//! | text | [`Graph::generate`], with a [`Grammar`] if it must have a form |
//! | meanings | [`Graph::embed`] |
//! | arrays of `ndarray` | `Tensor::from_array`, `Tensor::to_array` (the feature `ndarray`) |
//!
//! The same program works as a core module (`wasm32-wasip1`) and as a component (`wasm32-wasip2`). On other targets it
//! compiles, and every operation of the host gives [`Error::UnsupportedOperation`].
//!
//! ```no_run
//! use c12_wasm::nn::{Graph, Tensor, softmax, top_k};
//!
//! let graph = Graph::load_by_name("classifier")?;
//! let image = Tensor::new(&[1, 3, 224, 224], &[0.5_f32; 3 * 224 * 224])?;
//! let outputs = graph.compute([("image", &image)])?;
//! let scores = outputs.first()?.elements::<f32>()?;
//! for (class, probability) in top_k(&softmax(&scores), 5) {
//!     println!("{class} {probability:.2}");
//! }
//! # Ok::<(), c12_wasm::nn::Error>(())
//! ```

#[cfg(feature = "ndarray")]
mod arrays;
mod chat;
mod error;
mod graph;
mod host;
#[cfg(feature = "image")]
pub mod image;
mod scores;
mod signature;
mod tensor;
mod text;

pub use chat::{Answer, Chat};
pub use error::{Error, Result};
pub use graph::{Context, Device, Encoding, Graph, Options, Outputs, models};
pub use scores::{cosine, softmax, top_k};
pub use signature::{Description, Dimension, Signature};
pub use tensor::{Element, Tensor, TensorType, TensorView};
pub use text::{Finish, Generation, Grammar, Message, ModelInfo, Prompt, Sampling, Usage};
