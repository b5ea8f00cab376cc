//! Where the guests are that `cargo xtask guests` built.

use std::path::{Path, PathBuf};

/// A built guest: `wasip1/hello`, `c/stdio`, `foreign/boolector`.
pub(crate) fn guest(name: &str) -> String {
    let path = folder().join(name).with_extension("wasm");
    assert!(path.exists(), "{} is not built", path.display());
    path.display().to_string()
}

/// A guest in text form, from the repository.
pub(crate) fn text(name: &str) -> String {
    root()
        .join("tests/guests/wat")
        .join(name)
        .display()
        .to_string()
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn folder() -> PathBuf {
    std::env::var_os("C12_GUESTS")
        .or(option_env!("C12_GUESTS").map(Into::into))
        .expect("the guests are not built")
        .into()
}

/// A test that needs built guests: listed as ignored, with the reason, where they are not.
macro_rules! with_guests {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        fn $name() $body
    )*};
}
pub(crate) use with_guests;

/// A test that needs guests in JavaScript.
macro_rules! with_js_guests {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        #[cfg_attr(all(guests, not(js_guests)), ignore = "needs guests in JavaScript: `cargo xtask guests` says why they are left out")]
        fn $name() $body
    )*};
}
pub(crate) use with_js_guests;

/// A test that needs built guests and a C++ compiler.
macro_rules! with_guests_and_cxx {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        #[cfg_attr(all(guests, not(cxx)), ignore = "needs a C++ compiler: run `cargo xtask test`")]
        fn $name() $body
    )*};
}
pub(crate) use with_guests_and_cxx;

/// A test that needs built guests and a Redis server.
macro_rules! with_redis {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        #[cfg_attr(all(guests, not(redis)), ignore = "needs C12_REDIS_SERVER: run `cargo xtask test`")]
        fn $name() $body
    )*};
}
pub(crate) use with_redis;

/// A test that needs built guests and the vectors of `cryptography-vectors`.
macro_rules! with_published_vectors {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        #[cfg_attr(all(guests, not(published_vectors)), ignore = "needs C12_CRYPTOGRAPHY_VECTORS: run `cargo xtask test`")]
        fn $name() $body
    )*};
}
pub(crate) use with_published_vectors;

/// A test that needs built guests and models.
macro_rules! with_models {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        #[cfg_attr(all(guests, not(nn_models)), ignore = "needs C12_NN_MODELS: run `cargo xtask test`")]
        fn $name() $body
    )*};
}
pub(crate) use with_models;

/// A test that needs built guests, models, and a program that can run language models.
macro_rules! with_language_models {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guests), ignore = "needs guests: run `cargo xtask test`")]
        #[cfg_attr(all(guests, not(nn_models)), ignore = "needs C12_NN_MODELS: run `cargo xtask test`")]
        #[cfg_attr(all(guests, nn_models, not(feature = "nn-ggml")), ignore = "needs the feature `nn-ggml`: run `cargo xtask test`")]
        fn $name() $body
    )*};
}
pub(crate) use with_language_models;
