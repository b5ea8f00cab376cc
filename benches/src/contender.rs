//! Something that runs a program: C12, a peer, or the machine itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::tools::Tools;

/// A program ready to be run, compiled ahead of time where it is WebAssembly.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Contender {
    /// A program of this machine.
    pub(crate) fn native(name: &'static str, program: &Path, arguments: &[&str]) -> Self {
        Contender {
            name,
            program: program.to_owned(),
            arguments: arguments.iter().map(OsString::from).collect(),
            environment: Vec::new(),
        }
    }

    /// C12 with a cache of its own in `folder`, which the first run fills.
    pub(crate) fn c12(tools: &Tools, guest: &Path, folder: &Path) -> Self {
        Contender::c12_with(tools, &[], guest, folder)
    }

    /// The same with options.
    pub(crate) fn c12_with(
        tools: &Tools,
        options: &[OsString],
        guest: &Path,
        folder: &Path,
    ) -> Self {
        let mut arguments = vec!["run".into()];
        arguments.extend_from_slice(options);
        arguments.push(guest.into());
        Contender {
            name: "C12",
            program: tools.c12.clone(),
            arguments,
            environment: cache(folder),
        }
    }

    /// C12's library with a provider of `bench:calls`: `static`, or a plugin's file. As C12 it has a cache in `folder`.
    pub(crate) fn calls(
        name: &'static str,
        tools: &Tools,
        provider: impl Into<OsString>,
        guest: &Path,
        folder: &Path,
    ) -> Self {
        Contender {
            name,
            program: tools.plugin_calls.clone(),
            arguments: vec![provider.into(), guest.into()],
            environment: cache(folder),
        }
    }

    /// The same with more arguments.
    pub(crate) fn with_arguments(mut self, more: &[OsString]) -> Self {
        self.arguments.extend_from_slice(more);
        self
    }

    /// The same with a path in its environment.
    pub(crate) fn with(mut self, variable: &'static str, path: &Path) -> Self {
        self.environment.push((variable, path.to_owned()));
        self
    }

    /// Wasmtime's command line with a file that it compiled before; none if it is not there.
    pub(crate) fn wasmtime(tools: &Tools, guest: &Path, folder: &Path) -> Result<Option<Self>> {
        let Some(program) = &tools.wasmtime else {
            return Ok(None);
        };
        let compiled = compiled(folder, guest, "wasmtime.cwasm")?;
        succeed(
            Command::new(program)
                .arg("compile")
                .arg(guest)
                .arg("-o")
                .arg(&compiled),
        )?;
        Ok(Some(Contender {
            name: "Wasmtime",
            program: program.clone(),
            arguments: vec!["run".into(), "--allow-precompiled".into(), compiled.into()],
            environment: Vec::new(),
        }))
    }

    /// WasmEdge with a file that its AOT compiler made before; none if it is not there.
    pub(crate) fn wasmedge(tools: &Tools, guest: &Path, folder: &Path) -> Result<Option<Self>> {
        let Some(program) = &tools.wasmedge else {
            return Ok(None);
        };
        let compiled = compiled(folder, guest, "wasmedge.so")?;
        succeed(
            Command::new(program)
                .arg("compile")
                .arg(guest)
                .arg(&compiled),
        )?;
        Ok(Some(Contender {
            name: "WasmEdge",
            program: program.clone(),
            arguments: vec!["run".into(), compiled.into()],
            environment: Vec::new(),
        }))
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .args(more)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// What it prints on standard output.
    pub(crate) fn output(&self, more: &[&str]) -> Result<String> {
        succeed(&mut self.command(more)).with_context(|| format!("{} failed", self.name))
    }

    /// How long the whole process takes, its output going nowhere.
    pub(crate) fn time(&self) -> Result<Duration> {
        let mut command = self.command(&[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command
            .status()
            .with_context(|| format!("cannot start `{}`", words(&command)))?;
        let elapsed = start.elapsed();
        if !status.success() {
            bail!("{} failed: `{}`: {status}", self.name, words(&command));
        }
        Ok(elapsed)
    }

    /// Whether C12's cache holds anything: without it, compilation would be measured.
    pub(crate) fn cache_is_filled(&self) -> bool {
        self.environment
            .iter()
            .find(|(name, _)| *name == "C12_CACHE_DIR")
            .and_then(|(_, folder)| folder.read_dir().ok())
            .is_some_and(|mut entries| entries.next().is_some())
    }
}

/// Where C12 keeps compiled code, and the key that marks it as its own.
fn cache(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("C12_CACHE_DIR", folder.join("c12-cache")),
        ("C12_STATE_DIR", folder.join("c12-state")),
    ]
}

/// Where a peer's compiled form of a guest goes.
fn compiled(folder: &Path, guest: &Path, suffix: &str) -> Result<PathBuf> {
    let name = guest.file_stem().context("a guest has a name")?;
    let mut name = name.to_owned();
    name.push(".");
    name.push(suffix);
    Ok(folder.join(name))
}

/// Runs a command to its end and takes what it printed on standard output.
pub(crate) fn succeed(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start `{}`", words(command)))?;
    if !output.status.success() {
        bail!(
            "`{}`: {}\n{}",
            words(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A command line for people.
pub(crate) fn words(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
