use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use half::{bf16, f16};
use ort::environment::Environment;
use ort::session::{RunOptions, SessionInputValue};
use ort::value::{
    DynValue, PrimitiveTensorElementType, Tensor as OrtTensor, TensorElementType, TensorRef,
    ValueType,
};

use super::arena;
use super::loading::{self, Loaded};
use super::{Checked, SESSION, checked};
use crate::backend::only_processor;
use crate::{
    Backend, Cancel, Code, Device, Dimension, Encoding, Error, Graph, Key, Library, Limits,
    Options, Result, Session, Side, Signature, Source, Status, Tensor, TensorDescription,
    TensorGraph, TensorModel, TensorType,
};

/// ONNX Runtime, whose library is loaded when it is needed first.
#[derive(Debug, Clone)]
pub struct OnnxRuntime {
    library: Option<PathBuf>,
    guests: u64,
}

impl Default for OnnxRuntime {
    fn default() -> Self {
        Self {
            library: None,
            guests: Limits::default().memory / 2,
        }
    }
}

impl OnnxRuntime {
    /// With the library that is found in the usual places.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this library, or the one in this folder.
    pub fn with_library(library: impl Into<PathBuf>) -> Self {
        Self {
            library: Some(library.into()),
            ..Self::default()
        }
    }

    /// The bytes that models may take together which guests hand over, with what they compute: 8 GiB unless this is
    /// called. A process has one such limit, which whoever uses the library first sets.
    #[must_use]
    pub fn guests_memory(mut self, bytes: u64) -> Self {
        self.guests = bytes;
        self
    }

    fn library(&self) -> Library<'_> {
        Library {
            option: self.library.as_deref(),
            environment: "ORT_DYLIB_PATH",
            folder: "onnxruntime",
            stem: "onnxruntime",
            python: &["onnxruntime/capi"],
        }
    }
}

/// What the options say of a model's sessions.
struct Settings {
    /// Of each operator; 0 are those that all models share.
    threads: usize,
    sessions: usize,
}

impl Settings {
    fn new(options: &Options) -> Result<Self> {
        Ok(Self {
            threads: options.threads()?.map_or(0, usize::from),
            sessions: options.sessions()?,
        })
    }
}

/// The version stands in the file's name or, failing that, nowhere that the binding would tell.
fn version(path: &Path) -> Option<String> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = real.file_name()?.to_str()?;
    let start = name.find(|letter: char| letter.is_ascii_digit())?;
    let version = name.get(start..)?.trim_end_matches(".dylib");
    version
        .chars()
        .all(|letter| letter.is_ascii_digit() || letter == '.')
        .then(|| version.to_owned())
}

impl Backend for OnnxRuntime {
    fn name(&self) -> &'static str {
        "onnxruntime"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Onnx
    }

    fn status(&self) -> Status {
        let library = self.library();
        match loading::loaded(&library, self.guests) {
            Ok(loaded) => Status::found(loaded.path.clone(), version(&loaded.path)),
            Err(reason) => Status::without(&library, reason),
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![
            Key {
                name: "threads",
                help: "threads for each operator, of the model's own; by default, all models share as many as there are cores",
            },
            Key {
                name: "sessions",
                help: "inferences that may run at once, each with a copy of the weights; 1 by default",
            },
        ];
        keys.extend(TensorGraph::KEYS);
        keys
    }

    fn check_options(&self, options: &Options) -> Result<()> {
        Settings::new(options)?;
        TensorGraph::check_options(options)
    }

    fn load(
        &self,
        sources: &[Source],
        device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        let loaded = loading::loaded(&self.library(), self.guests)
            .map_err(|remedy| Error::unsupported("ONNX Runtime is not there").with_help(remedy))?;
        only_processor("ONNX Runtime", device)?;
        let settings = Settings::new(options)?;
        let checked = checked(sources)?;
        if checked.source.path().is_none() {
            bounded(loaded, &checked)?;
        }
        let model = Model::new(&loaded.environment, checked, settings)?;
        Ok(Arc::new(TensorGraph::new(model, options)?))
    }
}

/// Refuses models of guests whose memory has no end.
fn bounded(loaded: &Loaded, model: &Checked) -> Result<()> {
    if let Some(reason) = &loaded.no_arena {
        return Err(
            Error::unsupported("this ONNX Runtime takes no models of guests")
                .with_help(format!("it has no memory with an end for them: {reason}")),
        );
    }
    match &model.unbounded {
        None => Ok(()),
        Some(what) => Err(Error::unsupported(format!(
            "the model has {what}, which models of guests may not have"
        ))),
    }
}

struct Model {
    environment: &'static Environment,
    source: Source,
    size: u64,
    threads: usize,
    sessions: usize,
    signature: Signature,
    state: Mutex<State>,
}

struct State {
    /// The session that was made to learn the signature, until it is asked for.
    first: Option<OrtSession>,
    /// What others are made of, until all of them are made.
    checked: Option<Arc<Checked>>,
    made: usize,
}

impl Model {
    fn new(
        environment: &'static Environment,
        checked: Arc<Checked>,
        settings: Settings,
    ) -> Result<Self> {
        let Settings { threads, sessions } = settings;
        let first = OrtSession::new(environment, &checked, threads)?;
        let side =
            |outlets: &[ort::value::Outlet]| Side::of(outlets.iter().map(description).collect());
        let signature = Signature {
            inputs: side(first.session.inputs()),
            outputs: side(first.session.outputs()),
        };
        Ok(Self {
            environment,
            source: match &checked.source {
                Source::File(path) => Source::File(path.clone()),
                Source::Bytes(_) => Source::Bytes(Bytes::new()),
            },
            size: checked.size,
            threads,
            sessions,
            signature,
            state: Mutex::new(State {
                first: Some(first),
                checked: Some(checked).filter(|_| sessions > 1),
                made: 1,
            }),
        })
    }
}

impl TensorModel for Model {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// What the sessions keep, and the file as long as there may be more of them.
    fn memory(&self) -> u64 {
        let sessions = self.sessions as u64;
        let copies = if sessions > 1 { sessions + 1 } else { 1 };
        self.size
            .saturating_mul(copies)
            .saturating_add(sessions * SESSION)
    }

    fn max_sessions(&self) -> usize {
        self.sessions
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = state.first.take() {
            return Ok(Box::new(first));
        }
        let checked = match &state.checked {
            Some(checked) => Arc::clone(checked),
            // One of them was lost in a panic.
            None if self.source.path().is_some() => checked(std::slice::from_ref(&self.source))?,
            None => {
                return Err(Error::runtime(
                    "a computation failed so that the model must be loaded anew",
                ));
            }
        };
        let session = OrtSession::new(self.environment, &checked, self.threads)?;
        state.made += 1;
        if state.made >= self.sessions {
            state.checked = None;
        }
        Ok(Box::new(session))
    }
}

struct OrtSession {
    session: ort::session::Session,
    of_guest: bool,
}

impl OrtSession {
    fn new(environment: &Environment, source: &Checked, threads: usize) -> Result<Self> {
        let refused = |error: ort::Error| error_of(&error, source);
        let mut builder = ort::session::Session::builder(environment)
            .map_err(refused)?
            // Not its own format, which it would know by the first bytes: only ONNX has been looked at.
            .with_config_entry("session.load_model_format", "ONNX")
            .map_err(|error| refused(error.into()))?;
        let of_guest = source.source.path().is_none();
        if of_guest {
            builder = arena::use_in(builder).map_err(refused)?;
        }
        if threads > 0 {
            builder = builder
                .with_independent_thread_pool()
                .map_err(|error| refused(error.into()))?
                .with_intra_threads(threads)
                .map_err(|error| refused(error.into()))?;
        }
        let session = match (&source.source, source.has_external_data) {
            (Source::File(path), true) => builder.commit_from_file(path),
            _ => builder.commit_from_memory(&source.bytes),
        };
        Ok(Self {
            session: session.map_err(refused)?,
            of_guest,
        })
    }
}

impl Session for OrtSession {
    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        let failed = |error: ort::Error| {
            if arena::is_exhausted(&error) {
                return exhausted();
            }
            Error::new(code_of(&error), error.message())
        };
        let values = inputs
            .iter()
            .zip(self.session.inputs())
            .map(|(tensor, outlet)| value_of(tensor, outlet.dtype()))
            .collect::<Result<Vec<_>>>()?;
        let mut options = RunOptions::new().map_err(failed)?;
        if self.of_guest {
            arena::give_back(&mut options).map_err(failed)?;
        }
        let options = Arc::new(options);
        let running = Arc::clone(&options);
        let _hook = cancel.on_cancel(move || {
            let _ = running.terminate();
        });
        let outputs = self
            .session
            .run_with_options(values.as_slice(), &*options)
            .map_err(|error| cancel.check().err().unwrap_or_else(|| failed(error)))?;
        outputs.values().map(|value| tensor_of(&value)).collect()
    }
}

fn description(outlet: &ort::value::Outlet) -> TensorDescription {
    let (ty, dimensions) = match outlet.dtype() {
        ValueType::Tensor {
            ty,
            shape,
            dimension_symbols,
        } => {
            let dimensions = shape
                .iter()
                .zip(dimension_symbols.iter())
                .map(|(size, symbol)| {
                    u32::try_from(*size).map_or_else(
                        |_| Dimension::Free(Some(symbol.clone()).filter(|name| !name.is_empty())),
                        Dimension::Fixed,
                    )
                })
                .collect();
            (tensor_type(*ty), Some(dimensions))
        }
        _ => (None, None),
    };
    TensorDescription {
        name: outlet.name().to_owned(),
        ty,
        dimensions,
    }
}

/// The specification's type; truth values go as bytes.
fn tensor_type(ty: TensorElementType) -> Option<TensorType> {
    Some(match ty {
        TensorElementType::Float16 => TensorType::F16,
        TensorElementType::Float32 => TensorType::F32,
        TensorElementType::Float64 => TensorType::F64,
        TensorElementType::Bfloat16 => TensorType::Bf16,
        TensorElementType::Uint8 | TensorElementType::Bool => TensorType::U8,
        TensorElementType::Int32 => TensorType::I32,
        TensorElementType::Int64 => TensorType::I64,
        _ => return None,
    })
}

fn value_of<'a>(tensor: &'a Tensor, expected: &ValueType) -> Result<SessionInputValue<'a>> {
    let expected = match expected {
        ValueType::Tensor { ty, .. } => *ty,
        other => return Err(no_type(&format!("{other}"))),
    };
    match (tensor.ty, expected) {
        (TensorType::U8, TensorElementType::Bool) => {
            let truths: Vec<bool> = tensor.data.iter().map(|byte| *byte != 0).collect();
            OrtTensor::from_array((shape_of(tensor), truths))
                .map(Into::into)
                .map_err(|error| Error::new(code_of(&error), error.message()))
        }
        (ty, expected) if tensor_type(expected) != Some(ty) => Err(no_type(&expected.to_string())),
        (TensorType::F16, _) => view::<f16>(tensor),
        (TensorType::F32, _) => view::<f32>(tensor),
        (TensorType::F64, _) => view::<f64>(tensor),
        (TensorType::Bf16, _) => view::<bf16>(tensor),
        (TensorType::U8, _) => view::<u8>(tensor),
        (TensorType::I32, _) => view::<i32>(tensor),
        (TensorType::I64, _) => view::<i64>(tensor),
    }
}

fn no_type(name: &str) -> Error {
    Error::unsupported(format!(
        "the model has a value of the type {name}, which the interface does not know"
    ))
}

fn shape_of(tensor: &Tensor) -> Vec<i64> {
    tensor
        .dimensions
        .iter()
        .map(|size| i64::from(*size))
        .collect()
}

/// The tensor's own memory where it is aligned, else a copy.
fn view<T>(tensor: &Tensor) -> Result<SessionInputValue<'_>>
where
    T: PrimitiveTensorElementType + bytemuck::Pod + std::fmt::Debug,
{
    let shape = shape_of(tensor);
    match bytemuck::try_cast_slice::<u8, T>(&tensor.data) {
        Ok(elements) => TensorRef::from_array_view((shape, elements)).map(Into::into),
        Err(_) => {
            let elements: Vec<T> = bytemuck::pod_collect_to_vec(&tensor.data);
            OrtTensor::from_array((shape, elements)).map(Into::into)
        }
    }
    .map_err(|error| Error::new(code_of(&error), error.message()))
}

fn tensor_of(value: &DynValue) -> Result<Tensor> {
    let ty = match value.dtype() {
        ValueType::Tensor { ty, .. } => *ty,
        other => return Err(no_type(&format!("{other}"))),
    };
    match ty {
        TensorElementType::Float16 => extracted::<f16>(value, TensorType::F16),
        TensorElementType::Float32 => extracted::<f32>(value, TensorType::F32),
        TensorElementType::Float64 => extracted::<f64>(value, TensorType::F64),
        TensorElementType::Bfloat16 => extracted::<bf16>(value, TensorType::Bf16),
        TensorElementType::Uint8 => extracted::<u8>(value, TensorType::U8),
        TensorElementType::Int32 => extracted::<i32>(value, TensorType::I32),
        TensorElementType::Int64 => extracted::<i64>(value, TensorType::I64),
        TensorElementType::Bool => {
            let (shape, truths) = value
                .try_extract_tensor::<bool>()
                .map_err(|error| Error::runtime(error.message()))?;
            let bytes: Vec<u8> = truths.iter().map(|truth| u8::from(*truth)).collect();
            Tensor::new(TensorType::U8, dimensions_of(shape)?, bytes)
        }
        other => Err(no_type(&other.to_string())),
    }
}

fn extracted<T>(value: &DynValue, ty: TensorType) -> Result<Tensor>
where
    T: PrimitiveTensorElementType + bytemuck::Pod,
{
    let (shape, elements) = value
        .try_extract_tensor::<T>()
        .map_err(|error| Error::runtime(error.message()))?;
    let bytes: &[u8] = bytemuck::cast_slice(elements);
    let mut data = Vec::new();
    data.try_reserve_exact(bytes.len())
        .map_err(|error| Error::too_large(format!("an output is too large: {error}")))?;
    data.extend_from_slice(bytes);
    Tensor::new(ty, dimensions_of(shape)?, data)
}

fn dimensions_of(shape: &[i64]) -> Result<Vec<u32>> {
    shape
        .iter()
        .map(|size| {
            u32::try_from(*size)
                .map_err(|_| Error::runtime(format!("an output has the dimensions {shape:?}")))
        })
        .collect()
}

fn code_of(error: &ort::Error) -> Code {
    match error.code() {
        ort::ErrorCode::InvalidArgument => Code::InvalidArgument,
        ort::ErrorCode::InvalidGraph
        | ort::ErrorCode::InvalidProtobuf
        | ort::ErrorCode::NoModel => Code::InvalidEncoding,
        ort::ErrorCode::NoSuchFile => Code::NotFound,
        ort::ErrorCode::NotImplemented => Code::UnsupportedOperation,
        _ => Code::RuntimeError,
    }
}

/// Without the library's words, which tell how much others have.
fn exhausted() -> Error {
    Error::too_large("the model takes more memory than there is for the models of guests")
        .with_help("half of `nn.memory` is for them and what they compute")
}

/// ONNX Runtime's words, without the path that they may name.
fn error_of(error: &ort::Error, source: &Checked) -> Error {
    if arena::is_exhausted(error) {
        return exhausted();
    }
    let message = match source.source.path() {
        Some(path) => error
            .message()
            .replace(&path.display().to_string(), "the model"),
        None => error.message().to_owned(),
    };
    // Whatever is wrong when a session is made is wrong with the model.
    let code = match code_of(error) {
        Code::InvalidArgument | Code::RuntimeError => Code::InvalidEncoding,
        code => code,
    };
    Error::new(code, message)
}
