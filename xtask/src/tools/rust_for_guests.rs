//! A Rust compiler with the targets that guests are built for.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::debian;
use super::llvm::wasm_ld;
use super::wasm_component_ld::{self, wasm_component_ld};
use crate::layout::Layout;
use crate::process::output;

/// The targets of guests.
pub(crate) const TARGETS: [&str; 2] = ["wasm32-wasip1", "wasm32-wasip2"];

/// rustc 1.85 with the standard library for the host and for all WebAssembly targets.
const PACKAGES: debian::Packages = debian::Packages {
    what: "a Rust compiler for guests",
    licence: "MIT or Apache-2.0",
    names: &[
        "rustc",
        "libstd-rust-1.85",
        "libstd-rust-dev",
        "libstd-rust-dev-wasm32",
    ],
};

/// Which compiler builds guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RustForGuests {
    /// The pinned toolchain itself: its targets are installed.
    Pinned,
    /// Debian's compiler with these linkers.
    Debian {
        /// The compiler.
        rustc: PathBuf,
        /// The linker of core modules.
        wasm_ld: PathBuf,
        /// The linker of components.
        component_ld: PathBuf,
    },
}

/// The compiler, installed when it is missing.
pub(crate) fn rust_for_guests(layout: &Layout) -> Result<RustForGuests> {
    if pinned_has_targets(layout)? {
        return Ok(RustForGuests::Pinned);
    }
    if let (false, Some(obstacle)) = (debian::has(layout, &PACKAGES), debian::obstacle()) {
        bail!(
            "the WebAssembly targets are missing; run `{}`\n({obstacle})",
            rustup_line()
        );
    }
    let wasm_ld = wasm_ld(layout)?;
    let root = debian::install(layout, &PACKAGES)?;
    Ok(RustForGuests::Debian {
        rustc: root.wrapper(layout, "rustc", "usr/bin/rustc")?,
        component_ld: wasm_component_ld(layout, &wasm_ld)?,
        wasm_ld,
    })
}

impl RustForGuests {
    /// Makes a `cargo` command use this compiler, by its environment alone.
    pub(crate) fn configure(&self, cargo: &mut Command) {
        cargo.envs(self.variables());
    }

    /// What is in that environment.
    fn variables(&self) -> Vec<(&'static str, &Path)> {
        match self {
            Self::Pinned => Vec::new(),
            Self::Debian {
                rustc,
                wasm_ld,
                component_ld,
            } => vec![
                ("RUSTC", rustc),
                ("CARGO_TARGET_WASM32_WASIP1_LINKER", wasm_ld),
                ("CARGO_TARGET_WASM32_WASIP2_LINKER", component_ld),
            ],
        }
    }
}

/// For tests that build guests themselves: the environment of their `cargo`, a line `NAME=VALUE` each. None if there is
/// no compiler; nothing is installed for it.
pub(crate) fn variables(layout: &Layout) -> Result<Option<String>> {
    if state(layout)?.is_none() {
        return Ok(None);
    }
    let rust = rust_for_guests(layout)?;
    let lines = rust.variables().into_iter();
    let lines = lines.map(|(name, value)| format!("{name}={}\n", value.display()));
    Ok(Some(lines.collect()))
}

/// What is there, for people.
pub(crate) fn state(layout: &Layout) -> Result<Option<&'static str>> {
    Ok(if pinned_has_targets(layout)? {
        Some("targets of the pinned toolchain")
    } else if debian::has(layout, &PACKAGES) && wasm_component_ld::is_installed(layout) {
        Some("Debian's rustc 1.85")
    } else {
        None
    })
}

/// What adds the targets to the pinned toolchain where Rust's own downloads are reachable.
pub(crate) fn rustup_line() -> String {
    format!("rustup target add {}", TARGETS.join(" "))
}

fn pinned_has_targets(layout: &Layout) -> Result<bool> {
    let sysroot = output(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(&layout.root),
    )
    .context("cannot ask the Rust compiler for its folder")?;
    Ok(has_targets(Path::new(sysroot.trim())))
}

fn has_targets(sysroot: &Path) -> bool {
    TARGETS.iter().all(|target| {
        let libraries = sysroot.join("lib/rustlib").join(target).join("lib");
        std::fs::read_dir(libraries).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sysroot_has_targets_only_with_both_standard_libraries() {
        let sysroot = tempfile::tempdir().unwrap();
        assert!(!has_targets(sysroot.path()));
        for (target, complete) in TARGETS.into_iter().zip([false, true]) {
            let libraries = sysroot.path().join("lib/rustlib").join(target).join("lib");
            std::fs::create_dir_all(&libraries).unwrap();
            assert!(!has_targets(sysroot.path()));
            std::fs::write(libraries.join("libstd-0123.rlib"), "").unwrap();
            assert_eq!(has_targets(sysroot.path()), complete);
        }
    }

    #[test]
    fn debians_compiler_is_told_which_linkers_to_use() {
        let rust = RustForGuests::Debian {
            rustc: "/r".into(),
            wasm_ld: "/w".into(),
            component_ld: "/c".into(),
        };
        let mut cargo = Command::new("cargo");
        rust.configure(&mut cargo);
        let variable = |name: &str| {
            cargo
                .get_envs()
                .find(|(key, _)| *key == name)
                .and_then(|(_, value)| value)
                .unwrap()
                .to_owned()
        };
        assert_eq!(variable("RUSTC"), "/r");
        assert_eq!(variable("CARGO_TARGET_WASM32_WASIP1_LINKER"), "/w");
        assert_eq!(variable("CARGO_TARGET_WASM32_WASIP2_LINKER"), "/c");
    }
}
