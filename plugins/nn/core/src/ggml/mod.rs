//! GGUF models with llama.cpp, which is part of this program.

mod context;
mod embedding;
mod engine;
mod job;
mod options;
mod plan;
mod sampling;
mod tokenize;

use std::any::Any;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaChatMessage, LlamaModel};
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::{LogOptions, send_logs_to_tracing};
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

use self::context::LanguageContext;
use self::engine::EngineOptions;
use self::job::{Command, Embed, Job, Progress, Stream};
use self::options::GenerateOptions;
use self::plan::Plan;
use crate::backend::only_part;
use crate::{
    Backend, Cancel, Device, Dimension, Encoding, Error, ExecutionContext, Generation, Graph, Key,
    LanguageModel, LanguageModelInfo, Message, Options, Prompt, Result, Side, Signature, Source,
    Status, TensorDescription, TensorType,
};

/// The version of the binding, which is that of llama.cpp too.
const VERSION: &str = "0.1.160";

/// llama.cpp.
#[derive(Debug, Clone, Copy, Default)]
pub struct LlamaCpp;

impl LlamaCpp {
    /// The backend. Costs nothing until a model is loaded.
    pub fn new() -> Self {
        Self
    }
}

/// llama.cpp's state, which is the process's.
fn backend() -> Result<&'static LlamaBackend> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();
    BACKEND
        .get_or_init(|| {
            send_logs_to_tracing(LogOptions::default());
            LlamaBackend::init().map_err(|error| error.to_string())
        })
        .as_ref()
        .map_err(|error| Error::runtime(error.clone()))
}

/// What the processor lacks of that for which llama.cpp was compiled.
fn missing_instructions() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        let needed = [
            ("AVX2", std::is_x86_feature_detected!("avx2")),
            ("BMI2", std::is_x86_feature_detected!("bmi2")),
            ("F16C", std::is_x86_feature_detected!("f16c")),
            ("FMA", std::is_x86_feature_detected!("fma")),
        ];
        needed
            .into_iter()
            .find(|(_, is_there)| !is_there)
            .map(|(name, _)| name)
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}

impl Backend for LlamaCpp {
    fn name(&self) -> &'static str {
        "llamacpp"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Ggml
    }

    fn status(&self) -> Status {
        match missing_instructions() {
            None => Status::built_in(VERSION),
            Some(name) => Status::missing(format!(
                "this processor has no {name}, which llama.cpp was compiled for"
            )),
        }
    }

    fn keys(&self) -> Vec<Key> {
        options::KEYS.to_vec()
    }

    fn check_options(&self, options: &Options) -> Result<()> {
        plan::checked(options).map(drop)
    }

    fn estimate(&self, sources: &[Source], options: &Options) -> Result<u64> {
        let (source, options) = parts(sources, options)?;
        Plan::new(source, options).map(|plan| plan.memory())
    }

    fn load(
        &self,
        sources: &[Source],
        device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        if let Some(name) = missing_instructions() {
            return Err(Error::unsupported(format!(
                "this processor has no {name}, which llama.cpp was compiled for"
            )));
        }
        if !matches!(device, Device::Cpu | Device::Auto) {
            return Err(Error::unsupported(format!(
                "llama.cpp was compiled for the processor, not for `{device}`"
            )));
        }
        let (source, options) = parts(sources, options)?;
        LlamaGraph::load(source, options).map(|graph| Arc::new(graph) as Arc<dyn Graph>)
    }
}

/// The file and all options: guests of WasmEdge hand options over as a second part.
fn parts<'a>(sources: &'a [Source], options: &Options) -> Result<(&'a Source, Options)> {
    match sources {
        [source, Source::Bytes(json)] => {
            Ok((source, options.overridden_by(&Options::from_json(json)?)))
        }
        _ => Ok((only_part(sources, "a GGUF model")?, options.clone())),
    }
}

/// A model, and the thread that runs it.
struct LlamaGraph {
    shared: Arc<Shared>,
}

/// What contexts share.
struct Shared {
    model: Arc<LlamaModel>,
    plan: Plan,
    signature: Signature,
    commands: Mutex<Sender<Command>>,
    /// After the model, which it is for. The thread that runs the model keeps it too.
    lease: Lease,
}

/// What is held for a model until all of it is gone.
type Lease = Arc<OnceLock<Arc<dyn Any + Send + Sync>>>;

impl LlamaGraph {
    fn load(source: &Source, options: Options) -> Result<Self> {
        let plan = Plan::new(source, options)?;
        let model = Arc::new(open(source)?);
        let lease = Lease::default();
        let commands = start(&model, plan.engine, &lease)?;
        Ok(Self {
            shared: Arc::new(Shared {
                model,
                plan,
                signature: signature(),
                commands: Mutex::new(commands),
                lease,
            }),
        })
    }
}

fn open(source: &Source) -> Result<LlamaModel> {
    let backend = backend()?;
    let file = ModelFile::new(source)?;
    let params = LlamaModelParams::default();
    LlamaModel::load_from_file(backend, &file.path, &params).map_err(|error| {
        Error::invalid_encoding(format!("llama.cpp cannot load the model: {error}"))
    })
}

/// A file to load from, since llama.cpp reads nothing else.
struct ModelFile {
    path: PathBuf,
    /// Keeps bytes that a guest handed over, without a place on any disk.
    #[cfg(target_os = "linux")]
    _memory: Option<std::fs::File>,
}

impl ModelFile {
    #[cfg(target_os = "linux")]
    fn new(source: &Source) -> Result<Self> {
        use std::io::Write as _;
        use std::os::fd::AsRawFd as _;

        let bytes = match source {
            Source::File(path) => {
                return Ok(Self {
                    path: path.clone(),
                    _memory: None,
                });
            }
            Source::Bytes(bytes) => bytes,
        };
        let failed = |error: std::io::Error| Error::runtime(format!("no memory file: {error}"));
        let memory = rustix::fs::memfd_create("c12-nn-model", rustix::fs::MemfdFlags::CLOEXEC)
            .map_err(|error| failed(error.into()))?;
        let mut memory = std::fs::File::from(memory);
        memory.write_all(bytes).map_err(failed)?;
        Ok(Self {
            path: PathBuf::from(format!("/proc/self/fd/{}", memory.as_raw_fd())),
            _memory: Some(memory),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn new(source: &Source) -> Result<Self> {
        match source {
            Source::File(path) => Ok(Self { path: path.clone() }),
            Source::Bytes(_) => Err(Error::unsupported(
                "GGUF models are loaded from files on this system; name one on the command line",
            )),
        }
    }
}

fn start(
    model: &Arc<LlamaModel>,
    options: EngineOptions,
    lease: &Lease,
) -> Result<Sender<Command>> {
    let backend = backend()?;
    let (commands, received) = channel();
    let (ready, is_ready) = channel();
    let (model, lease) = (Arc::clone(model), Arc::clone(lease));
    std::thread::Builder::new()
        .name("c12-nn-llama".to_owned())
        .spawn(move || {
            engine::run(backend, &model, options, &received, &ready);
            drop(model);
            drop(lease);
        })
        .map_err(|error| Error::runtime(format!("no thread could be started: {error}")))?;
    is_ready
        .recv()
        .map_err(|_| Error::runtime("the model's thread ended"))??;
    Ok(commands)
}

/// Text and options in, text and numbers about it out, as guests of WasmEdge expect.
fn signature() -> Signature {
    let text = |name: &str| TensorDescription {
        name: name.to_owned(),
        ty: Some(TensorType::U8),
        dimensions: Some(vec![Dimension::Free(None)]),
    };
    Signature {
        inputs: Side::of(vec![text("prompt"), text("options")]),
        outputs: Side::of(vec![text("text"), text("metadata")]),
    }
}

impl Graph for LlamaGraph {
    fn signature(&self) -> &Signature {
        &self.shared.signature
    }

    fn memory(&self) -> u64 {
        self.shared.plan.memory()
    }

    fn init_execution_context(&self, options: &Options) -> Result<Box<dyn ExecutionContext>> {
        let options = self.shared.plan.options.overridden_by(options);
        Ok(Box::new(LanguageContext::new(
            Arc::clone(&self.shared),
            options,
        )?))
    }

    fn keep(&self, lease: Arc<dyn Any + Send + Sync>) {
        // It is given once.
        let _ = self.shared.lease.set(lease);
    }

    fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.shared) > 1
    }

    fn language_model(&self) -> Option<&dyn LanguageModel> {
        Some(&self.shared)
    }
}

impl Shared {
    fn tokens(&self, text: &str) -> Result<Vec<LlamaToken>> {
        tokenize::tokens(&self.model, text)
    }

    fn prompt(self: &Arc<Self>, prompt: &Prompt) -> Result<Vec<LlamaToken>> {
        match prompt {
            Prompt::Text(text) => self.tokens(text),
            Prompt::Chat(messages) => self.tokens(&self.apply_chat_template(messages)?),
        }
    }

    fn send(&self, command: Command) -> Result<()> {
        self.commands
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send(command)
            .map_err(|_| Error::runtime("the model's thread ended"))
    }

    fn stream(
        self: &Arc<Self>,
        prompt: &Prompt,
        options: &Options,
        cancel: &Cancel,
    ) -> Result<Stream> {
        if !self.plan.engine.continues {
            return Err(Error::unsupported(
                "the model gives embeddings, and continues no text",
            ));
        }
        let options = self.plan.options.overridden_by(options);
        let owner = options::owner(&options)?;
        let options = GenerateOptions::new(&options)?;
        let prompt = self.prompt(prompt)?;
        let room = options
            .context_tokens
            .unwrap_or(u32::MAX)
            .min(self.plan.engine.context_tokens);
        if prompt.is_empty() {
            return Err(Error::invalid_argument("the prompt is empty"));
        }
        // One token at least must have room.
        if prompt.len() >= room as usize {
            return Err(Error::too_large(format!(
                "the prompt has {} tokens, but the context has room for {room}",
                prompt.len()
            ))
            .with_help(
                "`ctx-size` of the model's options gives contexts more room, up to what it was trained for",
            ));
        }
        let progress = Arc::new(Progress::new(prompt.len()));
        let (events, received) = unbounded_channel();
        self.send(Command::Generate(Job {
            owner,
            prompt,
            options,
            cancel: cancel.clone(),
            events,
            progress: Arc::clone(&progress),
        }))?;
        Ok(Stream::new(received, progress, Arc::clone(self)))
    }
}

impl LanguageModel for Arc<Shared> {
    fn info(&self) -> LanguageModelInfo {
        let text = |key: &str| self.plan.gguf.text(key).map(str::to_owned);
        LanguageModelInfo {
            name: text("general.name"),
            architecture: text("general.architecture"),
            context_tokens: self.plan.engine.context_tokens,
            vocabulary: u32::try_from(self.model.n_vocab()).unwrap_or(0),
            embedding_size: u32::try_from(self.model.n_embd_out()).unwrap_or(0),
            has_chat_template: self.model.chat_template(None).is_ok(),
        }
    }

    fn count_tokens(&self, text: &str) -> Result<u32> {
        Ok(u32::try_from(self.tokens(text)?.len()).unwrap_or(u32::MAX))
    }

    fn apply_chat_template(&self, messages: &[Message]) -> Result<String> {
        let template = self
            .model
            .chat_template(None)
            .map_err(|_| Error::unsupported("the model has no template for conversations"))?;
        let messages = messages
            .iter()
            .map(|message| {
                LlamaChatMessage::new(message.role.clone(), message.content.clone())
                    .map_err(|_| Error::invalid_argument("a message has a character 0 in it"))
            })
            .collect::<Result<Vec<_>>>()?;
        if messages.is_empty() {
            return Err(Error::invalid_argument("the conversation is empty"));
        }
        self.model
            .apply_chat_template(&template, &messages, true)
            .map_err(|error| {
                Error::unsupported(format!(
                    "the model's template for conversations is not known to llama.cpp: {error}"
                ))
            })
    }

    fn generate(
        &self,
        prompt: &Prompt,
        options: &Options,
        cancel: &Cancel,
    ) -> Result<Box<dyn Generation>> {
        Ok(Box::new(self.stream(prompt, options, cancel)?))
    }

    fn embed(&self, texts: &[String], options: &Options, cancel: &Cancel) -> Result<Vec<Vec<f32>>> {
        let options = self.plan.options.overridden_by(options);
        let owner = options::owner(&options)?;
        let scale = options.parsed::<i32>("embd-normalize")?.unwrap_or(2) >= 0;
        let mut answers = Vec::with_capacity(texts.len());
        for text in texts {
            let tokens = self.tokens(text)?;
            let room = self.plan.engine.context_tokens as usize;
            if tokens.is_empty() || tokens.len() > room {
                return Err(Error::too_large(format!(
                    "a text has {} tokens, but the context has room for {room}",
                    tokens.len()
                )));
            }
            let (answer, answered) = channel();
            self.send(Command::Embed(Embed {
                owner: Arc::clone(&owner),
                tokens,
                answer,
                cancel: cancel.clone(),
            }))?;
            answers.push(answered);
        }
        answers
            .into_iter()
            .map(|answer| {
                let mut vector = answer
                    .recv()
                    .map_err(|_| Error::runtime("the model's thread ended"))??;
                if scale {
                    to_length_one(&mut vector);
                }
                Ok(vector)
            })
            .collect()
    }

    fn metadata(&self) -> Vec<(String, Value)> {
        self.plan
            .gguf
            .values
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

fn to_length_one(vector: &mut [f32]) {
    let length = vector
        .iter()
        .map(|number| f64::from(*number) * f64::from(*number))
        .sum::<f64>()
        .sqrt();
    if length > 0.0 {
        for number in vector {
            *number = (f64::from(*number) / length) as f32;
        }
    }
}
