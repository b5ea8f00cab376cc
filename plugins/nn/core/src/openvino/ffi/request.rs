#![allow(unsafe_code)]

use std::sync::Arc;

use super::library::Library;
use super::raw::{CANCELLED, OK, RawRequest};
use super::tensor::NativeTensor;
use crate::foreign::Owned;
use crate::{Error, Result, Tensor};

/// An inference that can be run again and again, by one thread at a time.
pub(crate) struct Request {
    library: &'static Library,
    raw: Arc<RequestPointer>,
}

struct RequestPointer(Owned<RawRequest>);

// SAFETY: a request may go from thread to thread.
unsafe impl Send for RequestPointer {}
// SAFETY: of the functions for a request, only the one that cancels is called while another thread is within one, and
// it is made for that.
unsafe impl Sync for RequestPointer {}

/// How an inference ended.
pub(crate) enum Ended {
    Done,
    Cancelled,
}

impl Request {
    pub(super) fn new(library: &'static Library, raw: Owned<RawRequest>) -> Self {
        Self {
            library,
            raw: Arc::new(RequestPointer(raw)),
        }
    }

    /// Sets an input. The request keeps the tensor.
    pub(crate) fn set_input(&mut self, index: usize, tensor: &NativeTensor) -> Result<()> {
        let set = self
            .library
            .functions
            .ov_infer_request_set_input_tensor_by_index;
        // SAFETY: request and tensor are valid, and the request takes a share of the tensor.
        let status = unsafe { set(self.raw.0.as_ptr(), index, tensor.0.as_ptr()) };
        match status {
            OK => Ok(()),
            _ => Err(Error::invalid_argument(format!(
                "OpenVINO refuses the input {index}: {}",
                self.library.functions.last_error()
            ))),
        }
    }

    /// What ends the inference that is under way, from any thread.
    pub(crate) fn canceller(&self) -> impl Fn() + Send + Sync + 'static + use<> {
        let cancel = self.library.functions.ov_infer_request_cancel;
        let request = Arc::clone(&self.raw);
        move || {
            // SAFETY: the request is valid, and this function may be called while another one runs it.
            unsafe { cancel(request.0.as_ptr()) };
        }
    }

    /// Runs the model on the inputs.
    pub(crate) fn run(&mut self) -> Result<Ended> {
        let functions = &self.library.functions;
        // SAFETY: the request is valid, and no other thread runs it.
        let status = unsafe { (functions.ov_infer_request_start_async)(self.raw.0.as_ptr()) };
        self.library.checked(status)?;
        // SAFETY: as above.
        match unsafe { (functions.ov_infer_request_wait)(self.raw.0.as_ptr()) } {
            CANCELLED => Ok(Ended::Cancelled),
            status => self.library.checked(status).map(|()| Ended::Done),
        }
    }

    /// A copy of an output.
    pub(crate) fn output(&self, index: usize) -> Result<Tensor> {
        let get = self
            .library
            .functions
            .ov_infer_request_get_output_tensor_by_index;
        let mut raw = std::ptr::null_mut();
        // SAFETY: the request is valid and not under way, and `raw` can be written to.
        let status = unsafe { get(self.raw.0.as_ptr(), index, &raw mut raw) };
        self.library.checked(status)?;
        NativeTensor::own(self.library, raw)?.read(self.library)
    }
}
