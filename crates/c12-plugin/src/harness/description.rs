//! What a plugin says of itself, read and checked.

use std::collections::HashSet;
use std::ffi::{CStr, c_char};

use c12_bindgen::{Function, World};

use super::{HarnessError, host};
use crate::abi;

/// A description that keeps to the contract.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) about: String,
    pub(super) world: World,
    pub(super) functions: Vec<Entry>,
    pub(super) keys: Vec<KeyEntry>,
    pub(super) open: Option<abi::Open>,
    pub(super) close: Option<abi::Drop>,
    pub(super) instantiate: Option<abi::Instantiate>,
    pub(super) drop_instance: Option<abi::Drop>,
}

/// A function of the world and its entry of the table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry {
    /// The interface, unless it is a function of the world itself.
    pub interface: Option<String>,
    /// What the WIT says.
    pub function: Function,
    /// Whether it waits or computes for long.
    pub blocking: bool,
    pub(super) pointer: abi::Function,
}

impl Entry {
    /// `interface#function`, or the function's name alone if it is the world's.
    pub fn path(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.function.name),
            None => self.function.name.clone(),
        }
    }
}

/// A setting that a plugin knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyEntry {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// The value if the user gives none.
    pub fallback: Option<String>,
    /// One of the kinds of [`abi`], such as [`TEXT`](abi::TEXT).
    pub kind: u32,
    /// Whether the user must give one.
    pub required: bool,
}

/// A row of the table as the library has it.
struct Row {
    interface: Option<String>,
    name: String,
    pointer: abi::Function,
    flags: u32,
}

fn wrong<T>(what: impl Into<String>) -> Result<T, HarnessError> {
    Err(HarnessError::Description(what.into()))
}

impl Description {
    /// Asks a plugin.
    ///
    /// # Safety
    ///
    /// It is the function of a plugin: what it returns is as `c12_plugin.h` says.
    pub(super) unsafe fn read(describe: abi::Describe) -> Result<Self, HarnessError> {
        // SAFETY: as the caller promises.
        let description = unsafe { describe(&host::HOST) };
        if description.is_null() {
            return Err(HarnessError::Refused);
        }
        // SAFETY: every version of the struct begins with these two.
        let (size, version) = unsafe { ((*description).size, (*description).abi) };
        if version != abi::ABI {
            return wrong(format!("it is for ABI {version}; this is ABI {}", abi::ABI));
        }
        if size < size_of::<abi::Description>() {
            return wrong(format!("its size is {size} bytes, too few for ABI 1"));
        }
        // SAFETY: it is as large as that, and stays as it is.
        unsafe { Self::read_fields(&*description) }
    }

    /// # Safety
    ///
    /// As for [`read`](Self::read).
    unsafe fn read_fields(raw: &abi::Description) -> Result<Self, HarnessError> {
        // SAFETY: these are strings with a terminating zero, or null.
        let (name, version, about, wit, world) = unsafe {
            (
                required(raw.name, "name")?,
                required(raw.version, "version")?,
                optional(raw.description, "description")?,
                required(raw.wit, "wit")?,
                optional(raw.world, "world")?,
            )
        };
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if name.is_empty() || !name.chars().all(fits) {
            return wrong(format!(
                "`{name}` is no name: letters, digits and `-` make one"
            ));
        }
        let world = World::from_text(&format!("{name}.wit"), &wit, world.as_deref())?;
        // SAFETY: these are arrays with their lengths.
        let (rows, keys) = unsafe { (rows(raw)?, keys(raw)?) };
        let functions = match_rows(&world, rows)?;
        if raw.close.is_some() && raw.open.is_none() {
            return wrong("it has `close`, but no `open` that makes something to close");
        }
        if raw.drop_instance.is_some() && raw.instantiate.is_none() {
            return wrong(
                "it has `drop_instance`, but no `instantiate` that makes something to drop",
            );
        }
        Ok(Description {
            name,
            version,
            about: about.unwrap_or_default(),
            world,
            functions,
            keys,
            open: raw.open,
            close: raw.close,
            instantiate: raw.instantiate,
            drop_instance: raw.drop_instance,
        })
    }
}

/// # Safety
///
/// The table is as `c12_plugin.h` says.
unsafe fn rows(raw: &abi::Description) -> Result<Vec<Row>, HarnessError> {
    // SAFETY: as the caller promises.
    let entries = unsafe { array(raw.exports, raw.export_count, |entry| entry.size, "export") }?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        // SAFETY: these are strings with a terminating zero, or null.
        let (interface, name) = unsafe {
            (
                optional(entry.interface_name, "the interface of an export")?,
                required(entry.name, "the name of an export")?,
            )
        };
        let Some(pointer) = entry.function else {
            return wrong(format!("the export `{name}` has no function"));
        };
        rows.push(Row {
            interface,
            name,
            pointer,
            flags: entry.flags,
        });
    }
    Ok(rows)
}

/// # Safety
///
/// The keys are as `c12_plugin.h` says.
unsafe fn keys(raw: &abi::Description) -> Result<Vec<KeyEntry>, HarnessError> {
    // SAFETY: as the caller promises.
    let entries = unsafe { array(raw.keys, raw.key_count, |key| key.size, "key") }?;
    let mut keys: Vec<KeyEntry> = Vec::with_capacity(entries.len());
    for entry in entries {
        // SAFETY: these are strings with a terminating zero, or null.
        let key = unsafe {
            KeyEntry {
                name: required(entry.name, "the name of a key")?,
                description: optional(entry.description, "the description of a key")?
                    .unwrap_or_default(),
                fallback: optional(entry.fallback, "the fallback of a key")?,
                kind: entry.kind,
                required: entry.required != 0,
            }
        };
        if keys.iter().any(|other| other.name == key.name) {
            return wrong(format!("the key `{}` is there twice", key.name));
        }
        if key.kind > abi::SECRET {
            return wrong(format!(
                "the key `{}` is of no kind that there is",
                key.name
            ));
        }
        keys.push(key);
    }
    Ok(keys)
}

/// The elements of an array whose element size the plugin knows.
///
/// # Safety
///
/// There are `count` elements, each as large as the first says, or none.
unsafe fn array<T: Copy>(
    first: *const T,
    count: usize,
    size: impl Fn(&T) -> usize,
    what: &str,
) -> Result<Vec<T>, HarnessError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: there is at least one.
    let Some(element) = (unsafe { first.as_ref() }) else {
        return wrong(format!(
            "it has {count} of the struct `{what}`, but no array of them"
        ));
    };
    let size = size(element);
    if size < size_of::<T>() || !size.is_multiple_of(align_of::<T>()) {
        return wrong(format!("its struct `{what}` has a size of {size} bytes"));
    }
    Ok((0..count)
        // SAFETY: the caller promises so many; each begins with what this host knows.
        .map(|place| unsafe { first.byte_add(place * size).read() })
        .collect())
}

/// The row of each function of the world.
fn match_rows(world: &World, rows: Vec<Row>) -> Result<Vec<Entry>, HarnessError> {
    let mut seen = HashSet::new();
    for row in &rows {
        if !seen.insert((row.interface.as_deref(), row.name.as_str())) {
            return wrong(format!("the export {} is there twice", shown(row)));
        }
        let known = world
            .functions()
            .any(|(i, f)| i.name == row.interface && f.name == row.name);
        if !known {
            return wrong(format!("the export {} is not in its world", shown(row)));
        }
    }
    world
        .functions()
        .map(|(interface, function)| {
            let row = rows
                .iter()
                .find(|row| row.interface == interface.name && row.name == function.name);
            match row {
                Some(row) => Ok(Entry {
                    interface: interface.name.clone(),
                    function: function.clone(),
                    blocking: row.flags & abi::BLOCKING != 0,
                    pointer: row.pointer,
                }),
                None => wrong(format!(
                    "its world has `{}`{}, its table does not",
                    function.name,
                    interface
                        .name
                        .as_ref()
                        .map(|name| format!(" in `{name}`"))
                        .unwrap_or_default()
                )),
            }
        })
        .collect()
}

fn shown(row: &Row) -> String {
    match &row.interface {
        Some(interface) => format!("`{}` of `{interface}`", row.name),
        None => format!("`{}`", row.name),
    }
}

/// # Safety
///
/// It is null or has a terminating zero.
unsafe fn optional(text: *const c_char, what: &str) -> Result<Option<String>, HarnessError> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    match unsafe { CStr::from_ptr(text) }.to_str() {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => wrong(format!("{what} is not UTF-8")),
    }
}

/// # Safety
///
/// As for [`optional`].
unsafe fn required(text: *const c_char, what: &str) -> Result<String, HarnessError> {
    // SAFETY: as the caller promises.
    match unsafe { optional(text, what) }? {
        Some(text) => Ok(text),
        None => wrong(format!("{what} is missing")),
    }
}
