//! What llama.cpp is not shown before.
#![no_main]

use c12_nn_core::{Source, gguf_metadata};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let metadata =
        |bytes: &[u8]| gguf_metadata(&Source::Bytes(bytes::Bytes::copy_from_slice(bytes)));
    let _ = metadata(bytes);
    let with_magic = [b"GGUF\x03\0\0\0", bytes].concat();
    if let Ok(metadata) = metadata(&with_magic) {
        assert!(metadata.contains_key("general.architecture"));
    }
});
