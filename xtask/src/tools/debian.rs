//! Programs from Debian's packages, unpacked into a folder of their own.
//!
//! apt's own client fetches and verifies the packages with a configuration and a state of its own, so the machine's
//! package database is neither read nor changed and no rights are needed. The programs run through the dynamic linker
//! of that folder, because they want a newer C library than the machine may have.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

use crate::install::{Origin, ToolsLock, staging, wrapper, write_if_changed};
use crate::layout::Layout;
use crate::process::{find_program, run_quietly};

mod mirror;

/// The release that the packages are taken from.
const RELEASE: &str = "trixie";
const KEYRINGS: [&str; 2] = [
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
];

/// A group of packages that make one tool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packages {
    /// What they are for.
    pub(crate) what: &'static str,
    /// The licence of the tool itself.
    pub(crate) licence: &'static str,
    /// All that must be unpacked, libraries included: dependencies are not followed.
    pub(crate) names: &'static [&'static str],
}

/// The folder that packages are unpacked into.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    path: PathBuf,
}

/// Debian's names for a kind of processor.
struct Processor {
    architecture: &'static str,
    triplet: &'static str,
    loader: &'static str,
}

fn processor() -> Option<&'static Processor> {
    match std::env::consts::ARCH {
        "x86_64" => Some(&Processor {
            architecture: "amd64",
            triplet: "x86_64-linux-gnu",
            loader: "usr/lib64/ld-linux-x86-64.so.2",
        }),
        "aarch64" => Some(&Processor {
            architecture: "arm64",
            triplet: "aarch64-linux-gnu",
            loader: "usr/lib/ld-linux-aarch64.so.1",
        }),
        _ => None,
    }
}

fn keyring() -> Option<&'static str> {
    KEYRINGS.into_iter().find(|file| Path::new(file).is_file())
}

/// What stops this machine from using Debian's packages, with what to do about it.
pub(crate) fn obstacle() -> Option<String> {
    if !cfg!(target_os = "linux") || processor().is_none() {
        return Some("Debian's packages are used on Linux on x86-64 and ARM64 only".to_owned());
    }
    let missing: Vec<_> = ["apt-get", "dpkg"]
        .into_iter()
        .filter(|name| find_program(name).is_none())
        .collect();
    if !missing.is_empty() {
        return Some(format!(
            "{} not found: this is not a Debian or a relative of it",
            missing.join(" and ")
        ));
    }
    if keyring().is_none() {
        return Some(
            "Debian's signing keys are missing; run `apt-get install debian-archive-keyring`"
                .to_owned(),
        );
    }
    None
}

/// Whether every one of these packages is unpacked.
pub(crate) fn has(layout: &Layout, packages: &Packages) -> bool {
    missing(layout, packages).is_empty()
}

/// Unpacks what is missing of these packages.
pub(crate) fn install(layout: &Layout, packages: &Packages) -> Result<Root> {
    let root = Root {
        path: base(layout).join("root"),
    };
    if has(layout, packages) {
        return Ok(root);
    }
    if let Some(obstacle) = obstacle() {
        bail!("cannot install {}: {obstacle}", packages.what);
    }
    let _lock = ToolsLock::take(layout)?;
    let missing = missing(layout, packages);
    if missing.is_empty() {
        return Ok(root);
    }
    let package = format!("Debian {RELEASE}'s {}", missing.join(", "));
    Origin {
        what: packages.what,
        package: &package,
        licence: packages.licence,
    }
    .announce();
    unpack(layout, &root.path, &missing)
        .with_context(|| format!("cannot install {}", packages.what))?;
    Ok(root)
}

impl Root {
    /// A path inside.
    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// A script that starts a program of this folder; the program believes that the script is itself.
    pub(crate) fn wrapper(&self, layout: &Layout, name: &str, program: &str) -> Result<PathBuf> {
        let processor = processor().context("no such processor in Debian")?;
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let libraries = [
            "usr/lib/llvm-19/lib",
            &format!("usr/lib/{}", processor.triplet),
        ]
        .map(|folder| text(self.join(folder)))
        .join(":");
        let (loader, program) = (text(self.join(processor.loader)), text(self.join(program)));
        let itself = text(layout.wrappers().join(name));
        wrapper(
            layout,
            name,
            &[
                &loader,
                "--library-path",
                &libraries,
                "--argv0",
                &itself,
                &program,
                "{}",
            ],
        )
    }
}

fn base(layout: &Layout) -> PathBuf {
    layout.tools.join(format!("debian-{RELEASE}"))
}

/// A file that says that a package is unpacked completely.
fn stamp(layout: &Layout, package: &str) -> PathBuf {
    base(layout).join("unpacked").join(package)
}

fn missing(layout: &Layout, packages: &Packages) -> Vec<&'static str> {
    packages
        .names
        .iter()
        .copied()
        .filter(|name| !stamp(layout, name).is_file())
        .collect()
}

fn unpack(layout: &Layout, root: &Path, packages: &[&str]) -> Result<()> {
    let configuration = configure_apt(&base(layout))?;
    let apt = || {
        let mut command = Command::new("apt-get");
        command
            .arg("-qq")
            .arg("-c")
            .arg(&configuration)
            .env("LC_ALL", "C");
        command
    };
    // The lists change slowly; one look per run is enough.
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        run_quietly(apt().arg("update"))?;
        UPDATED.get_or_init(|| ());
    }
    let incoming = staging(layout, "debian")?;
    run_quietly(apt().arg("download").args(packages).current_dir(&incoming))?;
    std::fs::create_dir_all(root)?;
    for package in packages {
        let file = downloaded(&incoming, package)?;
        run_quietly(Command::new("dpkg").arg("-x").arg(&file).arg(root))?;
        let name = file
            .file_name()
            .context("a package has a name")?
            .to_string_lossy()
            .into_owned();
        write_if_changed(
            &stamp(layout, package),
            format!("{name}\n").as_bytes(),
            false,
        )?;
    }
    Ok(std::fs::remove_dir_all(incoming)?)
}

/// The file that apt made of a package: `NAME_VERSION_ARCHITECTURE.deb`.
fn downloaded(folder: &Path, package: &str) -> Result<PathBuf> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name
            .to_str()
            .and_then(|name| name.split_once('_'))
            .is_some_and(|(name, _)| name == package)
        {
            return Ok(entry.path());
        }
    }
    bail!("apt-get did not download {package}")
}

/// Writes the configuration for `apt-get -c`, which is read after the machine's own: proxies and credentials stay.
fn configure_apt(base: &Path) -> Result<PathBuf> {
    let keyring = keyring().context("Debian's signing keys are missing")?;
    let architecture = processor()
        .context("no such processor in Debian")?
        .architecture;
    let mirror = mirror::of_this_machine();
    let sources = base.join("apt/sources.list");
    write_if_changed(
        &sources,
        format!("deb [signed-by={keyring}] {mirror} {RELEASE} main\n").as_bytes(),
        false,
    )?;
    let (state, cache) = (base.join("apt/state"), base.join("apt/cache"));
    std::fs::create_dir_all(state.join("lists/partial"))?;
    std::fs::create_dir_all(cache.join("archives/partial"))?;
    let status = state.join("status");
    write_if_changed(&status, b"", false)?;
    let content = apt_configuration(architecture, &sources, &state, &status, &cache);
    let path = base.join("apt/apt.conf");
    write_if_changed(&path, content.as_bytes(), false)?;
    Ok(path)
}

fn apt_configuration(
    architecture: &str,
    sources: &Path,
    state: &Path,
    status: &Path,
    cache: &Path,
) -> String {
    format!(
        r##"// Hooks, pins and further indexes are the machine's own affair.
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
#clear APT::Architectures;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::CNF;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::Etc::sourcelist "{sources}";
Dir::Etc::sourceparts "/nonexistent";
Dir::Etc::preferences "/nonexistent";
Dir::Etc::preferencesparts "/nonexistent";
Dir::State "{state}";
Dir::State::status "{status}";
Dir::Cache "{cache}";
"##,
        sources = sources.display(),
        state = state.display(),
        status = status.display(),
        cache = cache.display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_not_mistaken_for_one_with_a_longer_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["clang-19-doc_19.1_all.deb", "clang-19_1%3a19.1_amd64.deb"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = downloaded(folder.path(), "clang-19").unwrap();
        assert!(
            found.ends_with("clang-19_1%3a19.1_amd64.deb"),
            "{}",
            found.display()
        );
        assert!(downloaded(folder.path(), "clang").is_err());
    }

    #[test]
    fn a_package_counts_as_missing_until_it_is_stamped() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout {
            root: "/r".into(),
            target: "/t".into(),
            tools: folder.path().into(),
        };
        let packages = Packages {
            what: "a tool",
            licence: "MIT",
            names: &["one", "two"],
        };
        write_if_changed(&stamp(&layout, "one"), b"one_1_all.deb", false).unwrap();
        assert_eq!(missing(&layout, &packages), ["two"]);
    }
}
