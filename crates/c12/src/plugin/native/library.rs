//! Shared libraries, loaded from copies of their own.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use c12_plugin::abi;

use super::description::Description;
use super::error::LoadReason;
use super::host::HOST;

/// A loaded library. Dropping it unloads it.
pub(super) struct Library {
    library: libloading::Library,
}

/// Set to load libraries from their own files, which debuggers need to find their symbols. The file must then
/// not be overwritten while it is loaded.
const IN_PLACE: &str = "C12_PLUGIN_IN_PLACE";

impl Library {
    /// Loads a library from its bytes: a copy in memory, so that replacing the file harms nobody.
    pub(super) fn load(path: &Path, bytes: &[u8]) -> Result<Self, LoadReason> {
        whole(bytes)?;
        if std::env::var_os(IN_PLACE).is_some() {
            return Library::open(path);
        }
        let copy = copy(path, bytes).map_err(LoadReason::Unreadable)?;
        match Library::open(&name_of_its_own(&copy)) {
            Ok(library) => Ok(library),
            // Libraries that come along are looked for beside the file, which the copy is not.
            Err(_) if mentions_origin(bytes) => {
                tracing::debug!(target: "c12::plugin", path = %path.display(), "loading in place, for libraries beside it");
                Library::open(path)
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
fn whole(bytes: &[u8]) -> Result<(), LoadReason> {
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
    if cut_off || segments.is_empty() {
        return Err(not("it is cut off"));
    }
    Ok(())
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

/// A file without a name that only this process can reach.
fn copy(path: &Path, bytes: &[u8]) -> std::io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = format!("c12:{}", name.to_string_lossy().replace('\0', ""));
    // Names beyond 249 bytes are refused.
    let name: String = name.chars().take(60).collect();
    let mut file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    Ok(file)
}

/// A path to an open file that was never used before: the loader takes a library of the same name for the same
/// library, even if it is only still there because it cannot be unloaded, and numbers of files are used again.
fn name_of_its_own(file: &File) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut path = "/proc/self/".to_owned();
    for bit in 0..u32::BITS {
        // Both mean the same folder, and the loader does not know.
        path.push_str(if number >> bit & 1 == 0 { "./" } else { ".//" });
    }
    path.push_str(&format!("fd/{}", file.as_raw_fd()));
    path.into()
}

fn mentions_origin(bytes: &[u8]) -> bool {
    const ORIGIN: &[u8] = b"$ORIGIN";
    bytes.windows(ORIGIN.len()).any(|window| window == ORIGIN)
}
