//! Options of language models, by the names that guests for WasmEdge use, and a few shorter ones.

use std::sync::Arc;

use serde_json::Value;

use crate::grammar::Grammar;
use crate::{Error, Key, Options, Result};

/// Words at which a text may stop.
const STOP_WORDS: usize = 32;
/// The longest of them, in bytes.
const STOP_WORD: usize = 1024;

/// Texts that are continued at once, unless the user says otherwise.
const CONVERSATIONS: u32 = 4;
/// Tokens that are read at once, unless the user says otherwise.
const BATCH: u32 = 512;

/// All options, of loading and of generating.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "ctx-size",
        help: "tokens that a conversation has room for, at most what the model was trained for; that or 4096 by default",
    },
    Key {
        name: "conversations",
        help: "texts that are continued at once, each with a context of its own; 4 by default",
    },
    Key {
        name: "batch-size",
        help: "tokens of prompts that are read at once; 512 by default",
    },
    Key {
        name: "threads",
        help: "as many as there are cores by default",
    },
    Key {
        name: "n-predict",
        help: "tokens that are made at most; by default until the context is full. Also `max-tokens`",
    },
    Key {
        name: "max-tokens",
        help: "the same as `n-predict`",
    },
    Key {
        name: "temp",
        help: "temperature; 0 takes the likeliest token, 0.8 is the default. Also `temperature`",
    },
    Key {
        name: "temperature",
        help: "the same as `temp`",
    },
    Key {
        name: "top-k",
        help: "likeliest tokens that are chosen from; 40 by default, 0 for all",
    },
    Key {
        name: "top-p",
        help: "probability that the tokens chosen from have together; 0.95 by default",
    },
    Key {
        name: "min-p",
        help: "least probability of a token, as a part of the likeliest one's; 0.05 by default",
    },
    Key {
        name: "repeat-penalty",
        help: "what tokens that came already are divided by; 1, the default, is none",
    },
    Key {
        name: "presence-penalty",
        help: "what is taken from tokens that came already; 0 by default",
    },
    Key {
        name: "frequency-penalty",
        help: "what is taken from tokens for each time that they came; 0 by default",
    },
    Key {
        name: "last-n-penalty",
        help: "how many of the last tokens penalties look at; 64 by default",
    },
    Key {
        name: "seed",
        help: "makes choices repeatable; another one each time by default",
    },
    Key {
        name: "reverse-prompt",
        help: "a text at which to stop",
    },
    Key {
        name: "stop",
        help: "a text, or a list of texts, at which to stop",
    },
    Key {
        name: "grammar",
        help: "GBNF that the text must follow",
    },
    Key {
        name: "json-schema",
        help: "a JSON schema that the text must follow",
    },
    Key {
        name: "embedding",
        help: "contexts give the embedding of their input instead of continuing it",
    },
    Key {
        name: "embd-normalize",
        help: "2, the default, scales embeddings to length 1; -1 leaves them",
    },
    Key {
        name: "cache-key",
        help: "only texts of one key share what the model has read of them; the same for all by default",
    },
];

/// Those that say how a model is run, and mean nothing to a context of it.
const OF_MODELS: [&str; 3] = ["conversations", "batch-size", "threads"];

/// Of options that a guest gives a context those that mean something, in no more memory than they have as text.
pub(super) fn of_context(given: &Options) -> Options {
    let mut options = Options::new();
    let keys = KEYS.iter().map(|key| key.name);
    for key in keys.filter(|key| !OF_MODELS.contains(key)) {
        match given.value(key) {
            Some(value) if key == "json-schema" && !value.is_string() => {
                options.set(key, value.to_string());
            }
            Some(value) => options.set(key, value.clone()),
            None => {}
        }
    }
    options
}

/// For whom something is done: who the options say, or else whose texts share what was read of them. A key's first line
/// is the guest, where guests are kept apart.
pub(super) fn owner(options: &Options) -> Result<Arc<str>> {
    if let Some(owner) = options.owner() {
        return Ok(Arc::clone(owner));
    }
    let key = options.text("cache-key")?.unwrap_or_default();
    Ok(Arc::from(key.lines().next().unwrap_or_default()))
}

/// What concerns the model and all of its contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoadOptions {
    pub(super) context_tokens: Option<u32>,
    pub(super) conversations: u32,
    pub(super) batch_tokens: u32,
    pub(super) threads: i32,
}

impl LoadOptions {
    pub(super) fn new(options: &Options) -> Result<Self> {
        let conversations = within(options, "conversations", CONVERSATIONS, 1, 64)?;
        let batch_tokens = within(options, "batch-size", BATCH, 32, 8192)?;
        if batch_tokens < conversations {
            return Err(Error::invalid_argument(format!(
                "the option `batch-size` is {batch_tokens}, which is not a token for each of {conversations} `conversations`"
            )));
        }
        Ok(Self {
            context_tokens: options.parsed::<u32>("ctx-size")?.filter(|size| *size > 0),
            conversations,
            batch_tokens,
            threads: options.threads()?.map_or_else(cores, i32::from),
        })
    }

    /// For a model of a guest, which may not take more of the machine than any other.
    pub(super) fn cap(&mut self) {
        self.conversations = self.conversations.min(CONVERSATIONS);
        self.batch_tokens = self.batch_tokens.min(BATCH);
        self.threads = self.threads.min(cores());
    }
}

fn cores() -> i32 {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    i32::try_from(cores).unwrap_or(i32::MAX)
}

/// How a text is continued.
#[derive(Debug, Clone)]
pub(super) struct GenerateOptions {
    pub(super) context_tokens: Option<u32>,
    pub(super) most_tokens: Option<u32>,
    pub(super) temperature: f32,
    pub(super) top_k: i32,
    pub(super) top_p: f32,
    pub(super) min_p: f32,
    pub(super) repeat_penalty: f32,
    pub(super) presence_penalty: f32,
    pub(super) frequency_penalty: f32,
    pub(super) penalty_tokens: i32,
    pub(super) seed: Option<u32>,
    pub(super) stop: Vec<String>,
    pub(super) grammar: Option<Grammar>,
    pub(super) cache_key: String,
}

impl GenerateOptions {
    pub(super) fn new(options: &Options) -> Result<Self> {
        let most: Option<i64> = either(options, "max-tokens", "n-predict")?;
        let temperature: Option<f32> = either(options, "temperature", "temp")?;
        Ok(Self {
            context_tokens: options.parsed::<u32>("ctx-size")?.filter(|size| *size > 0),
            // Negative numbers mean no limit, as they do to llama.cpp.
            most_tokens: most.and_then(|most| u32::try_from(most).ok()),
            temperature: finite("temp", temperature.unwrap_or(0.8))?.max(0.0),
            top_k: options.parsed("top-k")?.unwrap_or(40).max(0),
            top_p: within(options, "top-p", 0.95, 0.0, 1.0)?,
            min_p: within(options, "min-p", 0.05, 0.0, 1.0)?,
            repeat_penalty: within(options, "repeat-penalty", 1.0, 0.01, 100.0)?,
            presence_penalty: within(options, "presence-penalty", 0.0, -100.0, 100.0)?,
            frequency_penalty: within(options, "frequency-penalty", 0.0, -100.0, 100.0)?,
            penalty_tokens: within(options, "last-n-penalty", 64, 0, 4096)?,
            seed: seed(options)?,
            stop: stop_words(options)?,
            grammar: grammar(options)?,
            cache_key: options.text("cache-key")?.unwrap_or_default(),
        })
    }
}

/// Guests write seeds as any 64 bits, and -1 for none.
fn seed(options: &Options) -> Result<Option<u32>> {
    let seed: Option<i128> = options.parsed("seed")?;
    Ok(seed.filter(|seed| *seed >= 0).map(|seed| seed as u32))
}

fn stop_words(options: &Options) -> Result<Vec<String>> {
    let mut words: Vec<String> = options.text("reverse-prompt")?.into_iter().collect();
    match options.value("stop") {
        Some(Value::Array(list)) => {
            for word in list {
                let word = word.as_str().ok_or_else(|| {
                    Error::invalid_argument("`stop` must be a text or a list of texts")
                })?;
                words.push(word.to_owned());
            }
        }
        Some(_) => words.extend(options.text("stop")?),
        None => {}
    }
    words.retain(|word| !word.is_empty());
    if words.len() > STOP_WORDS {
        return Err(Error::too_large(format!(
            "more than {STOP_WORDS} texts to stop at were given"
        )));
    }
    if let Some(long) = words.iter().find(|word| word.len() > STOP_WORD) {
        return Err(Error::too_large(format!(
            "a text to stop at has {} bytes; {STOP_WORD} are allowed",
            long.len()
        )));
    }
    Ok(words)
}

fn grammar(options: &Options) -> Result<Option<Grammar>> {
    let schema = match options.value("json-schema") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(object) => Some(object.to_string()),
        None => None,
    };
    let schema = schema.filter(|schema| !schema.is_empty());
    let gbnf = options.text("grammar")?.filter(|text| !text.is_empty());
    match (gbnf, schema) {
        (Some(_), Some(_)) => Err(Error::invalid_argument(
            "`grammar` and `json-schema` cannot both be given",
        )),
        (Some(gbnf), None) => Grammar::from_gbnf(&gbnf).map(Some),
        (None, Some(schema)) => Grammar::from_json_schema(&schema).map(Some),
        (None, None) => Ok(None),
    }
}

fn either<T: std::str::FromStr<Err: std::fmt::Display>>(
    options: &Options,
    one: &str,
    other: &str,
) -> Result<Option<T>> {
    Ok(match options.parsed(one)? {
        Some(value) => Some(value),
        None => options.parsed(other)?,
    })
}

fn finite(key: &str, number: f32) -> Result<f32> {
    if number.is_finite() {
        return Ok(number);
    }
    Err(Error::invalid_argument(format!(
        "the option `{key}` must be a number, not {number}"
    )))
}

fn within<T>(options: &Options, key: &str, default: T, least: T, most: T) -> Result<T>
where
    T: std::str::FromStr<Err: std::fmt::Display> + PartialOrd + std::fmt::Display,
{
    let value = options.parsed(key)?.unwrap_or(default);
    if value >= least && value <= most {
        return Ok(value);
    }
    Err(Error::invalid_argument(format!(
        "the option `{key}` must be from {least} to {most}, not {value}"
    )))
}
