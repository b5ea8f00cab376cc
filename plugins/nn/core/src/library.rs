//! Where frameworks' libraries are looked for.

use std::env;
use std::path::{Path, PathBuf};

/// A framework's library. Nothing is loaded here, only found.
#[derive(Debug, Clone, Copy)]
pub struct Library<'a> {
    /// The file or folder that the user named.
    pub option: Option<&'a Path>,
    /// An environment variable with the file or folder.
    pub environment: &'a str,
    /// Its folder within `c12/nn` of the user's data folder.
    pub folder: &'a str,
    /// Its name without `lib` and `.so`: `onnxruntime`.
    pub stem: &'a str,
    /// Folders within Python's `site-packages` where packages have it.
    pub python: &'a [&'a str],
}

/// How deep folders that the user named, and the data folder, are searched.
const DEPTH: usize = 4;

/// The folders of the system.
const SYSTEM: [&str; 7] = [
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/opt/homebrew/lib",
];

impl Library<'_> {
    /// The files that may be it, best first. What the user named, by option or variable, is the only candidate then.
    pub fn candidates(&self) -> Vec<PathBuf> {
        let named = self
            .option
            .map(Path::to_owned)
            .or_else(|| non_empty(self.environment));
        if let Some(named) = named {
            return self.at(&named);
        }
        let mut found = Vec::new();
        if let Some(data) = data_folder() {
            found.extend(self.within(&data.join(self.folder), DEPTH));
        }
        for folder in beside_the_program()
            .iter()
            .chain(&system_folders(self.stem))
        {
            found.extend(self.within(folder, 0));
        }
        for packages in python_packages() {
            for folder in self.python {
                found.extend(self.within(&packages.join(folder), 0));
            }
        }
        found
    }

    /// Where `candidates` looks, for people who wonder why there are none.
    pub fn named(&self) -> Option<PathBuf> {
        self.option
            .map(Path::to_owned)
            .or_else(|| non_empty(self.environment))
    }

    /// The first of the files that can be loaded, with its path. `what` and `setup` are for the message if there is none:
    /// what the library is, and what would bring it.
    pub(crate) fn first_that<T>(
        &self,
        load: impl Fn(&Path) -> Result<T, String>,
        what: &str,
        setup: &str,
    ) -> Result<(PathBuf, T), String> {
        let mut reason = self.missing(what, setup);
        for path in self.candidates() {
            match load(&path) {
                Ok(loaded) => return Ok((path, loaded)),
                Err(why) => reason = self.unusable(&path, &why, setup),
            }
        }
        Err(reason)
    }

    /// That nothing was found, and what would help.
    pub(crate) fn missing(&self, what: &str, setup: &str) -> String {
        match self.named() {
            Some(named) => format!(
                "there is no {what} at `{}`, which {} names",
                named.display(),
                self.namer()
            ),
            None => format!("the {what} was not found; {setup}"),
        }
    }

    /// That a file is of no use, and what would help.
    pub(crate) fn unusable(&self, path: &Path, why: &str, setup: &str) -> String {
        let path = path.display();
        match self.named() {
            Some(_) => format!(
                "`{path}`, which {} names, cannot be used: {why}",
                self.namer()
            ),
            None => format!("`{path}` cannot be used: {why}; {setup}"),
        }
    }

    /// What the user named it with.
    fn namer(&self) -> String {
        match self.option {
            Some(_) => "a setting".to_owned(),
            None => format!("`{}`", self.environment),
        }
    }

    fn at(&self, named: &Path) -> Vec<PathBuf> {
        if named.is_dir() {
            self.within(named, DEPTH)
        } else {
            vec![named.to_owned()]
        }
    }

    /// The library's files in a folder, the latest version first.
    fn within(&self, folder: &Path, depth: usize) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut files = Vec::new();
        let mut folders = Vec::new();
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(version) = entry
                .file_name()
                .to_str()
                .and_then(|name| version_of(name, self.stem))
            {
                files.push((version, path));
            }
        }
        files.sort();
        let mut found: Vec<PathBuf> = files.into_iter().rev().map(|(_, path)| path).collect();
        if depth > 0 {
            folders.sort_by_cached_key(|folder| by_version(folder));
            for inner in folders.into_iter().rev() {
                found.extend(self.within(&inner, depth - 1));
            }
        }
        found
    }
}

/// The version in the name of a shared library; empty if it has none. `None` if it is not this library.
fn version_of(file: &str, stem: &str) -> Option<Vec<u32>> {
    let (prefix, suffix) = (env::consts::DLL_PREFIX, env::consts::DLL_EXTENSION);
    let rest = file.strip_prefix(prefix)?.strip_prefix(stem)?;
    // `libx.so`, `libx.so.1.2`, `libx.1.2.dylib`.
    let version = rest
        .strip_suffix(suffix)
        .and_then(|rest| rest.strip_suffix('.'))
        .or_else(|| {
            rest.strip_prefix('.')
                .and_then(|rest| rest.strip_prefix(suffix))
        })?;
    version
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect()
}

/// Sorts folders by the numbers in their names, so that 2.9 is before 2.15. What was made on this machine, and has no
/// number, is behind them all.
fn by_version(folder: &Path) -> (bool, Vec<u64>, PathBuf) {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let numbers: Vec<u64> = name
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().unwrap_or(u64::MAX))
        .collect();
    (numbers.is_empty(), numbers, folder.to_owned())
}

/// C12's part of the user's data folder, where `c12 plugin setup nn` puts libraries.
pub fn data_folder() -> Option<PathBuf> {
    let data = non_empty("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| non_empty("HOME").map(|home| home.join(".local/share")))
        .or_else(|| non_empty("LOCALAPPDATA"))?;
    Some(data.join("c12").join("nn"))
}

fn beside_the_program() -> Vec<PathBuf> {
    let Some(folder) = env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(Path::to_owned))
    else {
        return Vec::new();
    };
    vec![folder.join("../lib"), folder]
}

fn system_folders(stem: &str) -> Vec<PathBuf> {
    let searched = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    env::split_paths(&searched)
        .filter(|folder| folder.is_absolute())
        .chain(SYSTEM.map(PathBuf::from))
        .chain([Path::new("/opt").join(stem).join("lib")])
        .collect()
}

/// The folders of Python's packages: of the active environment, the user and the system.
fn python_packages() -> Vec<PathBuf> {
    let mut roots = Vec::new();
    roots.extend(non_empty("VIRTUAL_ENV").map(|root| root.join("lib")));
    roots.extend(non_empty("HOME").map(|home| home.join(".local/lib")));
    roots.extend(["/usr/local/lib", "/usr/lib"].map(PathBuf::from));
    let mut packages = Vec::new();
    for root in roots {
        let Ok(entries) = std::fs::read_dir(&root) else {
            continue;
        };
        let mut versions: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"))
            .map(|entry| entry.path())
            .collect();
        versions.sort_by_cached_key(|folder| by_version(folder));
        for version in versions.into_iter().rev() {
            packages.push(version.join("site-packages"));
            packages.push(version.join("dist-packages"));
        }
    }
    packages
}

fn non_empty(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
