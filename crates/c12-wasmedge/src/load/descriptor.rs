//! What a plugin says about itself, checked.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};
use std::path::Path;

use super::image::Image;
use super::inspect;
use crate::LoadError;
use crate::abi::{CreateModule, ModuleDescriptor};
use crate::options::{ProgramOption, ValueKind};

/// The versions of the plugin API whose C interface is the one that C12 has: 3 is WasmEdge 0.14.0, 4 is 0.14.1 to 0.16.
const KNOWN_VERSIONS: [u32; 2] = [3, 4];
/// The version of WasmEdge 0.17, in which some functions take other arguments.
const CHANGED_VERSION: u32 = 5;
/// More of anything is no description but garbage.
const MOST: u32 = 4096;

/// The functions that mean something else in version 5: sizes have 64 bits there, and limits are objects.
const CHANGED: [&str; 15] = [
    "WasmEdge_LimitIsEqual",
    "WasmEdge_MemoryInstanceGetData",
    "WasmEdge_MemoryInstanceGetPageSize",
    "WasmEdge_MemoryInstanceGetPointer",
    "WasmEdge_MemoryInstanceGetPointerConst",
    "WasmEdge_MemoryInstanceGrowPage",
    "WasmEdge_MemoryInstanceSetData",
    "WasmEdge_MemoryTypeCreate",
    "WasmEdge_MemoryTypeGetLimit",
    "WasmEdge_TableInstanceGetData",
    "WasmEdge_TableInstanceGetSize",
    "WasmEdge_TableInstanceGrow",
    "WasmEdge_TableInstanceSetData",
    "WasmEdge_TableTypeCreate",
    "WasmEdge_TableTypeGetLimit",
];

/// A plugin's description of itself.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) name: String,
    pub(crate) description: String,
    /// Three numbers, and the fourth behind `+` where it is not 0.
    pub(crate) version: String,
    pub(crate) api_version: u32,
    pub(crate) modules: Vec<Module>,
    pub(crate) options: Vec<ProgramOption>,
}

/// How a module is made.
#[derive(Debug)]
pub(crate) struct Module {
    /// What the plugin calls it. Guests import from the name that the instance has, which may be another.
    pub(crate) name: String,
    /// The plugin's own descriptor, which is given back to it.
    pub(crate) descriptor: *const ModuleDescriptor,
    pub(crate) create: CreateModule,
}

// SAFETY: static data and code of the library, which stays loaded.
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

impl Description {
    /// Reads and checks the descriptor. Much of what is refused here crashes WasmEdge.
    pub(super) fn read(
        path: &Path,
        image: &Image,
        library: &inspect::Library,
    ) -> Result<Self, LoadError> {
        let refuse = |reason: String| LoadError::Descriptor {
            path: path.to_owned(),
            reason,
        };
        // SAFETY: it is not NULL, and that it points to a descriptor is the contract of the function that gave it. All
        // versions of the API have the same layout.
        let found = unsafe { image.descriptor().read() };
        check_version(path, found.api_version, library)?;
        let name = required(found.name, "plugin's name").map_err(refuse)?;
        if name.chars().any(char::is_control) {
            return Err(refuse(format!(
                "the plugin's name `{}` has control characters",
                name.escape_debug()
            )));
        }
        let modules = table(found.modules, found.module_count, "modules").map_err(refuse)?;
        if modules.is_empty() {
            return Err(refuse("it has no modules".into()));
        }
        let modules = modules
            .iter()
            .map(module)
            .collect::<Result<_, _>>()
            .map_err(refuse)?;
        let mut options: Vec<ProgramOption> = Vec::new();
        for found in table(found.options, found.option_count, "options").map_err(refuse)? {
            let Some(option) = option(found).map_err(refuse)? else {
                continue;
            };
            // Of two with the same name the first counts, as in WasmEdge.
            if !options.iter().any(|known| known.name == option.name) {
                options.push(option);
            }
        }
        let version = found.version;
        Ok(Description {
            name,
            description: optional(found.description, "plugin's description").map_err(refuse)?,
            version: match version.build {
                0 => format!("{}.{}.{}", version.major, version.minor, version.patch),
                build => format!(
                    "{}.{}.{}+{build}",
                    version.major, version.minor, version.patch
                ),
            },
            api_version: found.api_version,
            modules,
            options,
        })
    }
}

fn check_version(path: &Path, found: u32, library: &inspect::Library) -> Result<(), LoadError> {
    if KNOWN_VERSIONS.contains(&found) {
        return Ok(());
    }
    let changed_functions: Vec<String> = match &library.calls {
        Some(calls) if found == CHANGED_VERSION => calls
            .iter()
            .filter(|name| CHANGED.contains(&name.as_str()))
            .cloned()
            .collect(),
        _ => Vec::new(),
    };
    if found == CHANGED_VERSION && library.calls.is_some() && changed_functions.is_empty() {
        return Ok(());
    }
    Err(LoadError::ApiVersion {
        path: path.to_owned(),
        found,
        changed_functions,
    })
}

/// The entries of a table.
fn table<'a, T>(entries: *const T, count: u32, what: &str) -> Result<&'a [T], String> {
    match (count, entries.is_null()) {
        (0, _) => Ok(&[]),
        (_, true) => Err(format!(
            "{count} {what} are announced, but there is no table"
        )),
        (count, _) if count > MOST => Err(format!("{count} {what} are announced")),
        // SAFETY: the descriptor's contract: a table of so many entries, which the library keeps.
        (count, _) => Ok(unsafe { std::slice::from_raw_parts(entries, count as usize) }),
    }
}

fn optional(text: *const c_char, what: &str) -> Result<String, String> {
    if text.is_null() {
        return Ok(String::new());
    }
    // SAFETY: the descriptor's contract: a C string, which the library keeps.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str()
        .map(str::to_owned)
        .map_err(|_| format!("the {what} is not UTF-8"))
}

fn required(text: *const c_char, what: &str) -> Result<String, String> {
    match optional(text, what)? {
        text if text.is_empty() => Err(format!("the {what} is missing")),
        text => Ok(text),
    }
}

fn module(found: &ModuleDescriptor) -> Result<Module, String> {
    let name = required(found.name, "name of a module")?;
    let create = found
        .create
        .ok_or_else(|| format!("the module `{name}` has no function that makes it"))?;
    Ok(Module {
        name,
        descriptor: found,
        create,
    })
}

/// `None` for an option without a value, which WasmEdge passes over as well.
fn option(found: &crate::abi::ProgramOption) -> Result<Option<ProgramOption>, String> {
    let name = required(found.name, "name of an option")?;
    let Some(kind) = ValueKind::from_code(found.ty) else {
        return match found.ty {
            0 => Ok(None),
            unknown => Err(format!(
                "the option `{name}` has the unknown type {unknown}"
            )),
        };
    };
    if found.storage.is_null() {
        return Err(format!("the option `{name}` has no place for its value"));
    }
    let description = optional(found.description, "description of an option")?;
    let required = found.default_value.is_null();
    Ok(Some(ProgramOption::new(
        name,
        description,
        kind,
        required,
        found.storage,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: u32, calls: &[&str]) -> Result<(), LoadError> {
        let library = inspect::Library {
            calls: Some(calls.iter().map(|name| (*name).to_owned()).collect()),
            ..inspect::Library::default()
        };
        check_version(Path::new("x.so"), found, &library)
    }

    #[test]
    fn versions_three_and_four_are_the_same() {
        assert!(check(3, &["WasmEdge_MemoryInstanceGetPointer"]).is_ok());
        assert!(check(4, &[]).is_ok());
    }

    #[test]
    fn version_five_is_taken_where_nothing_changed() {
        assert!(check(5, &["WasmEdge_StringWrap"]).is_ok());
        let error = check(5, &["WasmEdge_StringWrap", "WasmEdge_MemoryTypeCreate"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.so speaks version 5 of WasmEdge's plugin API, in which WasmEdge_MemoryTypeCreate changed"
        );
        assert!(error.help().unwrap().contains("0.17"));
        assert!(check_version(Path::new("x.so"), 5, &inspect::Library::default()).is_err());
    }

    #[test]
    fn other_versions_are_refused_with_the_reason() {
        assert!(check(2, &[]).unwrap_err().help().unwrap().contains("0.13"));
        assert!(
            check(6, &[])
                .unwrap_err()
                .help()
                .unwrap()
                .contains("versions 3 and 4")
        );
    }
}
