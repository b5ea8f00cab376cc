use std::path::Path;

use clap::ValueEnum;

use super::name::ProjectName;
use crate::report::Failure;

/// What a project starts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// A plugin in Rust, as a shared library.
    PluginRust,
    /// A plugin in C, as a shared library; built with make.
    PluginC,
    /// A plugin in C++, as a shared library; built with make.
    PluginCpp,
    /// A plugin in Rust, as a WebAssembly component.
    PluginWasm,
    /// A command in Rust for WASI 0.2.
    Cli,
}

/// Files as they are stored, with `{{…}}` where something is filled in.
type Stored = &'static [(&'static str, &'static str)];

/// Files of a folder of `templates`.
macro_rules! stored {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../../templates/", $folder, "/", $file)))),+]
    };
}

/// What all plugins have: their WIT, and guests to call them.
const SHARED: Stored = stored!("shared": "wit/plugin.wit", "guest/guest.wat", "guest/Cargo.toml.in", "guest/src/main.rs");
const PLUGIN_RUST: Stored =
    stored!("plugin-rust": "README.md", "Cargo.toml.in", "gitignore.in", "src/lib.rs");
const PLUGIN_C: Stored =
    stored!("plugin-c": "README.md", "Makefile", "gitignore.in", "src/plugin.c");
const PLUGIN_CPP: Stored =
    stored!("plugin-cpp": "README.md", "Makefile", "gitignore.in", "src/plugin.cpp");
const PLUGIN_WASM: Stored = stored!("plugin-wasm": "README.md", "Cargo.toml.in", "cargo-config.toml.in", "gitignore.in", "src/lib.rs");
const CLI: Stored = stored!("cli": "README.md", "Cargo.toml.in", "cargo-config.toml.in", "gitignore.in", "src/main.rs");

/// What is called differently in C12's repository, where git and cargo would take it for their own.
const RENAMED: [(&str, &str); 4] = [
    ("Cargo.toml.in", "Cargo.toml"),
    ("guest/Cargo.toml.in", "guest/Cargo.toml"),
    ("cargo-config.toml.in", ".cargo/config.toml"),
    ("gitignore.in", ".gitignore"),
];

impl Template {
    /// As on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Template::PluginRust => "plugin-rust",
            Template::PluginC => "plugin-c",
            Template::PluginCpp => "plugin-cpp",
            Template::PluginWasm => "plugin-wasm",
            Template::Cli => "cli",
        }
    }

    /// Whether projects depend on the crate `c12-plugin`.
    pub(crate) fn uses_sdk(self) -> bool {
        self == Template::PluginRust
    }

    fn stored(self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let (own, shared): (Stored, Stored) = match self {
            Template::PluginRust => (PLUGIN_RUST, SHARED),
            Template::PluginC => (PLUGIN_C, SHARED),
            Template::PluginCpp => (PLUGIN_CPP, SHARED),
            Template::PluginWasm => (PLUGIN_WASM, SHARED),
            Template::Cli => (CLI, &[]),
        };
        own.iter().chain(shared)
    }

    /// The files of a project, by their paths in it.
    pub(crate) fn files(self, name: &ProjectName, sdk: &Sdk) -> Vec<(&'static str, String)> {
        let (snake, repository) = (name.snake(), env!("CARGO_PKG_REPOSITORY"));
        let value = |key: &str| match key {
            "name" => Some(name.as_str()),
            "snake" => Some(&*snake),
            "sdk" => Some(&*sdk.dependency),
            "sdk-origin" => Some(&*sdk.origin),
            "repository" => Some(repository),
            "rust-version" => Some(env!("CARGO_PKG_RUST_VERSION")),
            _ => None,
        };
        self.stored()
            .map(|(path, text)| {
                let renamed = RENAMED.iter().find(|(stored, _)| stored == path);
                (
                    renamed.map_or(*path, |(_, path)| *path),
                    filled(text, value),
                )
            })
            .collect()
    }

    /// The first commands of the README: from the sources to what they are good for.
    pub(crate) fn first_commands(self, name: &ProjectName) -> Vec<String> {
        const CARGO: &str = "cargo build";
        let guest = |plugin: String| format!("c12 run --plugin {plugin} guest/guest.wat");
        let snake = name.snake();
        let name = name.as_str();
        let (build, run) = match self {
            Template::PluginC | Template::PluginCpp => ("make", guest(format!("./{name}.so"))),
            Template::PluginRust => (CARGO, guest(format!("target/debug/lib{snake}.so"))),
            Template::PluginWasm => (
                CARGO,
                guest(format!("target/wasm32-wasip2/debug/{snake}.wasm")),
            ),
            Template::Cli => (
                CARGO,
                format!("c12 run target/wasm32-wasip2/debug/{name}.wasm < README.md"),
            ),
        };
        vec![build.to_owned(), run]
    }
}

/// Replaces `{{key}}` by its value; what has none stays.
fn filled<'a>(mut text: &'a str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut result = String::new();
    while let Some((before, rest)) = text.split_once("{{") {
        result.push_str(before);
        match rest
            .split_once("}}")
            .and_then(|(key, rest)| Some((value(key)?, rest)))
        {
            Some((value, after)) => {
                result.push_str(value);
                text = after;
            }
            None => {
                result.push_str("{{");
                text = rest;
            }
        }
    }
    result + text
}

/// Where a project takes the crate `c12-plugin` from.
#[derive(Debug)]
pub(crate) struct Sdk {
    /// The keys of the dependency in `Cargo.toml`.
    dependency: String,
    /// For people.
    origin: String,
}

impl Sdk {
    /// C12's repository, as it was when this c12 was released.
    pub(crate) fn published() -> Self {
        let (repository, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
        Sdk {
            dependency: format!("git = \"{repository}\", tag = \"v{version}\""),
            origin: format!(
                "C12's repository, at the tag `v{version}` of the c12 that made this project.\n\
                 Those with a checkout make projects that use it with `c12 new --sdk FOLDER`"
            ),
        }
    }

    /// A checkout of C12.
    pub(crate) fn checkout(folder: &Path) -> Result<Self, Failure> {
        let unusable = |why: String| {
            Failure::own(format!(
                "cannot use {} as a checkout of C12",
                folder.display()
            ))
            .because(why)
            .with_help("name the folder with the `Cargo.toml` of C12's workspace")
        };
        // Absolute, because the project may be moved.
        let package = folder
            .canonicalize()
            .map_err(|error| unusable(error.to_string()))?
            .join("crates/c12-plugin");
        if !package.join("Cargo.toml").is_file() {
            return Err(unusable(
                "there is no crates/c12-plugin/Cargo.toml in it".into(),
            ));
        }
        let path = package
            .to_str()
            .filter(|path| !path.contains(char::is_control))
            .ok_or_else(|| unusable("TOML cannot express its path".into()))?;
        Ok(Sdk {
            dependency: format!(
                "path = \"{}\"",
                path.replace('\\', "\\\\").replace('"', "\\\"")
            ),
            origin: "a checkout of C12, whose place is in `Cargo.toml`.\n\
                     Without `--sdk`, `c12 new` takes it from C12's repository"
                .into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;

    fn name() -> ProjectName {
        ProjectName::of(Path::new("text-tools")).unwrap()
    }

    #[test]
    fn every_stored_file_is_part_of_a_template() {
        fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, found);
                } else {
                    found.insert(path);
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = BTreeSet::new();
        collect(&root, &mut found);
        let folders: [(&str, Stored); 6] = [
            ("shared", SHARED),
            ("plugin-rust", PLUGIN_RUST),
            ("plugin-c", PLUGIN_C),
            ("plugin-cpp", PLUGIN_CPP),
            ("plugin-wasm", PLUGIN_WASM),
            ("cli", CLI),
        ];
        let root = &root;
        let stored = folders.iter().flat_map(|&(folder, files)| {
            files
                .iter()
                .map(move |(file, _)| root.join(folder).join(file))
        });
        assert_eq!(stored.collect::<BTreeSet<_>>(), found);
    }

    #[test]
    fn everything_is_filled_in_and_no_file_is_there_twice() {
        for template in Template::value_variants() {
            assert_eq!(
                template.to_possible_value().unwrap().get_name(),
                template.name()
            );
            let files = template.files(&name(), &Sdk::published());
            let paths: BTreeSet<_> = files.iter().map(|(path, _)| path).collect();
            assert_eq!(paths.len(), files.len());
            for (path, text) in &files {
                assert!(
                    !path.ends_with(".in") && !text.contains("{{"),
                    "{template:?}: {path}"
                );
            }
        }
    }

    #[test]
    fn readmes_fit_on_a_screen_and_start_with_the_first_commands() {
        for template in Template::value_variants() {
            let files = template.files(&name(), &Sdk::published());
            let (_, readme) = files.iter().find(|(path, _)| *path == "README.md").unwrap();
            assert!(readme.lines().count() <= 60, "{template:?}");
            let (_, rest) = readme.split_once("```sh\n").unwrap();
            let commands = template.first_commands(&name()).join("\n") + "\n";
            assert!(rest.starts_with(&commands), "{template:?}: {commands}");
        }
    }

    #[test]
    fn values_are_not_filled_again() {
        let value = |key: &str| (key == "a").then_some("{{a}} {{b}}");
        assert_eq!(filled("{{a}} {{c}} {{", value), "{{a}} {{b}} {{c}} {{");
    }
}
