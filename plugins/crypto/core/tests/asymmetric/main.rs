//! Keys with a public half, used as a guest uses them: through the functions of a session.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod damage;
mod encodings;
mod foreign;
mod guest;
mod known_answers;
mod managed;
mod openssl;
mod pairs;
mod sessions;
mod weak_keys;
mod wycheproof_kx;
mod wycheproof_rsa;
mod wycheproof_signatures;
