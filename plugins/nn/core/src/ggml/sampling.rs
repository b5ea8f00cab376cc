//! The choice of the next token.

use std::hash::{BuildHasher, Hasher, RandomState};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;

use super::options::GenerateOptions;
use crate::grammar::{Matcher, Vocabulary};
use crate::{Cancel, Error, Result};

/// Chooses tokens for one text.
pub(super) struct Chooser {
    sampler: LlamaSampler,
    matcher: Option<Matcher>,
}

/// What the model says of its tokens, for grammars; made when the first grammar is used.
pub(super) struct Tokens<'a> {
    model: &'a LlamaModel,
    vocabulary: Option<Vocabulary>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(model: &'a LlamaModel) -> Self {
        Self {
            model,
            vocabulary: None,
        }
    }

    pub(super) fn is_end(&self, token: LlamaToken) -> bool {
        self.model.vocab().is_eog(token)
    }

    /// The token's text. Tokens that control have none.
    pub(super) fn bytes(&self, token: LlamaToken) -> Vec<u8> {
        self.model.vocab().token_to_piece(token, false, None)
    }

    fn vocabulary(&mut self) -> &Vocabulary {
        let model = self.model;
        self.vocabulary.get_or_insert_with(|| {
            let vocab = model.vocab();
            let tokens = vocab.tokens().filter_map(|token| {
                let number = u32::try_from(token.0).ok()?;
                let control = vocab.is_eog(token) || vocab.is_control(token);
                let bytes = if control {
                    Vec::new()
                } else {
                    vocab.token_to_piece(token, false, None)
                };
                Some((number, bytes))
            });
            let size = usize::try_from(vocab.n_tokens()).unwrap_or(0);
            Vocabulary::new(tokens, size)
        })
    }
}

impl Chooser {
    pub(super) fn new(
        options: &GenerateOptions,
        model: &LlamaModel,
        cancel: &Cancel,
    ) -> Result<Self> {
        let mut samplers = Vec::new();
        let penalises = options.repeat_penalty != 1.0
            || options.presence_penalty != 0.0
            || options.frequency_penalty != 0.0;
        if penalises && options.penalty_tokens > 0 {
            samplers.push(LlamaSampler::penalties(
                model.n_vocab(),
                options.penalty_tokens,
                options.repeat_penalty,
                options.frequency_penalty,
                options.presence_penalty,
            ));
        }
        if options.temperature == 0.0 {
            samplers.push(LlamaSampler::greedy());
        } else {
            if options.top_k > 0 {
                samplers.push(LlamaSampler::top_k(options.top_k));
            }
            samplers.push(LlamaSampler::top_p(options.top_p, 1));
            samplers.push(LlamaSampler::min_p(options.min_p, 1));
            samplers.push(LlamaSampler::temp(options.temperature));
            let seed = options.seed.unwrap_or_else(random);
            samplers.push(LlamaSampler::dist(seed));
        }
        Ok(Self {
            sampler: LlamaSampler::chain_simple(samplers),
            matcher: options
                .grammar
                .as_ref()
                .map(|grammar| Matcher::new(grammar, cancel))
                .transpose()?,
        })
    }

    /// The token that follows the output with this index.
    pub(super) fn choose(
        &mut self,
        context: &LlamaContext<'_>,
        output: i32,
        tokens: &mut Tokens<'_>,
    ) -> Result<LlamaToken> {
        let Some(matcher) = &mut self.matcher else {
            return Ok(self.sampler.sample(context, output));
        };
        // Most of the time the likeliest token fits, and then only one is looked at.
        let mut candidates = context.token_data_array_ith(output);
        candidates.apply_sampler(&mut self.sampler);
        if let Some(token) = candidates.selected_token() {
            let fits = if tokens.is_end(token) {
                matcher.may_end()
            } else {
                let bytes = tokens.bytes(token);
                !bytes.is_empty() && matcher.accept(&bytes)?
            };
            if fits {
                self.sampler.accept(token);
                return Ok(token);
            }
        }
        let may_end = matcher.may_end();
        let allowed = matcher.allowed(tokens.vocabulary())?;
        let mut candidates = context.token_data_array_ith(output);
        candidates.data.retain(|candidate| {
            let token = candidate.id();
            if tokens.is_end(token) {
                return may_end;
            }
            let number = usize::try_from(token.0).ok();
            number
                .and_then(|number| allowed.get(number))
                .copied()
                .unwrap_or_default()
        });
        if candidates.data.is_empty() {
            return Err(Error::runtime(
                "no token of the model can continue the text as the grammar demands",
            ));
        }
        candidates.apply_sampler(&mut self.sampler);
        let token = candidates
            .selected_token()
            .ok_or_else(|| Error::runtime("the model chose no token"))?;
        if !tokens.is_end(token) && !matcher.accept(&tokens.bytes(token))? {
            return Err(Error::runtime(
                "the model chose a token against the grammar",
            ));
        }
        self.sampler.accept(token);
        Ok(token)
    }
}

/// A number that is another each time.
fn random() -> u32 {
    let number = RandomState::new().build_hasher().finish();
    u32::try_from(number >> 32).unwrap_or_default()
}
