//! Outputs that are read in pieces.

use c12_crypto_core::Errno;

use crate::guest::session;

#[test]
fn an_output_is_read_in_pieces_and_closes_itself() {
    let mut session = session();
    let key = session
        .symmetric_key_import("HMAC/SHA-256", b"0123456789")
        .unwrap();
    let output = session.symmetric_key_export(key).unwrap();
    let mut read = Vec::new();
    for len in [0, 3, 4, 100] {
        assert_eq!(session.array_output_len(output), Ok(10));
        let mut buf = vec![0; len];
        let count = session.array_output_pull(output, &mut buf).unwrap();
        read.extend_from_slice(&buf[..count]);
    }
    assert_eq!(read, b"0123456789");
    assert_eq!(session.array_output_len(output), Err(Errno::InvalidHandle));
    assert_eq!(
        session.array_output_pull(output, &mut [0]),
        Err(Errno::InvalidHandle)
    );
    assert_eq!(session.open_handles(), 1);
}

#[test]
fn an_empty_output_closes_when_it_is_read() {
    let mut session = session();
    let key = session.symmetric_key_import("HMAC/SHA-256", b"").unwrap();
    let output = session.symmetric_key_export(key).unwrap();
    assert_eq!(session.array_output_len(output), Ok(0));
    assert_eq!(session.array_output_pull(output, &mut []), Ok(0));
    assert_eq!(session.open_handles(), 1);
}
