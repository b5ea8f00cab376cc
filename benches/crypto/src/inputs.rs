//! What everybody computes with.

/// A key of 256 bits.
pub const KEY: [u8; 32] = *b"a key that everybody knows, now!";

/// A nonce of 96 bits.
pub const NONCE: [u8; 12] = [7; 12];

/// Bytes of the tags.
pub const TAG_BYTES: usize = 16;

/// How many messages [`Calls::Each`](crate::Calls::Each) and [`Calls::Batch`](crate::Calls::Batch) are about.
pub const MANY: usize = 100;

/// A published key pair with a signature, in hexadecimal.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The seed or scalar.
    pub secret: &'static str,
    /// The public key, as the algorithm itself writes it.
    pub public: &'static str,
    /// What is signed.
    pub message: &'static str,
    /// The signature, as the algorithm itself writes it.
    pub signature: &'static str,
}

/// RFC 8032, section 7.1, test 3.
pub const ED25519: Known = Known {
    secret: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    public: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
};

/// RFC 6979, appendix A.2.5, SHA-256, "sample".
pub const P256: Known = Known {
    secret: "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    public: "04\
             60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
             7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    message: "73616d706c65",
    signature: "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
                f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
};

/// The bytes that hexadecimal digits stand for.
///
/// # Errors
///
/// If they are none, or half a byte is left.
pub fn bytes_of_hex(text: &str) -> Result<Vec<u8>, String> {
    let (pairs, rest) = text.as_bytes().split_at(text.len() / 2 * 2);
    let byte = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let bytes: Option<Vec<u8>> = pairs.chunks(2).map(byte).collect();
    bytes
        .filter(|_| rest.is_empty())
        .ok_or_else(|| format!("{text} is not hexadecimal"))
}

/// A message of so many bytes.
#[must_use]
pub fn message(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at % 251) as u8).collect()
}

/// [`MANY`] different messages of so many bytes.
#[must_use]
pub fn messages(bytes: usize) -> Vec<Vec<u8>> {
    let different = (0..MANY).map(|first| {
        let mut message = message(bytes);
        message.iter_mut().for_each(|byte| *byte ^= first as u8);
        message
    });
    different.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(bytes_of_hex("00ff7A"), Ok(vec![0, 255, 122]));
        assert_eq!(bytes_of_hex(""), Ok(Vec::new()));
        for wrong in ["0", "0g", "00 ", "é"] {
            assert!(bytes_of_hex(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn messages_differ() {
        let mut messages = messages(64);
        messages.dedup();
        assert_eq!(messages.len(), MANY);
        assert!(messages.iter().all(|message| message.len() == 64));
    }
}
