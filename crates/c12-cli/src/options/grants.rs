use std::path::{Path, PathBuf};
use std::str::FromStr;

use c12::{Directory, HostBuilder, NetworkRule};
use clap::Args;
use serde::Deserialize;

use crate::report::Failure;

/// What the guest may use. Nothing is granted by default.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Grants")]
pub(crate) struct GrantOptions {
    /// A directory, under its own name or another; `:ro` makes it read-only.
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro]")]
    pub(crate) directories: Vec<DirectoryOption>,

    /// An environment variable; the name alone passes this program's own value on.
    #[arg(long = "env", short = 'e', value_name = "NAME[=VALUE]")]
    pub(crate) environment: Vec<EnvironmentOption>,

    /// What may be reached: `all`, `loopback`, an address, a range or a name, each with `:PORT` or without; after `listen:`, where connections may be accepted.
    #[arg(long = "net", value_name = "RULE")]
    pub(crate) network: Vec<NetworkRule>,
}

impl GrantOptions {
    pub(crate) fn apply(&self, mut builder: HostBuilder) -> Result<HostBuilder, Failure> {
        for directory in &self.directories {
            builder = builder.directory(directory.resolve(Path::new(""))?);
        }
        for variable in &self.environment {
            builder = builder.environment(&variable.name, variable.value()?);
        }
        for rule in &self.network {
            builder = builder.network(rule.clone());
        }
        Ok(builder)
    }
}

/// `HOST[::GUEST][:ro]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct DirectoryOption {
    host: PathBuf,
    guest: String,
    writable: bool,
}

impl FromStr for DirectoryOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (names, writable) = match text.strip_suffix(":ro") {
            Some(names) => (names, false),
            None => (text.strip_suffix(":rw").unwrap_or(text), true),
        };
        let (host, guest) = names.split_once("::").unwrap_or((names, names));
        if host.is_empty() {
            return Err(
                "the directory on the host is missing; write HOST, HOST::GUEST or HOST::GUEST:ro"
                    .into(),
            );
        }
        if guest.is_empty() {
            return Err("the name in the guest is missing after `::`".into());
        }
        if guest.contains("::") {
            return Err("there is more than one `::`".into());
        }
        if names.contains("::") && guest.contains(':') {
            return Err("only `:ro` and `:rw` may follow the name in the guest".into());
        }
        if guest.contains('\0') || host.contains('\0') {
            return Err("a name cannot contain NUL".into());
        }
        Ok(DirectoryOption {
            host: host.into(),
            guest: guest.into(),
            writable,
        })
    }
}

impl TryFrom<String> for DirectoryOption {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl DirectoryOption {
    /// The grant, with the host's side relative to `base`. The directory must exist.
    pub(crate) fn resolve(&self, base: &Path) -> Result<Directory, Failure> {
        let host = base.join(&self.host);
        let refuse = |cause: String| {
            Failure::own(format!("cannot grant the directory {}", host.display())).because(cause)
        };
        let metadata = host.metadata().map_err(|error| {
            refuse(error.to_string()).with_help(
                "`--dir` takes an existing directory of the host: create it, or correct the path",
            )
        })?;
        if !metadata.is_dir() {
            return Err(refuse("it is not a directory".into())
                .with_help("grant the directory that it is in"));
        }
        Ok(Directory::new(host, self.guest.clone(), self.writable))
    }
}

/// `NAME=VALUE`, or `NAME` for this program's own value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EnvironmentOption {
    name: String,
    value: Option<String>,
}

impl FromStr for EnvironmentOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        check_variable(name, value.as_deref().unwrap_or_default())?;
        Ok(EnvironmentOption {
            name: name.to_owned(),
            value,
        })
    }
}

/// Whether a variable can be handed to a guest as it is.
pub(crate) fn check_variable(name: &str, value: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("the variable's name is missing".into());
    }
    if name.contains('=') || name.contains('\0') || value.contains('\0') {
        return Err(format!(
            "the variable {name:?} cannot be passed on: neither `=` in its name nor NUL is possible"
        ));
    }
    Ok(())
}

impl EnvironmentOption {
    fn value(&self) -> Result<String, Failure> {
        match &self.value {
            Some(value) => Ok(value.clone()),
            None => std::env::var(&self.name).map_err(|error| {
                Failure::usage(format!(
                    "cannot pass the environment variable `{}` on",
                    self.name
                ))
                .because(error)
                .with_help(format!(
                    "set it, or give it a value with `--env {}=VALUE`",
                    self.name
                ))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(text: &str) -> (String, String, bool) {
        let option: DirectoryOption = text.parse().unwrap();
        (
            option.host.display().to_string(),
            option.guest,
            option.writable,
        )
    }

    #[test]
    fn directories_are_written_in_four_ways() {
        assert_eq!(directory("docs"), ("docs".into(), "docs".into(), true));
        assert_eq!(directory("docs:ro"), ("docs".into(), "docs".into(), false));
        assert_eq!(directory("docs::/d"), ("docs".into(), "/d".into(), true));
        assert_eq!(
            directory("docs::/d:ro"),
            ("docs".into(), "/d".into(), false)
        );
        assert_eq!(directory("a:b::/d:rw"), ("a:b".into(), "/d".into(), true));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "::/d",
            "docs::",
            "docs:::ro",
            "a::b::c",
            ":ro",
            "a::/b:RO",
            "a::/b:rwx",
        ] {
            assert!(
                text.parse::<DirectoryOption>().is_err(),
                "{text:?} was taken"
            );
        }
        assert!("=x".parse::<EnvironmentOption>().is_err());
    }
}
