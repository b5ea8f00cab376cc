//! Which guests the workspace has, as cargo describes it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::layout::Layout;
use crate::process::{cargo, output};

/// Packages whose examples are guests.
pub(crate) const GUEST_PACKAGES: [&str; 3] = ["c12_wasm", "c12-test-guests", "c12-bench-kernels"];

/// Packages whose library is a component plugin.
const PLUGIN_PACKAGES: [&str; 1] = ["c12-example-geo"];

/// A package with what is built of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) examples: Vec<Example>,
}

/// An example of a package, or its library if that is a component plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) name: String,
    pub(super) is_library: bool,
    pub(super) required_features: Vec<String>,
}

impl Example {
    /// Whether it is meant for a target: the feature `wasip1-only` keeps an example from any other target, and a plugin
    /// is a component.
    pub(super) fn is_for(&self, target: &str) -> bool {
        if self.is_library {
            return target == "wasip2";
        }
        self.required_features
            .iter()
            .all(|feature| only(feature).is_none_or(|wanted| wanted == target))
    }
}

impl Package {
    pub(super) fn examples_for(&self, target: &str) -> impl Iterator<Item = &Example> {
        self.examples
            .iter()
            .filter(move |example| example.is_for(target))
    }

    /// All features that the examples of a target require.
    pub(super) fn features_for(&self, target: &str) -> BTreeSet<&str> {
        self.examples_for(target)
            .flat_map(|example| &example.required_features)
            .map(String::as_str)
            .collect()
    }
}

/// The target in `TARGET-only`.
fn only(feature: &str) -> Option<&str> {
    feature
        .strip_suffix("-only")
        .filter(|target| target.starts_with("wasip"))
}

/// The guest packages of the workspace.
pub(super) fn packages(layout: &Layout) -> Result<Vec<Package>> {
    let metadata = output(cargo(layout).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    parse(&metadata).context("cannot understand what `cargo metadata` says")
}

fn parse(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("no packages")?;
    packages
        .iter()
        .filter_map(|package| {
            let name = package.get("name")?.as_str()?;
            let kind = if PLUGIN_PACKAGES.contains(&name) {
                "cdylib"
            } else {
                "example"
            };
            let is_known = GUEST_PACKAGES.contains(&name) || kind == "cdylib";
            is_known.then_some((name, kind, package))
        })
        .map(|(name, wanted, package)| {
            let targets = package
                .get("targets")
                .and_then(Value::as_array)
                .context("a package without targets")?;
            let examples = targets
                .iter()
                .filter(|target| strings(target, "kind").any(|kind| kind == wanted));
            Ok(Package {
                name: name.to_owned(),
                examples: examples.map(example).collect::<Result<_>>()?,
            })
        })
        .collect()
}

fn example(target: &Value) -> Result<Example> {
    Ok(Example {
        name: target
            .get("name")
            .and_then(Value::as_str)
            .context("a target without a name")?
            .to_owned(),
        is_library: strings(target, "kind").any(|kind| kind == "cdylib"),
        required_features: strings(target, "required-features")
            .map(str::to_owned)
            .collect(),
    })
}

fn strings<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    value
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{"packages": [
        {"name": "c12", "targets": [{"name": "embed", "kind": ["example"]}]},
        {"name": "c12_wasm", "targets": [
            {"name": "c12_wasm", "kind": ["lib"]},
            {"name": "both", "kind": ["example"], "crate_types": ["cdylib"]},
            {"name": "old", "kind": ["example"], "required-features": ["wasip1-only", "simd"]},
            {"name": "new", "kind": ["example"], "required-features": ["wasip2-only", "http"]}
        ]}
    ]}"#;

    fn names(package: &Package, target: &str) -> Vec<String> {
        package
            .examples_for(target)
            .map(|example| example.name.clone())
            .collect()
    }

    #[test]
    fn only_the_examples_of_guest_packages_are_guests() {
        let packages = parse(METADATA).unwrap();
        assert_eq!(
            packages
                .iter()
                .map(|package| &package.name)
                .collect::<Vec<_>>(),
            ["c12_wasm"]
        );
        assert_eq!(packages[0].examples.len(), 3);
    }

    #[test]
    fn an_example_for_one_target_only_is_built_for_that_one_only() {
        let package = parse(METADATA).unwrap().remove(0);
        assert_eq!(names(&package, "wasip1"), ["both", "old"]);
        assert_eq!(names(&package, "wasip2"), ["both", "new"]);
    }

    #[test]
    fn of_a_plugin_package_the_library_is_built_as_a_component() {
        let metadata = r#"{"packages": [{"name": "c12-example-geo", "targets": [
            {"name": "geo", "kind": ["cdylib"]}, {"name": "test", "kind": ["test"]}
        ]}]}"#;
        let package = parse(metadata).unwrap().remove(0);
        assert_eq!(names(&package, "wasip1"), [""; 0]);
        assert_eq!(names(&package, "wasip2"), ["geo"]);
        assert!(package.examples[0].is_library);
    }

    #[test]
    fn features_follow_from_the_examples_of_the_target() {
        let package = parse(METADATA).unwrap().remove(0);
        assert_eq!(
            package.features_for("wasip1"),
            ["simd", "wasip1-only"].into()
        );
        assert_eq!(
            package.features_for("wasip2"),
            ["http", "wasip2-only"].into()
        );
    }

    #[test]
    fn metadata_that_is_not_json_is_an_error() {
        assert!(parse("error: no such command").is_err());
        assert!(parse("{}").is_err());
    }
}
