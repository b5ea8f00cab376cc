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
