//! What guests see of the core, call by call.

mod guest;

mod array_outputs;
mod batches;
mod ciphers;
mod derivation;
mod handles;
mod hashes;
mod names;
mod passwords;
mod sessions_of_xoodyak;
mod tags;
mod wycheproof_vectors;
