//! Programs that crates.io has in source form only.

use std::path::PathBuf;

use anyhow::Result;

use crate::install::{Origin, folder, staging};
use crate::layout::Layout;
use crate::process::{cargo, run_quietly};

/// A program of crates.io in an exact version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    /// What it is for.
    pub(crate) what: &'static str,
    /// The package that it is in.
    pub(crate) package: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: &'static str,
    /// Its licence.
    pub(crate) licence: &'static str,
    /// More options for `cargo install`.
    pub(crate) options: &'static [&'static str],
}

impl Program {
    fn folder_name(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }

    /// Where the program is once it is built.
    pub(crate) fn path(&self, layout: &Layout) -> PathBuf {
        layout
            .tools
            .join(self.folder_name())
            .join("bin")
            .join(self.name)
    }

    /// Builds the program. Its code is not optimised: it runs for moments, and optimising it would take minutes.
    pub(crate) fn install(&self, layout: &Layout) -> Result<PathBuf> {
        let package = format!(
            "crates.io's {} {}, compiled here",
            self.package, self.version
        );
        let origin = Origin {
            what: self.what,
            package: &package,
            licence: self.licence,
        };
        folder(layout, &self.folder_name(), origin, |empty| {
            let build = staging(layout, "cargo")?;
            run_quietly(
                cargo(layout)
                    .args([
                        "install",
                        "--quiet",
                        "--locked",
                        "--no-track",
                        "--version",
                        self.version,
                    ])
                    .args(self.options)
                    .arg(self.package)
                    .args(["--bin", self.name])
                    .arg("--root")
                    .arg(empty)
                    .arg("--target-dir")
                    .arg(&build)
                    .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
                    .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                    .env("CARGO_PROFILE_RELEASE_LTO", "off"),
            )?;
            Ok(std::fs::remove_dir_all(build)?)
        })?;
        Ok(self.path(layout))
    }
}
