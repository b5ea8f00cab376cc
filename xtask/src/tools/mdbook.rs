//! mdBook, which builds the documentation.

use std::path::PathBuf;

use anyhow::Result;

use super::crates_io::Program;
use super::debian;
use crate::layout::Layout;
use crate::process::find_program;

const PACKAGES: debian::Packages = debian::Packages {
    what: "mdBook",
    licence: "MPL-2.0",
    names: &["mdbook", "libc6", "libgcc-s1"],
};

const PROGRAM: Program = Program {
    what: "mdBook",
    package: "mdbook",
    name: "mdbook",
    // The version that Debian has, so that a book looks the same everywhere.
    version: "0.4.48",
    licence: "MPL-2.0",
    options: &["--no-default-features", "--features", "search"],
};

/// What is there, for people.
pub(crate) fn state(layout: &Layout) -> Option<&'static str> {
    if find_program(PROGRAM.name).is_some() {
        Some("found on the search path")
    } else if debian::has(layout, &PACKAGES) {
        Some("Debian's mdBook")
    } else {
        PROGRAM
            .path(layout)
            .is_file()
            .then_some("built from crates.io")
    }
}

/// The program: the machine's own, Debian's, or one built here.
pub(crate) fn mdbook(layout: &Layout) -> Result<PathBuf> {
    if let Some(program) = find_program(PROGRAM.name) {
        return Ok(program);
    }
    if debian::obstacle().is_none() {
        debian::install(layout, &PACKAGES)?.wrapper(layout, PROGRAM.name, "usr/bin/mdbook")
    } else {
        PROGRAM.install(layout)
    }
}
