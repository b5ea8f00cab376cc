//! The interface of `torch-shim/c12_torch.h`.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::sync::Arc;

use crate::foreign::{self, Loaded, Owned, functions, opaque};
use crate::native_type::NativeType;
use crate::{Code, Error, Result, Tensor, TensorType};

/// `C12_TORCH_ABI`.
pub(crate) const ABI: u32 = 2;

opaque!(RawModel, RawOutputs);

/// `c12_torch_tensor`.
#[repr(C)]
pub(super) struct RawTensor {
    ty: i32,
    rank: u32,
    dimensions: *const i64,
    data: *const c_void,
    size: usize,
}

/// `c12_torch_message`.
#[repr(C)]
pub(super) struct RawMessage {
    text: *mut c_char,
    size: usize,
}

type Status = i32;

const OK: Status = 0;
const INVALID_MODEL: Status = 1;
const INVALID_ARGUMENT: Status = 2;
const OUT_OF_MEMORY: Status = 4;

functions! {
    Functions {
        c12_torch_version: unsafe extern "C" fn() -> *const c_char;
        c12_torch_load: unsafe extern "C" fn(*const c_char, *mut *mut RawModel, RawMessage) -> Status;
        c12_torch_clone: unsafe extern "C" fn(*const RawModel, *mut *mut RawModel, RawMessage) -> Status;
        c12_torch_free: unsafe extern "C" fn(*mut RawModel);
        c12_torch_is_stateful: unsafe extern "C" fn(*const RawModel) -> i32;
        c12_torch_memory: unsafe extern "C" fn(*const RawModel) -> u64;
        c12_torch_arguments: unsafe extern "C" fn(*const RawModel) -> u32;
        c12_torch_argument_name: unsafe extern "C" fn(*const RawModel, u32) -> *const c_char;
        c12_torch_argument_kind: unsafe extern "C" fn(*const RawModel, u32) -> i32;
        c12_torch_argument_is_optional: unsafe extern "C" fn(*const RawModel, u32) -> i32;
        c12_torch_run: unsafe extern "C" fn(
            *mut RawModel, *const RawTensor, u32, u32, *mut *mut RawOutputs, RawMessage,
        ) -> Status;
        c12_torch_outputs_count: unsafe extern "C" fn(*const RawOutputs) -> u32;
        c12_torch_outputs_get: unsafe extern "C" fn(*const RawOutputs, u32, *mut RawTensor) -> Status;
        c12_torch_outputs_free: unsafe extern "C" fn(*mut RawOutputs);
    }
}

/// The types of the interface.
const TYPES: [(i32, TensorType, NativeType); 7] = [
    (1, TensorType::F16, NativeType::F16),
    (2, TensorType::F32, NativeType::F32),
    (3, TensorType::F64, NativeType::F64),
    (4, TensorType::Bf16, NativeType::Bf16),
    (5, TensorType::U8, NativeType::U8),
    (6, TensorType::I32, NativeType::I32),
    (7, TensorType::I64, NativeType::I64),
];

/// libtorch behind the interface, loaded.
pub(super) struct Library {
    functions: Functions,
    version: String,
}

static LOADED: Loaded<Library> = Loaded::new();

impl Library {
    /// The library at this path, once and for all.
    pub(super) fn at(path: &Path) -> Result<&'static Self, String> {
        LOADED.get(path, Self::load)
    }

    fn load(path: &Path) -> Result<Self, String> {
        let library = foreign::open(path)?;
        // SAFETY: the function of this name has this type in every version of the interface.
        let abi = unsafe {
            foreign::function::<unsafe extern "C" fn() -> u32>(library, "c12_torch_abi\0")?()
        };
        if abi != ABI {
            return Err(format!(
                "it was made for another version of this program: its interface is {abi}, not {ABI}"
            ));
        }
        // SAFETY: these are the interface's functions, of the version that has been checked.
        let functions = unsafe { Functions::find(library) }?;
        // SAFETY: it gives a text that ends with a zero and stays.
        let version = unsafe { foreign::text((functions.c12_torch_version)()) };
        Ok(Self { functions, version })
    }

    /// libtorch's version.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Reads a model from a file.
    pub(super) fn read(&'static self, path: &Path) -> Result<Model> {
        let path = path
            .to_str()
            .and_then(|path| CString::new(path).ok())
            .ok_or_else(|| Error::not_found("the model's file has a name that is not UTF-8"))?;
        let mut raw = std::ptr::null_mut();
        let mut message = Message::new();
        // SAFETY: the path ends with a zero, and both others can be written to.
        let status =
            unsafe { (self.functions.c12_torch_load)(path.as_ptr(), &raw mut raw, message.raw()) };
        self.model(status, raw, &message)
    }

    fn model(
        &'static self,
        status: Status,
        raw: *mut RawModel,
        message: &Message,
    ) -> Result<Model> {
        // SAFETY: what the functions give is freed once.
        let model = unsafe { Owned::new(raw, self.functions.c12_torch_free) };
        match (status, model) {
            (OK, Some(raw)) => Ok(Model { library: self, raw }),
            _ => Err(message.error(status)),
        }
    }
}

/// Room for what the library says of a failure.
struct Message([u8; 2048]);

impl Message {
    fn new() -> Self {
        Self([0; 2048])
    }

    fn raw(&mut self) -> RawMessage {
        RawMessage {
            text: self.0.as_mut_ptr().cast(),
            size: self.0.len(),
        }
    }

    fn error(&self, status: Status) -> Error {
        let text = CStr::from_bytes_until_nul(&self.0).unwrap_or_default();
        let text = super::reason(&text.to_string_lossy());
        match status {
            INVALID_MODEL => {
                Error::invalid_encoding(format!("libtorch cannot read the model: {text}"))
            }
            INVALID_ARGUMENT => Error::invalid_argument(text),
            OUT_OF_MEMORY => Error::new(Code::TooLarge, text),
            _ => Error::runtime(format!("libtorch failed: {text}")),
        }
    }
}

/// What an argument of a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tensor,
    Int,
    Float,
    Bool,
    Other,
}

/// An argument of a model.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_optional: bool,
}

/// A model that has been read.
pub(super) struct Model {
    library: &'static Library,
    raw: Owned<RawModel>,
}

// SAFETY: a module may go from thread to thread.
unsafe impl Send for Model {}
// SAFETY: several threads may run a module as long as no run changes it; those that can be changed are `Exclusive`.
unsafe impl Sync for Model {}

/// Who may run a model.
pub(super) enum Runner {
    /// All of its contexts at once: no run changes it.
    Shared(Arc<Model>),
    /// One context, which has a copy of its own.
    Exclusive(Model),
}

impl Model {
    /// Whether a run can change it.
    pub(super) fn is_stateful(&self) -> bool {
        // SAFETY: the model is valid.
        unsafe { (self.library.functions.c12_torch_is_stateful)(self.raw.as_ptr()) != 0 }
    }

    /// The bytes of its parameters and buffers.
    pub(super) fn memory(&self) -> u64 {
        // SAFETY: the model is valid.
        unsafe { (self.library.functions.c12_torch_memory)(self.raw.as_ptr()) }
    }

    pub(super) fn arguments(&self) -> Vec<Argument> {
        let functions = &self.library.functions;
        let model = self.raw.as_ptr();
        // SAFETY: the model is valid.
        let count = unsafe { (functions.c12_torch_arguments)(model) };
        (0..count)
            .map(|position| {
                // SAFETY: the model is valid, and the name lives as long.
                unsafe {
                    Argument {
                        name: foreign::text((functions.c12_torch_argument_name)(model, position)),
                        kind: match (functions.c12_torch_argument_kind)(model, position) {
                            1 => Kind::Tensor,
                            2 => Kind::Int,
                            3 => Kind::Float,
                            4 => Kind::Bool,
                            _ => Kind::Other,
                        },
                        is_optional: (functions.c12_torch_argument_is_optional)(model, position)
                            != 0,
                    }
                }
            })
            .collect()
    }

    /// A model with copies of everything that a run can change.
    pub(super) fn copied(&self) -> Result<Model> {
        let mut raw = std::ptr::null_mut();
        let mut message = Message::new();
        // SAFETY: the model is valid and not run by anybody: those that can be changed are only copied from. Both
        // others can be written to.
        let status = unsafe {
            (self.library.functions.c12_torch_clone)(self.raw.as_ptr(), &raw mut raw, message.raw())
        };
        self.library.model(status, raw, &message)
    }

    fn run(&self, inputs: &[Tensor], threads: u16) -> Result<Vec<Tensor>> {
        let shapes: Vec<Vec<i64>> = inputs
            .iter()
            .map(|input| {
                input
                    .dimensions
                    .iter()
                    .map(|size| i64::from(*size))
                    .collect()
            })
            .collect();
        let raws: Vec<RawTensor> = inputs
            .iter()
            .zip(&shapes)
            .map(|(input, shape)| raw_of(input, shape))
            .collect::<Result<_>>()?;
        let count = u32::try_from(raws.len())
            .map_err(|_| Error::invalid_argument("there are too many inputs"))?;
        let functions = &self.library.functions;
        let mut outputs = std::ptr::null_mut();
        let mut message = Message::new();
        // SAFETY: the model is valid, and may be run now, as `Runner` says; there are as many inputs, whose data lives
        // until the call is over; the others can be written to.
        let status = unsafe {
            (functions.c12_torch_run)(
                self.raw.as_ptr(),
                raws.as_ptr(),
                count,
                u32::from(threads),
                &raw mut outputs,
                message.raw(),
            )
        };
        // SAFETY: what the function gives is freed once.
        let outputs = unsafe { Owned::new(outputs, functions.c12_torch_outputs_free) };
        let (OK, Some(outputs)) = (status, outputs) else {
            return Err(message.error(status));
        };
        // SAFETY: the outputs are valid.
        let count = unsafe { (functions.c12_torch_outputs_count)(outputs.as_ptr()) };
        (0..count)
            .map(|position| self.output(&outputs, position))
            .collect()
    }

    fn output(&self, outputs: &Owned<RawOutputs>, position: u32) -> Result<Tensor> {
        let mut raw = RawTensor {
            ty: 0,
            rank: 0,
            dimensions: std::ptr::null(),
            data: std::ptr::null(),
            size: 0,
        };
        // SAFETY: the outputs are valid, and `raw` can be written to.
        let status = unsafe {
            (self.library.functions.c12_torch_outputs_get)(outputs.as_ptr(), position, &raw mut raw)
        };
        let ty = TYPES.iter().find(|(number, ..)| *number == raw.ty);
        let (OK, Some((_, _, ty))) = (status, ty) else {
            return Err(Error::runtime("libtorch gave an output that is no tensor"));
        };
        let rank = usize::try_from(raw.rank).unwrap_or(0);
        let dimensions = if rank == 0 {
            Vec::new()
        } else {
            // SAFETY: the library gives as many dimensions as the rank says, which live as long as the outputs.
            unsafe { std::slice::from_raw_parts(raw.dimensions, rank) }
                .iter()
                .map(|size| u32::try_from(*size))
                .collect::<Result<_, _>>()
                .map_err(|_| Error::too_large("an output has more elements than fit"))?
        };
        let data = if raw.size == 0 || raw.data.is_null() {
            &[]
        } else {
            // SAFETY: the library gives as many bytes, which live as long as the outputs.
            unsafe { std::slice::from_raw_parts(raw.data.cast::<u8>(), raw.size) }
        };
        ty.tensor_of(dimensions, data)
    }
}

impl Runner {
    /// Runs the model on as many inputs as there are.
    pub(super) fn run(&mut self, inputs: &[Tensor], threads: u16) -> Result<Vec<Tensor>> {
        match self {
            Runner::Shared(model) => model.run(inputs, threads),
            Runner::Exclusive(model) => model.run(inputs, threads),
        }
    }
}

fn raw_of(tensor: &Tensor, shape: &[i64]) -> Result<RawTensor> {
    tensor.check()?;
    let ty = TYPES
        .iter()
        .find(|(_, ty, _)| *ty == tensor.ty)
        .map_or(0, |(number, ..)| *number);
    Ok(RawTensor {
        ty,
        rank: u32::try_from(shape.len())
            .map_err(|_| Error::invalid_argument("a tensor has too many dimensions"))?,
        dimensions: shape.as_ptr(),
        data: tensor.data.as_ptr().cast(),
        size: tensor.data.len(),
    })
}
