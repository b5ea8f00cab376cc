//! The settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use c12_plugin::{Error, Key, Result, Settings};

/// The settings that the plugin knows.
pub(crate) const KEYS: &[Key] = &[
    Key::path("path").required().description(
        "The database's file, or a folder with a NAME.db for each; writable ones become WAL",
    ),
    Key::text("names")
        .fallback("main")
        .description("What guests call the databases, separated by commas; for a file, one name"),
    Key::boolean("read-only")
        .fallback("false")
        .description("Whether guests may only read; the files must then be there"),
    Key::integer("connections")
        .fallback("4")
        .description("How many connections there are to each database, for all guests together"),
    Key::integer("busy-timeout-ms")
        .fallback("1000")
        .description("How long to wait for a connection, and for a lock that somebody else has"),
    Key::integer("time-limit-ms")
        .fallback("5000")
        .description("How long one statement may run"),
    Key::integer("max-rows")
        .fallback("10000")
        .description("How many rows one query may give"),
    Key::integer("max-bytes").fallback("8388608").description(
        "How many bytes one query, one value, and the bound values of a connection may have",
    ),
    Key::integer("max-memory-bytes")
        .fallback("268435456")
        .description("How much memory SQLite may use, for all guests together"),
    Key::integer("max-database-bytes")
        .fallback("1073741824")
        .description("How large guests may make a database, and the log beside it"),
];

/// What one guest may do.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) read_only: bool,
    pub(crate) connections: u32,
    pub(crate) busy_timeout: Duration,
    pub(crate) time: Duration,
    pub(crate) rows: usize,
    /// At most `i32::MAX`, as SQLite counts.
    pub(crate) bytes: i32,
    pub(crate) memory: i64,
    pub(crate) database: i64,
}

/// The settings, understood.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    names: Vec<String>,
    pub(crate) limits: Limits,
}

impl Config {
    pub(crate) fn new(settings: &Settings<'_>) -> Result<Self> {
        let names: Vec<String> = settings
            .text("names")?
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect();
        for name in &names {
            // A name becomes a part of a path.
            let proper = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || name.len() > 64 || !name.chars().all(proper) {
                return Err(Error::new(format_args!(
                    "the setting `names`: `{name}` is not 1 to 64 letters, digits, `-` and `_`"
                )));
            }
        }
        let milliseconds = |key, range| {
            let value: u64 = settings.integer_in(key, range)?;
            Ok::<_, Error>(Duration::from_millis(value))
        };
        Ok(Config {
            // Absolute, or SQLite takes a path that begins with `file:` for a URI with options.
            path: std::path::absolute(settings.path("path")?)?,
            names,
            limits: Limits {
                read_only: settings.boolean("read-only")?,
                connections: settings.integer_in("connections", 1..=1_000)?,
                busy_timeout: milliseconds("busy-timeout-ms", 1..=600_000)?,
                time: milliseconds("time-limit-ms", 1..=3_600_000)?,
                rows: settings.integer_in("max-rows", 1..=100_000_000)?,
                bytes: settings.integer_in("max-bytes", 1_024..=1_000_000_000)?,
                memory: settings.integer_in("max-memory-bytes", 4 << 20..=1 << 40)?,
                database: settings.integer_in("max-database-bytes", 64 << 10..=1 << 46)?,
            },
        })
    }

    /// The file of each database, by name.
    pub(crate) fn databases(&self) -> Result<BTreeMap<String, PathBuf>> {
        if self.path.is_dir() {
            let file = |name: &String| (name.clone(), self.path.join(format!("{name}.db")));
            return Ok(self.names.iter().map(file).collect());
        }
        match self.names.as_slice() {
            [name] => Ok(BTreeMap::from([(name.clone(), self.path.clone())])),
            names => Err(Error::new(format_args!(
                "{} is one database, but `names` has {}; several need a folder that is there",
                self.path.display(),
                names.len()
            ))),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The settings with these and the fallbacks.
    pub(crate) fn config(given: &[(&str, &str)]) -> Result<Config> {
        const FALLBACKS: [(&str, &str); 10] = [
            ("path", "/nowhere/a.db"),
            ("names", "main"),
            ("read-only", "false"),
            ("connections", "4"),
            ("busy-timeout-ms", "1000"),
            ("time-limit-ms", "5000"),
            ("max-rows", "10000"),
            ("max-bytes", "8388608"),
            ("max-memory-bytes", "268435456"),
            ("max-database-bytes", "1073741824"),
        ];
        let pairs = FALLBACKS.map(|(key, fallback)| {
            let value = given.iter().find(|(name, _)| *name == key);
            (key, value.map_or(fallback, |(_, value)| value))
        });
        Config::new(&Settings::of(pairs))
    }

    #[test]
    fn a_file_is_one_database() {
        let databases = config(&[("names", "notes")]).unwrap().databases().unwrap();
        assert_eq!(
            databases,
            BTreeMap::from([("notes".to_owned(), "/nowhere/a.db".into())])
        );
        let error = config(&[("names", "a,b")])
            .unwrap()
            .databases()
            .unwrap_err();
        assert!(error.to_string().contains("is one database"), "{error}");
    }

    #[test]
    fn a_folder_has_a_file_for_each_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let config = config(&[("path", path), ("names", "a, b")]).unwrap();
        let databases = config.databases().unwrap();
        assert_eq!(databases["a"], folder.path().join("a.db"));
        assert_eq!(databases["b"], folder.path().join("b.db"));
    }

    #[test]
    fn names_do_not_lead_elsewhere() {
        for names in ["", "a,", "../a", "a/b", "a.b", "é"] {
            let error = config(&[("names", names)]).unwrap_err();
            assert!(error.to_string().contains("`names`"), "{error}");
        }
    }

    #[test]
    fn numbers_must_make_sense() {
        for (key, value) in [
            ("connections", "0"),
            ("max-rows", "-1"),
            ("max-bytes", "9999999999"),
            ("time-limit-ms", "0"),
        ] {
            let error = config(&[(key, value)]).unwrap_err();
            assert!(
                error.to_string().contains(&format!("`{key}` is {value}")),
                "{error}"
            );
        }
    }
}
