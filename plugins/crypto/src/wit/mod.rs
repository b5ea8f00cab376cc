//! `wasi:crypto` for components: see `wit/crypto` for what it means.
//!
//! The functions are defined one by one and not by `bindgen!`, which would copy every list: here the core reads lists where
//! they are in the guest's memory.

mod batch;
mod interfaces;
mod link;
mod lists;
mod types;

use c12::Context;
use c12::plugin::Place;
use wasmtime::component::LinkerInstance;

/// What components get, in WIT.
pub const WIT: [&str; 1] = [include_str!("../../../../wit/crypto/crypto.wit")];

/// An interface that guests import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interface {
    pub(crate) name: &'static str,
    /// Defines the functions, and the resources where they belong.
    pub(crate) link: fn(&mut LinkerInstance<'_, Context>, Place) -> wasmtime::Result<()>,
}

/// All of them.
pub(crate) const INTERFACES: [Interface; 8] = [
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-common@0.11.0",
        link: |linker, place| {
            types::link(linker, place)?;
            interfaces::common::link(linker, place)
        },
    },
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-asymmetric-common@0.11.0",
        link: interfaces::asymmetric_common::link,
    },
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-external-secrets@0.11.0",
        link: interfaces::external_secrets::link,
    },
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-kx@0.11.0",
        link: interfaces::kx::link,
    },
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-signatures@0.11.0",
        link: interfaces::signatures::link,
    },
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-symmetric@0.11.0",
        link: interfaces::symmetric::link,
    },
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-signatures-batch@0.11.0",
        link: batch::link_signatures,
    },
    Interface {
        name: "wasi:crypto/wasi-ephemeral-crypto-symmetric-batch@0.11.0",
        link: batch::link_symmetric,
    },
];
