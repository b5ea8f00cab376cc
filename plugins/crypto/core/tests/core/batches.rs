//! Batches: what makes states one. Each operation is the single one; the faces' tests have whole batches.

use c12_crypto_core::{Config, Errno, Handle, Limits};

use crate::guest::{open, with};

#[test]
fn a_batch_is_of_one_algorithm_and_within_the_limit() {
    let limits = Limits {
        batch: 4,
        ..Limits::default()
    };
    let mut session = with(Config {
        limits,
        ..Config::default()
    });
    let sha256 = open(&mut session, "SHA-256", None, &[]).unwrap();
    let sha512 = open(&mut session, "SHA-512", None, &[]).unwrap();
    let hmac = open(&mut session, "HMAC/SHA-256", Some(b"k"), &[]).unwrap();
    let none = Handle::from_raw(0);
    for (states, expected) in [
        (&[][..], Ok(())),
        (&[sha256, sha256], Ok(())),
        (&[sha256, sha512], Err(Errno::UnsupportedFeature)),
        // A handle of nothing is an error of its own operation alone.
        (&[none, hmac, none, hmac], Ok(())),
        (&[none, hmac, none, sha256], Err(Errno::UnsupportedFeature)),
        (&[none; 4], Ok(())),
        (&[hmac; 5], Err(Errno::Overflow)),
    ] {
        assert_eq!(session.batch_symmetric_state_check(states), expected);
    }
}
