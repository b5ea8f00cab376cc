//! Where things are: the clone, the build output and the installed tools.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The three folders that every step works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// Build output: `CARGO_TARGET_DIR`, or a folder in the user's cache.
    pub(crate) target: PathBuf,
    /// Installed tools: `C12_TOOLS_DIR`, or a folder in the user's cache.
    pub(crate) tools: PathBuf,
}

impl Layout {
    /// Reads the environment.
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest)
            .parent()
            .context("xtask has no parent folder")?;
        Self::from_variables(root, |name| std::env::var_os(name))
    }

    fn from_variables(root: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let variable = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let cache = || {
            variable("XDG_CACHE_HOME")
                .or_else(|| variable("HOME").map(|home| home.join(".cache")))
                .map(|cache| cache.join("c12"))
                .context("neither HOME nor XDG_CACHE_HOME is set; set CARGO_TARGET_DIR and C12_TOOLS_DIR")
        };
        let target = match variable("CARGO_TARGET_DIR") {
            Some(folder) => folder,
            None => cache()?.join("target"),
        };
        let tools = match variable("C12_TOOLS_DIR") {
            Some(folder) => folder,
            None => cache()?.join("tools"),
        };
        Ok(Self {
            root: root.to_owned(),
            // Children run in other folders than the caller, so relative paths would change their meaning.
            target: std::path::absolute(target)?,
            tools: std::path::absolute(tools)?,
        })
    }

    /// Built guests, a folder per kind: `wasip1`, `wasip2`, `c`, `foreign`.
    pub(crate) fn guests(&self) -> PathBuf {
        self.target.join("guests")
    }

    /// Wrapper scripts that start installed tools.
    pub(crate) fn wrappers(&self) -> PathBuf {
        self.tools.join("bin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(variables: &[(&str, &str)]) -> Result<Layout> {
        Layout::from_variables(Path::new("/clone"), |name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn variables_win_over_the_cache_folder() {
        let found = layout(&[
            ("CARGO_TARGET_DIR", "/t"),
            ("C12_TOOLS_DIR", "/x"),
            ("HOME", "/h"),
        ])
        .unwrap();
        assert_eq!((found.target, found.tools), ("/t".into(), "/x".into()));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let found = layout(&[
            ("CARGO_TARGET_DIR", ""),
            ("XDG_CACHE_HOME", ""),
            ("HOME", "/h"),
        ])
        .unwrap();
        assert_eq!(
            (found.target, found.tools),
            ("/h/.cache/c12/target".into(), "/h/.cache/c12/tools".into())
        );
    }

    #[test]
    fn the_cache_folder_follows_xdg() {
        let found = layout(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")]).unwrap();
        assert_eq!(found.guests(), Path::new("/c/c12/target/guests"));
    }

    #[test]
    fn nothing_set_is_an_error_that_says_what_to_set() {
        assert!(
            layout(&[])
                .unwrap_err()
                .to_string()
                .contains("CARGO_TARGET_DIR")
        );
    }
}
