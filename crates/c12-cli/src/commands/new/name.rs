use std::path::Path;

use c12_bindgen::names;

use crate::report::Failure;

/// A name that WIT, cargo, C, C++ and c12 all take: words of lower-case letters and digits, each starting with a letter,
/// joined by `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectName(String);

/// As long as the name of a plugin may be.
const LONGEST: usize = 64;

const RULE: &str =
    "use words of lower-case letters and digits, each starting with a letter and joined by `-`";

/// The keywords of WIT.
const WIT: [&str; 35] = [
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
];
/// More keywords of WIT, crates that would get in each other's way, and folders that cargo makes.
const TAKEN: [&str; 24] = [
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
    "alloc",
    "core",
    "proc-macro",
    "std",
    "test",
    "c12-plugin",
    "wit-bindgen",
    "wasi",
    "build",
    "deps",
    "examples",
    "incremental",
    "aux",
    "con",
    "nul",
    "prn",
];

impl ProjectName {
    /// The last part of a path, if it is a name.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let Some(last) = path.file_name() else {
            return Err(Failure::usage(format!(
                "the path `{}` does not end with a name",
                path.display()
            ))
            .with_help(RULE));
        };
        let name = last.to_string_lossy();
        let failure = match wrong(&name) {
            None => return Ok(ProjectName(name.into_owned())),
            Some(why) => {
                Failure::usage(format!("`{name}` cannot be the name of a project")).because(why)
            }
        };
        let similar = similar(&name).and_then(|similar| {
            let another = format!("my-{similar}");
            [similar, another]
                .into_iter()
                .find(|name| wrong(name).is_none())
        });
        Err(match similar {
            Some(similar) => failure.with_help(format!("`{similar}` would do")),
            None => failure.with_help(RULE),
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As Rust, C and C++ spell it.
    pub(crate) fn snake(&self) -> String {
        names::snake(&self.0)
    }
}

/// Why it is no name.
fn wrong(name: &str) -> Option<String> {
    if name.len() > LONGEST {
        return Some(format!("it has more than {LONGEST} letters"));
    }
    let odd = |c: &char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-');
    if let Some(odd) = name.chars().find(odd) {
        return Some(format!("it contains `{odd}`"));
    }
    for word in name.split('-') {
        match word.chars().next() {
            Some(first) if first.is_ascii_lowercase() => {}
            Some(first) => return Some(format!("a word starts with `{first}`")),
            None => return Some("a `-` does not stand between two words".into()),
        }
    }
    let snake = names::snake(name);
    let keyword = names::rust_value(name) != snake
        || names::c_value(name) != snake
        || WIT.contains(&name)
        || TAKEN.contains(&name);
    keyword.then(|| "it is reserved in WIT, Rust, C, C++ or c12".into())
}

/// A name for those who wrote one in another style: `text-tools` for `TextTools` and `text_tools`.
fn similar(name: &str) -> Option<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for char in name.chars() {
        if !char.is_ascii_alphanumeric() || (char.is_ascii_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
        if let (true, Some(word)) = (char.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(char.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    (!words.is_empty()).then(|| words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_kebab_case() {
        for path in [
            "greet",
            "text-tools",
            "a1-b2",
            "../x/greet",
            "/a b/greet/",
            "Folder/greet",
        ] {
            let name = ProjectName::of(Path::new(path)).unwrap();
            wit_parser::validate_id(name.as_str()).unwrap();
        }
        for name in [
            "",
            ".",
            "..",
            "/",
            "a/..",
            "Greet",
            "text_tools",
            "a--b",
            "-a",
            "a-",
            "1a",
            "a-1",
            "grüß",
            "a b",
            "a\nb",
            "x.so",
            "type",
            "interface",
            "class",
            "fn",
            "int",
            "static-assert",
            "std",
            "wasi",
            "c12-plugin",
            "deps",
        ] {
            assert!(ProjectName::of(Path::new(name)).is_err(), "{name:?}");
        }
        assert!(ProjectName::of(Path::new(&"a".repeat(64))).is_ok());
        assert!(ProjectName::of(Path::new(&"a".repeat(65))).is_err());
    }

    #[test]
    fn other_styles_are_translated() {
        for (name, kebab) in [
            ("TextTools", "text-tools"),
            ("text_tools", "text-tools"),
            ("Text Tools", "text-tools"),
            ("HTTP2Client", "http2-client"),
            ("x.so", "x-so"),
        ] {
            assert_eq!(similar(name).as_deref(), Some(kebab));
        }
        assert_eq!(similar("."), None);
    }
}
