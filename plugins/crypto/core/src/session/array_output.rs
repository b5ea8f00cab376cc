//! Outputs whose size a guest does not know in advance (`array_output`).

use zeroize::Zeroizing;

use super::Session;
use super::signatures::HeldSignature;
use crate::{Handle, Result};

/// Bytes that a guest reads in one or several pieces; wiped afterwards.
pub(crate) struct ArrayOutput {
    content: Zeroizing<Vec<u8>>,
    read: usize,
}

impl ArrayOutput {
    pub(crate) fn new(content: Zeroizing<Vec<u8>>) -> Self {
        Self { content, read: 0 }
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.content.len()
    }

    fn pull(&mut self, buf: &mut [u8]) -> usize {
        pull(&self.content, &mut self.read, buf)
    }

    fn is_consumed(&self) -> bool {
        self.read >= self.content.len()
    }
}

/// Copies what is left of the content, as far as it fits.
pub(super) fn pull(content: &[u8], read: &mut usize, buf: &mut [u8]) -> usize {
    let left = content.get(*read..).unwrap_or_default();
    let count = left.len().min(buf.len());
    for (to, from) in buf.iter_mut().zip(left) {
        *to = *from;
    }
    *read += count;
    count
}

impl Session {
    /// The length of an output in bytes, whatever of it was read.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn array_output_len(&self, array_output: Handle) -> Result<usize> {
        if let Ok(signature) = self.table.get::<HeldSignature>(array_output) {
            return Ok(signature.len());
        }
        Ok(self.table.get::<ArrayOutput>(array_output)?.content.len())
    }

    /// Copies what is left of an output, as far as it fits, and says how many bytes that were. The handle is closed once all
    /// is read.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn array_output_pull(&mut self, array_output: Handle, buf: &mut [u8]) -> Result<usize> {
        if let Ok(signature) = self.table.get_mut::<HeldSignature>(array_output) {
            let count = signature.pull(buf);
            if signature.is_consumed() {
                self.table.close::<HeldSignature>(array_output)?;
            }
            return Ok(count);
        }
        let output: &mut ArrayOutput = self.table.get_mut(array_output)?;
        let count = output.pull(buf);
        if output.is_consumed() {
            self.table.close::<ArrayOutput>(array_output)?;
        }
        Ok(count)
    }

    /// Hands bytes to the guest.
    pub(crate) fn insert_output(&mut self, content: Zeroizing<Vec<u8>>) -> Result<Handle> {
        self.table.insert(ArrayOutput::new(content))
    }
}
