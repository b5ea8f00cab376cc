//! ONNX: ONNX Runtime where its library is found, and an engine in Rust that is always there.

mod arena;
mod growth;
mod inspect;
mod loading;
mod nodes;
mod rten;
mod runtime;
mod signature;
mod wire;

pub use self::rten::Rten;
pub use self::runtime::OnnxRuntime;

use std::sync::Arc;

use bytes::Bytes;

use crate::backend::only_part;
use crate::{Result, Source};

/// What engines take for each model besides its weights, in bytes, about.
const SESSION: u64 = 1 << 20;

/// A model that has been looked at.
#[derive(Clone)]
pub(crate) struct Checked {
    pub(crate) source: Source,
    /// The file's bytes; those that were checked are those that are loaded.
    pub(crate) bytes: Bytes,
    /// It has weights in other files, so it must be loaded from where it lies.
    pub(crate) has_external_data: bool,
    /// Of the model and its other files.
    pub(crate) size: u64,
    /// The nodes of the longest chain in which each needs the one before.
    pub(crate) longest_chain: usize,
    /// What of it no limit on the memory of tensors bounds.
    pub(crate) unbounded: Option<String>,
}

/// Checks the structure of an ONNX model without loading it: that it is whole, without cycles, with the data of all its
/// tensors, and with nothing from outside of its folder.
///
/// # Errors
///
/// `invalid-encoding`, `too-large` or `security`, with what is wrong.
pub fn check_onnx(source: &Source) -> Result<()> {
    checked(std::slice::from_ref(source)).map(|_| ())
}

/// Reads a model and checks its structure.
pub(crate) fn checked(sources: &[Source]) -> Result<Arc<Checked>> {
    let source = only_part(sources, "an ONNX model")?;
    let bytes = source.read()?;
    let folder = source.path().and_then(|path| {
        path.parent().map(|parent| {
            if parent.as_os_str().is_empty() {
                std::path::Path::new(".")
            } else {
                parent
            }
        })
    });
    let inspection = inspect::inspect(&bytes, folder)?;
    Ok(Arc::new(Checked {
        source: source.clone(),
        size: bytes.len() as u64 + inspection.external_bytes,
        longest_chain: inspection.longest_chain,
        unbounded: inspection.unbounded,
        has_external_data: !inspection.external.is_empty(),
        bytes,
    }))
}
