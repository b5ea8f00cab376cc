//! What fuzz targets reach, in builds for fuzzing and tests only.
#![allow(missing_docs, unsafe_code)]

use std::ffi::{CString, c_char, c_void};

use c12_plugin::abi;

use super::dynamic::properties::{self, Choices};
use super::dynamic::world::World;
use super::native::description::Description;
use super::native::library::whole;

/// The fuzzer's bytes decide; when there are none left, it is always for the first.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn word(&mut self, size: usize) -> u64 {
        let (taken, rest) = self.0.split_at(self.0.len().min(size));
        self.0 = rest;
        let bytes = taken.iter().rev();
        bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
    }
}

impl Choices for Bytes<'_> {
    fn next(&mut self) -> u64 {
        self.word(8)
    }

    fn below(&mut self, bound: u64) -> u64 {
        // As few bytes as will do.
        let needed = (u64::BITS - (bound - 1).leading_zeros()).div_ceil(8) as usize;
        self.word(needed) % bound
    }
}

/// Values of plugins go to guests, and what guests have is read. The first byte says which, the rest types and values.
pub fn values(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else {
        return;
    };
    match which % 3 {
        0 => properties::goes_there_and_back(&mut Bytes(rest), false),
        1 => properties::goes_there_and_back(&mut Bytes(rest), true),
        _ => {
            // Memory begins in the middle, so that the length of either can change.
            let (choices, memory) = rest.split_at(rest.len() / 2);
            properties::is_read_or_refused(&mut Bytes(choices), memory.to_vec());
        }
    }
}

/// The checks of a library's file before it is loaded. Whether they passed.
pub fn library(bytes: &[u8]) -> bool {
    whole(bytes).is_ok()
}

/// What a library says of itself: texts, each behind the one before it and a zero. They are its name, its version, its
/// description, its WIT and the world in it, then functions (interface and name) or settings (name and fallback), as the
/// first byte says for each. The second byte spoils sizes. Whether it was taken.
pub fn description(bytes: &[u8]) -> bool {
    let Some((&[settings, spoilt], rest)) = bytes.split_first_chunk() else {
        return false;
    };
    if let Ok(text) = std::str::from_utf8(rest) {
        taken(World::parse(text, None).map(drop));
    }
    let texts: Vec<CString> = rest
        .split(|byte| *byte == 0)
        .map(|text| CString::new(text).unwrap_or_default())
        .collect();
    let text = |at: usize| -> *const c_char {
        let text: Option<&CString> = texts.get(at).filter(|text| !text.is_empty());
        text.map_or(std::ptr::null(), |text| text.as_ptr())
    };
    unsafe extern "C" fn function(
        _: *mut abi::Call,
        _: *mut c_void,
        _: *const c_void,
        _: *mut c_void,
    ) -> abi::Status {
        abi::OK
    }
    let (mut exports, mut keys) = (Vec::new(), Vec::new());
    for (number, at) in (5..texts.len()).step_by(2).enumerate() {
        if settings >> (number % 8) & 1 == 0 {
            exports.push(abi::Export {
                size: size_of::<abi::Export>(),
                interface_name: text(at),
                name: text(at + 1),
                function: (spoilt != 1).then_some(function),
                flags: u32::from(spoilt) & abi::BLOCKING,
                reserved: 0,
            });
        } else {
            keys.push(abi::Key {
                size: size_of::<abi::Key>(),
                name: text(at),
                description: std::ptr::null(),
                fallback: text(at + 1),
                kind: number as u32 % 6,
                required: u32::from(spoilt & 1),
            });
        }
    }
    // A size is what there is of a struct; more than there is nobody can find out.
    let wrong = [0, 1, 7, 8, 15, 17, usize::MAX];
    let wrong = usize::from(spoilt)
        .checked_sub(2)
        .and_then(|at| wrong.get(at));
    if let (Some(size), Some(first)) = (wrong, exports.first_mut()) {
        first.size = *size;
    }
    let description = abi::Description {
        size: match spoilt {
            16..128 => usize::from(spoilt) - 16,
            _ => size_of::<abi::Description>(),
        },
        abi: abi::ABI + u32::from(spoilt == 255),
        reserved: 0,
        name: text(0),
        version: text(1),
        description: text(2),
        wit: text(3),
        world: text(4),
        exports: exports.as_ptr(),
        export_count: exports.len(),
        keys: keys.as_ptr(),
        key_count: keys.len(),
        open: None,
        close: None,
        instantiate: None,
        drop_instance: None,
    };
    // SAFETY: texts end with zeros, and tables are as long as they say.
    taken(unsafe { Description::read(&raw const description) }.map(drop))
}

/// An error has words, which a terminal can show.
fn taken(outcome: Result<(), impl std::error::Error>) -> bool {
    let Err(error) = outcome else {
        return true;
    };
    let shown = error.to_string();
    assert!(!shown.is_empty());
    assert!(
        !shown.chars().any(|c| c.is_control() && c != '\n'),
        "{shown:?}"
    );
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [&str; 9] = [
        "name",
        "1.0.0",
        "what it does",
        "package a:b@1.0.0; interface i { resource r { constructor(); } f: func(s: list<string>) -> result<r>; } world w { export i; }",
        "w",
        "a:b/i@1.0.0\0[constructor]r",
        "a:b/i@1.0.0\0f",
        "a:b/i@1.0.0\0[resource-drop]r",
        "key\0value",
    ];

    /// The targets hold for what they were made for, and for all that is near.
    #[test]
    fn targets_hold_for_what_is_near_their_seeds() {
        let mut seed = vec![0x88, 0];
        seed.extend_from_slice(PARTS.join("\0").as_bytes());
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random
        };
        assert!(description(&seed));
        for spoilt in 0..=u8::MAX {
            seed[1] = spoilt;
            description(&seed);
        }
        for _ in 0..300 {
            let mut bytes = seed.clone();
            bytes[1] = 0;
            let at = next() as usize % bytes.len();
            bytes[at] = next() as u8;
            description(&bytes);
        }
        for _ in 0..3000 {
            let bytes: Vec<u8> = (0..next() % 400).map(|_| next() as u8).collect();
            values(&bytes);
        }
        let program = std::fs::read("/proc/self/exe").unwrap();
        assert!(library(&program));
        assert!(!library(&program[..4096]));
    }
}
