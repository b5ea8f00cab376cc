//! A plugin with a setting, a function that fails and a resource.
//!
//! ```sh
//! cargo build --package c12-plugin --example text_tools
//! ```

use c12_plugin::{Error, Key, Own, Plugin, Result, Settings, log};

c12_plugin::generate!({
    // A package would say `path: "wit"`, or nothing: that is where the WIT is looked for.
    path: "../c12-bindgen/tests/cases/text-tools.wit",
    blocking: ["example:text/tools@1.0.0#md5"],
});

use exports::example::text::tools::{Guest, GuestBuilder, Order, Problem, WordCount};

/// What all instances share.
struct TextTools {
    suffix: String,
}

/// What one instance of a guest has.
struct Tools {
    suffix: String,
}

/// A resource.
struct Builder {
    text: String,
}

impl Plugin for TextTools {
    const NAME: Option<&'static str> = Some("text-tools");
    const DESCRIPTION: &'static str = "Reverses and counts text";
    const KEYS: &'static [Key] = &[
        Key::text("suffix")
            .fallback("")
            .description("What to put behind a reversed text"),
        Key::integer("limit").description("How long a text may be"),
    ];
    type Instance = Tools;

    fn open(settings: &Settings<'_>) -> Result<Self> {
        log::info!("opened with {} settings", settings.iter().count());
        Ok(TextTools {
            suffix: settings.text("suffix")?.to_owned(),
        })
    }

    fn instantiate(&self) -> Result<Tools> {
        Ok(Tools {
            suffix: self.suffix.clone(),
        })
    }
}

impl Guest for Tools {
    type Builder = Builder;

    fn reverse(&mut self, text: &str) -> Result<String> {
        Ok(text.chars().rev().chain(self.suffix.chars()).collect())
    }

    fn md5(&mut self, _data: &[u8]) -> Result<Vec<u8>> {
        // An error traps: a guest cannot do anything about it.
        Err(Error::new("there is no MD5 in this example"))
    }

    fn count(
        &mut self,
        text: &str,
        by: Order,
        most: Option<u32>,
    ) -> Result<Result<Vec<WordCount>, Problem>> {
        let mut counts: Vec<WordCount> = Vec::new();
        for word in text.split_whitespace() {
            if word.len() > 100 {
                // What a guest should handle is a `result` of the WIT.
                return Ok(Err(Problem::TooLong(word.len().try_into()?)));
            }
            match counts.iter_mut().find(|count| count.word == word) {
                Some(count) => count.count += 1,
                None => counts.push(WordCount {
                    word: word.to_owned(),
                    count: 1,
                }),
            }
        }
        if counts.is_empty() {
            return Ok(Err(Problem::NoWords));
        }
        match by {
            Order::Alphabet => counts.sort_by(|a, b| a.word.cmp(&b.word)),
            Order::Count => counts.sort_by_key(|count| std::cmp::Reverse(count.count)),
        }
        if let Some(most) = most {
            counts.truncate(most.try_into()?);
        }
        Ok(Ok(counts))
    }
}

impl GuestBuilder for Builder {
    type Instance = Tools;

    fn new(_: &mut Tools, start: &str) -> Result<Self> {
        Ok(Builder {
            text: start.to_owned(),
        })
    }

    fn append(&mut self, _: &mut Tools, text: &str) -> Result<()> {
        assert!(!text.is_empty(), "there is nothing to append");
        self.text.push_str(text);
        Ok(())
    }

    fn finish(instance: &mut Tools, this: Own<Self>) -> Result<String> {
        Ok(this.into_inner().text + &instance.suffix)
    }
}

c12_plugin::export!(TextTools);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted() {
        let plugin = TextTools::open(&Settings::of([("suffix", "")])).unwrap();
        let mut tools = plugin.instantiate().unwrap();
        let counts = tools
            .count("b a b", Order::Count, Some(1))
            .unwrap()
            .unwrap();
        assert_eq!(counts[0].word, "b");
    }
}
