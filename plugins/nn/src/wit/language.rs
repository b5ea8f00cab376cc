//! `c12:nn/language`.

use c12_nn_core::{Finish, Message, Options, Prompt, Result};
use wasmtime::component::Resource;

use super::bindings::c12::nn::language as wit;
use super::graphs::options;
use super::{Outcome, View};
use crate::graph::Graph;
use crate::language::Generation;

impl wit::HostGeneration for View<'_> {
    async fn next(&mut self, generation: Resource<Generation>) -> Outcome<Option<String>> {
        let session = self.session()?;
        let generation = self.table.get(&generation)?.clone();
        let piece = session.next_piece(&generation).await;
        self.outcome("`generation.next`", piece)
    }

    fn finish(
        &mut self,
        generation: Resource<Generation>,
    ) -> wasmtime::Result<Option<wit::FinishReason>> {
        let finish = self.table.get(&generation)?.progress().finish;
        Ok(finish.map(|reason| match reason {
            Finish::EndOfSequence => wit::FinishReason::EndOfSequence,
            Finish::StopWord => wit::FinishReason::Stop,
            Finish::Limit => wit::FinishReason::MaxTokens,
            Finish::ContextFull => wit::FinishReason::ContextFull,
        }))
    }

    fn usage(&mut self, generation: Resource<Generation>) -> wasmtime::Result<wit::Usage> {
        let usage = self.table.get(&generation)?.progress().usage;
        Ok(wit::Usage {
            input_tokens: usage.input_tokens,
            cached_tokens: usage.cached_tokens,
            output_tokens: usage.output_tokens,
            first_token_micros: usage.first_token_micros,
            total_micros: usage.total_micros,
        })
    }

    fn drop(&mut self, generation: Resource<Generation>) -> wasmtime::Result<()> {
        self.table.delete(generation)?;
        Ok(())
    }
}

impl wit::Host for View<'_> {
    fn describe(&mut self, model: Resource<Graph>) -> Outcome<wit::Info> {
        let session = self.session()?;
        let graph = self.table.get(&model)?.clone();
        let info = session.describe_language(&graph).map(|info| wit::Info {
            name: info.name,
            architecture: info.architecture,
            context_tokens: info.context_tokens,
            vocabulary: info.vocabulary,
            embedding_size: info.embedding_size,
            has_chat_template: info.has_chat_template,
        });
        self.outcome("`describe`", info)
    }

    async fn generate(
        &mut self,
        model: Resource<Graph>,
        prompt: wit::Prompt,
        sampling: wit::Sampling,
    ) -> Outcome<Resource<Generation>> {
        let session = self.session()?;
        let graph = self.table.get(&model)?.clone();
        let generation = match sampling_options(sampling) {
            Ok(options) => session.generate(&graph, prompt.into(), options).await,
            Err(error) => Err(error),
        };
        self.resource("`generate`", generation)
    }

    async fn apply_chat_template(
        &mut self,
        model: Resource<Graph>,
        messages: Vec<wit::Message>,
    ) -> Outcome<String> {
        let session = self.session()?;
        let graph = self.table.get(&model)?.clone();
        let messages = messages.into_iter().map(Into::into).collect();
        let text = session.apply_chat_template(&graph, messages).await;
        self.outcome("`apply-chat-template`", text)
    }

    async fn count_tokens(&mut self, model: Resource<Graph>, text: String) -> Outcome<u32> {
        let session = self.session()?;
        let graph = self.table.get(&model)?.clone();
        let count = session.count_tokens(&graph, text).await;
        self.outcome("`count-tokens`", count)
    }

    async fn embed(
        &mut self,
        model: Resource<Graph>,
        texts: Vec<String>,
        given: wit::Options,
    ) -> Outcome<Vec<Vec<f32>>> {
        let session = self.session()?;
        let graph = self.table.get(&model)?.clone();
        let vectors = match options(given) {
            Ok(options) => session.embed(&graph, texts, options).await,
            Err(error) => Err(error),
        };
        match self.outcome("`embed`", vectors)? {
            Ok((vectors, _until_they_are_handed_over)) => Ok(Ok(vectors)),
            Err(failure) => Ok(Err(failure)),
        }
    }
}

/// Under the names that the core has for them.
fn sampling_options(sampling: wit::Sampling) -> Result<Options> {
    let mut options = options(sampling.others)?;
    let numbers = [
        ("temperature", sampling.temperature),
        ("top-p", sampling.top_p),
        ("min-p", sampling.min_p),
        ("repeat-penalty", sampling.repeat_penalty),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            options.set(name, number);
        }
    }
    let integers = [
        ("max-tokens", sampling.max_tokens),
        ("top-k", sampling.top_k),
        ("seed", sampling.seed),
    ];
    for (name, integer) in integers {
        if let Some(integer) = integer {
            options.set(name, integer);
        }
    }
    if !sampling.stop.is_empty() {
        options.set("stop", sampling.stop);
    }
    match sampling.grammar {
        None => {}
        Some(wit::Grammar::Gbnf(grammar)) => options.set("grammar", grammar),
        Some(wit::Grammar::JsonSchema(schema)) => options.set("json-schema", schema),
    }
    Ok(options)
}

impl From<wit::Prompt> for Prompt {
    fn from(prompt: wit::Prompt) -> Self {
        match prompt {
            wit::Prompt::Text(text) => Prompt::Text(text),
            wit::Prompt::Chat(messages) => {
                Prompt::Chat(messages.into_iter().map(Into::into).collect())
            }
        }
    }
}

impl From<wit::Message> for Message {
    fn from(message: wit::Message) -> Self {
        Message {
            role: message.role,
            content: message.content,
        }
    }
}
