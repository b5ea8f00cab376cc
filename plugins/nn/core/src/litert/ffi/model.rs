#![allow(unsafe_code)]

use std::ffi::c_char;

use super::library::Library;
use super::raw::{
    OK, RawLayout, RawModel, RawSignature, RawSubgraph, RawTensor, RawTensorType, Status, checked,
    failed, type_of,
};
use crate::foreign::{self, Owned};
use crate::litert::memory::Memory;
use crate::native_type::NativeType;
use crate::{Code, Dimension, Error, Result};

/// An input or an output of a signature.
#[derive(Debug, Clone)]
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) ty: NativeType,
    pub(crate) dimensions: Vec<Dimension>,
}

/// A model that has been read, and one of its signatures.
pub(crate) struct Model {
    pub(super) library: &'static Library,
    pub(super) raw: Owned<RawModel>,
    pub(super) signature: usize,
    /// What the library reads from as long as the model is there.
    pub(super) bytes: Memory,
    pub(crate) inputs: Vec<Port>,
    pub(crate) outputs: Vec<Port>,
}

// SAFETY: a model is only read once it is made, and the library has a lock around making compiled models of it.
unsafe impl Send for Model {}
// SAFETY: as above.
unsafe impl Sync for Model {}

type Count<T> = unsafe extern "C" fn(*mut T, *mut usize) -> Status;
type At<T, U> = unsafe extern "C" fn(*mut T, usize, *mut U) -> Status;

/// # Safety
///
/// `of` is valid.
unsafe fn count<T>(function: Count<T>, of: *mut T) -> Result<usize> {
    let mut number = 0;
    // SAFETY: the caller says that `of` is valid, and `number` can be written to.
    checked(unsafe { function(of, &raw mut number) })?;
    Ok(number)
}

/// # Safety
///
/// `of` is valid.
unsafe fn at<T, U>(function: At<T, *mut U>, of: *mut T, index: usize) -> Result<*mut U> {
    let mut found = std::ptr::null_mut();
    // SAFETY: the caller says that `of` is valid, and `found` can be written to.
    checked(unsafe { function(of, index, &raw mut found) })?;
    if found.is_null() {
        return Err(Error::runtime("LiteRT gave nothing"));
    }
    Ok(found)
}

/// # Safety
///
/// `of` is valid.
unsafe fn name_at<T>(function: At<T, *const c_char>, of: *mut T, index: usize) -> Result<String> {
    let mut found = std::ptr::null();
    // SAFETY: the caller says that `of` is valid, and `found` can be written to; the text is the model's.
    unsafe {
        checked(function(of, index, &raw mut found))?;
        Ok(foreign::text(found))
    }
}

impl Library {
    /// Reads a model. Of its signatures, the one of this name or the first is used.
    pub(crate) fn read(&'static self, bytes: &[u8], signature: Option<&str>) -> Result<Model> {
        let bytes = Memory::copy_of(bytes)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: the environment is valid, there are as many bytes, which stay where they are as long as the model is
        // there, and `raw` can be written to.
        let status = unsafe {
            (self.functions.LiteRtCreateModelFromBuffer)(
                self.environment.as_ptr(),
                bytes.as_ptr().cast(),
                bytes.size(),
                &raw mut raw,
            )
        };
        // SAFETY: what the function gives is freed once.
        let raw = unsafe { Owned::new(raw, self.functions.LiteRtDestroyModel) };
        let (OK, Some(raw)) = (status, raw) else {
            return Err(failed(
                "LiteRT cannot read the model",
                Code::InvalidEncoding,
                status,
            ));
        };
        let (index, found) = self.signature(&raw, signature)?;
        // SAFETY: the signature is the model's, which is valid.
        let (inputs, outputs) = unsafe { (self.inputs(found)?, self.outputs(found)?) };
        Ok(Model {
            library: self,
            raw,
            signature: index,
            bytes,
            inputs,
            outputs,
        })
    }

    fn signature(
        &self,
        model: &Owned<RawModel>,
        name: Option<&str>,
    ) -> Result<(usize, *mut RawSignature)> {
        let functions = &self.functions;
        // SAFETY: the model is valid.
        let number = unsafe { count(functions.LiteRtGetNumModelSignatures, model.as_ptr()) }?;
        let mut names = Vec::new();
        for index in 0..number {
            // SAFETY: as above.
            let found = unsafe { at(functions.LiteRtGetModelSignature, model.as_ptr(), index) }?;
            let mut key = std::ptr::null();
            // SAFETY: the signature is the model's, `key` can be written to, and the text is the model's.
            let key = unsafe {
                checked((functions.LiteRtGetSignatureKey)(found, &raw mut key))?;
                foreign::text(key)
            };
            if name.is_none_or(|name| name == key) {
                return Ok((index, found));
            }
            names.push(key);
        }
        Err(Error::invalid_argument(format!(
            "the model has no signature `{}`; it has {}",
            name.unwrap_or_default().escape_debug(),
            names.join(", ")
        )))
    }

    /// # Safety
    ///
    /// The signature is valid.
    unsafe fn inputs(&self, signature: *mut RawSignature) -> Result<Vec<Port>> {
        let functions = &self.functions;
        // SAFETY: the caller says that the signature is valid.
        unsafe {
            let subgraph = self.subgraph(signature)?;
            self.ports(
                (
                    functions.LiteRtGetNumSubgraphInputs,
                    functions.LiteRtGetSubgraphInput,
                    subgraph,
                ),
                functions.LiteRtGetNumSignatureInputs,
                functions.LiteRtGetSignatureInputTensorByIndex,
                functions.LiteRtGetSignatureInputName,
                signature,
            )
        }
    }

    /// # Safety
    ///
    /// The signature is valid.
    unsafe fn outputs(&self, signature: *mut RawSignature) -> Result<Vec<Port>> {
        let functions = &self.functions;
        // SAFETY: the caller says that the signature is valid.
        unsafe {
            let subgraph = self.subgraph(signature)?;
            self.ports(
                (
                    functions.LiteRtGetNumSubgraphOutputs,
                    functions.LiteRtGetSubgraphOutput,
                    subgraph,
                ),
                functions.LiteRtGetNumSignatureOutputs,
                functions.LiteRtGetSignatureOutputTensorByIndex,
                functions.LiteRtGetSignatureOutputName,
                signature,
            )
        }
    }

    /// # Safety
    ///
    /// The signature is valid.
    unsafe fn subgraph(&self, signature: *mut RawSignature) -> Result<*mut RawSubgraph> {
        let mut subgraph = std::ptr::null_mut();
        // SAFETY: the caller says that the signature is valid, and `subgraph` can be written to.
        checked(unsafe {
            (self.functions.LiteRtGetSignatureSubgraph)(signature, &raw mut subgraph)
        })?;
        if subgraph.is_null() {
            return Err(Error::runtime("LiteRT gave nothing"));
        }
        Ok(subgraph)
    }

    /// The tensors in the order of the subgraph, which is that of a run, with their names in the signature, whose
    /// order may be another.
    ///
    /// # Safety
    ///
    /// Subgraph and signature are valid.
    unsafe fn ports(
        &self,
        (number, tensor_at, subgraph): (
            Count<RawSubgraph>,
            At<RawSubgraph, *mut RawTensor>,
            *mut RawSubgraph,
        ),
        named: Count<RawSignature>,
        named_at: At<RawSignature, *mut RawTensor>,
        name_of: At<RawSignature, *const c_char>,
        signature: *mut RawSignature,
    ) -> Result<Vec<Port>> {
        // SAFETY: the caller says that both are valid.
        unsafe {
            let mut names = Vec::new();
            for index in 0..count(named, signature)? {
                let tensor = at(named_at, signature, index)?;
                names.push((tensor, name_at(name_of, signature, index)?));
            }
            (0..count(number, subgraph)?)
                .map(|index| {
                    let tensor = at(tensor_at, subgraph, index)?;
                    let name = names.iter().find(|(other, _)| *other == tensor);
                    self.port(tensor, name.map(|(_, name)| name.clone()))
                })
                .collect()
        }
    }

    /// # Safety
    ///
    /// The tensor is valid.
    unsafe fn port(&self, tensor: *mut RawTensor, name: Option<String>) -> Result<Port> {
        let mut ty = RawTensorType {
            element: 0,
            layout: RawLayout::EMPTY,
        };
        let mut own_name = std::ptr::null();
        // SAFETY: the caller says that the tensor is valid; both can be written to, and the text is the model's.
        let own_name = unsafe {
            let status = (self.functions.LiteRtGetRankedTensorType)(tensor, &raw mut ty);
            if status != OK {
                return Err(Error::unsupported(
                    "the model has an input or an output without a number of dimensions",
                ));
            }
            checked((self.functions.LiteRtGetTensorName)(
                tensor,
                &raw mut own_name,
            ))?;
            foreign::text(own_name)
        };
        let name = name.unwrap_or(own_name);
        let element = type_of(ty.element).ok_or_else(|| {
            Error::unsupported(format!(
                "the model's tensor `{}` has a type that guests cannot have",
                name.escape_debug()
            ))
        })?;
        Ok(Port {
            name,
            ty: element,
            dimensions: ty
                .layout
                .sizes()?
                .iter()
                .map(|size| dimension(*size))
                .collect(),
        })
    }
}

fn dimension(size: i32) -> Dimension {
    u32::try_from(size).map_or(Dimension::Free(None), Dimension::Fixed)
}
