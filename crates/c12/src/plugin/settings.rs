use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// A setting that a plugin knows. What no plugin declares is an error, not a surprise at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    name: Cow<'static, str>,
    description: Cow<'static, str>,
    kind: Kind,
    fallback: Option<Cow<'static, str>>,
    required: bool,
}

/// What a setting's text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Any text.
    Text,
    /// A decimal integer of 64 bits, signed.
    Integer,
    /// An amount of bytes: `64MiB`, `1GB` or `4096`.
    Bytes,
    /// A length of time: `500ms`, `5s`, `2m` or `0`.
    Time,
    /// `true` or `false`.
    Boolean,
    /// A file or folder of the host.
    Path,
    /// Text that is never printed or logged.
    Secret,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "text",
            Kind::Integer => "integer",
            Kind::Bytes => "bytes",
            Kind::Time => "time",
            Kind::Boolean => "boolean",
            Kind::Path => "path",
            Kind::Secret => "secret",
        })
    }
}

impl Key {
    /// A key without a fallback that need not be given.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        Key {
            name: name.into(),
            description: Cow::Borrowed(""),
            kind,
            fallback: None,
            required: false,
        }
    }

    /// One line for people.
    pub fn description(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.description = text.into();
        self
    }

    /// The value if none is given.
    pub fn fallback(mut self, value: impl Into<Cow<'static, str>>) -> Self {
        self.fallback = Some(value.into());
        self
    }

    /// The plugin cannot be opened without it.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn about(&self) -> &str {
        &self.description
    }

    /// What its text must be.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The value if none is given.
    pub fn default_value(&self) -> Option<&str> {
        self.fallback.as_deref()
    }

    /// Whether it must be given.
    pub fn is_required(&self) -> bool {
        self.required
    }
}

/// A setting that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The plugin declares no such key.
    #[error("plugin `{plugin}` has no setting `{key}`")]
    Unknown {
        /// The plugin's name.
        plugin: String,
        /// The key that was given.
        key: String,
        /// The keys that it has.
        known: Vec<String>,
    },
    /// The value is not what the key wants.
    #[error("the setting `{plugin}.{key}` must be {expected}{}", quoted(value.as_deref()))]
    Mistyped {
        /// The plugin's name.
        plugin: String,
        /// The key.
        key: String,
        /// What it must be.
        expected: &'static str,
        /// The value, unless it is a secret.
        value: Option<String>,
    },
    /// A required key was not given.
    #[error("plugin `{plugin}` needs the setting `{key}`")]
    Missing {
        /// The plugin's name.
        plugin: String,
        /// The key.
        key: String,
        /// What it is for.
        description: String,
    },
    /// A setting is for a plugin that is not there.
    #[error("there is no plugin `{plugin}` that `{plugin}.{key}` could be a setting of")]
    NoPlugin {
        /// The name that was given.
        plugin: String,
        /// The key.
        key: String,
        /// The plugins that are there.
        known: Vec<String>,
    },
}

fn quoted(value: Option<&str>) -> String {
    value
        .map(|value| format!(", not `{}`", c12_toolchain::escape(value)))
        .unwrap_or_default()
}

impl SettingError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            SettingError::Unknown { known, .. } if known.is_empty() => {
                Some("it has no settings".into())
            }
            SettingError::Unknown { known, .. } => {
                Some(format!("its settings are {}", known.join(", ")))
            }
            SettingError::NoPlugin { known, .. } => {
                Some(format!("the plugins are {}", known.join(", ")))
            }
            SettingError::Missing {
                plugin,
                key,
                description,
            } => Some(format!(
                "pass `--plugin-config {plugin}.{key}=VALUE`{}{description}",
                if description.is_empty() { "" } else { ": " }
            )),
            SettingError::Mistyped { .. } => None,
        }
    }
}

/// The settings of one plugin, checked against the keys that it declares.
#[derive(Clone, Default)]
pub struct Settings {
    values: Vec<(Key, String)>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(key, value): &(Key, String)| {
            let value = match key.kind {
                Kind::Secret => "…".to_owned(),
                _ => value.clone(),
            };
            (key.name.to_string(), value)
        };
        f.debug_map()
            .entries(self.values.iter().map(shown))
            .finish()
    }
}

impl Settings {
    /// Checks what was given, as pairs of key and value, against the declared keys. Of a key that was
    /// given twice the last counts. Whether all is there that must be, [`Settings::complete`] says: a plugin
    /// that nobody imports needs no settings.
    ///
    /// # Errors
    ///
    /// A [`SettingError`] for the first key that is unknown or mistyped.
    pub fn check(
        plugin: &str,
        keys: &[Key],
        given: &[(String, String)],
    ) -> Result<Self, SettingError> {
        if let Some((key, _)) = given
            .iter()
            .find(|(name, _)| !keys.iter().any(|key| key.name() == name))
        {
            return Err(SettingError::Unknown {
                plugin: plugin.to_owned(),
                key: key.clone(),
                known: keys.iter().map(|key| key.name.to_string()).collect(),
            });
        }
        let mut values = Vec::new();
        for key in keys {
            let value = given
                .iter()
                .rev()
                .find(|(name, _)| name == key.name())
                .map(|(_, value)| value.as_str())
                .or(key.default_value());
            if let Some(value) = value {
                check_kind(plugin, key, value)?;
                values.push((key.clone(), value.to_owned()));
            }
        }
        Ok(Settings { values })
    }

    /// Checks that every required key has a value.
    ///
    /// # Errors
    ///
    /// [`SettingError::Missing`] for the first that has none.
    pub fn complete(&self, plugin: &str, keys: &[Key]) -> Result<(), SettingError> {
        let missing = keys
            .iter()
            .find(|key| key.required && self.get(key.name()).is_none());
        missing.map_or(Ok(()), |key| {
            Err(SettingError::Missing {
                plugin: plugin.to_owned(),
                key: key.name.to_string(),
                description: key.description.to_string(),
            })
        })
    }

    /// The value of a key, if it has one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(known, _)| known.name() == key)
            .map(|(_, value)| value.as_str())
    }

    /// An integer.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.parse().ok()
    }

    /// An amount of bytes.
    pub fn bytes(&self, key: &str) -> Option<u64> {
        bytes(self.get(key)?)
    }

    /// A length of time.
    pub fn time(&self, key: &str) -> Option<Duration> {
        time(self.get(key)?)
    }

    /// A boolean; `false` if it was not given.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }

    /// The items of a list separated by commas, without empty ones.
    pub fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        self.get(key)
            .unwrap_or("")
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }

    /// All that have a value, in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &str)> {
        self.values.iter().map(|(key, value)| (key, value.as_str()))
    }
}

fn bytes(text: &str) -> Option<u64> {
    let size: bytesize::ByteSize = text.parse().ok()?;
    Some(size.as_u64())
}

fn time(text: &str) -> Option<Duration> {
    match text {
        "0" => Some(Duration::ZERO),
        text => humantime::parse_duration(text).ok(),
    }
}

fn check_kind(plugin: &str, key: &Key, value: &str) -> Result<(), SettingError> {
    let expected = match key.kind {
        Kind::Integer if value.parse::<i64>().is_err() => "an integer",
        Kind::Bytes if bytes(value).is_none() => "an amount of bytes such as 64MiB, 1GB or 4096",
        Kind::Time if time(value).is_none() => "a length of time such as 500ms, 5s or 2m",
        Kind::Boolean if !matches!(value, "true" | "false") => "`true` or `false`",
        Kind::Path if value.is_empty() => "a path",
        _ if value.contains('\0') => "text without a zero byte",
        _ => return Ok(()),
    };
    Err(SettingError::Mistyped {
        plugin: plugin.to_owned(),
        key: key.name.to_string(),
        expected,
        value: (key.kind != Kind::Secret).then(|| value.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Vec<Key> {
        vec![
            Key::new("allow", Kind::Text),
            Key::new("most", Kind::Integer).fallback("10"),
            Key::new("password", Kind::Secret)
                .required()
                .description("of the database"),
        ]
    }

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect()
    }

    #[test]
    fn gives_values_and_fallbacks() {
        let settings = Settings::check(
            "x",
            &keys(),
            &given(&[("password", "p"), ("allow", "ls, cat,")]),
        )
        .unwrap();
        assert_eq!(settings.list("allow").collect::<Vec<_>>(), ["ls", "cat"]);
        assert_eq!(settings.integer("most"), Some(10));
        assert!(!format!("{settings:?}").contains("\"p\""));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let error =
            |pairs: &[(&str, &str)]| Settings::check("x", &keys(), &given(pairs)).unwrap_err();
        assert_eq!(
            error(&[("alow", "ls")]).to_string(),
            "plugin `x` has no setting `alow`"
        );
        assert_eq!(
            error(&[("alow", "ls")]).help().unwrap(),
            "its settings are allow, most, password"
        );
        assert_eq!(
            error(&[("most", "many")]).to_string(),
            "the setting `x.most` must be an integer, not `many`"
        );
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let keys = [Key::new("size", Kind::Bytes), Key::new("wait", Kind::Time)];
        let check = |key: &str, value: &str| Settings::check("x", &keys, &given(&[(key, value)]));
        for (text, bytes) in [("64MiB", 64 << 20), ("1GB", 1_000_000_000), ("4096", 4096)] {
            assert_eq!(check("size", text).unwrap().bytes("size"), Some(bytes));
        }
        for (text, milliseconds) in [("500ms", 500), ("2m", 120_000), ("0", 0)] {
            let wait = Duration::from_millis(milliseconds);
            assert_eq!(check("wait", text).unwrap().time("wait"), Some(wait));
        }
        for (key, nonsense) in [("size", "-1"), ("size", ""), ("size", "5 apples")] {
            assert_eq!(
                check(key, nonsense).unwrap_err().to_string(),
                format!(
                    "the setting `x.size` must be an amount of bytes such as 64MiB, 1GB or 4096, not `{nonsense}`"
                )
            );
        }
        for nonsense in ["-1", "", "soon", "30"] {
            assert!(check("wait", nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn names_what_is_missing() {
        let none = Settings::check("x", &keys(), &[]).unwrap();
        let error = none.complete("x", &keys()).unwrap_err();
        assert_eq!(error.to_string(), "plugin `x` needs the setting `password`");
        assert_eq!(
            error.help().unwrap(),
            "pass `--plugin-config x.password=VALUE`: of the database"
        );
    }
}
