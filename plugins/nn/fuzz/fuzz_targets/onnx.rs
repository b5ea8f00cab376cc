//! ONNX files, loaded and run by the engine in Rust, in as much memory as finds mistakes.
#![no_main]
#![feature(alloc_error_hook)]

use std::alloc::{GlobalAlloc, Layout, System, set_alloc_error_hook};
use std::sync::LazyLock;

use bytes::Bytes;
use c12_nn_core::{
    Cancel, Device, Dimension, Encoding, Options, Registry, Rten, Source, Tensor, TensorType,
    check_onnx,
};
use libfuzzer_sys::fuzz_target;

/// The engine ends the process where memory does. Here it gets an error instead: what a model may ask for is not what is
/// looked for, nor are hours in products of large matrices.
struct Little;

const MOST: usize = 1 << 20;

// SAFETY: as `System`, or no memory.
unsafe impl GlobalAlloc for Little {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > MOST {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, and `alloc` has it from there.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static MEMORY: Little = Little;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    Registry::builder()
        .backend(Rten::new().trusts_guests(true))
        .build()
        .expect("it has no models")
});

/// Panics of the engine are caught, as in the product; those of this file still end the process.
fn prepare() {
    std::panic::set_hook(Box::new(|_| {}));
    set_alloc_error_hook(|layout| panic!("no {} bytes", layout.size()));
}

fuzz_target!(init: prepare(), |bytes: &[u8]| {
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
