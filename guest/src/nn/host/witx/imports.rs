//! The imports of a core module: what `wit/nn/witx` becomes in WebAssembly.
//!
//! Every function returns an error number, 0 for success. What it gives is written to the pointers at its end.

use crate::nn::TensorView;

/// A `list<u8>`.
#[repr(C)]
pub(super) struct Bytes {
    start: *const u8,
    length: usize,
}

impl Bytes {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            start: bytes.as_ptr(),
            length: bytes.len(),
        }
    }
}

/// A `tensor`.
#[repr(C)]
pub(super) struct Tensor {
    dimensions: *const u32,
    rank: usize,
    ty: u8,
    data: Bytes,
}

impl Tensor {
    /// Points into what the view shows.
    pub(super) fn of(view: TensorView<'_>, ty: u8) -> Self {
        Self {
            dimensions: view.dimensions().as_ptr(),
            rank: view.dimensions().len(),
            ty,
            data: Bytes::of(view.bytes()),
        }
    }
}

/// A function's parameters in short.
macro_rules! imports {
    ($name:ident from $module:literal: $($function:ident($($argument:ident: $type:ty),*);)*) => {
        pub(super) mod $name {
            #[allow(unused_imports)]
            use super::{Bytes, Tensor};

            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                $(pub(in crate::nn::host::witx) fn $function($($argument: $type),*) -> u32;)*
            }
        }
    };
}

imports! { wasi from "wasi_ephemeral_nn":
    load(parts: *const Bytes, count: usize, encoding: u32, target: u32, out: &mut u32);
    load_by_name(name: *const u8, length: usize, out: &mut u32);
    load_by_name_with_config(name: *const u8, length: usize, config: *const u8, size: usize, out: &mut u32);
    init_execution_context(graph: u32, out: &mut u32);
    set_input(context: u32, index: u32, tensor: &Tensor);
    compute(context: u32);
    get_output(context: u32, index: u32, buffer: *mut u8, size: usize, written: &mut u32);
    unload(graph: u32);
    finalize_execution_context(context: u32);
}

imports! { c12 from "c12_nn":
    last_error(buffer: *mut u8, size: usize, written: &mut u32);
    names(buffer: *mut u8, size: usize, written: &mut u32);
    describe(graph: u32, buffer: *mut u8, size: usize, written: &mut u32);
    compute_all(contexts: *const u32, count: usize);
    describe_outputs(context: u32, buffer: *mut u8, size: usize, written: &mut u32);
    generate(graph: u32, request: *const u8, length: usize, out: &mut u32);
    generation_next(generation: u32, buffer: *mut u8, size: usize, written: &mut u32);
    generation_usage(generation: u32, buffer: *mut u8, size: usize, written: &mut u32);
    generation_drop(generation: u32);
    apply_chat_template(graph: u32, messages: *const u8, length: usize, buffer: *mut u8, size: usize, written: &mut u32);
    count_tokens(graph: u32, text: *const u8, length: usize, out: &mut u32);
    embed(graph: u32, request: *const u8, length: usize, buffer: *mut u8, size: usize, written: &mut u32);
}
