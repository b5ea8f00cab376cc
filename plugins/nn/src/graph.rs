//! Models in guests' hands: those that were named for them, and their own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use c12_nn_core::{
    Cancel, Code, Context, Device, Encoding, Error, Model, Options, Result, Source, detect,
};

use crate::allowance::Share;
use crate::options;
use crate::prompt_cache;
use crate::session::{Session, check_name};

/// Loading what the user named is no computation: it takes as long as the model is large, and the whole host waits for it
/// once.
const LOADING: Option<Duration> = None;

/// A model in a guest's hands.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Graph {
    model: Arc<Model>,
    /// The guest's own, for everything that is done with the graph.
    options: Arc<Options>,
    /// What its options, and a model of the guest's own, take out of the guest's allowance.
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
            .await
            .map_err(with_limit)?;
        self.graph(model, options, Vec::new())
    }

    fn graph(
        &self,
        model: Arc<Model>,
        mut options: Options,
        mut held: Vec<Share>,
    ) -> Result<Graph> {
        if model.language_model().is_ok() {
            // The guest's own options stay as long as the graph.
            held.push(self.hold(options::size(&options))?);
            prompt_cache::keep_apart(&self.0.guest, model.options(), &mut options);
            options.set_owner(self.0.guest.as_str());
        } else {
            // Nothing else looks at them.
            options = Options::new();
        }
        Ok(Graph {
            options: Arc::new(options),
            model,
            _held: Arc::new(held),
        })
    }

    /// A model that the guest hands over.
    ///
    /// # Errors
    ///
    /// `security` if the user does not allow it, `timeout` if it takes too long, and those of loading it.
    pub(crate) async fn load(
        &self,
        parts: Vec<Bytes>,
        encoding: Encoding,
        device: Device,
        options: Options,
    ) -> Result<Graph> {
        self.check_guest_model(&parts, encoding)?;
        let size: u64 = parts.iter().map(|part| part.len() as u64).sum();
        self.check_guest_model_size(size)?;
        let mut held = self.hold_model(size)?;
        let most = self.0.policy.guest_model_timeout;
        let place = self.0.quota.loads.take(most).await;
        let place = place.ok_or_else(|| {
            Error::new(
                Code::Timeout,
                "other models are loading, among them some that were given up",
            )
        })?;
        let session = self.clone();
        let mut chosen = options.clone();
        if let Some(threads) = self.0.policy.threads {
            chosen.set("threads", threads);
        }
        let load = move |cancel: &Cancel| {
            let _until_it_ends = place;
            cancel.check()?;
            let prepared = session
                .0
                .registry
                .prepare(&parts, encoding, device, &chosen)?;
            // Counted before it is there.
            let expected = prepared.memory().max(size);
            held.extend(session.hold_model(expected.saturating_sub(size))?);
            let model = prepared.load()?;
            // Frameworks cannot be interrupted; what nobody waits for any more goes at once.
            cancel.check()?;
            held.extend(session.hold_model(model.memory().saturating_sub(expected))?);
            Ok((model, held))
        };
        let (model, held) = self.work_for(most, load).await.map_err(with_limit)?;
        self.graph(model, options, held)
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

    fn check_guest_model_size(&self, size: u64) -> Result<()> {
        let most = self.0.policy.guest_model_size;
        if size <= most {
            return Ok(());
        }
        Err(Error::too_large(format!(
            "a model of {size} bytes is larger than the {most} bytes that guests may hand over"
        ))
        .with_help("`nn.guest-model-size` is the limit"))
    }

    /// Counts a model of the guest's own, among its own and among those of all guests.
    fn hold_model(&self, bytes: u64) -> Result<Vec<Share>> {
        let (own, all) = (&self.0.quota.models, &self.0.quota.all_models);
        let of_guest = own.take(bytes).ok_or_else(|| {
            Error::too_large(format!(
                "the models that the guest hands over would take more than {} bytes together",
                own.most()
            ))
            .with_help("`nn.guest-memory` is the limit")
        })?;
        let of_all = all.take(bytes).ok_or_else(|| {
            Error::too_large(format!(
                "the models that guests hand over would take more than {} bytes together",
                all.most()
            ))
            .with_help("half of `nn.memory` is the limit")
        })?;
        Ok(vec![of_guest, of_all])
    }

    /// The options of the model, overridden by those of the graph, overridden by those of a call.
    pub(crate) fn chosen_options(&self, graph: &Graph, mut call: Options) -> Options {
        let model = graph.model.options();
        prompt_cache::keep_call_apart(&self.0.guest, model, &mut call);
        model.overridden_by(&graph.options).overridden_by(&call)
    }
}

/// Adds what the user could do about a model that has no room.
fn with_limit(error: Error) -> Error {
    if error.code() == Code::TooLarge && error.help().is_none() {
        return error.with_help("`nn.memory` limits what models take together");
    }
    error
}
