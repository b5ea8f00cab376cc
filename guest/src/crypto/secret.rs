//! Bytes that nobody else should see.

use std::fmt;

use zeroize::Zeroizing;

/// Secret bytes in the guest's memory: overwritten when they are dropped, and never printed.
///
/// What is in the guest's memory, the guest can lose. Keys that stay with the host have no bytes here.
///
/// ```no_run
/// use c12_wasm::crypto::Secret;
///
/// let secret = Secret::from(vec![1, 2, 3]);
/// assert_eq!(format!("{secret:?}"), "Secret(3 bytes)");
/// assert_eq!(secret.expose(), [1, 2, 3]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The bytes. To compare them with what a stranger sent, compare tags of them instead:
    /// [`Key::verify`](super::Key::verify) takes the same time whatever the difference is.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::from(b"hunter2".to_vec());
        assert_eq!(
            format!("{secret:?} {secret:#?}"),
            "Secret(7 bytes) Secret(7 bytes)"
        );
    }
}
