//! What a file is, before any of its code runs.

use std::path::Path;

use c12::plugin::is_unfinished;
use object::read::elf::{ElfFile64, FileHeader as _, ProgramHeader as _};
use object::{Endianness, Object as _, ObjectSymbol as _, elf};

use crate::LoadError;
use crate::standin;

/// The function that plugins of the C API export.
pub(super) const DESCRIPTOR: &str = "WasmEdge_Plugin_GetDescriptor";
/// The one that plugins of the C++ interface export, since WasmEdge 0.14.
const CXX_DESCRIPTOR: &str = "GetDescriptor";
/// What those of the C++ interface call before that: constructors of `WasmEdge::Plugin::PluginRegister`.
const CXX_REGISTER: &str = "_ZN8WasmEdge6Plugin14PluginRegisterC";
/// A function that only WasmEdge itself defines.
const OF_RUNTIME: &str = "WasmEdge_ModuleInstanceCreate";

/// What of a library concerns its loading.
#[derive(Debug, Default)]
pub(super) struct Library {
    /// The functions of WasmEdge that it calls, if they are known.
    pub(super) calls: Option<Vec<String>>,
    /// The libraries that it needs.
    pub(super) needed: Vec<String>,
    /// Where it wants them to be looked for.
    pub(super) search: Vec<String>,
}

/// Which interface a shared library is written against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interface {
    /// WasmEdge's C API: it can be loaded.
    WasmEdge,
    /// WasmEdge's C++ interface: it cannot.
    WasmEdgeCxx,
}

/// Tells whether a file is a plugin for WasmEdge, by what it exports. None of its code runs. `None` for everything
/// else, be it a library or not.
pub fn interface(content: &[u8]) -> Option<Interface> {
    let file = ElfFile64::<Endianness>::parse(content).ok()?;
    let symbols = Symbols::of(&file);
    if symbols.defined.contains(&DESCRIPTOR) {
        Some(Interface::WasmEdge)
    } else {
        symbols.cxx().map(|_| Interface::WasmEdgeCxx)
    }
}

struct Symbols<'a> {
    defined: Vec<&'a str>,
    undefined: Vec<&'a str>,
}

impl<'a> Symbols<'a> {
    fn of(file: &ElfFile64<'a, Endianness>) -> Self {
        let mut symbols = Symbols {
            defined: Vec::new(),
            undefined: Vec::new(),
        };
        for symbol in file.dynamic_symbols() {
            let Ok(name) = symbol.name() else { continue };
            if symbol.is_undefined() {
                symbols.undefined.push(name);
            } else if symbol.is_global() {
                symbols.defined.push(name);
            }
        }
        symbols
    }

    /// How it shows that the library is written against the C++ interface.
    fn cxx(&self) -> Option<String> {
        let uses_classes = |name: &&&str| name.starts_with("_ZN8WasmEdge");
        if self.defined.contains(&CXX_DESCRIPTOR) {
            return Some(format!("it exports `{CXX_DESCRIPTOR}`"));
        }
        self.undefined
            .iter()
            .find(|name| name.starts_with(CXX_REGISTER))
            .or_else(|| self.undefined.iter().find(uses_classes))
            .map(|name| format!("it calls `{name}`"))
    }
}

/// Whether all is there that is to be loaded: the dynamic linker maps what is not, and whoever touches it then ends the
/// process.
fn whole(file: &ElfFile64<'_, Endianness>, content: &[u8]) -> Result<(), String> {
    let endian = file.endian();
    for segment in file.elf_program_headers() {
        let (offset, size) = segment.file_range(endian);
        let end = offset.checked_add(size);
        if segment.p_type(endian) == elf::PT_LOAD
            && end.is_none_or(|end| end > content.len() as u64)
        {
            return Err("its end is missing".into());
        }
    }
    match is_unfinished(content) {
        true => Err("its end is missing".into()),
        false => Ok(()),
    }
}

impl Library {
    /// Looks at a file, and refuses what cannot work with a reason that is better than the dynamic linker's.
    pub(super) fn inspect(path: &Path, content: &[u8]) -> Result<Self, LoadError> {
        let refuse = |reason: String| LoadError::NotALibrary {
            path: path.to_owned(),
            reason,
        };
        let file = ElfFile64::<Endianness>::parse(content).map_err(|error| {
            refuse(if content.starts_with(b"\x7fELF") {
                error.to_string()
            } else {
                "it is not an ELF file".into()
            })
        })?;
        let header = file.elf_header();
        let machine = match std::env::consts::ARCH {
            "x86_64" => elf::EM_X86_64,
            "aarch64" => elf::EM_AARCH64,
            _ => return Err(LoadError::Platform),
        };
        if header.e_machine(file.endian()) != machine || !file.is_little_endian() {
            return Err(refuse(format!("it is made for {:?}", file.architecture())));
        }
        if header.e_type(file.endian()) != elf::ET_DYN {
            return Err(refuse("it is not a shared object".into()));
        }
        whole(&file, content).map_err(refuse)?;
        let symbols = Symbols::of(&file);
        if symbols.defined.is_empty() && symbols.undefined.is_empty() {
            // Its sections were removed. The dynamic linker does not need them, so it has the word.
            return Ok(Library::default());
        }
        let path = path.to_owned();
        if !symbols.defined.contains(&DESCRIPTOR) {
            return Err(match symbols.cxx() {
                Some(evidence) => LoadError::CxxInterface { path, evidence },
                None => LoadError::NoDescriptorFunction { path },
            });
        }
        if symbols.defined.contains(&OF_RUNTIME) {
            return Err(LoadError::OwnRuntime { path });
        }
        let calls: Vec<String> = symbols
            .undefined
            .iter()
            .filter(|name| name.starts_with("WasmEdge_"))
            .map(|name| (*name).to_owned())
            .collect();
        let names: Vec<String> = calls
            .iter()
            .filter(|name| !standin::has(name))
            .cloned()
            .collect();
        if !names.is_empty() {
            return Err(LoadError::UnknownFunctions { path, names });
        }
        let mut library = Library {
            calls: Some(calls),
            ..Library::default()
        };
        library
            .read_dynamic(&file)
            .map_err(|error| LoadError::NotALibrary {
                path,
                reason: error.to_string(),
            })?;
        Ok(library)
    }

    fn read_dynamic(&mut self, file: &ElfFile64<'_, Endianness>) -> object::read::Result<()> {
        let entries = file.elf_dynamic_table()?;
        for entry in &entries {
            let list = match entry.tag {
                elf::DT_NEEDED => &mut self.needed,
                elf::DT_RUNPATH | elf::DT_RPATH => &mut self.search,
                _ => continue,
            };
            let value = entries.string(entry)?;
            list.push(String::from_utf8_lossy(value).into_owned());
        }
        Ok(())
    }

    /// The libraries beside the file that it wants to be found there. A copy in memory has no place, so they are
    /// opened by their full names before it.
    pub(super) fn companions(&self, path: &Path) -> Vec<std::path::PathBuf> {
        let Some(origin) = path.parent().and_then(|folder| folder.canonicalize().ok()) else {
            return Vec::new();
        };
        let folders: Vec<_> = self
            .search
            .iter()
            .flat_map(|list| list.split(':'))
            .filter_map(|folder| {
                folder
                    .strip_prefix("$ORIGIN")
                    .or_else(|| folder.strip_prefix("${ORIGIN}"))
            })
            .map(|rest| origin.join(rest.trim_start_matches('/')))
            .collect();
        self.needed
            .iter()
            .filter(|name| *name != standin::SONAME && !name.contains('/'))
            .filter_map(|name| {
                folders
                    .iter()
                    .map(|folder| folder.join(name))
                    .find(|file| file.is_file())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_library_is_refused() {
        let path = Path::new("x.so");
        let reason = |content: &[u8]| Library::inspect(path, content).unwrap_err().to_string();
        assert_eq!(
            reason(b"\0asm\x01\0\0\0"),
            "x.so is not a shared library for this machine: it is not an ELF file"
        );
        assert!(reason(b"\x7fELF\x02\x01\x01").contains("not a shared library"));
        assert_eq!(interface(b"\0asm\x01\0\0\0"), None);
    }

    #[test]
    fn a_program_is_no_plugin() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = Library::inspect(Path::new("x"), &program).unwrap_err();
        assert!(
            matches!(error, LoadError::NoDescriptorFunction { .. }),
            "{error}"
        );
        assert!(error.help().is_some());
    }
}
