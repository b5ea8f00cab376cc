//! Where the programs that are measured are.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::contender::words;
use crate::locked;

/// The programs and guests.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) c12: PathBuf,
    pub(crate) instantiation: PathBuf,
    pub(crate) plugin_calls: PathBuf,
    pub(crate) crypto_native: PathBuf,
    /// Runs models; it is built where llama.cpp can be.
    pub(crate) nn_native: Option<PathBuf>,
    /// The folder of models.
    pub(crate) nn_models: Option<PathBuf>,
    pub(crate) native_kernels: PathBuf,
    pub(crate) guests: PathBuf,
    pub(crate) wasmtime: Option<PathBuf>,
    pub(crate) wasmedge: Option<PathBuf>,
    /// WasmEdge's headers, for plugins that are written for it.
    pub(crate) wasmedge_headers: Option<PathBuf>,
    /// Puts components together.
    pub(crate) wac: Option<PathBuf>,
    /// Of C, for native plugins.
    pub(crate) compiler: PathBuf,
}

impl Tools {
    /// From the environment, or beside this program, which cargo puts into the target folder.
    pub(crate) fn find() -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own folder")?;
        let release = program.parent().context("this program is in no folder")?;
        let target = release.parent().unwrap_or(release);
        let named = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let needed = |name: &str, default: PathBuf| {
            let path = named(name).unwrap_or(default);
            if !path.exists() {
                bail!(
                    "{} is not there; `cargo xtask bench` builds it, or name it in {name}",
                    path.display()
                );
            }
            Ok(path)
        };
        let peer = |name: &str| {
            named(name)
                .map(|path| match path.is_file() {
                    true => Ok(path),
                    false => bail!("{name} names {}, which is not there", path.display()),
                })
                .transpose()
        };
        Ok(Tools {
            c12: needed("C12_BIN", release.join("c12"))?,
            instantiation: needed("C12_INSTANTIATION", release.join("instantiation"))?,
            plugin_calls: needed("C12_PLUGIN_CALLS", release.join("plugin_calls"))?,
            crypto_native: needed("C12_CRYPTO_NATIVE", release.join("crypto_native"))?,
            nn_native: peer("C12_NN_NATIVE")?
                .or_else(|| Some(release.join("nn_native")).filter(|path| path.is_file())),
            nn_models: named("C12_NN_MODELS"),
            native_kernels: needed("C12_KERNELS", release.join("examples/kernels"))?,
            guests: needed("C12_GUESTS", target.join("guests"))?,
            wasmtime: peer("C12_WASMTIME")?,
            wasmedge: peer("C12_WASMEDGE")?,
            wasmedge_headers: named("C12_WASMEDGE_INCLUDE"),
            wac: peer("C12_WAC")?,
            compiler: named("CC").unwrap_or_else(|| "cc".into()),
        })
    }

    /// A guest, by its path below the guests' folder.
    pub(crate) fn guest(&self, path: &str) -> Result<PathBuf> {
        let path = self.guests.join(path);
        if !path.is_file() {
            bail!(
                "the guest {} is missing; `cargo xtask guests` builds it",
                path.display()
            );
        }
        Ok(path)
    }

    /// What is compared, and in which version.
    pub(crate) fn versions(&self) -> Result<Vec<(&'static str, String)>> {
        let of = |program: &Path| version(program);
        let peer = |program: &Option<PathBuf>| match program {
            Some(program) => version(program),
            None => Ok("not there: left out".to_owned()),
        };
        Ok(vec![
            ("C12", of(&self.c12)?),
            ("Wasmtime", peer(&self.wasmtime)?),
            ("WasmEdge", peer(&self.wasmedge)?),
            ("native code", of(Path::new("rustc"))?),
            (
                "native plugins",
                of(&self.compiler).unwrap_or_else(|_| "no C compiler: left out".to_owned()),
            ),
            ("static composition", peer(&self.wac)?),
            (
                "cryptography, native",
                locked::versions("c12-benches", &["aws-lc-rs", "blake3"])?,
            ),
            (
                "cryptography, in wasm",
                locked::versions(
                    "c12-test-guests",
                    &[
                        "aes-gcm",
                        "chacha20poly1305",
                        "sha2",
                        "blake3",
                        "ed25519-dalek",
                        "p256",
                    ],
                )?,
            ),
        ])
    }
}

fn version(program: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    let output = command
        .output()
        .with_context(|| format!("cannot start `{}`", words(&command)))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or("unknown").trim();
    // Some name themselves by the path that they were started with.
    Ok(match line.strip_prefix(&*program.to_string_lossy()) {
        Some(rest) if program.is_absolute() => rest.trim().to_owned(),
        _ => line.to_owned(),
    })
}
