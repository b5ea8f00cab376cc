//! The thread that runs a model: it continues several texts at once, a token of each at a time.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::embedding::Embedder;
use super::job::{Command, Embed, Event, Job};
use super::plan::COMPUTED;
use super::sampling::{Chooser, Tokens};
use crate::text::Text;
use crate::turns::Turns;
use crate::{Error, Finish, Result};

/// How a model is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct EngineOptions {
    /// Tokens that each conversation has room for.
    pub(super) context_tokens: u32,
    pub(super) conversations: u32,
    pub(super) batch_tokens: u32,
    pub(super) threads: i32,
    /// Whether it continues texts: others look at a whole text at once.
    pub(super) continues: bool,
    pub(super) pooling: Pooling,
}

/// What becomes of the numbers that a model has for each token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooling {
    /// The embedding is their mean; the text can be read in parts.
    Mean,
    /// It is what the last token has; the text can be read in parts.
    Last,
    /// The model makes the embedding, and needs the whole text for it.
    Whole,
}

/// Runs the model until nobody can ask for anything any more. `ready` learns whether it can be run at all.
pub(super) fn run(
    backend: &LlamaBackend,
    model: &Arc<LlamaModel>,
    options: EngineOptions,
    commands: &Receiver<Command>,
    ready: &Sender<Result<()>>,
) {
    let context = match context(backend, model, options) {
        Ok(context) => context,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    let model: &LlamaModel = model;
    let mut engine = Engine {
        context,
        batch: LlamaBatch::new(options.batch_tokens as usize, 1),
        tokens: Tokens::new(model),
        model,
        embedder: Embedder::new(backend, model, options),
        slots: (0..options.conversations).map(Slot::new).collect(),
        waiting: Turns::new(),
        embeds: Turns::new(),
        options,
        turn: 0,
    };
    while engine.receive(commands) {
        engine.end_unwanted();
        engine.assign();
        engine.embed_one();
        engine.step();
    }
}

fn context<'a>(
    backend: &LlamaBackend,
    model: &'a LlamaModel,
    options: EngineOptions,
) -> Result<LlamaContext<'a>> {
    let tokens = options
        .context_tokens
        .checked_mul(options.conversations)
        .and_then(NonZeroU32::new)
        .ok_or_else(|| Error::too_large("the context is too large"))?;
    let params = LlamaContextParams::default()
        .with_n_ctx(Some(tokens))
        .with_n_seq_max(options.conversations)
        .with_n_batch(options.batch_tokens)
        .with_n_ubatch(options.batch_tokens.min(COMPUTED))
        .with_n_threads(options.threads)
        .with_n_threads_batch(options.threads)
        .with_no_perf(true);
    model.new_context(backend, params).map_err(|error| {
        Error::too_large(format!(
            "no context of {tokens} tokens can be made for the model: {error}"
        ))
    })
}

struct Engine<'a> {
    context: LlamaContext<'a>,
    batch: LlamaBatch<'static>,
    tokens: Tokens<'a>,
    model: &'a LlamaModel,
    embedder: Embedder<'a>,
    slots: Vec<Slot>,
    /// Texts for which no slot is free.
    waiting: Turns<Job>,
    embeds: Turns<Embed>,
    options: EngineOptions,
    turn: u64,
}

/// Room for one conversation.
struct Slot {
    id: i32,
    /// What the model has read here, of this text or the one before.
    read: Vec<LlamaToken>,
    cache_key: String,
    used: u64,
    active: Option<Active>,
}

impl Slot {
    fn new(id: u32) -> Self {
        Self {
            id: i32::try_from(id).unwrap_or(0),
            read: Vec::new(),
            cache_key: String::new(),
            used: 0,
            active: None,
        }
    }

    /// How much of a prompt has been read here already. The last token is read again, since what follows from it
    /// is not kept.
    fn common(&self, job: &Job) -> usize {
        if self.cache_key != job.options.cache_key {
            return 0;
        }
        let most = job.prompt.len().saturating_sub(1);
        self.read
            .iter()
            .zip(job.prompt.iter().take(most))
            .take_while(|(one, other)| one == other)
            .count()
    }

    /// Ends the text with this news.
    fn end(&mut self, event: Event) {
        if let Some(mut active) = self.active.take() {
            if let Event::Done(finish) = event {
                let rest = if finish == Finish::StopWord {
                    String::new()
                } else {
                    active.text.finish()
                };
                if !rest.is_empty() {
                    let _ = active.job.events.send(Event::Piece(rest));
                }
            }
            let _ = active.job.events.send(event);
        }
    }
}

/// A text that is being made.
struct Active {
    job: Job,
    chooser: Chooser,
    text: Text,
    /// Tokens that the model has yet to read: the prompt's rest, or the last token that was made.
    unread: VecDeque<LlamaToken>,
    made: u32,
    /// Where in the batch its next token follows from.
    output: Option<i32>,
    /// Tokens that it has room for.
    room: usize,
}

impl Engine<'_> {
    /// Takes what is asked for; waits for it if there is nothing else to do. False once nobody can ask any more.
    fn receive(&mut self, commands: &Receiver<Command>) -> bool {
        if !self.has_work() {
            match commands.recv() {
                Ok(command) => self.take(command),
                Err(_) => return false,
            }
        }
        loop {
            match commands.try_recv() {
                Ok(command) => self.take(command),
                Err(TryRecvError::Empty) => return true,
                // Texts that are being made go on as long as somebody reads them.
                Err(TryRecvError::Disconnected) => return self.has_work(),
            }
        }
    }

    fn has_work(&self) -> bool {
        !self.waiting.is_empty()
            || !self.embeds.is_empty()
            || self.slots.iter().any(|slot| slot.active.is_some())
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Generate(job) => {
                let owner = Arc::clone(&job.owner);
                self.waiting.push(&owner, job);
            }
            Command::Embed(embed) => {
                let owner = Arc::clone(&embed.owner);
                self.embeds.push(&owner, embed);
            }
        }
    }

    fn end_unwanted(&mut self) {
        for slot in &mut self.slots {
            if let Some(event) = slot.active.as_ref().and_then(|active| active.job.over()) {
                slot.end(event);
            }
        }
        self.waiting.retain(|job| match job.over() {
            Some(event) => {
                let _ = job.events.send(event);
                false
            }
            None => true,
        });
        self.embeds.retain(|embed| match embed.cancel.check() {
            Err(error) => {
                let _ = embed.answer.send(Err(error));
                false
            }
            Ok(()) => true,
        });
    }

    /// Gives free slots to those who wait; first to those who have fewest.
    fn assign(&mut self) {
        while self.slots.iter().any(|slot| slot.active.is_none()) {
            let slots = &self.slots;
            let being_made = |owner: &str| {
                let active = slots.iter().filter_map(|slot| slot.active.as_ref());
                active.filter(|active| &*active.job.owner == owner).count()
            };
            let Some(job) = self.waiting.next(being_made) else {
                return;
            };
            let best = slots
                .iter()
                .enumerate()
                .filter(|(_, slot)| slot.active.is_none())
                .max_by_key(|(_, slot)| (slot.common(&job), std::cmp::Reverse(slot.used)))
                .map(|(index, _)| index);
            if let Some(index) = best {
                self.begin(index, job);
            }
        }
    }

    fn begin(&mut self, index: usize, job: Job) {
        let chooser = match Chooser::new(&job.options, self.model, &job.cancel) {
            Ok(chooser) => chooser,
            Err(error) => {
                let _ = job.events.send(Event::Failed(error));
                return;
            }
        };
        let Some(slot) = self.slots.get_mut(index) else {
            return;
        };
        let mut common = slot.common(&job);
        let id = u32::try_from(slot.id).ok();
        let from = u32::try_from(common).ok();
        // Some architectures keep no more than a summary of what they read, and must begin anew.
        if !matches!(self.context.clear_kv_cache_seq(id, from, None), Ok(true)) {
            common = 0;
            let _ = self.context.clear_kv_cache_seq(id, None, None);
        }
        slot.read.truncate(common);
        slot.cache_key.clone_from(&job.options.cache_key);
        self.turn += 1;
        slot.used = self.turn;
        job.progress
            .update(|usage| usage.cached_tokens = u32::try_from(common).unwrap_or(0));
        let room = job
            .options
            .context_tokens
            .unwrap_or(u32::MAX)
            .min(self.options.context_tokens);
        slot.active = Some(Active {
            chooser,
            text: Text::new(&job.options.stop),
            unread: job.prompt.iter().skip(common).copied().collect(),
            made: 0,
            output: None,
            room: room as usize,
            job,
        });
    }

    fn embed_one(&mut self) {
        if let Some(embed) = self.embeds.next(|_| 0) {
            let _ = embed.answer.send(self.embedder.embed(&embed.tokens));
        }
    }

    /// Has the model read a batch, and makes the tokens that follow.
    fn step(&mut self) {
        self.fill();
        if self.batch.n_tokens() == 0 {
            return;
        }
        if let Err(error) = self.context.decode(&mut self.batch) {
            tracing::warn!("llama.cpp failed: {error}");
            for slot in &mut self.slots {
                slot.end(Event::Failed(Error::runtime(format!(
                    "the model failed: {error}"
                ))));
                // Nobody knows what has been read.
                slot.read.clear();
            }
            self.context.clear_kv_cache();
            return;
        }
        for slot in &mut self.slots {
            if let Some(event) = advance(slot, &self.context, &mut self.tokens) {
                slot.end(event);
            }
        }
    }

    /// Puts the batch together: the last token of each text, then equal parts of prompts.
    fn fill(&mut self) {
        self.batch.clear();
        let capacity = self.options.batch_tokens as usize;
        let mut free = capacity;
        let mut reading = 0;
        for slot in &self.slots {
            match &slot.active {
                Some(active) if active.unread.len() == 1 => free = free.saturating_sub(1),
                Some(_) => reading += 1,
                None => {}
            }
        }
        for slot in &mut self.slots {
            let Some(active) = &mut slot.active else {
                continue;
            };
            let share = if active.unread.len() == 1 {
                1
            } else {
                let share = (free / reading.max(1)).min(active.unread.len());
                reading -= 1;
                free -= share;
                share
            };
            active.output = None;
            for _ in 0..share {
                let Some(token) = active.unread.pop_front() else {
                    break;
                };
                let position = i32::try_from(slot.read.len()).unwrap_or(i32::MAX);
                let last = active.unread.is_empty();
                let index = self.batch.n_tokens();
                if self.batch.add(token, position, &[slot.id], last).is_err() {
                    active.unread.push_front(token);
                    break;
                }
                slot.read.push(token);
                if last {
                    active.output = Some(index);
                }
            }
        }
    }
}

/// Makes the next token of a text whose prompt has been read, and says so if that was the last.
fn advance(slot: &mut Slot, context: &LlamaContext<'_>, tokens: &mut Tokens<'_>) -> Option<Event> {
    let active = slot.active.as_mut()?;
    let output = active.output.take()?;
    if active.job.options.most_tokens == Some(active.made) {
        return Some(Event::Done(Finish::Limit));
    }
    let token = match active.chooser.choose(context, output, tokens) {
        Ok(token) => token,
        Err(error) => return Some(Event::Failed(error)),
    };
    if tokens.is_end(token) {
        return Some(Event::Done(Finish::EndOfSequence));
    }
    active.made += 1;
    active.job.progress.token();
    let piece = active.text.push(&tokens.bytes(token));
    if !piece.is_empty() && active.job.events.send(Event::Piece(piece)).is_err() {
        return Some(Event::Failed(Error::runtime("nobody waits for the text")));
    }
    if active.text.is_stopped() {
        return Some(Event::Done(Finish::StopWord));
    }
    if active.job.options.most_tokens == Some(active.made) {
        return Some(Event::Done(Finish::Limit));
    }
    if slot.read.len() + 1 > active.room {
        return Some(Event::Done(Finish::ContextFull));
    }
    active.unread.push_back(token);
    None
}
