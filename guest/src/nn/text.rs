//! Models that continue text.

use super::host;
use super::{Graph, Options, Result};

/// Texts that one call of the host embeds: it has a limit.
const EMBEDDED_AT_ONCE: usize = 256;

/// What a language model says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelInfo {
    /// Its own name, if it has one.
    pub name: Option<String>,
    /// As in `llama`.
    pub architecture: Option<String>,
    /// How many tokens a text can have at most.
    pub context_tokens: u32,
    /// How many different tokens there are.
    pub vocabulary: u32,
    /// How many numbers an embedding has.
    pub embedding_size: u32,
    /// Whether it has a form for conversations.
    pub has_chat_template: bool,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

impl Message {
    /// What the model is to be.
    pub fn system(content: impl Into<String>) -> Self {
        Self::new("system", content)
    }

    /// What the user says.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new("user", content)
    }

    /// What the model said.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new("assistant", content)
    }

    fn new(role: &str, content: impl Into<String>) -> Self {
        Self {
            role: role.to_owned(),
            content: content.into(),
        }
    }
}

/// What is to be continued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Text as it is. Control tokens in it are understood, so it should not be somebody else's.
    Text(String),
    /// A conversation, brought into the model's form.
    Chat(Vec<Message>),
}

impl From<&str> for Prompt {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<Message>> for Prompt {
    fn from(messages: Vec<Message>) -> Self {
        Self::Chat(messages)
    }
}

/// The form that a text must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grammar {
    /// A grammar as llama.cpp reads it.
    Gbnf(String),
    /// JSON that conforms to this schema.
    JsonSchema(String),
}

/// How a text is continued. What is left out is as whoever runs the host set it for the model.
///
/// ```no_run
/// use c12_wasm::nn::{Graph, Grammar, Sampling};
///
/// let graph = Graph::load_by_name("llm")?;
/// let sampling = Sampling::new()
///     .temperature(0.0)
///     .max_tokens(8)
///     .grammar(Grammar::Gbnf(r#"root ::= "yes" | "no""#.to_owned()));
/// let answer = graph.generate("Is water wet? Answer: ", &sampling)?.text()?;
/// assert!(answer == "yes" || answer == "no", "{answer}");
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sampling {
    pub(super) max_tokens: Option<u32>,
    pub(super) temperature: Option<f32>,
    pub(super) top_k: Option<u32>,
    pub(super) top_p: Option<f32>,
    pub(super) min_p: Option<f32>,
    pub(super) repeat_penalty: Option<f32>,
    pub(super) seed: Option<u32>,
    pub(super) stop: Vec<String>,
    pub(super) grammar: Option<Grammar>,
    pub(super) others: Options,
}

impl Sampling {
    /// As whoever runs the host set it.
    pub fn new() -> Self {
        Self::default()
    }

    /// So many tokens are made at most.
    #[must_use]
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// How freely tokens are chosen; 0 always takes the most probable one.
    #[must_use]
    pub fn temperature(mut self, temperature: f32) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Chooses among so many of the most probable tokens; 0 is all.
    #[must_use]
    pub fn top_k(mut self, tokens: u32) -> Self {
        self.top_k = Some(tokens);
        self
    }

    /// Chooses among the most probable tokens that have this probability together.
    #[must_use]
    pub fn top_p(mut self, probability: f32) -> Self {
        self.top_p = Some(probability);
        self
    }

    /// Chooses among tokens that have at least this part of the most probable one's probability.
    #[must_use]
    pub fn min_p(mut self, part: f32) -> Self {
        self.min_p = Some(part);
        self
    }

    /// What the scores of tokens that came already are divided by; 1 is no penalty.
    #[must_use]
    pub fn repeat_penalty(mut self, penalty: f32) -> Self {
        self.repeat_penalty = Some(penalty);
        self
    }

    /// The same seed makes the same text.
    #[must_use]
    pub fn seed(mut self, seed: u32) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The text ends before this, or any other that was given.
    #[must_use]
    pub fn stop(mut self, word: impl Into<String>) -> Self {
        self.stop.push(word.into());
        self
    }

    /// The text has this form.
    #[must_use]
    pub fn grammar(mut self, grammar: Grammar) -> Self {
        self.grammar = Some(grammar);
        self
    }

    /// An option that the framework knows under this name.
    #[must_use]
    pub fn option(mut self, name: &str, value: impl ToString) -> Self {
        self.others = self.others.with(name, value);
        self
    }
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Finish {
    /// The model ended it.
    EndOfSequence,
    /// One of the stop words came.
    Stop,
    /// It has as many tokens as were asked for.
    MaxTokens,
    /// The context has no room for more.
    ContextFull,
}

/// What a text took so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input_tokens: u32,
    /// Those of them that were still known from before.
    pub cached_tokens: u32,
    /// Tokens that were made.
    pub output_tokens: u32,
    /// Microseconds until the first token, including the wait for others.
    pub first_token_micros: u64,
    /// Microseconds from the request until now.
    pub total_micros: u64,
}

impl Usage {
    /// Tokens a second from the first token on; 0 if there was no second one.
    pub fn tokens_per_second(&self) -> f64 {
        let micros = self.total_micros.saturating_sub(self.first_token_micros);
        let tokens = self.output_tokens.saturating_sub(1);
        if micros == 0 {
            return 0.0;
        }
        f64::from(tokens) * 1e6 / micros as f64
    }
}

/// A text that is being made, piece by piece: an iterator. Dropping it ends it.
///
/// ```no_run
/// use c12_wasm::nn::{Graph, Sampling};
///
/// let graph = Graph::load_by_name("llm")?;
/// let mut text = graph.generate("One, two, three,", &Sampling::new().temperature(0.0).max_tokens(8))?;
/// while let Some(piece) = text.next() {
///     print!("{}", piece?);
/// }
/// assert_eq!(text.usage()?.output_tokens, 8);
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
#[derive(Debug)]
pub struct Generation {
    generation: host::Generation,
    ended: bool,
}

impl Generation {
    /// Why the text ended, once it has.
    ///
    /// # Errors
    ///
    /// The host does not say.
    pub fn finish(&self) -> Result<Option<Finish>> {
        host::finish(&self.generation)
    }

    /// What it took so far.
    ///
    /// # Errors
    ///
    /// The host does not say.
    pub fn usage(&self) -> Result<Usage> {
        host::usage(&self.generation)
    }

    /// The rest of the text.
    ///
    /// # Errors
    ///
    /// It ends with one.
    pub fn text(&mut self) -> Result<String> {
        self.collect()
    }
}

impl Iterator for Generation {
    type Item = Result<String>;

    /// Waits for the next piece, whole characters only.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let piece = host::next(&self.generation).transpose();
        self.ended = !matches!(piece, Some(Ok(_)));
        piece
    }
}

/// For graphs that are language models; others give [`Error::UnsupportedOperation`](super::Error::UnsupportedOperation).
impl Graph {
    /// What the model says of itself.
    ///
    /// # Errors
    ///
    /// It is no language model.
    pub fn info(&self) -> Result<ModelInfo> {
        host::info(&self.graph)
    }

    /// Begins to continue a prompt.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`](super::Error::TooLarge) if the prompt is longer than the context;
    /// [`Error::InvalidArgument`](super::Error::InvalidArgument) if an option makes no sense.
    pub fn generate(&self, prompt: impl Into<Prompt>, sampling: &Sampling) -> Result<Generation> {
        let generation = host::generate(&self.graph, &prompt.into(), sampling)?;
        Ok(Generation {
            generation,
            ended: false,
        })
    }

    /// A conversation in the model's form, up to where the assistant speaks.
    ///
    /// # Errors
    ///
    /// The model has no such form.
    pub fn apply_chat_template(&self, messages: &[Message]) -> Result<String> {
        host::apply_chat_template(&self.graph, messages)
    }

    /// How many tokens a text has.
    ///
    /// # Errors
    ///
    /// It is no language model.
    pub fn count_tokens(&self, text: &str) -> Result<u32> {
        host::count_tokens(&self.graph, text)
    }

    /// A vector for each text; texts that mean the same have vectors that are [near](super::cosine).
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`](super::Error::TooLarge) if a text is longer than the context.
    ///
    /// ```no_run
    /// use c12_wasm::nn::{Graph, cosine};
    ///
    /// let graph = Graph::load_by_name("llm")?;
    /// let vectors = graph.embed(&["a cat on a mat", "a cat on a rug"])?;
    /// assert_eq!(vectors[0].len(), graph.info()?.embedding_size as usize);
    /// assert!(cosine(&vectors[0], &vectors[1]) > 0.5);
    /// # Ok::<(), c12_wasm::nn::Error>(())
    /// ```
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        self.embed_with(texts, &Options::new())
    }

    /// The same with options that the framework knows.
    ///
    /// # Errors
    ///
    /// As [`Graph::embed`].
    pub fn embed_with(&self, texts: &[&str], options: &Options) -> Result<Vec<Vec<f32>>> {
        let mut vectors = Vec::with_capacity(texts.len());
        for texts in texts.chunks(EMBEDDED_AT_ONCE) {
            vectors.extend(host::embed(&self.graph, texts, options)?);
        }
        Ok(vectors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_counts_from_the_first_token() {
        let usage = Usage {
            output_tokens: 11,
            first_token_micros: 1_000_000,
            total_micros: 3_000_000,
            ..Usage::default()
        };
        assert!((usage.tokens_per_second() - 5.0).abs() < 1e-9);
        assert!(Usage::default().tokens_per_second().abs() < 1e-9);
    }
}
