//! Guests that call anything, in any order, with whatever can be passed. Bytes decide what; the fuzz target runs this as well.

pub(crate) mod components;
pub(crate) mod core_modules;

/// Algorithms that take no time, and what may be an option.
pub(crate) const TEXTS: [&str; 16] = [
    "SHA-256",
    "SHA-512/256",
    "BLAKE3",
    "HMAC/SHA-256",
    "HKDF-EXTRACT/SHA-256",
    "HKDF-EXPAND/SHA-256",
    "AES-256-GCM",
    "AES-128-CTR",
    "XCHACHA20-POLY1305",
    "XOODYAK-128",
    "Ed25519",
    "X25519",
    "ECDSA_P256_SHA256",
    "ML-KEM-768",
    "nonce",
    "no such thing",
];

/// What was chosen, as bytes.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Choices(bytes)
    }

    /// Whether all is chosen; what is chosen then is the first.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number below the limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let mut number = 0;
        let mut reach = 1;
        while reach < limit {
            let Some((first, rest)) = self.0.split_first() else {
                return 0;
            };
            self.0 = rest;
            number = number << 8 | usize::from(*first);
            reach <<= 8;
        }
        number % limit
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}
