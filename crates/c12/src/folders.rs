//! Where C12 keeps things for the user, after the XDG Base Directory Specification.

use std::path::PathBuf;

fn folder(own: &str, xdg: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute(own)
        .or_else(|| absolute(xdg).map(|path| path.join("c12")))
        .or_else(|| absolute("HOME").map(|home| home.join(below_home).join("c12")))
}

/// Compiled code: `C12_CACHE_DIR`, or `c12/compiled` in `XDG_CACHE_HOME`, or in `~/.cache`.
pub fn cache() -> Option<PathBuf> {
    match std::env::var_os("C12_CACHE_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
    {
        Some(own) => Some(own),
        None => folder("", "XDG_CACHE_HOME", ".cache").map(|path| path.join("compiled")),
    }
}

/// The artifact key: `C12_STATE_DIR`, or `c12` in `XDG_STATE_HOME`, or in `~/.local/state`.
pub fn state() -> Option<PathBuf> {
    folder("C12_STATE_DIR", "XDG_STATE_HOME", ".local/state")
}
