//! What the settings say.

use std::path::Path;
use std::time::Duration;

use c12::plugin::{Key, Kind, Settings};
use c12_nn_core::{
    Backend, Encoding, Limits, LiteRt, MOST_THREADS, ModelSpec, OnnxRuntime, OpenVino, PyTorch,
    Registry, RegistryBuilder, Rten,
};

use crate::quota::GUESTS_PART;
use crate::witx::Numbering;
use crate::{Error, models};

/// What holds for every instance.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) numbering: Numbering,
    /// How long one computation may take.
    pub(crate) timeout: Option<Duration>,
    /// What guests may hand over.
    pub(crate) guest_encodings: Vec<Encoding>,
    /// Execution contexts of one guest.
    pub(crate) contexts: u64,
    /// Texts of one guest that language models have under way.
    pub(crate) generations: u64,
    /// Bytes in tensors of one guest.
    pub(crate) tensors: u64,
    /// Bytes of loaded models.
    pub(crate) memory: u64,
    /// Bytes of the models that one guest has handed over.
    pub(crate) guest_memory: u64,
    /// Bytes of a model that a guest hands over.
    pub(crate) guest_model_size: u64,
    /// How long such a model may take to load.
    pub(crate) guest_model_timeout: Option<Duration>,
    /// For an inference, where the model does not say.
    pub(crate) threads: Option<u64>,
}

/// The settings.
pub(crate) fn keys() -> Vec<Key> {
    vec![
        Key::new("models", Kind::Text).description(
            "the models that guests can load by name, one a line: NAME=BACKEND:PATH[?key=value&key=value…]; `--nn-model` adds a line",
        ),
        Key::new("preload", Kind::Boolean)
            .fallback("false")
            .description("load all models at the start, in the background, and not when they are asked for"),
        Key::new("memory", Kind::Bytes)
            .fallback("16GiB")
            .description(
                "what loaded models may take together; idle ones give way to others, and those that guests hand over take half of it at most",
            ),
        Key::new("guest-models", Kind::Text).description(
            "the encodings of models that guests may hand over themselves, separated by commas: onnx, tensorflowlite …",
        ),
        Key::new("guest-model-size", Kind::Bytes)
            .fallback("256MiB")
            .description("the size of a model that a guest hands over"),
        Key::new("guest-memory", Kind::Bytes)
            .fallback("1GiB")
            .description("what all models together may take that one guest hands over, with all of its instances"),
        Key::new("guest-model-timeout", Kind::Time)
            .fallback("1m")
            .description("how long a model may take to load that a guest hands over; 0 is as long as it takes"),
        Key::new("rten-guest-models", Kind::Boolean)
            .fallback("false")
            .description("let guests hand over ONNX models to the engine in Rust too, where a model that takes more memory than there is ends this program"),
        Key::new("pytorch-guest-models", Kind::Boolean)
            .fallback("false")
            .description("let guests hand over TorchScript too, which can do on the host whatever this program can"),
        Key::new("timeout", Kind::Time)
            .fallback("0")
            .description("how long one computation, or one text of a language model, may take; 0 is as long as it takes"),
        Key::new("contexts", Kind::Integer)
            .fallback("1000")
            .description("execution contexts that one guest may have at once, with all of its instances"),
        Key::new("generations", Kind::Integer)
            .fallback("32")
            .description("texts that one guest may have language models continue or embed at once, with all of its instances"),
        Key::new("tensors", Kind::Bytes)
            .fallback("1GiB")
            .description("what the tensors of one guest may take together, with all of its instances"),
        Key::new("threads", Kind::Integer)
            .fallback("0")
            .description("threads for an inference, where the model does not say; 0 leaves it to the framework"),
        library("onnxruntime", "ONNX Runtime"),
        library("openvino", "OpenVINO"),
        library("litert", "LiteRT"),
        library("pytorch", "PyTorch"),
        Key::new("numbering", Kind::Text)
            .fallback("specification")
            .description(
                "how core modules number the types of tensors: `specification`, or `wasmedge-0.14` as that and older versions of WasmEdge",
            ),
    ]
}

fn library(key: &'static str, framework: &str) -> Key {
    Key::new(key, Kind::Path).description(format!(
        "the library of {framework}, or a folder with it; by default the usual places are searched"
    ))
}

impl Policy {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        Ok(Policy {
            numbering: settings
                .get("numbering")
                .unwrap_or_default()
                .parse()
                .map_err(|message: String| Error::setting("numbering", message))?,
            timeout: time(settings, "timeout"),
            guest_encodings: settings
                .list("guest-models")
                .map(|name| match name.parse() {
                    Ok(Encoding::Autodetect) | Err(_) => Err(Error::setting(
                        "guest-models",
                        format!(
                            "names `{}`, which is no encoding; there are openvino, onnx, pytorch, tensorflowlite and ggml",
                            name.escape_debug()
                        ),
                    )),
                    Ok(encoding) => Ok(encoding),
                })
                .collect::<Result<_, _>>()?,
            contexts: number(settings, "contexts", 1)?,
            generations: number(settings, "generations", 1)?,
            tensors: bytes(settings, "tensors")?,
            memory: bytes(settings, "memory")?,
            guest_memory: bytes(settings, "guest-memory")?,
            guest_model_size: bytes(settings, "guest-model-size")?,
            guest_model_timeout: time(settings, "guest-model-timeout"),
            threads: threads(settings)?,
        })
    }

    /// A policy with small limits.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Policy {
            numbering: Numbering::default(),
            timeout: Some(Duration::from_millis(10)),
            guest_encodings: Vec::new(),
            contexts: 2,
            generations: 2,
            tensors: 1000,
            memory: 1000,
            guest_memory: 1000,
            guest_model_size: 1000,
            guest_model_timeout: None,
            threads: None,
        }
    }
}

/// The models that were named, and what runs them. Nothing is loaded yet.
pub(crate) fn registry(settings: &Settings) -> Result<Registry, Error> {
    let limits = limits(settings)?;
    let guests = Guests {
        use_rten: settings.is_true("rten-guest-models"),
        use_pytorch: settings.is_true("pytorch-guest-models"),
        memory: limits.memory / GUESTS_PART,
    };
    let builder = with_backends(|key| settings.get(key).map(Path::new), &guests).limits(limits);
    let mut models = models::parse(settings.get("models").unwrap_or_default())?;
    #[cfg(not(feature = "ggml"))]
    crate::absent::check(&models)?;
    if let Some(threads) = threads(settings)? {
        for model in &mut models {
            if model.options.value("threads").is_none() {
                model.options.set("threads", threads);
            }
        }
    }
    let with_models = models.into_iter().fold(builder, RegistryBuilder::model);
    Ok(with_models.build()?)
}

/// Checks what can be known of models before any of them is loaded: that there are such backends, that they have such
/// options, and that each name is there once.
///
/// # Errors
///
/// A model cannot be what it was named as.
pub fn check(models: &[ModelSpec]) -> c12_nn_core::Result<()> {
    #[cfg(not(feature = "ggml"))]
    crate::absent::check(models)?;
    let models = models.iter().cloned();
    let with_models = models.fold(unset(), RegistryBuilder::model);
    with_models.build().map(drop)
}

/// What runs models, without any setting.
pub(crate) fn unset() -> RegistryBuilder {
    let guests = Guests {
        use_rten: false,
        use_pytorch: false,
        memory: Limits::default().memory / GUESTS_PART,
    };
    with_backends(|_| None, &guests)
}

/// What holds for models that guests hand over.
struct Guests {
    use_rten: bool,
    use_pytorch: bool,
    /// Bytes that all of them may take, with what they compute.
    memory: u64,
}

/// What runs models, best first; of several that read an encoding, the first that is ready is used.
fn with_backends<'a>(
    library: impl Fn(&str) -> Option<&'a Path>,
    guests: &Guests,
) -> RegistryBuilder {
    macro_rules! backend {
        ($backend:ident, $key:literal) => {
            match library($key) {
                Some(library) => $backend::with_library(library),
                None => $backend::new(),
            }
        };
    }
    let builder = Registry::builder()
        .backend(backend!(OnnxRuntime, "onnxruntime").guests_memory(guests.memory))
        .backend(Rten::new().trusts_guests(guests.use_rten))
        .backend(backend!(LiteRt, "litert"))
        .backend(backend!(OpenVino, "openvino"))
        .backend(backend!(PyTorch, "pytorch").trusts_guests(guests.use_pytorch));
    builder.backend(llama_cpp())
}

#[cfg(feature = "ggml")]
fn llama_cpp() -> impl Backend {
    c12_nn_core::LlamaCpp::new()
}

#[cfg(not(feature = "ggml"))]
fn llama_cpp() -> impl Backend {
    crate::absent::NoLlamaCpp
}

/// Whether models with that backend, or encoding, are of GGML.
pub(crate) fn reads_ggml(backend: &str) -> bool {
    backend.parse() == Ok(Encoding::Ggml) || backend == llama_cpp().name()
}

/// What loaded models may take.
fn limits(settings: &Settings) -> Result<Limits, Error> {
    let any_guest_model = settings.list("guest-models").next().is_some();
    let guest_model = bytes(settings, "guest-model-size")?;
    Ok(Limits {
        memory: bytes(settings, "memory")?,
        guest_model: if any_guest_model { guest_model } else { 0 },
    })
}

fn threads(settings: &Settings) -> Result<Option<u64>, Error> {
    let threads = number(settings, "threads", 0)?;
    if threads > MOST_THREADS {
        let message = format!("must be at most {MOST_THREADS}");
        return Err(Error::setting("threads", message));
    }
    Ok(Some(threads).filter(|threads| *threads > 0))
}

fn time(settings: &Settings, key: &'static str) -> Option<Duration> {
    settings.time(key).filter(|time| !time.is_zero())
}

fn bytes(settings: &Settings, key: &'static str) -> Result<u64, Error> {
    at_least(settings.bytes(key), key, 1)
}

fn number(settings: &Settings, key: &'static str, least: u64) -> Result<u64, Error> {
    let given = settings.integer(key);
    at_least(given.and_then(|given| given.try_into().ok()), key, least)
}

fn at_least(given: Option<u64>, key: &'static str, least: u64) -> Result<u64, Error> {
    given
        .filter(|given| *given >= least)
        .ok_or_else(|| Error::setting(key, format!("must be at least {least}")))
}
