//! Bytes as people write them.

use c12_wasm::cli::Failure;

/// Two letters for a byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes. White space does not count.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    let digits = text.chars().filter(|letter| !letter.is_whitespace());
    let digits = digits.map(|letter| letter.to_digit(16).map(|digit| digit as u8));
    let digits: Vec<u8> = digits
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::failed("these are not all hexadecimal digits"))?;
    let mut bytes = Vec::new();
    for pair in digits.chunks(2) {
        let [high, low] = pair else {
            return Err(Failure::failed("the number of hexadecimal digits is odd"));
        };
        bytes.push(high << 4 | low);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        assert_eq!(encode(&[0, 0x0f, 0xf0]), "000ff0");
        assert_eq!(decode("00 0f\nF0").unwrap(), [0, 0x0f, 0xf0]);
        assert!(decode("0").is_err() && decode("0g").is_err());
    }
}
