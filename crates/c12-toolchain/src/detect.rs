//! What a file is, decided from its bytes alone.
//!
//! A name says nothing reliable about a file: servers send HTML under the name of a module, editors save
//! compressed text, and a precompiled artifact is an ELF file. [`detect`] reads the first bytes only and takes
//! constant memory; it does not promise that the rest of the file is well-formed.
//!
//! This module uses nothing else of the crate.

mod error;
mod foreign;
mod text;

pub use error::{ArchiveFormat, DetectError, ExecutableFormat};

use std::fmt;

/// `\0asm`, the first four bytes of every WebAssembly binary (core specification, section 5.5.16).
const MAGIC: [u8; 4] = *b"\0asm";
/// Length of the preamble: the magic bytes, a 16-bit version and a 16-bit layer.
const PREAMBLE: usize = 8;
/// ELF's "operating system" byte as Wasmtime sets it in the artifacts that it writes.
const ELF_OS_ABI_WASMTIME: u8 = 200;
/// Bit of the ELF header's `e_flags` that Wasmtime sets for a compiled component.
const ELF_FLAG_COMPONENT: u32 = 1 << 1;

/// What a file is, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A core module in the binary format.
    Module,
    /// A component in the binary format.
    Component,
    /// A core module in the text format (WAT).
    ModuleText,
    /// A component in the text format (WAT).
    ComponentText,
    /// A core module compiled ahead of time (`.cwasm`).
    PrecompiledModule,
    /// A component compiled ahead of time (`.cwasm`).
    PrecompiledComponent,
}

impl Kind {
    /// The stable identifier used in JSON, for example `component-text`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Component => "component",
            Self::ModuleText => "module-text",
            Self::ComponentText => "component-text",
            Self::PrecompiledModule => "precompiled-module",
            Self::PrecompiledComponent => "precompiled-component",
        }
    }

    /// Whether this is a component, in whichever format.
    #[must_use]
    pub const fn is_component(self) -> bool {
        matches!(
            self,
            Self::Component | Self::ComponentText | Self::PrecompiledComponent
        )
    }

    /// Whether this is the text format.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::ModuleText | Self::ComponentText)
    }

    /// Whether this is machine code, compiled ahead of time.
    #[must_use]
    pub const fn is_precompiled(self) -> bool {
        matches!(self, Self::PrecompiledModule | Self::PrecompiledComponent)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Module => "core module",
            Self::Component => "component",
            Self::ModuleText => "core module (text format)",
            Self::ComponentText => "component (text format)",
            Self::PrecompiledModule => "precompiled core module",
            Self::PrecompiledComponent => "precompiled component",
        })
    }
}

/// Decides what `bytes`, the whole content of a file, are.
///
/// # Errors
///
/// A [`DetectError`] that names what the bytes look like instead, where that can be told, and whose
/// [`help`](DetectError::help) says what to do about it.
///
/// # Example
///
/// ```
/// use c12_toolchain::detect::{Kind, detect};
///
/// assert_eq!(detect(b"\0asm\x01\0\0\0")?, Kind::Module);
/// assert_eq!(detect(b";; a comment\n(component)")?, Kind::ComponentText);
/// assert!(detect(b"<!DOCTYPE html>").is_err());
/// # Ok::<(), c12_toolchain::detect::DetectError>(())
/// ```
pub fn detect(bytes: &[u8]) -> Result<Kind, DetectError> {
    if bytes.is_empty() {
        return Err(DetectError::Empty);
    }
    if bytes.starts_with(&MAGIC) {
        return preamble(bytes);
    }
    if MAGIC.starts_with(bytes) {
        return Err(DetectError::Truncated { len: bytes.len() });
    }
    if let Some(kind) = precompiled(bytes) {
        return Ok(kind);
    }
    if let Some(error) = foreign::binary(bytes) {
        return Err(error);
    }
    text::detect(bytes)
}

/// Reads version and layer, which follow the magic bytes.
fn preamble(bytes: &[u8]) -> Result<Kind, DetectError> {
    let Some(&[_, _, _, _, v0, v1, l0, l1]) = bytes.first_chunk::<PREAMBLE>() else {
        return Err(DetectError::Truncated { len: bytes.len() });
    };
    let (version, layer) = (u16::from_le_bytes([v0, v1]), u16::from_le_bytes([l0, l1]));
    match (version, layer) {
        (1, 0) => Ok(Kind::Module),
        (0xd, 1) => Ok(Kind::Component),
        _ => Err(DetectError::UnknownVersion { version, layer }),
    }
}

/// Recognises the ELF files that the engine writes. Their content is judged when they are loaded, not here.
fn precompiled(bytes: &[u8]) -> Option<Kind> {
    let ident = bytes.first_chunk::<16>()?;
    if !ident.starts_with(b"\x7fELF") || ident.get(7) != Some(&ELF_OS_ABI_WASMTIME) {
        return None;
    }
    // The offset of `e_flags` follows from the width of addresses, its byte order from the data encoding.
    let offset = if ident.get(4) == Some(&1) { 36 } else { 48 };
    let flags = *bytes.get(offset..)?.first_chunk::<4>()?;
    let flags = if ident.get(5) == Some(&2) {
        u32::from_be_bytes(flags)
    } else {
        u32::from_le_bytes(flags)
    };
    Some(if flags & ELF_FLAG_COMPONENT == 0 {
        Kind::PrecompiledModule
    } else {
        Kind::PrecompiledComponent
    })
}
