//! ONNX files, loaded and run by the engine in Rust.
#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use c12_nn_core::{
    Cancel, Device, Dimension, Encoding, Options, Registry, Rten, Source, Tensor, TensorType,
    check_onnx,
};
use libfuzzer_sys::fuzz_target;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    Registry::builder()
        .backend(Rten::new())
        .build()
        .expect("it has no models")
});

fuzz_target!(|bytes: &[u8]| {
    let bytes = Bytes::copy_from_slice(bytes);
    let checked = check_onnx(&Source::Bytes(bytes.clone()));
    let mut options = Options::new();
    options.set("threads", 1);
    let loaded = REGISTRY.load(&[bytes], Encoding::Onnx, Device::Cpu, &options);
    let Ok(model) = loaded else { return };
    assert!(checked.is_ok());
    let Ok(mut context) = model.context(&Options::new()) else {
        return;
    };
    for (index, input) in model.signature().inputs.tensors.clone().iter().enumerate() {
        let ty = input.ty.unwrap_or(TensorType::F32);
        let dimensions: Vec<u32> = input
            .dimensions
            .iter()
            .flatten()
            .map(|dimension| match dimension {
                Dimension::Fixed(size) => *size,
                Dimension::Free(_) => 2,
            })
            .collect();
        // Large inputs say nothing that small ones do not.
        let Ok(size @ 0..4096) = Tensor::byte_size(ty, &dimensions) else {
            return;
        };
        let tensor = Tensor::new(ty, dimensions, vec![1; size]).expect("the size is right");
        let _ = context.set_input(&(index as u32).into(), tensor);
    }
    let _ = context.compute(&Cancel::new());
});
