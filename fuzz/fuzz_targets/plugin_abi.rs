//! Values that cross between plugins and guests: what a plugin returns comes back from the guest as it was, what it must not
//! return is refused, and whatever a guest's memory holds is a value or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    c12::plugin::fuzzing::values(bytes);
});
