//! What is asked of a model, and what comes back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use llama_cpp_2::token::LlamaToken;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::Shared;
use super::options::GenerateOptions;
use crate::{Cancel, Error, Finish, Generation, Result, Usage};

/// A text to be continued.
pub(super) struct Job {
    /// For whom it is.
    pub(super) owner: Arc<str>,
    pub(super) prompt: Vec<LlamaToken>,
    pub(super) options: GenerateOptions,
    pub(super) cancel: Cancel,
    pub(super) events: UnboundedSender<Event>,
    pub(super) progress: Arc<Progress>,
}

impl Job {
    /// Why it need not go on, if so.
    pub(super) fn over(&self) -> Option<Event> {
        if self.progress.gone.load(Ordering::Relaxed) {
            return Some(Event::Failed(Error::runtime("nobody waits for the text")));
        }
        self.cancel.check().err().map(Event::Failed)
    }
}

/// A text whose embedding is wanted.
pub(super) struct Embed {
    /// For whom it is.
    pub(super) owner: Arc<str>,
    pub(super) tokens: Vec<LlamaToken>,
    pub(super) answer: Sender<Result<Vec<f32>>>,
    pub(super) cancel: Cancel,
}

pub(super) enum Command {
    Generate(Job),
    Embed(Embed),
}

pub(super) enum Event {
    Piece(String),
    Done(Finish),
    Failed(Error),
}

/// What both sides see.
pub(super) struct Progress {
    gone: AtomicBool,
    since: Instant,
    usage: Mutex<Usage>,
}

impl Progress {
    pub(super) fn new(input_tokens: usize) -> Self {
        Self {
            gone: AtomicBool::new(false),
            since: Instant::now(),
            usage: Mutex::new(Usage {
                input_tokens: u32::try_from(input_tokens).unwrap_or(u32::MAX),
                ..Usage::default()
            }),
        }
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut Usage)) {
        change(&mut self.usage.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn token(&self) {
        let elapsed = self.micros();
        self.update(|usage| {
            usage.output_tokens += 1;
            if usage.output_tokens == 1 {
                usage.first_token_micros = elapsed;
            }
            usage.total_micros = elapsed;
        });
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// The guest's end of a text.
pub(super) struct Stream {
    events: UnboundedReceiver<Event>,
    progress: Arc<Progress>,
    finish: Option<Finish>,
    failed: Option<Error>,
    /// The model, which is not gone before its texts are.
    _model: Arc<Shared>,
}

impl Stream {
    pub(super) fn new(
        events: UnboundedReceiver<Event>,
        progress: Arc<Progress>,
        model: Arc<Shared>,
    ) -> Self {
        Self {
            events,
            progress,
            finish: None,
            failed: None,
            _model: model,
        }
    }
}

impl Generation for Stream {
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<String>>> {
        if let Some(error) = &self.failed {
            return Poll::Ready(Err(error.clone()));
        }
        if self.finish.is_some() {
            return Poll::Ready(Ok(None));
        }
        Poll::Ready(match ready!(self.events.poll_recv(context)) {
            Some(Event::Piece(text)) => Ok(Some(text)),
            Some(Event::Done(finish)) => {
                self.finish = Some(finish);
                Ok(None)
            }
            Some(Event::Failed(error)) => {
                self.failed = Some(error.clone());
                Err(error)
            }
            None => Err(Error::runtime("the model was unloaded")),
        })
    }

    fn finish(&self) -> Option<Finish> {
        self.finish
    }

    fn usage(&self) -> Usage {
        *self
            .progress
            .usage
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.progress.gone.store(true, Ordering::Relaxed);
    }
}
