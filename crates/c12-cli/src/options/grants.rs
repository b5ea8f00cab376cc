use std::path::Path;
use std::str::FromStr;

use c12::{Directory, DirectoryError, HostBuilder, NetworkRule};
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
pub(crate) struct DirectoryOption(Directory);

impl FromStr for DirectoryOption {
    type Err = DirectoryError;

    fn from_str(text: &str) -> Result<Self, DirectoryError> {
        text.parse().map(DirectoryOption)
    }
}

impl TryFrom<String> for DirectoryOption {
    type Error = DirectoryError;

    fn try_from(text: String) -> Result<Self, DirectoryError> {
        text.parse()
    }
}

impl DirectoryOption {
    /// The grant, with the host's side relative to `base`. The directory must exist.
    pub(crate) fn resolve(&self, base: &Path) -> Result<Directory, Failure> {
        let mut directory = self.0.clone();
        directory.host = base.join(&directory.host);
        let refuse = |cause: String| {
            Failure::own(format!(
                "cannot grant the directory {}",
                directory.host.display()
            ))
            .because(cause)
        };
        let metadata = directory.host.metadata().map_err(|error| {
            refuse(error.to_string()).with_help(
                "`--dir` takes an existing directory of the host: create it, or correct the path",
            )
        })?;
        if !metadata.is_dir() {
            return Err(refuse("it is not a directory".into())
                .with_help("grant the directory that it is in"));
        }
        Ok(directory)
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

    #[test]
    fn nonsense_is_refused() {
        assert!("=x".parse::<EnvironmentOption>().is_err());
    }
}
