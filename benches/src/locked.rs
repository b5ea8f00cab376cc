//! The versions of libraries, from the lock file that everything is built with.

use anyhow::{Context as _, Result};

/// `NAME VERSION, …` of libraries that a package of the workspace depends on.
pub(crate) fn versions(package: &str, libraries: &[&str]) -> Result<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    let lock = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let found: Option<Vec<String>> = libraries
        .iter()
        .map(|library| version(&lock, package, library))
        .collect();
    let found = found.with_context(|| format!("{path} lacks a dependency of {package}"))?;
    Ok(found.join(", "))
}

/// `NAME VERSION`. A package names the version of a dependency where there are several.
fn version(lock: &str, package: &str, library: &str) -> Option<String> {
    let mut blocks = lock.split("[[package]]");
    let line = format!("name = {package:?}\n");
    let block = blocks.find(|block| block.contains(&line))?;
    let (_, dependencies) = block.split_once("dependencies = [")?;
    let mut dependencies = dependencies
        .lines()
        .map(|line| line.trim().trim_matches([',', '"']));
    let dependency = dependencies.find(|dependency| {
        let name = dependency.split(' ').next();
        name == Some(library)
    })?;
    if dependency.contains(' ') {
        return Some(dependency.to_owned());
    }
    let (_, rest) = lock.split_once(&format!("name = {library:?}\nversion = \""))?;
    let (version, _) = rest.split_once('"')?;
    Some(format!("{library} {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "one"
version = "1.0.0"
dependencies = [
 "sha2 0.10.9",
 "sha2-asm",
]

[[package]]
name = "sha2"
version = "0.10.9"

[[package]]
name = "sha2"
version = "0.11.1"

[[package]]
name = "sha2-asm"
version = "0.6.4"
"#;

    #[test]
    fn versions_are_those_that_the_package_has() {
        let of = |library| version(LOCK, "one", library);
        assert_eq!(of("sha2").as_deref(), Some("sha2 0.10.9"));
        assert_eq!(of("sha2-asm").as_deref(), Some("sha2-asm 0.6.4"));
        assert_eq!(of("md5"), None);
        assert_eq!(version(LOCK, "two", "sha2"), None);
    }

    #[test]
    fn the_lock_file_has_what_is_compared() {
        let native = versions("c12-benches", &["aws-lc-rs", "blake3"]).unwrap();
        assert!(native.starts_with("aws-lc-rs 1."), "{native}");
    }
}
