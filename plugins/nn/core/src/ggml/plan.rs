//! How a model is going to be run, and what memory that takes: known from its file, before it is loaded.

use super::engine::{EngineOptions, Pooling};
use super::options::{GenerateOptions, LoadOptions};
use crate::gguf::Gguf;
use crate::{Error, Options, Result, Source};

/// The context of models that say nothing, and the largest that is made unasked.
const CONTEXT: u64 = 4096;
/// Tokens that are computed at once, at most.
pub(super) const COMPUTED: u32 = 512;
/// The same of a text whose embedding is wanted, if it can be read in parts.
pub(super) const EMBEDDED: u32 = 256;
/// Architectures that keep nothing of what they have read: they see a text as a whole, or not at all.
const WITHOUT_MEMORY: [&str; 17] = [
    "bert",
    "clef",
    "dream",
    "eurobert",
    "gemma-embedding",
    "jina-bert-v2",
    "jina-bert-v3",
    "llada",
    "llada-moe",
    "modern-bert",
    "neo-bert",
    "nomic-bert",
    "nomic-bert-moe",
    "rnd1",
    "t5",
    "t5encoder",
    "wavtokenizer-dec",
];

/// The options of loading, once those that texts have by default have been looked at too. It takes no model to tell.
pub(super) fn checked(options: &Options) -> Result<LoadOptions> {
    GenerateOptions::new(options)?;
    options.flag("embedding")?;
    options.parsed::<i32>("embd-normalize")?;
    LoadOptions::new(options)
}

pub(super) struct Plan {
    pub(super) gguf: Gguf,
    pub(super) options: Options,
    pub(super) engine: EngineOptions,
}

impl Plan {
    /// Reads the beginning of a model's file.
    ///
    /// # Errors
    ///
    /// It is no sound GGUF file, or an option is wrong.
    pub(super) fn new(source: &Source, options: Options) -> Result<Self> {
        let of_guest = matches!(source, Source::Bytes(_));
        let mut load = checked(&options)?;
        if of_guest {
            load.cap();
        }
        let gguf = Gguf::read(source)?;
        let trained = gguf.number("context_length");
        let tokens = match (load.context_tokens.map(u64::from), trained) {
            (Some(tokens), Some(trained)) if tokens > trained && !of_guest => {
                return Err(Error::invalid_argument(format!(
                    "the option `ctx-size` is {tokens}, but the model was trained for {trained} tokens"
                )));
            }
            // Guests ask for what they would need of any model.
            (Some(tokens), trained) => tokens.min(trained.unwrap_or(CONTEXT)),
            (None, trained) => trained.unwrap_or(CONTEXT).min(CONTEXT),
        };
        let engine = EngineOptions {
            context_tokens: u32::try_from(tokens).unwrap_or(u32::MAX).max(32),
            conversations: load.conversations,
            batch_tokens: load.batch_tokens,
            threads: load.threads,
            continues: continues(&gguf),
            pooling: pooling(&gguf),
        };
        Ok(Self {
            gguf,
            options,
            engine,
        })
    }

    /// How much memory it takes, in bytes: the file, what conversations and a text to be embedded keep of their tokens,
    /// and what is between the layers while a batch is computed.
    pub(super) fn memory(&self) -> u64 {
        let engine = &self.engine;
        let room = u64::from(engine.context_tokens);
        let continued = self.context_memory(
            room * u64::from(engine.conversations),
            engine.batch_tokens.min(COMPUTED).into(),
        );
        let batch = match engine.pooling {
            Pooling::Whole => room,
            Pooling::Mean | Pooling::Last => room.min(EMBEDDED.into()),
        };
        // Here every token has an output, not the last alone.
        let outputs = vocabulary(&self.gguf)
            .saturating_mul(4)
            .saturating_mul(batch);
        [continued, self.context_memory(room, batch), outputs]
            .into_iter()
            .fold(self.gguf.size, u64::saturating_add)
    }

    /// What a context takes that has room for so many tokens, in bytes.
    fn context_memory(&self, tokens: u64, batch: u64) -> u64 {
        let kept = if self.engine.continues {
            per_token(&self.gguf).saturating_mul(tokens)
        } else {
            0
        };
        kept.saturating_add(per_computed(&self.gguf, tokens).saturating_mul(batch))
    }
}

fn continues(gguf: &Gguf) -> bool {
    let architecture = gguf.text("general.architecture").unwrap_or_default();
    !WITHOUT_MEMORY.contains(&architecture) && gguf.flag("attention.causal") != Some(false)
}

fn pooling(gguf: &Gguf) -> Pooling {
    // The numbers of llama.cpp: none, the mean, the first token's, the last one's, a rank.
    match gguf.number("pooling_type") {
        _ if !continues(gguf) => Pooling::Whole,
        None | Some(0 | 1) => Pooling::Mean,
        Some(3) => Pooling::Last,
        Some(_) => Pooling::Whole,
    }
}

fn vocabulary(gguf: &Gguf) -> u64 {
    let tokens = gguf.values.get("tokenizer.ggml.tokens");
    tokens.and_then(serde_json::Value::as_u64).unwrap_or(0)
}

/// What a conversation keeps of a token, in bytes: keys and values of all layers, numbers of 16 bits.
fn per_token(gguf: &Gguf) -> u64 {
    let layers = gguf.number("block_count").unwrap_or(0);
    // Layers can have different numbers of them.
    let heads_of_all = |key: &str| {
        let in_each = || Some(gguf.number(key)?.saturating_mul(layers));
        gguf.sum(key).or_else(in_each)
    };
    let heads = heads_of_all("attention.head_count_kv")
        .or_else(|| heads_of_all("attention.head_count"))
        .unwrap_or(layers);
    let width = gguf.number("embedding_length").unwrap_or(0);
    let width_of_head = match gguf.sum("attention.head_count") {
        Some(_) => width,
        None => width / gguf.number("attention.head_count").unwrap_or(1).max(1),
    };
    let length = |key: &str| gguf.number(key).unwrap_or(width_of_head);
    length("attention.key_length")
        .saturating_add(length("attention.value_length"))
        .saturating_mul(heads)
        .saturating_mul(2)
}

/// What is there for each token of a batch while it is computed, in bytes, as far as it can be large: which of all
/// tokens it may look at, numbers of the layer with its surroundings, and how likely each token of the vocabulary is.
fn per_computed(gguf: &Gguf, tokens: u64) -> u64 {
    let number = |key: &str| gguf.number(key).unwrap_or(0);
    let visible = tokens.saturating_mul(6);
    let layer = number("embedding_length")
        .saturating_mul(8)
        .saturating_add(number("feed_forward_length").saturating_mul(3));
    layer
        .saturating_add(vocabulary(gguf))
        .saturating_mul(4)
        .saturating_add(visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file without tensors and with these keys.
    fn plan(architecture: &str, keys: &[(&str, u32, &[u8])], query: &str) -> Plan {
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        };
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend((keys.len() as u64 + 1).to_le_bytes());
        text(&mut bytes, "general.architecture");
        bytes.extend(8_u32.to_le_bytes());
        text(&mut bytes, architecture);
        for (key, ty, value) in keys {
            text(&mut bytes, &format!("{architecture}.{key}"));
            bytes.extend(ty.to_le_bytes());
            bytes.extend_from_slice(value);
        }
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        let options = Options::from_query(query).unwrap();
        Plan::new(&Source::Bytes(bytes.into()), options).unwrap()
    }

    #[test]
    fn models_that_see_a_whole_text_continue_none() {
        for (architecture, keys, continues, pooling) in [
            ("llama", &[][..], true, Pooling::Mean),
            (
                "llama",
                &[("pooling_type", 4, &[3, 0, 0, 0][..])],
                true,
                Pooling::Last,
            ),
            (
                "llama",
                &[("pooling_type", 4, &[2, 0, 0, 0][..])],
                true,
                Pooling::Whole,
            ),
            (
                "llama",
                &[("attention.causal", 7, &[0][..])],
                false,
                Pooling::Whole,
            ),
            (
                "llama",
                &[("attention.causal", 7, &[1][..])],
                true,
                Pooling::Mean,
            ),
            (
                "bert",
                &[("pooling_type", 4, &[1, 0, 0, 0][..])],
                false,
                Pooling::Whole,
            ),
        ] {
            let engine = plan(architecture, keys, "").engine;
            assert_eq!(engine.continues, continues, "{architecture} {keys:?}");
            assert_eq!(engine.pooling, pooling, "{architecture} {keys:?}");
        }
    }

    #[test]
    fn layers_can_have_different_numbers_of_heads() {
        let number = |number: u32| number.to_le_bytes();
        let (layers, width, heads, two) = (number(3), number(64), number(4), number(2));
        // A list of three numbers of 32 bits.
        let of_layers: Vec<u8> = [4, 3, 0, 4, 0, 1].map(u32::to_le_bytes).concat();
        let keys = |kv: &'static str, ty, value| {
            [
                ("block_count", 4, &layers[..]),
                ("embedding_length", 4, &width[..]),
                ("attention.head_count", 4, &heads[..]),
                (kv, ty, value),
            ]
        };
        let same = plan("llama", &keys("attention.head_count_kv", 4, &two), "");
        assert_eq!(per_token(&same.gguf), 3 * 2 * (16 + 16) * 2);
        let different = plan("llama", &keys("attention.head_count_kv", 9, &of_layers), "");
        assert_eq!(per_token(&different.gguf), 5 * (16 + 16) * 2);
    }

    #[test]
    fn a_guest_s_model_takes_no_more_of_the_machine_than_others() {
        let guest = plan("llama", &[], "conversations=64&batch-size=8192&threads=512").engine;
        let others = plan("llama", &[], "").engine;
        assert_eq!(guest.conversations, others.conversations);
        assert_eq!(guest.batch_tokens, others.batch_tokens);
        assert_eq!(guest.threads, others.threads);
    }

    #[test]
    fn what_cannot_be_counted_is_too_much() {
        let most = u64::MAX.to_le_bytes();
        let keys = [
            ("block_count", 4, &[1, 0, 0, 0][..]),
            ("attention.key_length", 10, &most[..]),
            ("attention.value_length", 10, &most[..]),
        ];
        assert_eq!(plan("llama", &keys, "").memory(), u64::MAX);
    }
}
