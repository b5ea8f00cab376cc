//! What the benchmark of models computes, and how it is timed: the same in a guest and natively.
//!
//! A program that measures is a [`Way`] of computing the operations. It is called with a file that has the photograph's
//! tensor in it, how many batches it measures, how many milliseconds each takes at least, and the name of an operation; it
//! prints a line for each [figure](Operation::figures): its name, a checksum of what came of the operation, and the
//! nanoseconds of one in each batch.

mod check;
mod measure;

use std::fmt;

pub use measure::{Call, Failure, Outcome, Way, run};

/// The name by which guests ask for the model of the operation.
pub const MODEL: &str = "model";

/// The name of the tensor that goes into a model.
pub const INPUT: &str = "image";

/// The dimensions of the tensor that goes into a model: a photograph, as EfficientNet-Lite0 wants it. Its numbers are `f32`.
pub const DIMENSIONS: [u32; 4] = [1, 3, 224, 224];

/// Bytes of that tensor.
pub const BYTES: usize = 4 * 3 * 224 * 224;

/// What the photograph shows: espresso, as ImageNet numbers it.
pub const CLASS: usize = 967;

/// Threads that compute with tensors.
pub const TENSOR_THREADS: u32 = 1;

/// Threads that compute a text.
pub const TEXT_THREADS: u32 = 2;

/// Tokens that the context of a text has room for. There is one context.
pub const CONTEXT_TOKENS: u32 = 2048;

/// Tokens of a prompt that are read at once.
pub const BATCH_TOKENS: u32 = 512;

/// What is asked. The likeliest answer is longer than it may become.
pub const QUESTION: &str = "Write a long story about a lighthouse keeper who finds a letter in a bottle. Tell where it came from, who wrote it, and what he did then.";

/// Tokens of the answer, the likeliest one each time.
pub const ANSWER_TOKENS: u32 = 128;

/// What is measured of a text: the time from the question to the first token of the answer.
pub const FIRST_TOKEN: &str = "text.first";

/// What is measured of a text: the time of a token after the first.
pub const NEXT_TOKEN: &str = "text.next";

/// Something to measure. Its name is how it is displayed, as `image.rten`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Says what a photograph shows, with ONNX Runtime.
    ImageOnnxRuntime,
    /// Says what a photograph shows, with rten.
    ImageRten,
    /// Gives the photograph's tensor to the host, and nothing else. Natively, where nobody needs to be given it, copies it.
    HandOver,
    /// Computes with a model that gives back the dimensions of the tensor, and does not look at its numbers.
    TensorIn,
    /// Computes with a model that gives back the tensor as it is.
    TensorThrough,
    /// Answers a question, token by token.
    Text,
}

impl Operation {
    /// All of them.
    pub const ALL: [Operation; 6] = [
        Operation::ImageOnnxRuntime,
        Operation::ImageRten,
        Operation::HandOver,
        Operation::TensorIn,
        Operation::TensorThrough,
        Operation::Text,
    ];

    /// Its name, which is that of its figure unless it has two.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Operation::ImageOnnxRuntime => "image.onnxruntime",
            Operation::ImageRten => "image.rten",
            Operation::HandOver => "tensor.hand-over",
            Operation::TensorIn => "tensor.in",
            Operation::TensorThrough => "tensor.through",
            Operation::Text => "text",
        }
    }

    /// The operation of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Operation::ALL
            .into_iter()
            .find(|operation| operation.name() == name)
    }

    /// What is measured of it.
    #[must_use]
    pub fn figures(self) -> Vec<&'static str> {
        match self {
            Operation::Text => vec![FIRST_TOKEN, NEXT_TOKEN],
            other => vec![other.name()],
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_found_by_their_names() {
        for operation in Operation::ALL {
            assert_eq!(Operation::named(&operation.to_string()), Some(operation));
        }
        assert_eq!(Operation::named("image"), None);
    }

    #[test]
    fn no_two_figures_have_one_name() {
        let figures = Operation::ALL.map(Operation::figures).concat();
        let mut distinct = figures.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), figures.len());
    }

    #[test]
    fn the_tensor_has_as_many_bytes_as_its_dimensions_say() {
        let numbers: u32 = DIMENSIONS.iter().product();
        assert_eq!(numbers as usize * size_of::<f32>(), BYTES);
    }
}
