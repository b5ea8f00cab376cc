#![allow(unsafe_code)]

use super::model::Model;
use super::raw::{RawBuffer, RawLayout, RawTensorType, TYPES, checked};
use crate::foreign::Owned;
use crate::litert::memory::{Memory, TENSOR};
use crate::native_type::NativeType;
use crate::{Error, Result};

/// A tensor's memory, and the library's view of it.
pub(crate) struct TensorMemory {
    /// Before the memory: it is freed first.
    pub(super) raw: Owned<RawBuffer>,
    memory: Memory,
    pub(crate) dimensions: Vec<u32>,
}

// SAFETY: a tensor may go from thread to thread.
unsafe impl Send for TensorMemory {}

impl TensorMemory {
    pub(crate) fn new(model: &Model, ty: NativeType, dimensions: &[u32]) -> Result<Self> {
        let library = model.library;
        let element = TYPES
            .iter()
            .find(|(_, known)| *known == ty)
            .map(|(number, _)| *number)
            .ok_or_else(|| Error::unsupported("LiteRT has no such type of tensors"))?;
        let tensor_type = RawTensorType {
            element,
            layout: RawLayout::of(dimensions)?,
        };
        let size = ty.byte_size(dimensions)?;
        if size > TENSOR {
            return Err(Error::too_large(format!(
                "the model has a tensor of {size} bytes, but {TENSOR} are supported"
            )));
        }
        let memory = Memory::new(size)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: the type is only read; the memory is aligned as the header wants it, has as many bytes, stays where
        // it is, and is freed by nobody else; `raw` can be written to.
        let status = unsafe {
            (library.functions.LiteRtCreateTensorBufferFromHostMemory)(
                &raw const tensor_type,
                memory.as_ptr().cast(),
                memory.size(),
                None,
                &raw mut raw,
            )
        };
        checked(status)?;
        // SAFETY: what the function gives is freed once.
        let raw = unsafe { Owned::new(raw, library.functions.LiteRtDestroyTensorBuffer) }
            .ok_or_else(|| Error::runtime("LiteRT gave nothing"))?;
        Ok(Self {
            raw,
            memory,
            dimensions: dimensions.to_vec(),
        })
    }

    pub(crate) fn fill(&mut self, bytes: &[u8]) {
        self.memory.fill(bytes);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.memory.bytes()
    }
}
