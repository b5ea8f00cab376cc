//! What a library is and says of itself, before and after it is loaded: its file's headers, its WIT, its settings and its
//! table of functions are taken, or refused in words that a terminal does not act on.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // A library without its end is never taken: its headers say how long it is.
    if c12::plugin::fuzzing::library(bytes) {
        assert!(bytes.len() > 64);
    }
    c12::plugin::fuzzing::description(bytes);
});
