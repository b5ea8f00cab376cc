//! Options (`wasi_ephemeral_crypto_common`).

use super::Session;
use crate::{AlgorithmType, Handle, Options, Result};

impl Session {
    /// Opens an empty set of options for a category of algorithms.
    ///
    /// # Errors
    /// `too_many_handles`.
    pub fn options_open(&mut self, algorithm_type: AlgorithmType) -> Result<Handle> {
        self.table.insert(Options::new(algorithm_type))
    }

    /// Closes a set of options. What was made with it keeps its values.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn options_close(&mut self, handle: Handle) -> Result<()> {
        self.table.close::<Options>(handle)
    }

    /// Sets bytes.
    ///
    /// # Errors
    /// `unsupported_option` when no algorithm of the category has such an option; `overflow`; `invalid_handle`.
    pub fn options_set(&mut self, handle: Handle, name: &str, value: &[u8]) -> Result<()> {
        let (options, mut charge) = self.table.growing::<Options>(handle)?;
        charge.grow(Options::ENTRY + value.len())?;
        let set = options.set(name, value);
        charge.settle(options.bytes());
        set
    }

    /// Sets a number.
    ///
    /// # Errors
    /// As [`Session::options_set`].
    pub fn options_set_u64(&mut self, handle: Handle, name: &str, value: u64) -> Result<()> {
        let (options, mut charge) = self.table.growing::<Options>(handle)?;
        charge.grow(Options::ENTRY)?;
        let set = options.set_u64(name, value);
        charge.settle(options.bytes());
        set
    }

    /// Says how much of its own memory a guest gives for a computation. The host never touches that memory (it could move or
    /// be used otherwise by the time of the computation): it takes as much of its own for the moment, so that a guest
    /// computes with no more than it has. That is why the length alone is passed.
    ///
    /// # Errors
    /// As [`Session::options_set`].
    pub fn options_set_guest_buffer(
        &mut self,
        handle: Handle,
        name: &str,
        buffer_len: usize,
    ) -> Result<()> {
        let (options, mut charge) = self.table.growing::<Options>(handle)?;
        charge.grow(Options::ENTRY)?;
        let set = options.set_guest_buffer(name, buffer_len);
        charge.settle(options.bytes());
        set
    }
}
