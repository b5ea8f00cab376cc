//! What guests see of the core, call by call.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod guest;

mod array_outputs;
mod batches;
mod budget;
mod calls;
mod ciphers;
mod derivation;
mod handles;
mod hashes;
mod names;
mod passwords;
mod random_calls;
mod sessions_of_xoodyak;
mod store;
mod store_files;
mod store_limits;
mod tags;
mod wycheproof_vectors;
