use std::path::PathBuf;
use std::str::FromStr;

use c12::HostBuilder;
use clap::Args;
use serde::Deserialize;

/// Who provides what the guest imports, besides WASI.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Plugins")]
pub(crate) struct PluginOptions {
    #[command(flatten)]
    pub(crate) named: NamedPlugins,

    /// A setting of a plugin, as in `process.allow=ls`; `c12 plugin info NAME` shows which there are.
    #[arg(long = "plugin-config", value_name = "NAME.KEY=VALUE")]
    pub(crate) settings: Vec<PluginSetting>,
}

impl PluginOptions {
    /// Passes the settings on.
    pub(crate) fn set(&self, mut builder: HostBuilder) -> HostBuilder {
        for setting in &self.settings {
            builder = builder.setting(&setting.plugin, &setting.key, &setting.value);
        }
        builder
    }
}

/// Plugins that are asked before all others.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Plugins")]
pub(crate) struct NamedPlugins {
    /// A plugin: `PATH`, `NAME=PATH`, or the `NAME` of one in the plugin folders; `@sha256:HEX` behind it pins the file.
    #[arg(long = "plugin", value_name = "SPEC")]
    pub(crate) specs: Vec<PluginSpec>,
}

/// The plugins that a command is about.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Plugins")]
pub(crate) struct PluginSources {
    #[command(flatten)]
    pub(crate) named: NamedPlugins,

    /// Takes the plugins from a file, as `c12 run` does.
    #[arg(long, value_name = "FILE", env = "C12_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
}

/// `PATH`, `NAME=PATH` or `NAME`, and behind it `@sha256:HEX` or nothing. One of name and path is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PluginSpec {
    pub(crate) name: Option<String>,
    pub(crate) path: Option<PathBuf>,
    pub(crate) pin: Option<Pin>,
}

impl FromStr for PluginSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (what, pin) = match text.rsplit_once("@sha256:") {
            Some((what, pin)) => (what, Some(pin.parse()?)),
            None => (text, None),
        };
        let (name, path) = match what.split_once('=') {
            Some((name, path)) if is_plugin_name(name) => (Some(name), path),
            _ if is_plugin_name(what) => (Some(what), ""),
            _ => (None, what),
        };
        if path.is_empty() && (name.is_none() || what.ends_with('=')) {
            return Err("the path is missing; write PATH, NAME=PATH or NAME".into());
        }
        if path.contains('\0') {
            return Err("a path cannot contain NUL".into());
        }
        Ok(PluginSpec {
            name: name.map(str::to_owned),
            path: Some(path).filter(|path| !path.is_empty()).map(Into::into),
            pin,
        })
    }
}

/// Names are for commands and configuration files; what has a `.` or a `/` is a path.
fn is_plugin_name(text: &str) -> bool {
    const LONGEST: usize = 64;
    let proper = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    (1..=LONGEST).contains(&text.len()) && text.chars().all(proper)
}

/// The SHA-256 that a file must have, in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pin(pub(crate) String);

impl FromStr for Pin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 64 && text.chars().all(|char| char.is_ascii_hexdigit()) {
            Ok(Pin(text.to_ascii_lowercase()))
        } else {
            Err("a SHA-256 has 64 hexadecimal digits; `sha256sum` prints it".into())
        }
    }
}

impl TryFrom<String> for Pin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// `NAME.KEY=VALUE`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PluginSetting {
    pub(crate) plugin: String,
    pub(crate) key: String,
    pub(crate) value: String,
}

impl FromStr for PluginSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split_once('=')
            .and_then(|(name, value)| Some((name.split_once('.')?, value)));
        match parts {
            Some(((plugin, key), value)) if !plugin.is_empty() && !key.is_empty() => {
                Ok(PluginSetting {
                    plugin: plugin.to_owned(),
                    key: key.to_owned(),
                    value: value.to_owned(),
                })
            }
            _ => Err("write NAME.KEY=VALUE, as in process.allow=ls".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> (Option<String>, Option<String>, bool) {
        let spec: PluginSpec = text.parse().unwrap();
        let path = spec.path.map(|path| path.display().to_string());
        (spec.name, path, spec.pin.is_some())
    }

    #[test]
    fn plugins_are_written_in_several_ways() {
        let some = |text: &str| Some(text.to_owned());
        let pin = "0".repeat(64);
        assert_eq!(spec("sqlite"), (some("sqlite"), None, false));
        assert_eq!(spec("./sqlite"), (None, some("./sqlite"), false));
        assert_eq!(spec("sqlite.so"), (None, some("sqlite.so"), false));
        assert_eq!(spec("db=x"), (some("db"), some("x"), false));
        assert_eq!(spec("./a=b.so"), (None, some("./a=b.so"), false));
        assert_eq!(
            spec(&format!("db=a@b.so@sha256:{pin}")),
            (some("db"), some("a@b.so"), true)
        );
        assert!(spec(&format!("a.so@sha256:{pin}")).2);
        assert_eq!(spec(&format!("db@sha256:{pin}")), (some("db"), None, true));
        for nonsense in ["", "db=", "=x@sha256:", "a.so@sha256:12", "@sha256:"] {
            assert!(nonsense.parse::<PluginSpec>().is_err(), "{nonsense:?}");
        }
    }

    #[test]
    fn settings_name_plugin_and_key() {
        let setting: PluginSetting = "process.allow=a=b.c".parse().unwrap();
        assert_eq!(
            (&*setting.plugin, &*setting.key, &*setting.value),
            ("process", "allow", "a=b.c")
        );
        for nonsense in ["", "process", "process=ls", ".allow=ls", "process.=ls"] {
            assert!(nonsense.parse::<PluginSetting>().is_err(), "{nonsense:?}");
        }
    }
}
