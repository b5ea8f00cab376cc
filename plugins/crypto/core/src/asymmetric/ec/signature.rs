//! The two forms of an ECDSA signature: `r` and `s` with the length of the curve (`raw`), and DER (RFC 3279).

use pkcs8::der::asn1::UintRef;
use pkcs8::der::{Decode, Encode, Header, Reader, SliceReader, Tag};

use crate::asymmetric::Curve;
use crate::{Errno, Result};

/// The order of secp256k1 (SEC 2, section 2.4.1).
const K256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// Half of it, rounded down: the greatest `s` that is low.
const K256_HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// Checks the length of the raw form. Whether the numbers are in range, verification tells.
pub(crate) fn check_raw(curve: Curve, raw: &[u8]) -> Result<()> {
    if raw.len() == 2 * curve.bytes() {
        Ok(())
    } else {
        Err(Errno::InvalidSignature)
    }
}

/// Reads DER, strictly: a signature has one encoding.
pub(crate) fn from_der(curve: Curve, der: &[u8]) -> Result<Vec<u8>> {
    let malformed = |_| Errno::InvalidSignature;
    let mut reader = SliceReader::new(der).map_err(malformed)?;
    let (r, s) = reader
        .sequence(|sequence| {
            Ok::<_, pkcs8::der::Error>((UintRef::decode(sequence)?, UintRef::decode(sequence)?))
        })
        .map_err(malformed)?;
    reader.finish().map_err(malformed)?;
    let mut raw = Vec::with_capacity(2 * curve.bytes());
    for number in [r, s] {
        let padding = curve
            .bytes()
            .checked_sub(number.as_bytes().len())
            .ok_or(Errno::InvalidSignature)?;
        raw.resize(raw.len() + padding, 0);
        raw.extend_from_slice(number.as_bytes());
    }
    Ok(raw)
}

/// Writes DER.
pub(crate) fn to_der(curve: Curve, raw: &[u8]) -> Result<Vec<u8>> {
    check_raw(curve, raw)?;
    encode(raw.split_at(curve.bytes())).map_err(|_| Errno::InternalError)
}

fn encode((r, s): (&[u8], &[u8])) -> pkcs8::der::Result<Vec<u8>> {
    let (r, s) = (UintRef::new(r)?, UintRef::new(s)?);
    let length = (r.encoded_len()? + s.encoded_len()?)?;
    let mut der = Vec::with_capacity(length.try_into().unwrap_or_default());
    Header::new(Tag::Sequence, length).encode_to_vec(&mut der)?;
    r.encode_to_vec(&mut der)?;
    s.encode_to_vec(&mut der)?;
    Ok(der)
}

/// Makes the `s` of a signature on secp256k1 low, as many verifiers of this curve demand. Both `s` and the order less `s`
/// verify, and which of the two it is says nothing of the key.
pub(crate) fn make_low(raw: &mut [u8]) -> Result<()> {
    let s = raw.last_chunk_mut::<32>().ok_or(Errno::InternalError)?;
    if *s > K256_HALF_ORDER {
        let mut borrow = false;
        for (digit, order) in s.iter_mut().zip(K256_ORDER).rev() {
            let (difference, below) = order.overflowing_sub(*digit);
            let (difference, below_again) = difference.overflowing_sub(u8::from(borrow));
            (*digit, borrow) = (difference, below | below_again);
        }
    }
    Ok(())
}
