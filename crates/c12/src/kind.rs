//! From bytes to a binary that the compiler takes.

use std::borrow::Cow;

use c12_toolchain::detect::Kind;

use crate::error::Reason;
use crate::{Error, artifact};

/// More instances than any component makes; the compiler lays all of them out in advance.
const MOST_INSTANCES: usize = 10_000;

/// What bytes turned out to be.
pub(crate) enum Format<'a> {
    /// A module or component in binary form, translated from text where it was text.
    Wasm(Cow<'a, [u8]>),
    /// An artifact of `c12 compile`.
    Artifact,
    /// An artifact that Wasmtime made without C12.
    ForeignArtifact,
}

/// Decides from the bytes alone.
pub(crate) fn detect<'a>(name: &str, bytes: &'a [u8]) -> Result<Format<'a>, Error> {
    if artifact::has_trailer(bytes) {
        return Ok(Format::Artifact);
    }
    let kind = c12_toolchain::detect::detect(bytes).map_err(|source| Error::NotWasm {
        name: name.to_owned(),
        source,
    })?;
    let binary = match kind {
        Kind::PrecompiledModule | Kind::PrecompiledComponent => return Ok(Format::ForeignArtifact),
        Kind::ModuleText | Kind::ComponentText => {
            c12_toolchain::text::encode(bytes).map_err(|error| Error::Invalid {
                name: name.to_owned(),
                source: Reason(error.to_string()),
            })?
        }
        _ => Cow::Borrowed(bytes),
    };
    Ok(Format::Wasm(binary))
}

/// Refuses what would harm the parsers and the compiler that come next: they recurse into nested component
/// types without a limit, and lay out all instances in advance. What is in the compile cache has passed.
pub(crate) fn check(name: &str, binary: &[u8]) -> Result<(), Error> {
    c12_toolchain::check_nesting(binary)
        .and_then(|()| c12_toolchain::check_instances(binary, MOST_INSTANCES))
        .map_err(|error| Error::Invalid {
            name: name.to_owned(),
            source: Reason(error.to_string()),
        })
}
