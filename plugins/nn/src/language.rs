//! Models that continue text, for both faces.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use c12_nn_core::{
    Cancel, Error, Finish, LanguageModelInfo, Message, Options, Prompt, Reason, Result, Usage,
};

use crate::computation::{self, Guard};
use crate::graph::Graph;
use crate::session::Session;

/// A text that is being made, in a guest's hands. Clones are one; it ends with the last of them.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Generation(Arc<Inner>);

struct Inner {
    text: Mutex<Box<dyn c12_nn_core::Generation>>,
    cancel: Cancel,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.cancel.cancel(Reason::Gone);
    }
}

impl Generation {
    fn text(&self) -> MutexGuard<'_, Box<dyn c12_nn_core::Generation>> {
        self.0.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the text ended, once it has.
    pub(crate) fn finish(&self) -> Option<Finish> {
        self.text().finish()
    }

    /// What it took so far.
    pub(crate) fn usage(&self) -> Usage {
        self.text().usage()
    }
}

impl Session {
    /// What a model says of itself.
    ///
    /// # Errors
    ///
    /// As all functions here: `unsupported-operation` if it is no language model.
    pub(crate) fn describe_language(&self, graph: &Graph) -> Result<LanguageModelInfo> {
        Ok(graph.model().language_model()?.info())
    }

    /// Begins to continue a prompt.
    ///
    /// # Errors
    ///
    /// Those of [`c12_nn_core::LanguageModel::generate`].
    pub(crate) async fn generate(
        &self,
        graph: &Graph,
        prompt: Prompt,
        options: Options,
    ) -> Result<Generation> {
        let options = self.chosen_options(graph, options);
        let graph = graph.clone();
        let cancel = Cancel::new();
        let text = {
            let cancel = cancel.clone();
            let begin = move |_: &Cancel| {
                let model = graph.model().language_model()?;
                model.generate(&prompt, &options, &cancel)
            };
            self.work(begin).await?
        };
        Ok(Generation(Arc::new(Inner {
            text: Mutex::new(text),
            cancel,
        })))
    }

    /// Waits for the next piece of a text; `None` once it is complete.
    ///
    /// # Errors
    ///
    /// Those of [`c12_nn_core::Generation::next_piece`].
    pub(crate) async fn next_piece(&self, generation: &Generation) -> Result<Option<String>> {
        let text = generation.clone();
        let wait = move || {
            let text = text.0.text.try_lock();
            text.map_err(|_| Error::runtime("the text failed before"))?
                .next_piece()
        };
        let cancel = &generation.0.cancel;
        let guard = Guard::new(cancel);
        let piece = computation::run_until(cancel, self.policy().timeout, wait).await;
        guard.disarm();
        piece
    }

    /// A conversation in the model's form.
    ///
    /// # Errors
    ///
    /// Those of [`c12_nn_core::LanguageModel::apply_chat_template`].
    pub(crate) async fn apply_chat_template(
        &self,
        graph: &Graph,
        messages: Vec<Message>,
    ) -> Result<String> {
        let graph = graph.clone();
        self.work(move |_| {
            let model = graph.model().language_model()?;
            model.apply_chat_template(&messages)
        })
        .await
    }

    /// How many tokens a text has.
    ///
    /// # Errors
    ///
    /// Those of [`c12_nn_core::LanguageModel::count_tokens`].
    pub(crate) async fn count_tokens(&self, graph: &Graph, text: String) -> Result<u32> {
        let graph = graph.clone();
        self.work(move |_| graph.model().language_model()?.count_tokens(&text))
            .await
    }

    /// A vector for each text.
    ///
    /// # Errors
    ///
    /// Those of [`c12_nn_core::LanguageModel::embed`].
    pub(crate) async fn embed(
        &self,
        graph: &Graph,
        texts: Vec<String>,
        options: Options,
    ) -> Result<Vec<Vec<f32>>> {
        let options = self.chosen_options(graph, options);
        let graph = graph.clone();
        self.work(move |cancel| {
            let model = graph.model().language_model()?;
            model.embed(&texts, &options, cancel)
        })
        .await
    }
}
