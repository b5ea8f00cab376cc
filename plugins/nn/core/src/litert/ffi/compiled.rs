#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::Arc;

use super::model::Model;
use super::raw::{CANCELLED, OK, RawBuffer, RawCompiled, RawLayout, checked, failed};
use super::tensor::TensorMemory;
use crate::foreign::Owned;
use crate::litert::memory::Memory;
use crate::tflite::MOST;
use crate::{Cancel, Code, Error, Result};

/// A model that can be run by one thread at a time.
pub(crate) struct Compiled {
    /// Before the model: it goes first.
    raw: Owned<RawCompiled>,
    model: Arc<Model>,
}

// SAFETY: a compiled model may go from thread to thread.
unsafe impl Send for Compiled {}

impl Compiled {
    pub(crate) fn new(model: &Arc<Model>, threads: u16) -> Result<Self> {
        let library = model.library;
        let options = library.options(threads)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: environment, model and options are valid, and `raw` can be written to.
        let status = unsafe {
            (library.functions.LiteRtCreateCompiledModel)(
                library.environment.as_ptr(),
                model.raw.as_ptr(),
                options.as_ptr(),
                &raw mut raw,
            )
        };
        // SAFETY: what the function gives is freed once.
        let raw = unsafe { Owned::new(raw, library.functions.LiteRtDestroyCompiledModel) };
        match (status, raw) {
            (OK, Some(raw)) => Ok(Self {
                model: Arc::clone(model),
                raw,
            }),
            _ => Err(failed(
                "LiteRT cannot prepare the model",
                Code::InvalidEncoding,
                status,
            )),
        }
    }

    /// Gives an input other dimensions, which must be free in the model.
    pub(crate) fn resize(&mut self, input: usize, dimensions: &[u32]) -> Result<()> {
        let layout = RawLayout::of(dimensions)?;
        let functions = &self.model.library.functions;
        // SAFETY: the compiled model is valid, and there are as many dimensions.
        let status = unsafe {
            (functions.LiteRtCompiledModelResizeInputTensor)(
                self.raw.as_ptr(),
                self.model.signature,
                input,
                layout.dimensions.as_ptr(),
                dimensions.len(),
            )
        };
        match status {
            OK => Ok(()),
            status => Err(failed(
                &format!("LiteRT refuses the dimensions {dimensions:?}"),
                Code::InvalidArgument,
                status,
            )),
        }
    }

    /// The dimensions of the outputs for the dimensions that the inputs have now. To be asked before the model is run, if
    /// how many dimensions there are can depend on what is computed.
    pub(crate) fn output_dimensions(&mut self) -> Result<Vec<Vec<u32>>> {
        let count = self.model.outputs.len();
        // The library writes as many dimensions as an output has, without regard to how many there is room for, and a
        // layout says how many in seven bits. The inspection has seen to it that there are no more than `MOST`; and
        // whatever is listed in the file would have room, too.
        let room = (MOST * size_of::<i32>()).max(self.model.bytes.size());
        let size = count
            .checked_mul(size_of::<RawLayout>())
            .and_then(|size| size.checked_add(room))
            .ok_or_else(|| Error::too_large("the model has too many outputs"))?;
        let mut layouts = Memory::new(size)?;
        layouts.fill(&RawLayout::unwritten().repeat(count));
        let functions = &self.model.library.functions;
        // SAFETY: the compiled model is valid, and there are as many layouts, with room behind them; their memory is
        // aligned for more than that.
        let status = unsafe {
            (functions.LiteRtGetCompiledModelOutputTensorLayouts)(
                self.raw.as_ptr(),
                self.model.signature,
                count,
                layouts.as_ptr().cast(),
                true,
            )
        };
        if status != OK {
            return Err(failed(
                "LiteRT cannot run the model on tensors of these dimensions",
                Code::InvalidArgument,
                status,
            ));
        }
        let layouts = layouts.bytes().chunks_exact(size_of::<RawLayout>());
        layouts
            .take(count)
            .map(|layout| {
                RawLayout::written(layout)?
                    .iter()
                    .map(|size| {
                        u32::try_from(*size).map_err(|_| {
                            Error::unsupported("the model has an output whose size depends on data")
                        })
                    })
                    .collect()
            })
            .collect()
    }

    /// Runs the model. The tensors are those of its signature, of the dimensions that are set.
    pub(crate) fn run(
        &mut self,
        inputs: &[TensorMemory],
        outputs: &[TensorMemory],
        cancel: &Cancel,
    ) -> Result<()> {
        let functions = &self.model.library.functions;
        let pointers = |tensors: &[TensorMemory]| -> Vec<*mut RawBuffer> {
            tensors.iter().map(|tensor| tensor.raw.as_ptr()).collect()
        };
        let (ins, outs) = (pointers(inputs), pointers(outputs));
        if ins.len() != self.model.inputs.len() || outs.len() != self.model.outputs.len() {
            return Err(Error::invalid_argument("a tensor is missing"));
        }
        let data = std::ptr::from_ref(cancel).cast_mut().cast();
        // SAFETY: the compiled model is valid; `cancel` lives until the run is over, and the next run sets another.
        let status = unsafe {
            (functions.LiteRtSetCompiledModelCancellationFunction)(
                self.raw.as_ptr(),
                data,
                is_cancelled,
            )
        };
        checked(status)?;
        // SAFETY: the compiled model and all tensors are valid, there are as many as is said, and no other thread uses
        // them.
        let status = unsafe {
            (functions.LiteRtRunCompiledModel)(
                self.raw.as_ptr(),
                self.model.signature,
                ins.len(),
                ins.as_ptr(),
                outs.len(),
                outs.as_ptr(),
            )
        };
        if status == OK {
            return Ok(());
        }
        cancel.check()?;
        Err(if status == CANCELLED {
            Error::runtime("the inference was cancelled")
        } else {
            failed("LiteRT failed", Code::RuntimeError, status)
        })
    }
}

unsafe extern "C" fn is_cancelled(cancel: *mut c_void) -> bool {
    // SAFETY: it is the pointer that `run` has given for this run, which is under way.
    unsafe { &*cancel.cast::<Cancel>() }.is_cancelled()
}
