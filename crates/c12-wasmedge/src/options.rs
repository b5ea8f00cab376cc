//! Program options of plugins as settings.
//!
//! WasmEdge makes a command line option of each, writes the value to where the plugin wants it, and does so before any
//! module is made. An option that is not given is not touched: its default value is for `--option` alone, which has no
//! counterpart here, and an option without one must be given. Other than in WasmEdge, a value that does not fit is an
//! error.
#![allow(unsafe_code)]

use std::ffi::c_void;

use c12::plugin::{Key, Kind, Settings};

use crate::strings::owned_text;

/// An option of a plugin.
#[derive(Debug)]
pub(crate) struct ProgramOption {
    pub(crate) name: String,
    description: String,
    kind: ValueKind,
    required: bool,
    storage: *mut c_void,
}

// SAFETY: the storage is static data of the library, which is written once, before its first module is made for guests.
unsafe impl Send for ProgramOption {}
// SAFETY: as above.
unsafe impl Sync for ProgramOption {}

/// The type of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Toggle,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    Text,
}

/// A value of the type that the storage has.
#[derive(Debug, PartialEq)]
enum Parsed<'a> {
    Toggle(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    F32(f32),
    F64(f64),
    Text(&'a str),
}

impl ValueKind {
    /// From the number in `WasmEdge_ProgramOptionType`, of which 0 is no type.
    pub(crate) fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            1 => ValueKind::Toggle,
            2 => ValueKind::I8,
            3 => ValueKind::I16,
            4 => ValueKind::I32,
            5 => ValueKind::I64,
            6 => ValueKind::U8,
            7 => ValueKind::U16,
            8 => ValueKind::U32,
            9 => ValueKind::U64,
            10 => ValueKind::F32,
            11 => ValueKind::F64,
            12 => ValueKind::Text,
            _ => return None,
        })
    }

    fn expected(self) -> &'static str {
        match self {
            ValueKind::Toggle => "`true` or `false`",
            ValueKind::I8 => "an integer from -128 to 127",
            ValueKind::I16 => "an integer from -32768 to 32767",
            ValueKind::I32 => "an integer of 32 bits",
            ValueKind::I64 => "an integer of 64 bits",
            ValueKind::U8 => "an integer from 0 to 255",
            ValueKind::U16 => "an integer from 0 to 65535",
            ValueKind::U32 => "an integer of 32 bits that is not negative",
            ValueKind::U64 => "an integer of 64 bits that is not negative",
            ValueKind::F32 | ValueKind::F64 => "a number",
            ValueKind::Text => "a text",
        }
    }

    fn parse(self, text: &str) -> Option<Parsed<'_>> {
        let number = text.trim();
        Some(match self {
            ValueKind::Toggle => Parsed::Toggle(match number {
                "true" => true,
                "false" => false,
                _ => return None,
            }),
            ValueKind::I8 => Parsed::I8(number.parse().ok()?),
            ValueKind::I16 => Parsed::I16(number.parse().ok()?),
            ValueKind::I32 => Parsed::I32(number.parse().ok()?),
            ValueKind::I64 => Parsed::I64(number.parse().ok()?),
            ValueKind::U8 => Parsed::U8(number.parse().ok()?),
            ValueKind::U16 => Parsed::U16(number.parse().ok()?),
            ValueKind::U32 => Parsed::U32(number.parse().ok()?),
            ValueKind::U64 => Parsed::U64(number.parse().ok()?),
            ValueKind::F32 => Parsed::F32(number.parse().ok()?),
            ValueKind::F64 => Parsed::F64(number.parse().ok()?),
            ValueKind::Text => Parsed::Text(text),
        })
    }
}

/// A value that an option does not take.
#[derive(Debug, thiserror::Error)]
#[error("the setting `{plugin}.{option}` must be {expected}, not `{}`", value.escape_debug())]
pub(crate) struct OptionError {
    plugin: String,
    option: String,
    expected: &'static str,
    value: String,
}

impl ProgramOption {
    pub(crate) fn new(
        name: String,
        description: String,
        kind: ValueKind,
        required: bool,
        storage: *mut c_void,
    ) -> Self {
        ProgramOption {
            name,
            description,
            kind,
            // A toggle that is not given is off, or what the plugin has made it.
            required: required && kind != ValueKind::Toggle,
            storage,
        }
    }

    /// The setting.
    pub(crate) fn key(&self) -> Key {
        let kind = match self.kind {
            ValueKind::Toggle => Kind::Boolean,
            // Unsigned integers of 64 bits are more than settings know, and floats are none of theirs.
            ValueKind::U64 | ValueKind::F32 | ValueKind::F64 | ValueKind::Text => Kind::Text,
            _ => Kind::Integer,
        };
        let description = match (self.kind, self.description.is_empty()) {
            (ValueKind::Toggle | ValueKind::Text, _) => self.description.clone(),
            (kind, true) => kind.expected().to_owned(),
            (kind, false) => format!("{} ({})", self.description, kind.expected()),
        };
        let key = Key::new(self.name.clone(), kind).description(description);
        if self.required { key.required() } else { key }
    }

    /// Writes a value to where the plugin wants it.
    ///
    /// # Safety
    ///
    /// The storage is of the option's type, and nobody uses it.
    unsafe fn store(&self, value: &Parsed<'_>) {
        /// Alignment is the plugin's affair.
        unsafe fn write<T>(storage: *mut c_void, value: T) {
            // SAFETY: the caller's promise.
            unsafe { storage.cast::<T>().write_unaligned(value) };
        }
        // SAFETY: the caller's promise; kinds and types correspond to the header's.
        unsafe {
            match value {
                Parsed::Toggle(value) => write(self.storage, *value),
                Parsed::I8(value) => write(self.storage, *value),
                Parsed::I16(value) => write(self.storage, *value),
                Parsed::I32(value) => write(self.storage, *value),
                Parsed::I64(value) => write(self.storage, *value),
                Parsed::U8(value) => write(self.storage, *value),
                Parsed::U16(value) => write(self.storage, *value),
                Parsed::U32(value) => write(self.storage, *value),
                Parsed::U64(value) => write(self.storage, *value),
                Parsed::F32(value) => write(self.storage, *value),
                Parsed::F64(value) => write(self.storage, *value),
                // The plugin owns the copy. What was there stays, for it may be static.
                Parsed::Text(value) => write(self.storage, owned_text(value.as_bytes())),
            }
        }
    }
}

/// Writes the settings that were given. All are read before the first is written.
///
/// # Safety
///
/// The options' storage is of their types, and the plugin does not use it at the same time.
pub(crate) unsafe fn apply(
    plugin: &str,
    options: &[ProgramOption],
    settings: &Settings,
) -> Result<(), OptionError> {
    let mut given = Vec::new();
    for option in options {
        let Some(text) = settings.get(&option.name) else {
            continue;
        };
        let value = option.kind.parse(text).ok_or_else(|| OptionError {
            plugin: plugin.to_owned(),
            option: option.name.clone(),
            expected: option.kind.expected(),
            value: text.to_owned(),
        })?;
        given.push((option, value));
    }
    for (option, value) in given {
        // SAFETY: the caller's promise.
        unsafe { option.store(&value) };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Text;
    use crate::strings::{text_bytes, text_delete};

    fn option<T>(name: &str, kind: ValueKind, storage: &mut T) -> ProgramOption {
        let storage = std::ptr::from_mut(storage).cast();
        ProgramOption::new(name.into(), "it".into(), kind, false, storage)
    }

    fn settings(options: &[ProgramOption], given: &[(&str, &str)]) -> Settings {
        let keys: Vec<Key> = options.iter().map(ProgramOption::key).collect();
        let given: Vec<_> = given
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Settings::check("p", &keys, &given).unwrap()
    }

    #[test]
    fn what_is_given_is_stored_and_what_is_not_stays() {
        let (mut toggle, mut byte, mut long, mut float, mut text, mut other) =
            (false, 9i8, 0u64, 0.5f32, Text::EMPTY, 7i32);
        let options = [
            option("t", ValueKind::Toggle, &mut toggle),
            option("b", ValueKind::I8, &mut byte),
            option("l", ValueKind::U64, &mut long),
            option("f", ValueKind::F32, &mut float),
            option("s", ValueKind::Text, &mut text),
            option("o", ValueKind::I32, &mut other),
        ];
        let given = [
            ("t", "true"),
            ("b", "-128"),
            ("l", "18446744073709551615"),
            ("f", "1.5"),
            ("s", " zzz"),
        ];
        let settings = settings(&options, &given);
        // SAFETY: the storage is of these types, and used here alone.
        unsafe { apply("p", &options, &settings).unwrap() };
        assert_eq!(
            (toggle, byte, long, float, other),
            (true, -128, u64::MAX, 1.5, 7)
        );
        // SAFETY: a string that was made just now.
        assert_eq!(unsafe { text_bytes(text) }, b" zzz");
        text_delete(text);
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_nothing_is_stored() {
        let (mut byte, mut other) = (9u8, 7i32);
        let options = [
            option("o", ValueKind::I32, &mut other),
            option("b", ValueKind::U8, &mut byte),
        ];
        let settings = settings(&options, &[("o", "1"), ("b", "256")]);
        // SAFETY: the storage is of these types, and used here alone.
        let error = unsafe { apply("p", &options, &settings) }.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the setting `p.b` must be an integer from 0 to 255, not `256`"
        );
        assert_eq!((byte, other), (9, 7));
    }

    #[test]
    fn an_option_without_default_is_required_unless_it_is_a_toggle() {
        let mut storage = 0u64;
        let mut key = |kind| {
            let storage = (&raw mut storage).cast();
            ProgramOption::new("x".into(), String::new(), kind, true, storage).key()
        };
        assert!(key(ValueKind::I32).is_required() && key(ValueKind::Text).is_required());
        assert!(!key(ValueKind::Toggle).is_required());
        assert_eq!(key(ValueKind::U8).about(), "an integer from 0 to 255");
    }
}
