//! WASI, as a plugin like any other, and what it grants.

pub(crate) mod http;
mod interfaces;
mod lookup;
mod network;
mod stdio;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

pub use network::{NetworkRule, NetworkRuleError};
pub use stdio::{Capture, Input, Output};

use crate::Error;
use crate::limits::Limits;
use http::HttpPolicy;

pub(crate) use interfaces::Wasi;
pub(crate) use stdio::StdoutState;

/// A directory that a guest may use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Directory {
    /// The directory on the host.
    pub host: PathBuf,
    /// Its name in the guest.
    pub guest: String,
    /// Whether the guest may change anything in it.
    pub writable: bool,
}

impl Directory {
    /// Grants a directory of the host to the guest under a name.
    pub fn new(host: impl Into<PathBuf>, guest: impl Into<String>, writable: bool) -> Self {
        Directory {
            host: host.into(),
            guest: guest.into(),
            writable,
        }
    }
}

/// `HOST[::GUEST][:ro]`, or with `:rw`, which is the default.
impl FromStr for Directory {
    type Err = DirectoryError;

    fn from_str(text: &str) -> Result<Self, DirectoryError> {
        let (names, writable) = match text.strip_suffix(":ro") {
            Some(names) => (names, false),
            None => (text.strip_suffix(":rw").unwrap_or(text), true),
        };
        let (host, guest) = names.split_once("::").unwrap_or((names, names));
        if host.is_empty() {
            return Err(DirectoryError::NoHost);
        }
        if guest.is_empty() {
            return Err(DirectoryError::NoGuest);
        }
        if guest.contains("::") {
            return Err(DirectoryError::Names);
        }
        if names.contains("::") && guest.contains(':') {
            return Err(DirectoryError::Suffix);
        }
        if guest.contains('\0') || host.contains('\0') {
            return Err(DirectoryError::Nul);
        }
        Ok(Directory::new(host, guest, writable))
    }
}

/// Why a text is not `HOST[::GUEST][:ro]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// There is nothing before `::`.
    #[error("the directory on the host is missing; write HOST, HOST::GUEST or HOST::GUEST:ro")]
    NoHost,
    /// There is nothing after `::`.
    #[error("the name in the guest is missing after `::`")]
    NoGuest,
    /// `::` is there twice.
    #[error("there is more than one `::`")]
    Names,
    /// Something else than `:ro` and `:rw` follows.
    #[error("only `:ro` and `:rw` may follow the name in the guest")]
    Suffix,
    /// A name has a zero byte.
    #[error("a name cannot contain NUL")]
    Nul,
}

/// What WASI lets a guest see. By default nothing: no directory, no network, no environment, no arguments.
/// Clocks and random numbers are always there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grants {
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) directories: Vec<Directory>,
    pub(crate) network: Arc<Vec<NetworkRule>>,
    pub(crate) stdin: Input,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    /// The host does nothing but run this guest, so WASI's blocking calls may block its thread.
    pub(crate) may_block: bool,
}

impl Grants {
    pub(crate) fn context(
        &self,
        name: &str,
        limits: &Limits,
        stdout: &StdoutState,
    ) -> Result<WasiCtx, Error> {
        self.builder(name, limits, stdout)
            .map(|mut builder| builder.build())
    }

    pub(crate) fn preview1_context(
        &self,
        name: &str,
        limits: &Limits,
        stdout: &StdoutState,
    ) -> Result<WasiP1Ctx, Error> {
        self.builder(name, limits, stdout)
            .map(|mut builder| builder.build_p1())
    }

    pub(crate) fn http_policy(&self) -> HttpPolicy {
        HttpPolicy::new(Arc::clone(&self.network))
    }

    fn builder(
        &self,
        name: &str,
        limits: &Limits,
        stdout: &StdoutState,
    ) -> Result<WasiCtxBuilder, Error> {
        let mut builder = WasiCtxBuilder::new();
        builder.allow_blocking_current_thread(self.may_block);
        builder.max_random_size(limits.host_bytes as u64);
        builder
            .arg(name)
            .args(&self.arguments)
            .envs(&self.environment);
        for directory in &self.directories {
            let permissions = if directory.writable {
                FsPerms::ReadWrite
            } else {
                FsPerms::ReadOnly
            };
            builder
                .preopened_dir(&directory.host, &directory.guest, permissions)
                .map_err(|error| Error::Grant {
                    what: format!("the directory {}", directory.host.display()),
                    source: into_io(error),
                })?;
        }
        network::grant(&mut builder, &self.network);
        self.stdin.grant(&mut builder);
        self.stdout.grant_stdout(&mut builder, stdout);
        self.stderr.grant_stderr(&mut builder);
        Ok(builder)
    }
}

fn into_io(error: wasmtime::Error) -> std::io::Error {
    match error.downcast::<std::io::Error>() {
        Ok(error) => error,
        Err(error) => std::io::Error::other(crate::error::chain(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(text: &str) -> (String, String, bool) {
        let directory: Directory = text.parse().unwrap();
        (
            directory.host.display().to_string(),
            directory.guest,
            directory.writable,
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
    fn other_texts_are_refused() {
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
            assert!(text.parse::<Directory>().is_err(), "{text:?} was taken");
        }
    }
}
