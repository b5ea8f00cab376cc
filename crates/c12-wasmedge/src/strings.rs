//! Strings, bytes, results, limits, the version and the log: functions that need neither module nor store.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use crate::abi::guard::{self, LogLevel, guard};
use crate::abi::live;
use crate::abi::{Bytes, Code, Limit, Text};

// Contents outlive changes of the length that is kept beside them, so their size must not be needed to free them.
unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

/// A copy for the plugin, followed by a zero byte that is not counted. NULL for nothing.
fn copy(bytes: &[u8]) -> *const u8 {
    if bytes.is_empty() {
        return ptr::null();
    }
    // SAFETY: a size of at least 2; `bytes` fits into memory already, so one more does not overflow.
    let copy = unsafe { malloc(bytes.len() + 1) }.cast::<u8>();
    if copy.is_null() {
        return copy;
    }
    // SAFETY: `copy` is new and has room for the bytes and one more.
    unsafe {
        ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len());
        copy.add(bytes.len()).write(0);
    }
    live::note_content(copy);
    copy
}

fn release(function: &'static str, content: *const u8) {
    if content.is_null() {
        return;
    }
    if live::take_content(content) {
        // SAFETY: `copy` allocated it with `malloc`, and nobody took it from the list before.
        unsafe { free(content.cast_mut().cast()) };
    } else {
        guard::failed(
            function,
            "ignored: the content was deleted before, or was only wrapped",
        );
    }
}

/// A copy of bytes as a string that the plugin owns.
pub(crate) fn owned_text(bytes: &[u8]) -> Text {
    let buffer = copy(bytes);
    match u32::try_from(bytes.len()) {
        Ok(length) if !buffer.is_null() => Text {
            length,
            buffer: buffer.cast(),
        },
        _ => Text::EMPTY,
    }
}

/// The bytes of a string that a plugin gave; none if its buffer is NULL.
///
/// # Safety
///
/// A buffer that is not NULL has the length that is given, and lives as long as the result is used.
pub(crate) unsafe fn text_bytes<'a>(text: Text) -> &'a [u8] {
    if text.buffer.is_null() || text.length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(text.buffer.cast(), text.length as usize) }
}

pub(crate) unsafe extern "C" fn text_create(text: *const c_char) -> Text {
    if text.is_null() {
        return Text::EMPTY;
    }
    // SAFETY: the API's contract: a C string.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    guard("WasmEdge_StringCreateByCString", Text::EMPTY, || {
        owned_text(bytes)
    })
}

pub(crate) unsafe extern "C" fn text_create_from(buffer: *const c_char, length: u32) -> Text {
    guard("WasmEdge_StringCreateByBuffer", Text::EMPTY, || {
        // SAFETY: the API's contract: a buffer of that length, or NULL.
        owned_text(unsafe { text_bytes(Text { length, buffer }) })
    })
}

pub(crate) extern "C" fn text_wrap(buffer: *const c_char, length: u32) -> Text {
    Text { length, buffer }
}

pub(crate) unsafe extern "C" fn text_is_equal(one: Text, other: Text) -> bool {
    // SAFETY: the API's contract: strings, whose buffers may be NULL.
    one.length == other.length && unsafe { text_bytes(one) == text_bytes(other) }
}

/// Fills the whole buffer: what the string leaves free becomes zero.
pub(crate) unsafe extern "C" fn text_copy(text: Text, buffer: *mut c_char, length: u32) -> u32 {
    if buffer.is_null() {
        return 0;
    }
    let length = length as usize;
    // SAFETY: the API's contract: a string. Its bytes may lie within the buffer, so they are moved before the rest
    // is cleared, not after.
    let bytes = unsafe { text_bytes(text) };
    let count = bytes.len().min(length);
    // SAFETY: the API's contract: a buffer of that length; `count` is within both.
    unsafe {
        ptr::copy(bytes.as_ptr(), buffer.cast::<u8>(), count);
        buffer
            .cast::<u8>()
            .add(count)
            .write_bytes(0, length - count);
    }
    count as u32
}

pub(crate) extern "C" fn text_delete(text: Text) {
    guard("WasmEdge_StringDelete", (), || {
        release("WasmEdge_StringDelete", text.buffer.cast());
    });
}

pub(crate) unsafe extern "C" fn bytes_create(buffer: *const u8, length: u32) -> Bytes {
    let empty = Bytes {
        length: 0,
        buffer: ptr::null(),
    };
    guard("WasmEdge_BytesCreate", empty, || {
        // SAFETY: the API's contract: a buffer of that length, or NULL.
        let text = owned_text(unsafe {
            text_bytes(Text {
                length,
                buffer: buffer.cast(),
            })
        });
        Bytes {
            length: text.length,
            buffer: text.buffer.cast(),
        }
    })
}

pub(crate) extern "C" fn bytes_wrap(buffer: *const u8, length: u32) -> Bytes {
    Bytes { length, buffer }
}

pub(crate) extern "C" fn bytes_delete(bytes: Bytes) {
    guard("WasmEdge_BytesDelete", (), || {
        release("WasmEdge_BytesDelete", bytes.buffer);
    });
}

pub(crate) extern "C" fn result_ok(code: Code) -> bool {
    code.is_ok()
}

pub(crate) extern "C" fn result_new(category: u32, code: u32) -> Code {
    Code::new(category, code)
}

pub(crate) extern "C" fn result_code(code: Code) -> u32 {
    code.code()
}

pub(crate) extern "C" fn result_category(code: Code) -> u32 {
    code.category()
}

pub(crate) extern "C" fn result_message(code: Code) -> *const c_char {
    code.message().as_ptr()
}

pub(crate) extern "C" fn limit_is_equal(one: Limit, other: Limit) -> bool {
    let flags = |limit: Limit| (limit.has_max != 0, limit.shared != 0);
    flags(one) == flags(other) && (one.min, one.max) == (other.min, other.max)
}

/// The version of WasmEdge whose interface this is, because plugins compare it.
pub(crate) extern "C" fn version() -> *const c_char {
    c"0.14.1".as_ptr()
}

pub(crate) extern "C" fn version_major() -> u32 {
    0
}

pub(crate) extern "C" fn version_minor() -> u32 {
    14
}

pub(crate) extern "C" fn version_patch() -> u32 {
    1
}

pub(crate) extern "C" fn log_errors() {
    guard::set_log_level(LogLevel::Error);
}

pub(crate) extern "C" fn log_everything() {
    guard::set_log_level(LogLevel::Debug);
}

pub(crate) extern "C" fn log_nothing() {
    guard::set_log_level(LogLevel::Off);
}

/// Of WasmEdge 0.15: trace, debug, information, warning, error, critical.
pub(crate) extern "C" fn log_from(level: u32) {
    guard::set_log_level(match level {
        0 | 1 => LogLevel::Debug,
        2 => LogLevel::Info,
        3 => LogLevel::Warning,
        4 => LogLevel::Error,
        _ => LogLevel::Off,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_the_empty_string() {
        // SAFETY: NULL and literals.
        unsafe {
            for text in [
                text_create(ptr::null()),
                text_create(c"".as_ptr()),
                text_create_from(ptr::null(), 3),
                text_create_from(c"abc".as_ptr(), 0),
            ] {
                assert!(text.length == 0 && text.buffer.is_null());
            }
            assert!(bytes_create(ptr::null(), 4).buffer.is_null());
        }
    }

    #[test]
    fn a_copy_ends_with_zero_and_may_be_deleted_twice() {
        // SAFETY: a literal, and what was made of it.
        unsafe {
            let text = text_create_from(c"a\xffc".as_ptr(), 3);
            assert_eq!(CStr::from_ptr(text.buffer).to_bytes(), b"a\xffc");
            text_delete(Text { length: 1, ..text });
            text_delete(text);
        }
        text_delete(text_wrap(c"static".as_ptr(), 6));
    }

    #[test]
    fn copying_fills_the_buffer() {
        let mut buffer = [b'x'; 6];
        let at = buffer.as_mut_ptr().cast();
        // SAFETY: literals, and a buffer of the length given.
        unsafe {
            assert_eq!(text_copy(text_wrap(c"hi".as_ptr(), 2), at, 5), 2);
            assert_eq!(&buffer, b"hi\0\0\0x");
            assert_eq!(text_copy(text_wrap(c"hello".as_ptr(), 5), at, 3), 3);
            assert_eq!(&buffer, b"hel\0\0x");
            assert_eq!(
                text_copy(text_wrap(c"hi".as_ptr(), 2), ptr::null_mut(), 5),
                0
            );
        }
    }

    #[test]
    fn strings_are_equal_by_content() {
        let wrap = |text: &'static CStr, length| text_wrap(text.as_ptr(), length);
        // SAFETY: literals.
        unsafe {
            assert!(text_is_equal(wrap(c"abc", 2), wrap(c"abd", 2)));
            assert!(!text_is_equal(wrap(c"abc", 3), wrap(c"abd", 3)));
            assert!(text_is_equal(text_wrap(ptr::null(), 0), wrap(c"", 0)));
        }
    }

    #[test]
    fn limits_are_equal_in_all_members() {
        let limit = |has_max, max| Limit {
            has_max,
            shared: 0,
            min: 1,
            max,
        };
        assert!(!limit_is_equal(limit(0, 2), limit(0, 3)));
        assert!(limit_is_equal(limit(1, 2), limit(2, 2)));
    }
}
