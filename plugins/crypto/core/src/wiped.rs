//! Buffers that leave nothing behind.

use zeroize::Zeroizing;

/// Appends to a secret. Where the buffer must move, the old place is wiped, which a plain vector does not do.
pub(crate) fn append(secret: &mut Zeroizing<Vec<u8>>, data: &[u8]) {
    let needed = secret.len() + data.len();
    if needed > secret.capacity() {
        let mut moved = Zeroizing::new(Vec::with_capacity(needed.max(secret.capacity() * 2)));
        moved.extend_from_slice(secret);
        *secret = moved;
    }
    secret.extend_from_slice(data);
}
