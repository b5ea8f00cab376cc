//! Models that continue text, for both faces.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use c12_nn_core::{
    Cancel, Error, Finish, LanguageModelInfo, Message, Options, Prompt, Reason, Result, Usage,
};
use tokio::task::AbortHandle;

use crate::allowance::Share;
use crate::computation::{self, Guard};
use crate::graph::Graph;
use crate::session::Session;

/// Texts that one call may have embedded.
const MOST_TEXTS: usize = 1024;

/// A text that is being made, in a guest's hands. Clones are one; it ends with the last of them.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Generation(Arc<Inner>);

struct Inner {
    text: Mutex<Box<dyn c12_nn_core::Generation>>,
    cancel: Cancel,
    _deadline: Option<Deadline>,
    _share: Share,
}

/// How far a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Why it ended, once it has.
    pub(crate) finish: Option<Finish>,
    /// What it took so far.
    pub(crate) usage: Usage,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.cancel.cancel(Reason::Gone);
    }
}

/// Ends a text after the time that a computation may take, whether anybody reads it or not.
struct Deadline(AbortHandle);

impl Deadline {
    fn new(most: Duration, cancel: &Cancel) -> Self {
        let cancel = cancel.clone();
        let end = tokio::spawn(async move {
            tokio::time::sleep(most).await;
            cancel.cancel(Reason::Timeout);
        });
        Deadline(end.abort_handle())
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Generation {
    fn new(
        text: Box<dyn c12_nn_core::Generation>,
        cancel: Cancel,
        most: Option<Duration>,
        share: Share,
    ) -> Self {
        Generation(Arc::new(Inner {
            text: Mutex::new(text),
            _deadline: most.map(|most| Deadline::new(most, &cancel)),
            cancel,
            _share: share,
        }))
    }

    /// How far it is.
    pub(crate) fn progress(&self) -> Progress {
        let text = self.lock();
        Progress {
            finish: text.finish(),
            usage: text.usage(),
        }
    }

    fn poll_piece(&self, context: &mut Context<'_>) -> Poll<Result<Option<String>>> {
        self.lock().poll_piece(context)
    }

    /// Held for moments, since nothing waits meanwhile.
    fn lock(&self) -> MutexGuard<'_, Box<dyn c12_nn_core::Generation>> {
        self.0.text.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// Those of [`c12_nn_core::LanguageModel::generate`] and of [`Session::begin_text`].
    pub(crate) async fn generate(
        &self,
        graph: &Graph,
        prompt: Prompt,
        options: Options,
    ) -> Result<Generation> {
        graph.model().language_model()?;
        let share = self.begin_text()?;
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
        let most = self.policy().timeout;
        Ok(Generation::new(text, cancel, most, share))
    }

    /// Waits for the next piece of a text; `None` once it is complete.
    ///
    /// # Errors
    ///
    /// Those of [`c12_nn_core::Generation::next_piece`].
    pub(crate) async fn next_piece(&self, generation: &Generation) -> Result<Option<String>> {
        let cancel = &generation.0.cancel;
        let guard = Guard::new(cancel);
        let next = poll_fn(|context| generation.poll_piece(context));
        let piece = computation::within(self.policy().timeout, cancel, pin!(next)).await;
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

    /// How many bytes the vectors of so many texts have, as numbers of 32 bits.
    ///
    /// # Errors
    ///
    /// `too-large` if they are more texts than one call may have embedded.
    pub(crate) fn size_of_embeddings(&self, graph: &Graph, texts: usize) -> Result<usize> {
        let info = self.describe_language(graph)?;
        if texts > MOST_TEXTS {
            return Err(Error::too_large(format!(
                "{texts} texts are to be embedded at once; {MOST_TEXTS} are allowed"
            )));
        }
        let vector = (info.embedding_size as usize).saturating_mul(size_of::<f32>());
        Ok(texts.saturating_mul(vector))
    }

    /// A vector for each text, and what they take out of the guest's allowance.
    ///
    /// # Errors
    ///
    /// Those of [`c12_nn_core::LanguageModel::embed`], [`Session::size_of_embeddings`], [`Session::hold`] and
    /// [`Session::begin_text`].
    pub(crate) async fn embed(
        &self,
        graph: &Graph,
        texts: Vec<String>,
        options: Options,
    ) -> Result<(Vec<Vec<f32>>, Share)> {
        let held = self.hold(self.size_of_embeddings(graph, texts.len())?)?;
        let under_way = self.begin_text()?;
        let options = self.chosen_options(graph, options);
        let graph = graph.clone();
        self.work(move |cancel| {
            let _until_it_ends = under_way;
            let model = graph.model().language_model()?;
            Ok((model.embed(&texts, &options, cancel)?, held))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::allowance::Allowance;

    /// A text without an end, of which nothing is there yet.
    struct Silent;

    impl c12_nn_core::Generation for Silent {
        fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Result<Option<String>>> {
            Poll::Pending
        }

        fn finish(&self) -> Option<Finish> {
            None
        }

        fn usage(&self) -> Usage {
            Usage::default()
        }
    }

    /// Whoever asks how far a text is does not wait for its next piece.
    #[test]
    fn how_far_a_text_is_can_be_told_while_its_next_piece_is_made() {
        let share = Allowance::new(1).take(1).unwrap();
        let text = Generation::new(Box::new(Silent), Cancel::new(), None, share);
        let mut context = Context::from_waker(Waker::noop());
        assert!(text.poll_piece(&mut context).is_pending());
        assert_eq!(text.progress(), Progress::default());
    }

    /// A text that nobody reads ends, too.
    #[tokio::test]
    async fn the_time_of_a_text_is_up_whether_it_is_read_or_not() {
        let text = Box::new(Silent);
        let allowance = Allowance::new(1);
        let (cancel, share) = (Cancel::new(), allowance.take(1).unwrap());
        let most = Some(Duration::from_millis(10));
        let text = Generation::new(text, cancel.clone(), most, share);
        while !cancel.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(cancel.reason(), Some(Reason::Timeout));
        assert!(allowance.take(1).is_none());
        drop(text);
        assert!(allowance.take(1).is_some());
    }
}
