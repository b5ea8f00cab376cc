//! Models in guests' hands: those that were named for them, and their own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use c12_nn_core::{Code, Context, Device, Encoding, Error, Model, Options, Result, Source, detect};

use crate::allowance::Share;
use crate::prompt_cache;
use crate::session::{Session, check_name};

/// Loading is no computation: it takes as long as the model is large, and the whole host waits for it once.
const LOADING: Option<Duration> = None;

/// A model in a guest's hands.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Graph {
    model: Arc<Model>,
    /// The guest's own, for everything that is done with the graph.
    options: Arc<Options>,
    /// What a model of the guest's own takes out of the instance's allowance.
    _held: Arc<Vec<Share>>,
}

impl Graph {
    pub(crate) fn model(&self) -> &Arc<Model> {
        &self.model
    }

    pub(crate) fn is_language_model(&self) -> bool {
        self.model.language_model().is_ok()
    }

    pub(crate) fn context(&self) -> Result<Context> {
        self.model.context(&self.options)
    }
}

impl Session {
    /// The model of that name.
    ///
    /// # Errors
    ///
    /// `not-found` if none was named so, and those of loading it.
    pub(crate) async fn load_by_name(&self, name: &str, options: Options) -> Result<Graph> {
        check_name(name)?;
        let registry = self.0.registry.clone();
        let name = name.to_owned();
        let model = self
            .work_for(LOADING, move |cancel| registry.model(&name, cancel))
            .await?;
        Ok(self.graph(model, options, Vec::new()))
    }

    fn graph(&self, model: Arc<Model>, mut options: Options, held: Vec<Share>) -> Graph {
        if model.language_model().is_ok() {
            prompt_cache::keep_apart(&self.0.guest, model.options(), &mut options);
        }
        Graph {
            options: Arc::new(options),
            model,
            _held: Arc::new(held),
        }
    }

    /// A model that the guest hands over.
    ///
    /// # Errors
    ///
    /// `security` if the user does not allow it, and those of loading it.
    pub(crate) async fn load(
        &self,
        parts: Vec<Bytes>,
        encoding: Encoding,
        device: Device,
        options: Options,
    ) -> Result<Graph> {
        self.check_guest_model(&parts, encoding)?;
        let registry = self.0.registry.clone();
        let mut chosen = options.clone();
        if let Some(threads) = self.0.policy.threads {
            chosen.set("threads", threads);
        }
        let size: u64 = parts.iter().map(|part| part.len() as u64).sum();
        let mut held = vec![self.hold_model(size)?];
        let model = self
            .work_for(LOADING, move |_| {
                registry.load(&parts, encoding, device, &chosen)
            })
            .await?;
        held.push(self.hold_model(model.memory().saturating_sub(size))?);
        Ok(self.graph(model, options, held))
    }

    fn check_guest_model(&self, parts: &[Bytes], encoding: Encoding) -> Result<()> {
        let allowed = &self.0.policy.guest_encodings;
        let actual = match (encoding, parts.first()) {
            (Encoding::Autodetect, Some(first)) if !allowed.is_empty() => {
                // What is not known is refused in better words when it is loaded.
                detect(&Source::Bytes(first.clone()))?
            }
            (encoding, _) => Some(encoding),
        };
        match actual {
            Some(actual) if !allowed.contains(&actual) => Err(Error::new(
                Code::Security,
                match actual {
                    Encoding::Autodetect => "guests may not hand over models".to_owned(),
                    actual => format!("guests may not hand over models in the encoding `{actual}`"),
                },
            )
            .with_help(format!(
                "`--plugin-config nn.guest-models={}` would allow it",
                match actual {
                    Encoding::Autodetect => "onnx",
                    actual => actual.name(),
                }
            ))),
            _ => Ok(()),
        }
    }

    fn hold_model(&self, bytes: u64) -> Result<Share> {
        let allowance = &self.0.models;
        allowance.take(bytes).ok_or_else(|| {
            Error::too_large(format!(
                "the models that the guest hands over would take more than {} bytes together",
                allowance.most()
            ))
            .with_help("`nn.guest-memory` is the limit")
        })
    }

    /// The options of the model, overridden by those of the graph, overridden by those of a call.
    pub(crate) fn chosen_options(&self, graph: &Graph, mut call: Options) -> Options {
        let model = graph.model.options();
        if call.value(prompt_cache::KEY).is_some() {
            prompt_cache::keep_apart(&self.0.guest, model, &mut call);
        }
        model.overridden_by(&graph.options).overridden_by(&call)
    }
}
