//! Why a file is not WebAssembly, and what to do about it.

use std::fmt;

/// Why [`detect`](super::detect()) found no WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// The file has no bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The text has nothing but white space and comments.
    #[error("the file has only white space and comments")]
    Blank,
    /// The file starts as WebAssembly does, and ends within the 8-byte preamble.
    #[error("the file ends after {len} of the 8 bytes that start every WebAssembly binary")]
    Truncated {
        /// Length of the file in bytes.
        len: usize,
    },
    /// The magic bytes are right, and version and layer belong to neither a module nor a component.
    #[error("WebAssembly binary of unknown version {version:#x}, layer {layer}")]
    UnknownVersion {
        /// Bytes 4 and 5 of the file, little-endian.
        version: u16,
        /// Bytes 6 and 7 of the file, little-endian: 0 for core modules, 1 for components.
        layer: u16,
    },
    /// A web page.
    #[error("this is an HTML page, not WebAssembly")]
    Html,
    /// An XML document.
    #[error("this is an XML document, not WebAssembly")]
    Xml,
    /// A JSON document.
    #[error("this is a JSON document, not WebAssembly")]
    Json,
    /// A compressed file or an archive.
    #[error("this is {format}, not WebAssembly")]
    Archive {
        /// Which format.
        format: ArchiveFormat,
    },
    /// A program or library for the machine itself.
    #[error("this is {format}, not WebAssembly")]
    Executable {
        /// Which format.
        format: ExecutableFormat,
    },
    /// A script that names its interpreter in the first line.
    #[error("this is a script for `{interpreter}`, not WebAssembly")]
    Script {
        /// What follows `#!`, at most 60 characters.
        interpreter: String,
    },
    /// The stand-in that Git leaves where a large file belongs.
    #[error("this is a Git LFS pointer: the file itself was not fetched")]
    GitLfsPointer,
    /// A WIT document: the description of an interface, without code.
    #[error("this is a WIT document: it describes interfaces and has no code")]
    Wit,
    /// Text in UTF-16.
    #[error("this is UTF-16 text; the WebAssembly text format is UTF-8")]
    Utf16,
    /// A comment of the text format is never closed.
    #[error("a `(;` comment starts at byte {offset} and is never closed")]
    UnclosedComment {
        /// Where the outermost comment starts.
        offset: usize,
    },
    /// Text of no format known here.
    #[error("this is text, and not the WebAssembly text format: it starts with `{start}`")]
    UnknownText {
        /// The first line, at most 40 characters, control characters escaped.
        start: String,
    },
    /// Bytes of no format known here.
    #[error("this is not WebAssembly: it starts with the bytes {}, not with 00 61 73 6d", Hex(.start))]
    Unknown {
        /// At most the first 8 bytes.
        start: Vec<u8>,
    },
}

impl DetectError {
    /// One line that says what to do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Empty => {
                "build or download the file again; the last attempt may have been interrupted"
            }
            Self::Blank => "write `(module …)` or `(component …)` into it",
            Self::Truncated { .. } => "the file was cut off: build or download it again",
            Self::UnknownVersion { layer: 0, .. } => {
                "it was made for a draft from before WebAssembly 1.0: build it with a current compiler"
            }
            Self::UnknownVersion { layer: 1, .. } => {
                "it was made for another draft of the component model: componentize it with a current toolchain"
            }
            Self::UnknownVersion { .. } => {
                "the file is damaged, or made for a format that C12 does not know"
            }
            Self::Html => {
                "the download gave a page in place of the file: check the address, and whether it needs a login"
            }
            Self::Xml => {
                "if it was downloaded, open it in an editor: servers put their error messages into such files"
            }
            Self::Json => {
                "if it was downloaded, open it in an editor: servers put their error messages into such files"
            }
            Self::Archive { format } => format.help(),
            Self::Executable { format } => format.help(),
            Self::Script { .. } => "give the `.wasm` file that the script starts",
            Self::GitLfsPointer => "run `git lfs pull` in the repository that it comes from",
            Self::Wit => {
                "give the component that implements it; tools such as `wit-bindgen` turn WIT into code"
            }
            Self::Utf16 => "save the file as UTF-8",
            Self::UnclosedComment { .. } => "close the comment with `;)`",
            Self::UnknownText { .. } => {
                "text must be `(module …)` or `(component …)`; compile source code to `.wasm` first"
            }
            Self::Unknown { .. } => {
                "check the path, and that the file is the output of a compiler for WebAssembly"
            }
        }
    }
}

/// A compressed file or an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArchiveFormat {
    /// gzip (RFC 1952).
    Gzip,
    /// ZIP.
    Zip,
    /// tar (POSIX ustar and GNU).
    Tar,
    /// Zstandard (RFC 8878).
    Zstd,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
    /// 7-Zip.
    SevenZip,
    /// The `ar` format of static libraries.
    StaticLibrary,
}

impl ArchiveFormat {
    const fn help(self) -> &'static str {
        match self {
            Self::Gzip => "unpack it first: `gunzip FILE`, or `tar xzf FILE` for a `.tar.gz`",
            Self::Zip => "unpack it first: `unzip FILE`",
            Self::Tar => "unpack it first: `tar xf FILE`",
            Self::Zstd => "unpack it first: `zstd -d FILE`",
            Self::Xz => "unpack it first: `unxz FILE`, or `tar xJf FILE` for a `.tar.xz`",
            Self::Bzip2 => "unpack it first: `bunzip2 FILE`, or `tar xjf FILE` for a `.tar.bz2`",
            Self::SevenZip => "unpack it first: `7z x FILE`",
            Self::StaticLibrary => {
                "link it into a program first; a library of object files cannot run"
            }
        }
    }
}

impl fmt::Display for ArchiveFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "a gzip file",
            Self::Zip => "a ZIP archive",
            Self::Tar => "a tar archive",
            Self::Zstd => "a Zstandard file",
            Self::Xz => "an xz file",
            Self::Bzip2 => "a bzip2 file",
            Self::SevenZip => "a 7-Zip archive",
            Self::StaticLibrary => "a static library",
        })
    }
}

/// A format of programs for a machine or another virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExecutableFormat {
    /// ELF: Linux and the BSDs.
    Elf,
    /// Mach-O: macOS.
    MachO,
    /// Portable Executable: Windows.
    Pe,
    /// A Java class.
    JavaClass,
    /// LLVM bitcode.
    LlvmBitcode,
}

impl ExecutableFormat {
    const fn help(self) -> &'static str {
        match self {
            Self::Elf | Self::MachO | Self::Pe => {
                "it was built for the machine itself: build it again for a WebAssembly target such as wasm32-wasip2"
            }
            Self::JavaClass => "compile the program with a compiler whose target is WebAssembly",
            Self::LlvmBitcode => "link it with `wasm-ld` first",
        }
    }
}

impl fmt::Display for ExecutableFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elf => "a native ELF program or library",
            Self::MachO => "a native Mach-O program or library",
            Self::Pe => "a native Windows program or library",
            Self::JavaClass => "a Java class",
            Self::LlvmBitcode => "LLVM bitcode",
        })
    }
}

/// Bytes as two hexadecimal digits each, with spaces between.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{byte:02x}")?;
        }
        Ok(())
    }
}
