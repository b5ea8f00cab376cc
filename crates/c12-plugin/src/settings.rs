use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

use crate::{Error, Result, abi};

/// A setting that a plugin knows: what users give as `--plugin-config NAME.KEY=VALUE`.
///
/// The host checks the values before the plugin is opened. Keys that are not declared are errors.
///
/// ```
/// const KEYS: &[c12_plugin::Key] = &[
///     c12_plugin::Key::path("database").required().description("The file of the database"),
///     c12_plugin::Key::integer("connections").fallback("4"),
/// ];
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) fallback: Option<&'static str>,
    pub(crate) kind: u32,
    pub(crate) required: bool,
}

impl Key {
    const fn new(name: &'static str, kind: u32) -> Self {
        Key {
            name,
            description: "",
            fallback: None,
            kind,
            required: false,
        }
    }

    /// Any text.
    pub const fn text(name: &'static str) -> Self {
        Key::new(name, abi::TEXT)
    }

    /// A decimal integer of 64 bits, signed.
    pub const fn integer(name: &'static str) -> Self {
        Key::new(name, abi::INTEGER)
    }

    /// `true` or `false`.
    pub const fn boolean(name: &'static str) -> Self {
        Key::new(name, abi::BOOLEAN)
    }

    /// A file or folder of the host.
    pub const fn path(name: &'static str) -> Self {
        Key::new(name, abi::PATH)
    }

    /// Text that is never printed or logged.
    pub const fn secret(name: &'static str) -> Self {
        Key::new(name, abi::SECRET)
    }

    /// One line for people.
    #[must_use]
    pub const fn description(self, description: &'static str) -> Self {
        Key {
            description,
            ..self
        }
    }

    /// The value if the user gives none.
    #[must_use]
    pub const fn fallback(self, value: &'static str) -> Self {
        Key {
            fallback: Some(value),
            ..self
        }
    }

    /// The plugin cannot be opened without it.
    #[must_use]
    pub const fn required(self) -> Self {
        Key {
            required: true,
            ..self
        }
    }
}

/// The settings of a plugin, as its keys declare them: what the user gave, or the fallback.
#[derive(Debug, Clone, Default)]
pub struct Settings<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Settings<'a> {
    /// Settings for a plugin that is opened without a host, such as in a test.
    pub fn of<const N: usize>(pairs: [(&'a str, &'a str); N]) -> Self {
        Settings {
            pairs: pairs
                .into_iter()
                .map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value)))
                .collect(),
        }
    }

    /// What the host gave to `open`.
    ///
    /// # Safety
    ///
    /// `settings` is null or what `c12_plugin.h` says, and valid for the lifetime.
    #[cfg(feature = "sdk")]
    #[allow(unsafe_code)]
    pub(crate) unsafe fn from_host(settings: *const abi::Settings) -> Self {
        // SAFETY: as the caller promises; what is there has a size first.
        let Some(settings) = (unsafe { settings.as_ref() }) else {
            return Settings::default();
        };
        let mut pairs = Vec::with_capacity(settings.count);
        for place in 0..settings.count {
            // SAFETY: `settings` is an array of `count` pairs.
            let pair = unsafe { &*settings.settings.add(place) };
            // SAFETY: each is a string with its length.
            let (key, value) = unsafe { (bytes(pair.key), bytes(pair.value)) };
            pairs.push((String::from_utf8_lossy(key), String::from_utf8_lossy(value)));
        }
        Settings { pairs }
    }

    /// The value of a key, if it has one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_ref())
    }

    /// The value of a key that must have one.
    ///
    /// # Errors
    ///
    /// The key has neither a value nor a fallback.
    pub fn text(&self, key: &str) -> Result<&str> {
        self.get(key)
            .ok_or_else(|| Error::new(format_args!("the setting `{key}` is not given")))
    }

    /// An integer.
    ///
    /// # Errors
    ///
    /// The key has no value, or it is no integer.
    pub fn integer(&self, key: &str) -> Result<i64> {
        self.parse(key)
    }

    /// An integer that makes sense, as the type that it is needed in.
    ///
    /// # Errors
    ///
    /// As [`Settings::integer`], and if it is not in the range, or not of the type.
    pub fn integer_in<T: TryFrom<i64>>(&self, key: &str, range: RangeInclusive<i64>) -> Result<T> {
        let value = self.integer(key)?;
        let made = range.contains(&value).then(|| T::try_from(value).ok());
        made.flatten().ok_or_else(|| {
            Error::new(format_args!(
                "the setting `{key}` is {value}, and must be {} to {}",
                range.start(),
                range.end()
            ))
        })
    }

    /// A boolean.
    ///
    /// # Errors
    ///
    /// The key has no value, or it is neither `true` nor `false`.
    pub fn boolean(&self, key: &str) -> Result<bool> {
        self.parse(key)
    }

    /// A path.
    ///
    /// # Errors
    ///
    /// The key has no value.
    pub fn path(&self, key: &str) -> Result<&Path> {
        self.text(key).map(Path::new)
    }

    /// Anything that is parsed from text.
    ///
    /// # Errors
    ///
    /// The key has no value, or it cannot be parsed. The value is not in the message: it may be a secret.
    pub fn parse<T: FromStr>(&self, key: &str) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        self.text(key)?
            .parse()
            .map_err(|error| Error::new(format_args!("the setting `{key}`: {error}")))
    }

    /// All keys that have a value, in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}

/// The bytes of a string.
///
/// # Safety
///
/// It is as `c12_plugin.h` says, and valid for the lifetime.
#[cfg(feature = "sdk")]
#[allow(unsafe_code)]
unsafe fn bytes<'a>(text: abi::Str) -> &'a [u8] {
    if text.len == 0 || text.data.is_null() {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts(text.data, text.len) }
}
