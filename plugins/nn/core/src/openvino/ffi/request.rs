#![allow(unsafe_code)]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::library::Library;
use super::raw::{CANCELLED, OK, RawRequest, Status};
use super::tensor::NativeTensor;
use crate::foreign::Owned;
use crate::{Cancel, Error, Result, Tensor};

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

/// One run of a request. Who cancels it may come late, when the request serves another guest already.
struct Running {
    request: Arc<RequestPointer>,
    cancel: unsafe extern "C" fn(*mut RawRequest) -> Status,
    is_under_way: Mutex<bool>,
}

impl Running {
    fn under_way(&self) -> MutexGuard<'_, bool> {
        self.is_under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn cancel(&self) {
        // The run does not end while this is held.
        if *self.under_way() {
            // SAFETY: the request is valid, and this function may be called while another thread waits for it.
            unsafe { (self.cancel)(self.request.0.as_ptr()) };
        }
    }
}

/// Says that a run is under way, as long as it is there.
struct UnderWay<'a>(&'a Running);

impl<'a> UnderWay<'a> {
    fn new(running: &'a Running) -> Self {
        *running.under_way() = true;
        Self(running)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *self.0.under_way() = false;
    }
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

    /// Runs the model on the inputs, until it is cancelled.
    pub(crate) fn run(&mut self, cancel: &Cancel) -> Result<Ended> {
        let functions = &self.library.functions;
        let running = Arc::new(Running {
            request: Arc::clone(&self.raw),
            cancel: functions.ov_infer_request_cancel,
            is_under_way: Mutex::new(false),
        });
        let token = Arc::clone(&running);
        let _canceller = cancel.on_cancel(move || token.cancel());
        cancel.check()?;
        // SAFETY: the request is valid, and no other thread runs it.
        let status = unsafe { (functions.ov_infer_request_start_async)(self.raw.0.as_ptr()) };
        self.library.checked(status)?;
        let run = UnderWay::new(&running);
        // In case it happened before the run was under way.
        if cancel.is_cancelled() {
            running.cancel();
        }
        // SAFETY: as above.
        let status = unsafe { (functions.ov_infer_request_wait)(self.raw.0.as_ptr()) };
        drop(run);
        match status {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static CANCELLED_TIMES: AtomicUsize = AtomicUsize::new(0);

    unsafe extern "C" fn count(_: *mut RawRequest) -> Status {
        CANCELLED_TIMES.fetch_add(1, Ordering::SeqCst);
        OK
    }

    unsafe extern "C" fn nothing(_: *mut RawRequest) {}

    #[test]
    fn who_cancels_late_does_not_cancel_the_next_run() {
        let pointer = std::ptr::NonNull::<RawRequest>::dangling().as_ptr();
        // SAFETY: neither of the functions looks at it.
        let request = unsafe { Owned::new(pointer, nothing) }.unwrap();
        let request = Arc::new(RequestPointer(request));
        let run = || Running {
            request: Arc::clone(&request),
            cancel: count,
            is_under_way: Mutex::new(false),
        };
        let (first, second) = (run(), run());
        first.cancel();
        assert_eq!(CANCELLED_TIMES.load(Ordering::SeqCst), 0);
        drop(UnderWay::new(&first));
        let _next = UnderWay::new(&second);
        first.cancel();
        assert_eq!(CANCELLED_TIMES.load(Ordering::SeqCst), 0);
        second.cancel();
        assert_eq!(CANCELLED_TIMES.load(Ordering::SeqCst), 1);
    }
}
