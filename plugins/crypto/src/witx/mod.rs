//! `wasi_ephemeral_crypto_…` of witx-0.10 for core modules, as programs for WasmEdge import them.
//!
//! Every function returns its error code. A pointer for each result comes behind the parameters, and what it points to is
//! written only if the code is 0. Batches have one pointer for their results: to an array with an element for each operation.

mod batch;
mod cipher;
mod link;
mod memory;
mod modules;
mod options;
mod pieces;

use c12::Context;
use c12::plugin::Place;
use wasmtime::Linker;

/// A module that guests import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Module {
    pub(crate) name: &'static str,
    pub(crate) functions: &'static [&'static str],
    /// Defines the functions, in the module of that name.
    pub(crate) link: fn(&mut Linker<Context>, &str, Place) -> wasmtime::Result<()>,
}

macro_rules! modules {
    ($($name:literal: $module:path,)*) => {
        [$({
            use $module as module;
            Module { name: $name, functions: module::NAMES, link: module::link }
        }),*]
    };
}

/// All of them.
pub(crate) const MODULES: [Module; 8] = modules! {
    "wasi_ephemeral_crypto_common": modules::common,
    "wasi_ephemeral_crypto_asymmetric_common": modules::asymmetric_common,
    "wasi_ephemeral_crypto_signatures": modules::signatures,
    "wasi_ephemeral_crypto_symmetric": modules::symmetric,
    "wasi_ephemeral_crypto_kx": modules::kx,
    "wasi_ephemeral_crypto_external_secrets": modules::external_secrets,
    "wasi_ephemeral_crypto_signatures_batch": modules::signatures_batch,
    "wasi_ephemeral_crypto_symmetric_batch": modules::symmetric_batch,
};
