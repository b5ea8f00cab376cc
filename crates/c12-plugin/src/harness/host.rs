//! The host's side of a call.

use std::alloc::Layout;
use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_void};
use std::sync::{Mutex, PoisonError};

use crate::abi;

/// The functions that plugins get.
pub(super) static HOST: abi::Host = abi::Host {
    size: size_of::<abi::Host>(),
    abi: abi::ABI,
    reserved: 0,
    alloc,
    defer,
    fail,
    log,
};

/// What an instance may take with `alloc` in one call, in bytes.
const LIMIT: usize = 1 << 30;
/// How many lines are kept.
const LINES: usize = 1_000;

type Release = unsafe extern "C" fn(data: *mut c_void);

/// One call: what the plugin took and said.
#[derive(Debug, Default)]
pub(super) struct Call {
    allocated: Vec<(*mut u8, Layout)>,
    taken: usize,
    deferred: Vec<(Release, *mut c_void)>,
    failure: Option<String>,
}

impl Call {
    /// What the plugin gets. Valid while nothing else uses this.
    pub(super) fn as_abi(&mut self) -> *mut abi::Call {
        std::ptr::from_mut(self).cast()
    }

    /// Whether the function succeeded; if not, what it said.
    pub(super) fn finish(&mut self, status: abi::Status) -> Result<(), String> {
        match (status, self.failure.take()) {
            (abi::OK, _) => Ok(()),
            (abi::TRAP, Some(message)) => Err(message),
            (abi::TRAP, None) => Err("it does not say why".into()),
            (other, message) => Err(format!(
                "the status {other} is neither C12_OK nor C12_TRAP{}",
                message.map(|m| format!(": {m}")).unwrap_or_default()
            )),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // The order in which C programs expect it: what was taken last is freed first.
        for (release, data) in self.deferred.drain(..).rev() {
            // SAFETY: the plugin asked for this call, once.
            unsafe { release(data) };
        }
        for (memory, layout) in self.allocated.drain(..) {
            // SAFETY: it was allocated with this layout.
            unsafe { std::alloc::dealloc(memory, layout) };
        }
    }
}

unsafe extern "C" fn alloc(call: *mut abi::Call, size: usize, align: usize) -> *mut c_void {
    // SAFETY: the plugin gives back what it got, during the call.
    let Some(call) = (unsafe { call.cast::<Call>().as_mut() }) else {
        return std::ptr::null_mut();
    };
    // No bytes get an address of their own too, as plugins may free or compare it.
    let Ok(layout) = Layout::from_size_align(size.max(1), align) else {
        return std::ptr::null_mut();
    };
    let taken = call.taken.saturating_add(layout.size());
    if align > 16 || taken > LIMIT {
        return std::ptr::null_mut();
    }
    // SAFETY: the size is not zero.
    let memory = unsafe { std::alloc::alloc_zeroed(layout) };
    if !memory.is_null() {
        call.taken = taken;
        call.allocated.push((memory, layout));
    }
    memory.cast()
}

unsafe extern "C" fn defer(call: *mut abi::Call, release: Release, data: *mut c_void) {
    // SAFETY: the plugin gives back what it got, during the call.
    if let Some(call) = unsafe { call.cast::<Call>().as_mut() } {
        call.deferred.push((release, data));
    }
}

unsafe extern "C" fn fail(call: *mut abi::Call, message: *const u8, len: usize) {
    // SAFETY: the plugin gives back what it got, during the call, and a message with its length.
    unsafe {
        if let Some(call) = call.cast::<Call>().as_mut() {
            call.failure = Some(text(message, len));
        }
    }
}

unsafe extern "C" fn log(plugin: *const c_char, level: u32, message: *const u8, len: usize) {
    // SAFETY: the plugin gives its name, and a message with its length.
    let line = unsafe {
        Line {
            plugin: if plugin.is_null() {
                String::new()
            } else {
                CStr::from_ptr(plugin).to_string_lossy().into_owned()
            },
            level,
            message: text(message, len),
        }
    };
    // Shown with the output of a test. A standard error that cannot be written is no reason to end the process.
    let _ = std::panic::catch_unwind(|| eprintln!("{}: {}", line.plugin, line.message));
    let mut lines = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() == LINES {
        lines.pop_front();
    }
    lines.push_back(line);
}

/// A message of the plugin.
///
/// # Safety
///
/// There are `len` bytes.
unsafe fn text(message: *const u8, len: usize) -> String {
    if message.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises.
    String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(message, len) }).into_owned()
}

static LOG: Mutex<VecDeque<Line>> = Mutex::new(VecDeque::new());

/// A line that a plugin logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Who.
    pub plugin: String,
    /// One of the levels of [`abi`], such as [`LOG_INFO`](abi::LOG_INFO).
    pub level: u32,
    /// What.
    pub message: String,
}

pub(super) fn logs(plugin: &str) -> Vec<Line> {
    let lines = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    lines
        .iter()
        .filter(|line| line.plugin == plugin)
        .cloned()
        .collect()
}
