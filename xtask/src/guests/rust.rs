//! Guests in Rust: the examples of the guest packages, for both targets, and component plugins.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::packages::{Package, packages};
use super::{place, remove_others};
use crate::layout::Layout;
use crate::process::{cargo, run};
use crate::tools::rust_for_guests::{RustForGuests, rust_for_guests};

/// A target of guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Short, as in the output's folder and in `wasip2-only`.
    kind: &'static str,
    /// Rust's name.
    triple: &'static str,
}

/// WASI 0.1: core modules.
const WASIP1: Target = Target {
    kind: "wasip1",
    triple: "wasm32-wasip1",
};
/// WASI 0.2: components.
pub(crate) const WASIP2: Target = Target {
    kind: "wasip2",
    triple: "wasm32-wasip2",
};

/// Of all guests this one is built with the very line that the documentation gives, so that whatever runs it tests the
/// line too.
const DOCUMENTED: (&str, Target) = ("09_wasi_02_component_example", WASIP2);

pub(super) fn build_all(layout: &Layout) -> Result<()> {
    let packages = packages(layout)?;
    let rust = rust_for_guests(layout)?;
    for target in [WASIP1, WASIP2] {
        let names = distinct_names(&packages, target)?;
        for package in &packages {
            let mut examples = package.examples_for(target.kind).peekable();
            if examples.peek().is_some() {
                let has_library = examples.any(|example| example.is_library);
                let what = if has_library { "--lib" } else { "--examples" };
                build(layout, &rust, package, target, &[what])?;
            }
        }
        for name in &names {
            if (name.as_str(), target) == DOCUMENTED {
                build_one(layout, &rust, name, target)?;
            }
        }
        for example in packages
            .iter()
            .flat_map(|package| package.examples_for(target.kind))
        {
            place_built(layout, target, &example.name, example.is_library)?;
        }
        remove_others(layout, target.kind, &names)?;
    }
    Ok(())
}

/// Builds one guest again, for every target that it has. False if there is none of that name.
pub(super) fn build_named(layout: &Layout, name: &str) -> Result<bool> {
    let rust = rust_for_guests(layout)?;
    let mut is_known = false;
    for package in packages(layout)? {
        for target in [WASIP1, WASIP2] {
            let mut examples = package.examples_for(target.kind);
            if let Some(example) = examples.find(|example| example.name == name) {
                is_known = true;
                let is_library = example.is_library;
                let what: &[&str] = if is_library {
                    &["--lib"]
                } else {
                    &["--example", name]
                };
                build(layout, &rust, &package, target, what)?;
                if (name, target) == DOCUMENTED {
                    build_one(layout, &rust, name, target)?;
                }
                place_built(layout, target, name, is_library)?;
            }
        }
    }
    Ok(is_known)
}

fn place_built(layout: &Layout, target: Target, name: &str, is_library: bool) -> Result<()> {
    let built = if is_library {
        built_library(layout, target, name)
    } else {
        built(layout, target, name)
    };
    place(layout, &built, target.kind, name)
}

pub(super) fn build_example(layout: &Layout, name: &str, target: Target) -> Result<PathBuf> {
    build_one(layout, &rust_for_guests(layout)?, name, target)?;
    place(layout, &built(layout, target, name), target.kind, name)?;
    Ok(layout
        .guests()
        .join(target.kind)
        .join(format!("{name}.wasm")))
}

fn build_one(layout: &Layout, rust: &RustForGuests, name: &str, target: Target) -> Result<()> {
    run(&mut documented_line(layout, rust, name, target))
        .with_context(|| format!("cannot build the example {name} for {}", target.triple))
}

/// What the documentation says builds an example of the SDK. What else it takes here is in the environment.
fn documented_line(layout: &Layout, rust: &RustForGuests, name: &str, target: Target) -> Command {
    let mut command = cargo(layout);
    command
        .args([
            "build",
            "--example",
            name,
            "--target",
            target.triple,
            "--release",
        ])
        .env("CARGO_TARGET_DIR", build_folder(layout))
        .env("CARGO_TERM_QUIET", "true");
    rust.configure(&mut command);
    command
}

/// The examples and plugins of all packages share a folder, so a name stands for one of them.
fn distinct_names(packages: &[Package], target: Target) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for package in packages {
        for example in package.examples_for(target.kind) {
            if !names.insert(example.name.clone()) {
                bail!(
                    "two guests are called {}; rename the one in {}",
                    example.name,
                    package.name
                );
            }
        }
    }
    Ok(names)
}

/// Builds what cargo's options name of a package.
fn build(
    layout: &Layout,
    rust: &RustForGuests,
    package: &Package,
    target: Target,
    what: &[&str],
) -> Result<()> {
    let mut command = cargo(layout);
    command
        .args(["build", "--release", "--package", &package.name])
        .args(["--target", target.triple])
        .args(what)
        // Debian's compiler is older than some dependencies claim to need; that they compile is what counts.
        .arg("--ignore-rust-version");
    let features: Vec<_> = package.features_for(target.kind).into_iter().collect();
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    // Another compiler than the host's: in a folder of its own neither throws away the other's work.
    command
        .arg("--quiet")
        .arg("--target-dir")
        .arg(build_folder(layout));
    rust.configure(&mut command);
    run(&mut command).with_context(|| {
        format!(
            "cannot build the guests of {} for {}",
            package.name, target.triple
        )
    })
}

fn build_folder(layout: &Layout) -> PathBuf {
    layout.guests().join("build")
}

fn built(layout: &Layout, target: Target, name: &str) -> PathBuf {
    build_folder(layout)
        .join(target.triple)
        .join("release/examples")
        .join(format!("{name}.wasm"))
}

fn built_library(layout: &Layout, target: Target, name: &str) -> PathBuf {
    build_folder(layout)
        .join(target.triple)
        .join("release")
        .join(format!("{name}.wasm"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::packages::Example;
    use super::*;
    use crate::process::shown;

    #[test]
    fn the_documented_line_is_what_builds_the_documented_example() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let layout = Layout {
            root: root.into(),
            target: "/t".into(),
            tools: "/x".into(),
        };
        let debian = RustForGuests::Debian {
            rustc: "/r".into(),
            wasm_ld: "/w".into(),
            component_ld: "/c".into(),
        };
        let (name, target) = DOCUMENTED;
        for rust in [RustForGuests::Pinned, debian] {
            let command = documented_line(&layout, &rust, name, target);
            let line = shown(&command);
            assert_eq!(
                line,
                "cargo build --example 09_wasi_02_component_example --target wasm32-wasip2 --release"
            );
            assert_eq!(command.get_current_dir(), Some(root));
            for page in [
                "guest/README.md",
                "guest/examples/09_wasi_02_component_example/main.rs",
            ] {
                let text = std::fs::read_to_string(root.join(page)).unwrap();
                assert!(text.contains(&line), "{page} gives another line");
            }
        }
    }

    fn package(name: &str, examples: &[(&str, &[&str])]) -> Package {
        let example = |(name, features): &(&str, &[&str])| Example {
            name: (*name).to_owned(),
            is_library: false,
            required_features: features
                .iter()
                .map(|feature| (*feature).to_owned())
                .collect(),
        };
        Package {
            name: name.to_owned(),
            examples: examples.iter().map(example).collect(),
        }
    }

    #[test]
    fn two_guests_of_one_name_are_an_error() {
        let packages = [
            package("a", &[("same", &[])]),
            package("b", &[("same", &[])]),
        ];
        assert!(
            distinct_names(&packages, WASIP1)
                .unwrap_err()
                .to_string()
                .contains("same")
        );
    }

    #[test]
    fn one_name_may_stand_for_a_guest_per_target() {
        let packages = [
            package("a", &[("same", &["wasip1-only"])]),
            package("b", &[("same", &["wasip2-only"])]),
        ];
        assert_eq!(
            distinct_names(&packages, WASIP1).unwrap(),
            ["same".to_owned()].into()
        );
    }
}
