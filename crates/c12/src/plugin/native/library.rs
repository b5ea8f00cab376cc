//! Shared libraries, loaded from copies of their own.
#![allow(unsafe_code)]

use std::path::Path;

use c12_plugin::abi;

use super::description::Description;
use super::host::HOST;
use crate::plugin::LoadReason;
use crate::plugin::private_file::PrivateFile;

/// A loaded library. Dropping it unloads it.
pub(super) struct Library {
    library: libloading::Library,
}

/// Set to load libraries from their own files, which debuggers need to find their symbols. The file must then
/// not be overwritten while it is loaded.
const IN_PLACE: &str = "C12_PLUGIN_IN_PLACE";

impl Library {
    /// Loads a library from its bytes: a copy in memory, so that replacing the file harms nobody. What is in the file itself
    /// counts only if it is not pinned: by then it may be something else.
    pub(super) fn load(path: &Path, bytes: &[u8], pinned: bool) -> Result<Self, LoadReason> {
        whole(bytes)?;
        let in_place = || match pinned {
            true => Err(LoadReason::PinnedInPlace),
            false => Library::open(path),
        };
        if std::env::var_os(IN_PLACE).is_some() {
            return in_place();
        }
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = format!("c12:{}", name.to_string_lossy());
        let copy = PrivateFile::new(&name, bytes).map_err(LoadReason::Unreadable)?;
        match Library::open(copy.path()) {
            Ok(library) => Ok(library),
            // Libraries that come along are looked for beside the file, which the copy is not.
            Err(_) if mentions_origin(bytes) => {
                tracing::debug!(target: "c12::plugin", path = %path.display(), "loading in place, for libraries beside it");
                in_place()
            }
            Err(error) => Err(error),
        }
    }

    fn open(path: &Path) -> Result<Self, LoadReason> {
        use libloading::os::unix::{Library as Unix, RTLD_LOCAL, RTLD_NOW};
        // SAFETY: loading a library runs its initialisers with all rights of this process. That is what a user who names a
        // plugin, or puts it into a plugin folder, asks for.
        let library = unsafe { Unix::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
        match library {
            Ok(library) => Ok(Library {
                library: library.into(),
            }),
            Err(error) => {
                let text = source(&error).replace(&path.display().to_string(), "the file");
                Err(LoadReason::NotALibrary(text))
            }
        }
    }

    /// Asks the library what it is. What is described may be used as long as the library lives.
    pub(super) fn describe(&self) -> Result<Description, LoadReason> {
        // SAFETY: that the symbol has this type is what the contract says; nothing in a library could prove it.
        let describe = unsafe { self.library.get::<abi::Describe>(abi::SYMBOL) }
            .map_err(|_| LoadReason::NoEntry)?;
        // SAFETY: it is called as the contract says, and what it returns is what the contract says.
        unsafe { Description::read(describe(&raw const HOST)) }
    }
}

/// The system's loader believes what a library's headers say, and ends the process where they lie. What is cut off,
/// or for another machine, is noticed here.
pub(crate) fn whole(bytes: &[u8]) -> Result<(), LoadReason> {
    use object::read::elf::{FileHeader, ProgramHeader};
    use object::{Endianness, elf};
    let not = |what: &str| LoadReason::NotALibrary(what.to_owned());
    let header = elf::FileHeader64::<Endianness>::parse(bytes)
        .map_err(|_| not("it has no ELF header of 64 bits"))?;
    let endian = header.endian().map_err(|_| not("its header is damaged"))?;
    if header.e_machine(endian) != MACHINE {
        return Err(not("it is for another kind of processor"));
    }
    if header.e_type(endian) != elf::ET_DYN {
        return Err(not("it is another kind of ELF file"));
    }
    let segments = header
        .program_headers(endian, bytes)
        .map_err(|_| not("it is cut off"))?;
    let cut_off = segments.iter().any(|segment| {
        segment
            .p_offset(endian)
            .checked_add(segment.p_filesz(endian))
            .is_none_or(|end| end > bytes.len() as u64)
    });
    if cut_off || is_unfinished(bytes) || segments.is_empty() {
        return Err(not("it is cut off"));
    }
    Ok(())
}

/// Whether the end of an ELF file is missing, or not written yet. Linkers put the section headers last; nothing but zeros
/// are there while a file is copied to a place of its size.
pub fn is_unfinished(bytes: &[u8]) -> bool {
    use object::read::elf::{FileHeader, SectionHeader};
    use object::{Endianness, elf};
    let Ok(header) = elf::FileHeader64::<Endianness>::parse(bytes) else {
        return false;
    };
    let Ok(endian) = header.endian() else {
        return false;
    };
    let Ok(sections) = header.section_headers(endian, bytes) else {
        return true;
    };
    let mut types = sections.iter().map(|section| section.sh_type(endian));
    sections.len() > 1 && types.all(|ty| ty == elf::SHT_NULL)
}

#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = object::elf::EM_X86_64;
#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = object::elf::EM_AARCH64;
#[cfg(target_arch = "riscv64")]
const MACHINE: u16 = object::elf::EM_RISCV;

fn source(error: &libloading::Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

fn mentions_origin(bytes: &[u8]) -> bool {
    const ORIGIN: &[u8] = b"$ORIGIN";
    bytes.windows(ORIGIN.len()).any(|window| window == ORIGIN)
}
