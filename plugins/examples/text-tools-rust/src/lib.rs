//! A native plugin in Rust: turns texts around, digests them, counts their words and puts them together.
//!
//! `generate!` makes traits and types of `wit/text-tools.wit`, `export!` makes the library's entry point. An [`Error`]
//! that a function returns makes the guest's call trap with its message, and so does a panic.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use c12_plugin::{Error, Key, Own, Plugin, Result, Settings, log};
use md5::{Digest as _, Md5};

c12_plugin::generate!();

use exports::example::text::tools::{Guest, GuestBuilder, Order, Problem, WordCount};

// ANCHOR: shared
/// What all instances share: made once, with the settings, which the host has checked against the keys.
struct TextTools {
    longest_word: u32,
}
// ANCHOR_END: shared

/// What one instance of a guest has.
struct Tools {
    longest_word: u32,
}

/// A resource. The guest holds a handle; the value ends when the guest drops it or gives it away, and with the guest.
struct Builder {
    text: String,
}

// ANCHOR: plugin
impl Plugin for TextTools {
    const NAME: Option<&'static str> = Some("text-tools");
    const DESCRIPTION: &'static str = "Reverses, digests and counts text";
    const KEYS: &'static [Key] = &[Key::integer("longest-word")
        .fallback("100")
        .description("How many characters a word may have, at least 1")];
    type Instance = Tools;

    fn open(settings: &Settings<'_>) -> Result<Self> {
        let longest_word = u32::try_from(settings.integer("longest-word")?)
            .ok()
            .filter(|longest| *longest > 0)
            .ok_or_else(|| {
                Error::new("the setting `longest-word` is at least 1 and has at most 32 bits")
            })?;
        log::info!("words may have {longest_word} characters");
        Ok(TextTools { longest_word })
    }

    fn instantiate(&self) -> Result<Tools> {
        Ok(Tools {
            longest_word: self.longest_word,
        })
    }
}
// ANCHOR_END: plugin

// ANCHOR: guest
impl Guest for Tools {
    type Builder = Builder;

    // `text` is the guest's own memory; the result is kept until the host has copied it there.
    fn reverse(&mut self, text: &str) -> Result<String> {
        Ok(text.chars().rev().collect())
    }

    fn md5(&mut self, data: &[u8]) -> Result<Vec<u8>> {
        Ok(Md5::digest(data).to_vec())
    }

    // What the guest should handle is the `result` of the WIT, not an `Error`.
    fn count(
        &mut self,
        text: &str,
        by: Order,
        most: Option<u32>,
    ) -> Result<Result<Vec<WordCount>, Problem>> {
        let mut found: BTreeMap<&str, u32> = BTreeMap::new();
        for word in text.split_ascii_whitespace() {
            let characters = u32::try_from(word.chars().count())?;
            if characters > self.longest_word {
                return Ok(Err(Problem::TooLong(characters)));
            }
            *found.entry(word).or_default() += 1;
        }
        if found.is_empty() {
            return Ok(Err(Problem::NoWords));
        }
        let mut counts: Vec<WordCount> = found
            .into_iter()
            .map(|(word, count)| WordCount {
                word: word.to_owned(),
                count,
            })
            .collect();
        if by == Order::Count {
            counts.sort_by_key(|count| Reverse(count.count));
        }
        if let Some(most) = most {
            counts.truncate(usize::try_from(most)?);
        }
        Ok(Ok(counts))
    }
}
// ANCHOR_END: guest

// ANCHOR: resource
impl GuestBuilder for Builder {
    type Instance = Tools;

    fn new(_: &mut Tools, start: &str) -> Result<Self> {
        Ok(Builder {
            text: start.to_owned(),
        })
    }

    fn append(&mut self, _: &mut Tools, text: &str) -> Result<()> {
        // An `Error` would do. The panic is here to be seen: it ends the guest's call, not the host.
        assert!(!text.is_empty(), "there is nothing to append");
        self.text.push_str(text);
        Ok(())
    }

    // The guest gave its builder away: it ends here.
    fn finish(_: &mut Tools, this: Own<Self>) -> Result<String> {
        Ok(this.into_inner().text)
    }
}
// ANCHOR_END: resource

c12_plugin::export!(TextTools);
