use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use serde_json::Value;

use crate::{Cancel, Options, Result};

/// What a language model says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LanguageModelInfo {
    /// Its own name, if it has one.
    pub name: Option<String>,
    /// Its architecture: `llama`.
    pub architecture: Option<String>,
    /// How many tokens a context can have at most, as it was trained.
    pub context_tokens: u32,
    /// How many different tokens there are.
    pub vocabulary: u32,
    /// How many numbers an embedding has.
    pub embedding_size: u32,
    /// Whether it comes with a template for conversations.
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

/// What is to be continued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Text as it is; control tokens in it are understood.
    Text(String),
    /// A conversation, brought into the model's form.
    Chat(Vec<Message>),
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended it.
    EndOfSequence,
    /// One of the stop words came.
    StopWord,
    /// It has as many tokens as were asked for.
    Limit,
    /// The context has no room for another token.
    ContextFull,
}

/// How many tokens went in and came out, and how long that took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input_tokens: u32,
    /// How many of them were still there from before.
    pub cached_tokens: u32,
    /// Tokens that were made.
    pub output_tokens: u32,
    /// From the request until the first token, in microseconds; includes the wait for others.
    pub first_token_micros: u64,
    /// From the request until now, in microseconds.
    pub total_micros: u64,
}

/// A thread that waits for a piece.
struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A text that is being made.
///
/// Dropping it ends it.
pub trait Generation: Send + Sync {
    /// The next piece of text, whole characters only; `None` once it is complete. The context is woken when there is
    /// one.
    ///
    /// # Errors
    ///
    /// It is cancelled, or the framework fails.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<String>>>;

    /// Waits for the next piece. Blocks.
    ///
    /// # Errors
    ///
    /// Those of [`Generation::poll_piece`].
    fn next_piece(&mut self) -> Result<Option<String>> {
        let waker = Waker::from(Arc::new(Waiting(thread::current())));
        loop {
            match self.poll_piece(&mut Context::from_waker(&waker)) {
                Poll::Ready(piece) => return piece,
                Poll::Pending => thread::park(),
            }
        }
    }

    /// Why it ended, once it has.
    fn finish(&self) -> Option<Finish>;

    /// What it took so far.
    fn usage(&self) -> Usage;
}

/// A model that continues text.
pub trait LanguageModel: Send + Sync {
    /// What it says of itself.
    fn info(&self) -> LanguageModelInfo;

    /// How many tokens a text has.
    ///
    /// # Errors
    ///
    /// The text cannot be split into tokens.
    fn count_tokens(&self, text: &str) -> Result<u32>;

    /// A conversation in the model's form, up to where the assistant speaks.
    ///
    /// # Errors
    ///
    /// The model has no template, or refuses the conversation.
    fn apply_chat_template(&self, messages: &[Message]) -> Result<String>;

    /// Begins to continue the prompt. Does not block for long.
    ///
    /// # Errors
    ///
    /// `invalid-argument` if an option makes no sense, `too-large` if the prompt does not fit the context.
    fn generate(
        &self,
        prompt: &Prompt,
        options: &Options,
        cancel: &Cancel,
    ) -> Result<Box<dyn Generation>>;

    /// A vector for each text. Blocks.
    ///
    /// # Errors
    ///
    /// A text does not fit the context, or it is cancelled.
    fn embed(&self, texts: &[String], options: &Options, cancel: &Cancel) -> Result<Vec<Vec<f32>>>;

    /// Facts of the file, for tools: key and value as they stand there.
    fn metadata(&self) -> Vec<(String, Value)> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    /// What one thread gives another.
    #[derive(Default)]
    struct Hand {
        piece: Option<String>,
        waiting: Option<Waker>,
    }

    /// A text whose pieces come from another thread.
    struct Handed(Arc<Mutex<Hand>>);

    impl Generation for Handed {
        fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<String>>> {
            let mut hand = self.0.lock().unwrap();
            match hand.piece.take() {
                Some(piece) => Poll::Ready(Ok(Some(piece))),
                None => {
                    hand.waiting = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        }

        fn finish(&self) -> Option<Finish> {
            None
        }

        fn usage(&self) -> Usage {
            Usage::default()
        }
    }

    #[test]
    fn a_thread_waits_until_it_is_woken() {
        let hand = Arc::new(Mutex::new(Hand::default()));
        let mut text = Handed(Arc::clone(&hand));
        let giver = thread::spawn(move || {
            for piece in ["a", "b"] {
                while hand.lock().unwrap().waiting.is_none() {
                    thread::sleep(Duration::from_millis(1));
                }
                let mut hand = hand.lock().unwrap();
                hand.piece = Some(piece.to_owned());
                hand.waiting.take().unwrap().wake();
            }
        });
        assert_eq!(text.next_piece().unwrap().as_deref(), Some("a"));
        assert_eq!(text.next_piece().unwrap().as_deref(), Some("b"));
        giver.join().unwrap();
    }
}
