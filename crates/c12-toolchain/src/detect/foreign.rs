//! Formats that people hand over by mistake and that can be told by their first bytes.

use super::{ArchiveFormat, DetectError, ExecutableFormat};

/// Magic bytes at the start of archives and compressed files.
const ARCHIVES: &[(&[u8], ArchiveFormat)] = &[
    (b"\x1f\x8b", ArchiveFormat::Gzip),
    (b"PK\x03\x04", ArchiveFormat::Zip),
    (b"PK\x05\x06", ArchiveFormat::Zip),
    (b"\x28\xb5\x2f\xfd", ArchiveFormat::Zstd),
    (b"\xfd7zXZ\0", ArchiveFormat::Xz),
    (b"BZh", ArchiveFormat::Bzip2),
    (b"7z\xbc\xaf\x27\x1c", ArchiveFormat::SevenZip),
    (b"!<arch>\n", ArchiveFormat::StaticLibrary),
];

/// Magic bytes at the start of programs. A fat Mach-O file shares its own with Java classes.
const EXECUTABLES: &[(&[u8], ExecutableFormat)] = &[
    (b"\x7fELF", ExecutableFormat::Elf),
    (b"\xfe\xed\xfa\xce", ExecutableFormat::MachO),
    (b"\xfe\xed\xfa\xcf", ExecutableFormat::MachO),
    (b"\xce\xfa\xed\xfe", ExecutableFormat::MachO),
    (b"\xcf\xfa\xed\xfe", ExecutableFormat::MachO),
    (b"BC\xc0\xde", ExecutableFormat::LlvmBitcode),
];

/// Where the magic bytes of a tar archive stand.
const TAR_MAGIC_OFFSET: usize = 257;
/// No Mach-O file holds as many machines' programs; Java's class files have had versions from here on.
const FIRST_JAVA_VERSION: u8 = 45;

/// Recognises a foreign format that is not plain text.
pub(super) fn binary(bytes: &[u8]) -> Option<DetectError> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if let Some(&(_, format)) = ARCHIVES.iter().find(|(magic, _)| starts(magic)) {
        return Some(DetectError::Archive { format });
    }
    if bytes
        .get(TAR_MAGIC_OFFSET..)
        .is_some_and(|rest| rest.starts_with(b"ustar"))
    {
        return Some(DetectError::Archive {
            format: ArchiveFormat::Tar,
        });
    }
    if let Some(&(_, format)) = EXECUTABLES.iter().find(|(magic, _)| starts(magic)) {
        return Some(DetectError::Executable { format });
    }
    if starts(b"\xca\xfe\xba\xbe") {
        let java = bytes
            .get(7)
            .is_some_and(|version| *version >= FIRST_JAVA_VERSION);
        let format = if java {
            ExecutableFormat::JavaClass
        } else {
            ExecutableFormat::MachO
        };
        return Some(DetectError::Executable { format });
    }
    if windows_program(bytes) {
        return Some(DetectError::Executable {
            format: ExecutableFormat::Pe,
        });
    }
    if starts(b"\xff\xfe") || starts(b"\xfe\xff") {
        return Some(DetectError::Utf16);
    }
    None
}

/// `MZ` alone could start a text; the header's offset at 0x3c, within reach, settles it.
fn windows_program(bytes: &[u8]) -> bool {
    let offset = bytes.get(0x3c..).and_then(|rest| rest.first_chunk::<4>());
    bytes.starts_with(b"MZ") && offset.is_some_and(|at| u32::from_le_bytes(*at) < 0x1_0000)
}
