//! Hands a tensor over as a component: with the constructor of `wasi:nn`'s resource `tensor`.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

use std::hint::black_box;

use c12_bench_nn::{Call, DIMENSIONS, Failure};

use bindings::wasi::nn::tensor::{Tensor, TensorType};

#[allow(
    dead_code,
    missing_docs,
    rust_2018_idioms,
    unreachable_pub,
    clippy::all
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/nn",
        world: "imports",
        generate_all,
        // The SDK's bindings are of the same world. Without it, both descriptions would become one section.
        type_section_suffix: "-nn-bench",
    });
}

/// The tensor, which the host gives back once, is dropped each time: it would go into a computation otherwise.
pub(crate) fn prepare(photograph: Vec<u8>) -> Result<Call, Failure> {
    if tensor(&photograph).data() != photograph {
        return Err("the host was handed another tensor".into());
    }
    Ok(Box::new(move |_| {
        drop(tensor(black_box(photograph.as_slice())));
        Ok(())
    }))
}

fn tensor(photograph: &[u8]) -> Tensor {
    Tensor::new(&DIMENSIONS, TensorType::Fp32, photograph)
}
