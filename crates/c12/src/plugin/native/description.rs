//! What a library says about itself, read with suspicion.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use c12_plugin::abi;

use crate::plugin::dynamic::world::{World, drop_of};
use crate::plugin::{Key, Kind, LoadReason};

/// A description, copied and checked.
pub(crate) struct Description {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) about: String,
    pub(super) wit: String,
    pub(super) keys: Vec<Key>,
    pub(super) world: World,
    /// Where each function of the world is, by interface and function in the order of the world.
    pub(super) functions: Vec<Vec<Entry>>,
    /// What drops each resource, in the order of the world.
    pub(super) drops: Vec<Option<abi::Function>>,
    pub(super) open: Option<abi::Open>,
    pub(super) close: Option<abi::Drop>,
    pub(super) instantiate: Option<abi::Instantiate>,
    pub(super) drop_instance: Option<abi::Drop>,
}

/// A function of the table.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) function: abi::Function,
    pub(super) waits: bool,
}

/// More of anything than a plugin has.
const MOST: usize = 1 << 16;

fn wrong(what: impl Into<String>) -> LoadReason {
    LoadReason::Description(what.into())
}

/// Reads a struct that says its own size: what is beyond that is zero.
///
/// # Safety
///
/// `T` must be valid as zeros, begin with its size, and `pointer` must be aligned and lead to as many bytes as that says.
unsafe fn sized<T: Copy>(pointer: *const T) -> Result<T, LoadReason> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(wrong("a struct is missing"));
    }
    // SAFETY: every struct of the contract begins with its size.
    let size = unsafe { pointer.cast::<usize>().read() };
    if !(size_of::<usize>() * 2..=MOST).contains(&size) || size % align_of::<T>() != 0 {
        return Err(wrong(format!("a struct claims {size} bytes")));
    }
    let mut value = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: at most as many bytes are copied as both have; zeros are valid for the rest.
    unsafe {
        std::ptr::copy_nonoverlapping(
            pointer.cast::<u8>(),
            value.as_mut_ptr().cast::<u8>(),
            size.min(size_of::<T>()),
        );
        Ok(value.assume_init())
    }
}

/// # Safety
///
/// `pointer` must be null or lead to a text that ends with a zero.
unsafe fn text(pointer: *const c_char, what: &str) -> Result<Option<String>, LoadReason> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller says so.
    let text = unsafe { CStr::from_ptr(pointer) };
    match text.to_str() {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => Err(wrong(format!("{what} is not UTF-8"))),
    }
}

/// Reads an array whose elements say how large they are.
///
/// # Safety
///
/// As for [`sized`], for `count` elements of the first one's size each.
unsafe fn array<T: Copy>(first: *const T, count: usize, what: &str) -> Result<Vec<T>, LoadReason> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if count > MOST || first.is_null() || !first.is_aligned() {
        return Err(wrong(format!("the table of {what} is not there")));
    }
    // SAFETY: elements begin with their size.
    let stride = unsafe { first.cast::<usize>().read() };
    if stride % align_of::<T>() != 0 || stride < size_of::<usize>() * 2 || stride > MOST {
        return Err(wrong(format!(
            "the table of {what} claims entries of {stride} bytes"
        )));
    }
    (0..count)
        // SAFETY: the caller says that there are `count` elements.
        .map(|position| unsafe { sized(first.byte_add(position * stride)) })
        .collect()
}

impl Description {
    /// Reads what the entry point returned.
    ///
    /// # Safety
    ///
    /// `pointer` must be null or lead to a description as `c12_plugin.h` has it.
    pub(crate) unsafe fn read(pointer: *const abi::Description) -> Result<Self, LoadReason> {
        if pointer.is_null() {
            return Err(LoadReason::Refused);
        }
        // SAFETY: this function's contract, here and below.
        let raw = unsafe { sized(pointer) }?;
        if raw.abi != abi::ABI {
            return Err(LoadReason::Abi {
                found: raw.abi,
                known: abi::ABI,
            });
        }
        // SAFETY: see above.
        let read = |pointer, what: &str| unsafe { text(pointer, what) };
        let required = |pointer, what: &str| {
            read(pointer, what)?.ok_or_else(|| wrong(format!("it has no {what}")))
        };
        let name = required(raw.name, "name")?;
        if !crate::plugin::file::name_is_proper(&name) {
            let name = c12_toolchain::escape(&name);
            return Err(wrong(format!(
                "the name `{name}` must be 1 to 64 letters, digits, `-` and `_`, and not `wasi`"
            )));
        }
        let wit = required(raw.wit, "WIT")?;
        let world = World::parse(&wit, read(raw.world, "world")?.as_deref())?;
        // SAFETY: see above.
        let exports = unsafe { array(raw.exports, raw.export_count, "functions") }?;
        // SAFETY: see above.
        let keys = unsafe { array(raw.keys, raw.key_count, "settings") }?;
        let mut table = Vec::new();
        for export in &exports {
            let interface = read(export.interface_name, "an interface's name")?.unwrap_or_default();
            let function = required(export.name, "a function's name")?;
            if table
                .iter()
                .any(|(known, other, _)| (known, other) == (&interface, &function))
            {
                return Err(wrong(format!(
                    "`{}` is there twice",
                    shown(&interface, &function)
                )));
            }
            table.push((interface, function, *export));
        }
        let (functions, drops) = assign(&world, &table)?;
        let keys = keys
            .iter()
            .map(|raw| key(raw, &read))
            .collect::<Result<Vec<_>, _>>()?;
        let twice = keys.iter().enumerate().find_map(|(place, key)| {
            let mut before = keys.iter().take(place);
            before
                .any(|known| known.name() == key.name())
                .then_some(key)
        });
        if let Some(key) = twice {
            return Err(wrong(format!(
                "the setting `{}` is there twice",
                c12_toolchain::escape(key.name())
            )));
        }
        Ok(Description {
            version: read(raw.version, "the version")?.unwrap_or_default(),
            about: read(raw.description, "the description")?.unwrap_or_default(),
            name,
            wit,
            keys,
            world,
            functions,
            drops,
            open: raw.open,
            close: raw.close,
            instantiate: raw.instantiate,
            drop_instance: raw.drop_instance,
        })
    }

    /// Whether any function waits.
    pub(super) fn waits(&self) -> bool {
        self.functions.iter().flatten().any(|entry| entry.waits)
    }
}

fn shown(interface: &str, function: &str) -> String {
    let separator = if interface.is_empty() { "" } else { "#" };
    c12_toolchain::escape(&format!("{interface}{separator}{function}")).into_owned()
}

type Table = [(String, String, abi::Export)];
type Assigned = (Vec<Vec<Entry>>, Vec<Option<abi::Function>>);

/// Finds the entry of each function, and complains of those that are too many or too few.
fn assign(world: &World, table: &Table) -> Result<Assigned, LoadReason> {
    let find = |interface: &str, function: &str| {
        table
            .iter()
            .find(|(known, other, _)| known == interface && other == function)
            .map(|(_, _, export)| export)
    };
    let mut functions = Vec::new();
    for interface in &world.interfaces {
        let mut entries = Vec::new();
        for function in &interface.functions {
            let found = find(&interface.name, &function.name);
            let Some((export, pointer)) = found.and_then(|found| Some((found, found.function?)))
            else {
                let name = shown(&interface.name, &function.name);
                return Err(wrong(format!(
                    "its WIT has `{name}`, its table of functions does not"
                )));
            };
            entries.push(Entry {
                function: pointer,
                waits: export.flags & abi::BLOCKING != 0,
            });
        }
        functions.push(entries);
    }
    let drops: Vec<Option<abi::Function>> = world
        .resources
        .iter()
        .map(|resource| find(&resource.interface, &drop_of(&resource.name))?.function)
        .collect();
    for (interface, function, _) in table {
        let known = world
            .interface(interface)
            .is_some_and(|known| known.functions.iter().any(|known| known.name == *function));
        let drop = world.resources.iter().any(|resource| {
            resource.interface == *interface && *function == drop_of(&resource.name)
        });
        if !known && !drop {
            let name = shown(interface, function);
            return Err(wrong(format!("its table has `{name}`, its WIT does not")));
        }
    }
    Ok((functions, drops))
}

/// Reads a text of the description, which is called so in messages.
type ReadText<'a> = &'a dyn Fn(*const c_char, &str) -> Result<Option<String>, LoadReason>;

fn key(raw: &abi::Key, read: ReadText<'_>) -> Result<Key, LoadReason> {
    let name = read(raw.name, "a setting's name")?.unwrap_or_default();
    if name.is_empty() || name.contains(['=', '.', ' ']) {
        return Err(wrong("a setting has no proper name"));
    }
    let kind = match raw.kind {
        abi::TEXT => Kind::Text,
        abi::INTEGER => Kind::Integer,
        abi::BOOLEAN => Kind::Boolean,
        abi::PATH => Kind::Path,
        abi::SECRET => Kind::Secret,
        other => {
            return Err(wrong(format!(
                "the setting `{name}` is of an unknown kind, {other}"
            )));
        }
    };
    let mut key = Key::new(name, kind);
    if let Some(text) = read(raw.description, "a setting's description")? {
        key = key.description(text);
    }
    if let Some(value) = read(raw.fallback, "a setting's fallback")? {
        key = key.fallback(value);
    }
    Ok(if raw.required != 0 {
        key.required()
    } else {
        key
    })
}
