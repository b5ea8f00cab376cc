//! `c12:nn/language`.

use std::sync::{Arc, Mutex, PoisonError};

use c12_nn_core::{Cancel, Error, Finish, Message, Options, Prompt, Reason, Result};
use wasmtime::component::Resource;

use super::bindings::c12::nn::language as wit;
use super::graphs::options;
use super::{Outcome, View};
use crate::computation;
use crate::session::{Graph, Session};

/// A text that is being made, in a guest's hands.
pub struct Generation {
    text: Arc<Mutex<Box<dyn c12_nn_core::Generation>>>,
    cancel: Cancel,
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.cancel.cancel(Reason::Gone);
    }
}

impl wit::HostGeneration for View<'_> {
    async fn next(&mut self, generation: Resource<Generation>) -> Outcome<Option<String>> {
        let session = self.session()?;
        let generation = self.table.get(&generation)?;
        let text = Arc::clone(&generation.text);
        let cancel = generation.cancel.clone();
        let piece = computation::run_until(&cancel, session.policy().timeout, move || {
            let mut text = text
                .try_lock()
                .map_err(|_| Error::runtime("the text has failed before"))?;
            text.next_piece()
        })
        .await;
        self.outcome("`generation.next`", piece)
    }

    fn finish(
        &mut self,
        generation: Resource<Generation>,
    ) -> wasmtime::Result<Option<wit::FinishReason>> {
        let text = &self.table.get(&generation)?.text;
        let text = text.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(text.finish().map(|reason| match reason {
            Finish::EndOfSequence => wit::FinishReason::EndOfSequence,
            Finish::StopWord => wit::FinishReason::Stop,
            Finish::Limit => wit::FinishReason::MaxTokens,
            Finish::ContextFull => wit::FinishReason::ContextFull,
        }))
    }

    fn usage(&mut self, generation: Resource<Generation>) -> wasmtime::Result<wit::Usage> {
        let text = &self.table.get(&generation)?.text;
        let text = text.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = text.usage();
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
        let graph = self.table.get(&model)?.clone();
        let info = graph.model().language_model().map(|model| model.info());
        let info = info.map(|info| wit::Info {
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
        let generation = generate(&session, graph, prompt, sampling).await;
        self.resource("`generate`", generation)
    }

    async fn apply_chat_template(
        &mut self,
        model: Resource<Graph>,
        messages: Vec<wit::Message>,
    ) -> Outcome<String> {
        let session = self.session()?;
        let graph = self.table.get(&model)?.clone();
        let text = computation::run(session.policy().timeout, move |_| {
            let messages: Vec<Message> = messages.into_iter().map(Into::into).collect();
            graph
                .model()
                .language_model()?
                .apply_chat_template(&messages)
        })
        .await;
        self.outcome("`apply-chat-template`", text)
    }

    async fn count_tokens(&mut self, model: Resource<Graph>, text: String) -> Outcome<u32> {
        let session = self.session()?;
        let graph = self.table.get(&model)?.clone();
        let count = computation::run(session.policy().timeout, move |_| {
            graph.model().language_model()?.count_tokens(&text)
        })
        .await;
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
        let vectors = computation::run(session.policy().timeout, move |cancel| {
            let options = chosen(&graph, &options(given)?);
            let model = graph.model().language_model()?;
            model.embed(&texts, &options, cancel)
        })
        .await;
        self.outcome("`embed`", vectors)
    }
}

/// The options of the model, overridden by those of the graph, overridden by those of the call.
fn chosen(graph: &Graph, call: &Options) -> Options {
    let model = graph.model().options();
    model.overridden_by(graph.options()).overridden_by(call)
}

async fn generate(
    session: &Session,
    graph: Graph,
    prompt: wit::Prompt,
    sampling: wit::Sampling,
) -> Result<Generation> {
    let cancel = Cancel::new();
    let text = {
        let cancel = cancel.clone();
        let begin = move || {
            let options = chosen(&graph, &sampling_options(sampling)?);
            let model = graph.model().language_model()?;
            model.generate(&prompt.into(), &options, &cancel)
        };
        computation::run(session.policy().timeout, move |_| begin()).await?
    };
    Ok(Generation {
        text: Arc::new(Mutex::new(text)),
        cancel,
    })
}

/// Under the names that the core has for them.
fn sampling_options(sampling: wit::Sampling) -> Result<Options> {
    let mut options = options(sampling.others)?;
    let numbers = [
        ("temp", sampling.temperature),
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
        ("n-predict", sampling.max_tokens),
        ("top-k", sampling.top_k),
        ("seed", sampling.seed),
    ];
    for (name, integer) in integers {
        if let Some(integer) = integer {
            options.set(name, integer);
        }
    }
    if !sampling.stop.is_empty() {
        options.set("reverse-prompt", sampling.stop);
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
