//! Text across the component boundary.
//!
//! ```text
//! c12 run --invoke 'reverse("Noe\u{301}l")' 02_string_operations.wasm
//! ```
//!
//! A core module can only pass numbers, so text becomes a pointer and a length into a memory that both sides must
//! agree on. A component passes a `string`: the runtime copies it, and refuses what is not Unicode, so that a guest
//! never has to check. What is left is to treat text as text and not as bytes.

// The generated export functions need `no_mangle`, which is an unsafe attribute.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod component {
    use unicode_segmentation::UnicodeSegmentation as _;

    wit_bindgen::generate!({ path: "wit", world: "string-operations" });

    struct StringOperations;

    impl Guest for StringOperations {
        fn reverse(text: String) -> String {
            // `chars().rev()` would move the accent of "Noël" to the `l` when it is written with a combining mark.
            text.graphemes(true).rev().collect()
        }

        fn upper(text: String) -> String {
            text.to_uppercase()
        }

        fn lower(text: String) -> String {
            text.to_lowercase()
        }

        fn word_count(text: String) -> u32 {
            saturate(text.unicode_words().count())
        }

        fn lengths(text: String) -> TextLengths {
            TextLengths {
                bytes: saturate(text.len()),
                chars: saturate(text.chars().count()),
                graphemes: saturate(text.graphemes(true).count()),
            }
        }

        fn is_palindrome(text: String) -> bool {
            let letters: Vec<String> = text
                .graphemes(true)
                .filter(|grapheme| grapheme.chars().any(char::is_alphanumeric))
                .map(str::to_lowercase)
                .collect();
            letters.iter().eq(letters.iter().rev())
        }

        fn split(text: String, separator: String) -> Result<Vec<String>, String> {
            if separator.is_empty() {
                // Rust would split between all characters; other languages do other things. Better to ask.
                return Err("the separator is empty".to_owned());
            }
            Ok(text.split(&separator).map(str::to_owned).collect())
        }

        fn join(parts: Vec<String>, separator: String) -> String {
            parts.join(&separator)
        }

        fn find(text: String, pattern: String) -> Option<u32> {
            // `str::find` gives a byte offset, which means nothing to a caller in a language with other strings.
            let (before, _) = text.split_once(&pattern)?;
            Some(saturate(before.graphemes(true).count()))
        }

        fn parse_number(text: String) -> Result<i64, String> {
            let trimmed = text.trim();
            trimmed
                .parse()
                .map_err(|error| format!("`{trimmed}` is not a whole number: {error}"))
        }
    }

    /// A component's memory has less than 4 GiB, so no length is cut off here; but no cast has to be trusted either.
    fn saturate(length: usize) -> u32 {
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    export!(StringOperations);
}
