//! Bytes that leave nothing behind.

use std::ops::{Deref, DerefMut};

use zeroize::Zeroize as _;

/// A buffer that is wiped at its end. `Zeroizing` would do it byte by byte, which takes longer than to decrypt.
#[derive(Default)]
pub(crate) struct Wiped(Vec<u8>);

impl Wiped {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Wiped(bytes)
    }
}

impl Deref for Wiped {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
        // What was cut off.
        self.0.spare_capacity_mut().zeroize();
    }
}
