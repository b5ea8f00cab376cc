//! How what WIT names is spelt in each language.

use std::collections::HashSet;

/// `some-name` as `some_name`.
pub fn snake(name: &str) -> String {
    name.replace(['-', '.', '+'], "_").to_ascii_lowercase()
}

/// `some-name` as `SOME_NAME`.
pub fn upper(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// `some-name` as `SomeName`.
pub fn camel(name: &str) -> String {
    name.split(['-', '_'])
        .map(|word| {
            let mut letters = word.chars();
            match letters.next() {
                Some(first) => {
                    let rest = letters.as_str().to_ascii_lowercase();
                    format!("{}{rest}", first.to_ascii_uppercase())
                }
                None => String::new(),
            }
        })
        .collect()
}

/// A value's name in Rust: `r#type` for `type`.
pub fn rust_value(name: &str) -> String {
    let name = snake(name);
    if RUST_NOT_EVEN_RAW.contains(&name.as_str()) {
        format!("{name}_")
    } else if RUST.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

/// A type's name in Rust.
pub fn rust_type(name: &str) -> String {
    let name = camel(name);
    if name == "Self" { "Self_".into() } else { name }
}

/// A name in C and C++: `default_` for `default`.
pub fn c_value(name: &str) -> String {
    let name = snake(name);
    if C.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

/// Names of one scope: what is taken a second time gets underscores.
#[derive(Debug, Default)]
pub struct Scope {
    taken: HashSet<String>,
}

impl Scope {
    /// A scope in which some names are taken.
    pub fn with<const N: usize>(taken: [&str; N]) -> Self {
        Scope {
            taken: taken.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Takes a name or the first like it that is free.
    pub fn take(&mut self, name: impl Into<String>) -> String {
        let mut name = name.into();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

const RUST_NOT_EVEN_RAW: [&str; 4] = ["self", "super", "crate", "_"];

const RUST: [&str; 49] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield", "union",
];

/// The keywords of C11 and C++17, their alternative spellings, and what common headers define as macros.
const C: [&str; 116] = [
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "assert",
    "atomic_cancel",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "int16_t",
    "int32_t",
    "int64_t",
    "int8_t",
    "linux",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "size_t",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "std",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "uint16_t",
    "uint32_t",
    "uint64_t",
    "uint8_t",
    "union",
    "unix",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "c12",
    "i386",
    "complex",
    "imaginary",
    "generic",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_each_spelling() {
        assert_eq!(snake("get-HTTP-2"), "get_http_2");
        assert_eq!(upper("get-HTTP-2"), "GET_HTTP_2");
        assert_eq!(camel("get-HTTP-2"), "GetHttp2");
    }

    #[test]
    fn keywords_are_escaped() {
        assert_eq!(rust_value("type"), "r#type");
        assert_eq!(rust_value("self"), "self_");
        assert_eq!(rust_type("self"), "Self_");
        assert_eq!(c_value("default"), "default_");
        assert_eq!(c_value("table"), "table");
    }

    #[test]
    fn a_name_is_given_once() {
        let mut scope = Scope::with(["new"]);
        assert_eq!(scope.take("new"), "new_");
        assert_eq!(scope.take("new"), "new__");
        assert_eq!(scope.take("old"), "old");
    }
}
