//! Tags.

use c12_crypto_core::Errno;

use crate::guest::{open, session, tag};

#[test]
fn a_mac_goes_on_after_its_tag() {
    let mut session = session();
    for name in [
        "HMAC/SHA-256",
        "HMAC/SHA-384",
        "HMAC/SHA-512",
        "AES-128-CMAC",
    ] {
        let mut open = || open(&mut session, name, Some(b"a key of 128 bit"), &[]).unwrap();
        let (pieces, whole) = (open(), open());
        session.symmetric_state_absorb(pieces, b"data").unwrap();
        let early = tag(&mut session, pieces).unwrap();
        session
            .symmetric_state_absorb(pieces, b"more_data")
            .unwrap();
        session
            .symmetric_state_absorb(whole, b"datamore_data")
            .unwrap();
        let late = tag(&mut session, pieces).unwrap();
        assert_ne!(early, late);
        assert_eq!(tag(&mut session, whole).unwrap(), late);
        assert_eq!(
            session.symmetric_state_squeeze(whole, &mut [0; 16]),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_max_tag_len(whole),
            Err(Errno::InvalidOperation)
        );
    }
    assert_eq!(
        session.symmetric_state_open("HMAC/SHA-256", None, None),
        Err(Errno::KeyRequired)
    );
}

#[test]
fn a_tag_is_compared_and_read_once() {
    let mut session = session();
    let state = open(&mut session, "HMAC/SHA-512", Some(b""), &[]).unwrap();
    let expected = tag(&mut session, state).unwrap();
    let tag = session.symmetric_state_squeeze_tag(state).unwrap();
    assert_eq!(session.symmetric_tag_len(tag), Ok(64));
    for bit in 0..512 {
        let mut wrong = expected.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            session.symmetric_tag_verify(tag, &wrong),
            Err(Errno::InvalidTag)
        );
    }
    for len in [0, 1, 63] {
        assert_eq!(
            session.symmetric_tag_verify(tag, &expected[..len]),
            Err(Errno::InvalidTag)
        );
    }
    let longer = [&expected[..], &[0]].concat();
    assert_eq!(
        session.symmetric_tag_verify(tag, &longer),
        Err(Errno::InvalidTag)
    );
    session.symmetric_tag_verify(tag, &expected).unwrap();
    assert_eq!(
        session.symmetric_tag_pull(tag, &mut [0; 63]),
        Err(Errno::Overflow)
    );
    assert_eq!(
        session.symmetric_tag_pull(tag, &mut [0; 65]),
        Err(Errno::InvalidLength)
    );
    let mut bytes = [0; 64];
    assert_eq!(session.symmetric_tag_pull(tag, &mut bytes), Ok(64));
    assert_eq!(bytes[..], expected);
    assert_eq!(
        session.symmetric_tag_pull(tag, &mut bytes),
        Err(Errno::InvalidHandle)
    );
    assert_eq!(session.symmetric_tag_close(tag), Err(Errno::Closed));
    assert_eq!(session.open_handles(), 1);
}
