//! The part of LiteRT's C API that models need, as it has been since 2.2.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::sync::Arc;

use super::memory::Memory;
use crate::foreign::{self, Loaded, Owned, functions};
use crate::native_type::NativeType;
use crate::{Cancel, Code, Dimension, Error, Result};

/// Objects of the library, only ever seen through pointers.
macro_rules! opaque {
    ($($name:ident),*) => {$(
        #[repr(C)]
        pub(super) struct $name {
            _nothing: [u8; 0],
        }
    )*};
}

opaque!(
    RawEnvironment,
    RawModel,
    RawSignature,
    RawSubgraph,
    RawTensor,
    RawOptions,
    RawOpaqueOptions,
    RawCompiled,
    RawBuffer
);

/// `LiteRtStatus`, a number since libraries may know more of them.
type Status = c_int;

const OK: Status = 0;
const OUT_OF_MEMORY: Status = 2;
const CANCELLED: Status = 100;

/// `LiteRtHwAcceleratorCpu`.
const PROCESSOR: c_int = 1;

/// `LITERT_TENSOR_MAX_RANK`.
const RANK: usize = 8;

/// `LiteRtLayout`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawLayout {
    /// The rank in the lower seven bits, and whether there are strides in the eighth.
    bits: u32,
    dimensions: [i32; RANK],
    strides: [u32; RANK],
}

/// `LiteRtRankedTensorType`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawTensorType {
    element: c_int,
    layout: RawLayout,
}

const _: () = assert!(size_of::<RawLayout>() == 68 && size_of::<RawTensorType>() == 72);

/// `LiteRtEnvOption`, with a value that is an integer.
#[repr(C)]
struct RawEnvironmentOption {
    tag: c_int,
    kind: c_int,
    _unused: c_int,
    value: i64,
}

const _: () = assert!(size_of::<RawEnvironmentOption>() == 24);

/// `kLiteRtAnyTypeInt`.
const INTEGER: c_int = 2;
/// `kLiteRtEnvOptionTagAutoRegisterAccelerators`: only the processor's, since others are looked for in files.
const ACCELERATORS: c_int = 24;
/// `kLiteRtEnvOptionTagMinLoggerSeverity`.
const SEVERITY: c_int = 25;
/// `kLiteRtLogSeveritySilent`: what is written to standard error there is the guest's or the user's, not ours.
const SILENT: i64 = 4;

functions! {
    Functions {
        LiteRtCreateEnvironment:
            unsafe extern "C" fn(c_int, *const c_void, *mut *mut RawEnvironment) -> Status;
        LiteRtDestroyEnvironment: unsafe extern "C" fn(*mut RawEnvironment);
        LiteRtCreateModelFromBuffer:
            unsafe extern "C" fn(*mut RawEnvironment, *const c_void, usize, *mut *mut RawModel) -> Status;
        LiteRtDestroyModel: unsafe extern "C" fn(*mut RawModel);
        LiteRtGetNumModelSignatures: unsafe extern "C" fn(*mut RawModel, *mut usize) -> Status;
        LiteRtGetModelSignature:
            unsafe extern "C" fn(*mut RawModel, usize, *mut *mut RawSignature) -> Status;
        LiteRtGetSignatureKey: unsafe extern "C" fn(*mut RawSignature, *mut *const c_char) -> Status;
        LiteRtGetSignatureSubgraph:
            unsafe extern "C" fn(*mut RawSignature, *mut *mut RawSubgraph) -> Status;
        LiteRtGetNumSignatureInputs: unsafe extern "C" fn(*mut RawSignature, *mut usize) -> Status;
        LiteRtGetSignatureInputName:
            unsafe extern "C" fn(*mut RawSignature, usize, *mut *const c_char) -> Status;
        LiteRtGetSignatureInputTensorByIndex:
            unsafe extern "C" fn(*mut RawSignature, usize, *mut *mut RawTensor) -> Status;
        LiteRtGetNumSignatureOutputs: unsafe extern "C" fn(*mut RawSignature, *mut usize) -> Status;
        LiteRtGetSignatureOutputName:
            unsafe extern "C" fn(*mut RawSignature, usize, *mut *const c_char) -> Status;
        LiteRtGetSignatureOutputTensorByIndex:
            unsafe extern "C" fn(*mut RawSignature, usize, *mut *mut RawTensor) -> Status;
        LiteRtGetNumSubgraphInputs: unsafe extern "C" fn(*mut RawSubgraph, *mut usize) -> Status;
        LiteRtGetSubgraphInput:
            unsafe extern "C" fn(*mut RawSubgraph, usize, *mut *mut RawTensor) -> Status;
        LiteRtGetNumSubgraphOutputs: unsafe extern "C" fn(*mut RawSubgraph, *mut usize) -> Status;
        LiteRtGetSubgraphOutput:
            unsafe extern "C" fn(*mut RawSubgraph, usize, *mut *mut RawTensor) -> Status;
        LiteRtGetTensorName: unsafe extern "C" fn(*mut RawTensor, *mut *const c_char) -> Status;
        LiteRtGetRankedTensorType:
            unsafe extern "C" fn(*mut RawTensor, *mut RawTensorType) -> Status;
        LiteRtCreateOptions: unsafe extern "C" fn(*mut *mut RawOptions) -> Status;
        LiteRtDestroyOptions: unsafe extern "C" fn(*mut RawOptions);
        LiteRtSetOptionsHardwareAccelerators: unsafe extern "C" fn(*mut RawOptions, c_int) -> Status;
        LiteRtCreateOpaqueOptions: unsafe extern "C" fn(
            *const c_char, *mut c_void, unsafe extern "C" fn(*mut c_void), *mut *mut RawOpaqueOptions,
        ) -> Status;
        LiteRtDestroyOpaqueOptions: unsafe extern "C" fn(*mut RawOpaqueOptions);
        LiteRtAddOpaqueOptions: unsafe extern "C" fn(*mut RawOptions, *mut RawOpaqueOptions) -> Status;
        LiteRtCreateCompiledModel: unsafe extern "C" fn(
            *mut RawEnvironment, *mut RawModel, *mut RawOptions, *mut *mut RawCompiled,
        ) -> Status;
        LiteRtDestroyCompiledModel: unsafe extern "C" fn(*mut RawCompiled);
        LiteRtCompiledModelResizeInputTensor:
            unsafe extern "C" fn(*mut RawCompiled, usize, usize, *const c_int, usize) -> Status;
        LiteRtGetCompiledModelOutputTensorLayouts:
            unsafe extern "C" fn(*mut RawCompiled, usize, usize, *mut RawLayout, bool) -> Status;
        LiteRtSetCompiledModelCancellationFunction: unsafe extern "C" fn(
            *mut RawCompiled, *mut c_void, unsafe extern "C" fn(*mut c_void) -> bool,
        ) -> Status;
        LiteRtRunCompiledModel: unsafe extern "C" fn(
            *mut RawCompiled, usize, usize, *const *mut RawBuffer, usize, *const *mut RawBuffer,
        ) -> Status;
        LiteRtCreateTensorBufferFromHostMemory: unsafe extern "C" fn(
            *const RawTensorType, *mut c_void, usize, Option<unsafe extern "C" fn(*mut c_void)>, *mut *mut RawBuffer,
        ) -> Status;
        LiteRtDestroyTensorBuffer: unsafe extern "C" fn(*mut RawBuffer);
    }
}

/// `LiteRtElementType`.
const TYPES: [(c_int, NativeType); 13] = [
    (1, NativeType::F32),
    (2, NativeType::I32),
    (3, NativeType::U8),
    (4, NativeType::I64),
    (6, NativeType::Bool),
    (7, NativeType::I16),
    (9, NativeType::I8),
    (10, NativeType::F16),
    (11, NativeType::F64),
    (13, NativeType::U64),
    (16, NativeType::U32),
    (17, NativeType::U16),
    (19, NativeType::Bf16),
];

fn type_of(number: c_int) -> Option<NativeType> {
    TYPES
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, ty)| *ty)
}

/// LiteRT, loaded.
pub(super) struct Library {
    functions: Functions,
    environment: Owned<RawEnvironment>,
}

// SAFETY: the environment is only read once it is made, and the library has locks around what uses it.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

static LOADED: Loaded<Library> = Loaded::new();

impl Library {
    /// The library at this path, once and for all.
    pub(super) fn at(path: &Path) -> Result<&'static Self, String> {
        LOADED.get(path, Self::load)
    }

    fn load(path: &Path) -> Result<Self, String> {
        let library = foreign::open(path)?;
        // Before 2.2, functions of the same names took other arguments. This one came with the change.
        if !foreign::has(&library, c"LiteRtGetCompiledModelEnvironment") {
            return Err("it is older than LiteRT 2.2".to_owned());
        }
        // SAFETY: these are LiteRT's functions, and their types are those of its headers since 2.2.
        let functions = unsafe { Functions::find(&library) }?;
        // The functions stay: the library is not closed.
        std::mem::forget(library);
        let option = |tag, value| RawEnvironmentOption {
            tag,
            kind: INTEGER,
            _unused: 0,
            value,
        };
        let options = [
            option(ACCELERATORS, i64::from(PROCESSOR)),
            option(SEVERITY, SILENT),
        ];
        let mut environment = std::ptr::null_mut();
        // SAFETY: there are as many options as is said, and `environment` can be written to.
        let status = unsafe {
            (functions.LiteRtCreateEnvironment)(2, options.as_ptr().cast(), &raw mut environment)
        };
        // SAFETY: what the function gives is freed once.
        let environment = unsafe { Owned::new(environment, functions.LiteRtDestroyEnvironment) };
        match (status, environment) {
            (OK, Some(environment)) => Ok(Self {
                functions,
                environment,
            }),
            _ => Err(format!("it does not start: {}", reason(status))),
        }
    }
}

/// `LiteRtStatus` in words.
fn reason(status: Status) -> String {
    match status {
        1 => "an argument is wrong",
        OUT_OF_MEMORY => "there is not enough memory",
        3 => "an operator of the model failed or is not known",
        4 => "an input is missing",
        5 => "the model has something that is not supported",
        501 => "it is no file of TensorFlow Lite, or it is damaged",
        504 => "it cannot be compiled",
        1000 => "a number is out of range",
        1001..=1003 => "the graph is not valid",
        other => return format!("the status is {other}"),
    }
    .to_owned()
}

fn failed(what: &str, code: Code, status: Status) -> Error {
    let code = if status == OUT_OF_MEMORY {
        Code::TooLarge
    } else {
        code
    };
    Error::new(code, format!("{what}: {}", reason(status)))
}

fn checked(status: Status) -> Result<()> {
    match status {
        OK => Ok(()),
        status => Err(failed("LiteRT failed", Code::RuntimeError, status)),
    }
}

/// An input or an output of a signature.
#[derive(Debug, Clone)]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) ty: NativeType,
    pub(super) dimensions: Vec<Dimension>,
}

/// A model that has been read, and one of its signatures.
pub(super) struct Model {
    library: &'static Library,
    raw: Owned<RawModel>,
    signature: usize,
    /// What the library reads from as long as the model is there.
    _bytes: Memory,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
}

// SAFETY: a model is only read once it is made, and the library has a lock around making compiled models of it.
unsafe impl Send for Model {}
// SAFETY: as above.
unsafe impl Sync for Model {}

type Count<T> = unsafe extern "C" fn(*mut T, *mut usize) -> Status;
type At<T, U> = unsafe extern "C" fn(*mut T, usize, *mut U) -> Status;

/// # Safety
///
/// `of` is valid.
unsafe fn count<T>(function: Count<T>, of: *mut T) -> Result<usize> {
    let mut number = 0;
    // SAFETY: the caller says that `of` is valid, and `number` can be written to.
    checked(unsafe { function(of, &raw mut number) })?;
    Ok(number)
}

/// # Safety
///
/// `of` is valid.
unsafe fn at<T, U>(function: At<T, *mut U>, of: *mut T, index: usize) -> Result<*mut U> {
    let mut found = std::ptr::null_mut();
    // SAFETY: the caller says that `of` is valid, and `found` can be written to.
    checked(unsafe { function(of, index, &raw mut found) })?;
    if found.is_null() {
        return Err(Error::runtime("LiteRT gave nothing"));
    }
    Ok(found)
}

/// # Safety
///
/// `of` is valid.
unsafe fn name_at<T>(function: At<T, *const c_char>, of: *mut T, index: usize) -> Result<String> {
    let mut found = std::ptr::null();
    // SAFETY: the caller says that `of` is valid, and `found` can be written to; the text is the model's.
    unsafe {
        checked(function(of, index, &raw mut found))?;
        Ok(foreign::text(found))
    }
}

impl Library {
    /// Reads a model. Of its signatures, the one of this name or the first is used.
    pub(super) fn read(&'static self, bytes: &[u8], signature: Option<&str>) -> Result<Model> {
        let bytes = Memory::copy_of(bytes);
        let mut raw = std::ptr::null_mut();
        // SAFETY: the environment is valid, there are as many bytes, which stay where they are as long as the model is
        // there, and `raw` can be written to.
        let status = unsafe {
            (self.functions.LiteRtCreateModelFromBuffer)(
                self.environment.as_ptr(),
                bytes.as_ptr().cast(),
                bytes.size(),
                &raw mut raw,
            )
        };
        // SAFETY: what the function gives is freed once.
        let raw = unsafe { Owned::new(raw, self.functions.LiteRtDestroyModel) };
        let (OK, Some(raw)) = (status, raw) else {
            return Err(failed(
                "LiteRT cannot read the model",
                Code::InvalidEncoding,
                status,
            ));
        };
        let (index, found) = self.signature(&raw, signature)?;
        // SAFETY: the signature is the model's, which is valid.
        let (inputs, outputs) = unsafe { (self.inputs(found)?, self.outputs(found)?) };
        Ok(Model {
            library: self,
            raw,
            signature: index,
            _bytes: bytes,
            inputs,
            outputs,
        })
    }

    fn signature(
        &self,
        model: &Owned<RawModel>,
        name: Option<&str>,
    ) -> Result<(usize, *mut RawSignature)> {
        let functions = &self.functions;
        // SAFETY: the model is valid.
        let number = unsafe { count(functions.LiteRtGetNumModelSignatures, model.as_ptr()) }?;
        let mut names = Vec::new();
        for index in 0..number {
            // SAFETY: as above.
            let found = unsafe { at(functions.LiteRtGetModelSignature, model.as_ptr(), index) }?;
            let mut key = std::ptr::null();
            // SAFETY: the signature is the model's, `key` can be written to, and the text is the model's.
            let key = unsafe {
                checked((functions.LiteRtGetSignatureKey)(found, &raw mut key))?;
                foreign::text(key)
            };
            if name.is_none_or(|name| name == key) {
                return Ok((index, found));
            }
            names.push(key);
        }
        Err(Error::invalid_argument(format!(
            "the model has no signature `{}`; it has {}",
            name.unwrap_or_default().escape_debug(),
            names.join(", ")
        )))
    }

    /// # Safety
    ///
    /// The signature is valid.
    unsafe fn inputs(&self, signature: *mut RawSignature) -> Result<Vec<Port>> {
        let functions = &self.functions;
        // SAFETY: the caller says that the signature is valid.
        unsafe {
            let subgraph = self.subgraph(signature)?;
            self.ports(
                (
                    functions.LiteRtGetNumSubgraphInputs,
                    functions.LiteRtGetSubgraphInput,
                    subgraph,
                ),
                functions.LiteRtGetNumSignatureInputs,
                functions.LiteRtGetSignatureInputTensorByIndex,
                functions.LiteRtGetSignatureInputName,
                signature,
            )
        }
    }

    /// # Safety
    ///
    /// The signature is valid.
    unsafe fn outputs(&self, signature: *mut RawSignature) -> Result<Vec<Port>> {
        let functions = &self.functions;
        // SAFETY: the caller says that the signature is valid.
        unsafe {
            let subgraph = self.subgraph(signature)?;
            self.ports(
                (
                    functions.LiteRtGetNumSubgraphOutputs,
                    functions.LiteRtGetSubgraphOutput,
                    subgraph,
                ),
                functions.LiteRtGetNumSignatureOutputs,
                functions.LiteRtGetSignatureOutputTensorByIndex,
                functions.LiteRtGetSignatureOutputName,
                signature,
            )
        }
    }

    /// # Safety
    ///
    /// The signature is valid.
    unsafe fn subgraph(&self, signature: *mut RawSignature) -> Result<*mut RawSubgraph> {
        let mut subgraph = std::ptr::null_mut();
        // SAFETY: the caller says that the signature is valid, and `subgraph` can be written to.
        checked(unsafe {
            (self.functions.LiteRtGetSignatureSubgraph)(signature, &raw mut subgraph)
        })?;
        if subgraph.is_null() {
            return Err(Error::runtime("LiteRT gave nothing"));
        }
        Ok(subgraph)
    }

    /// The tensors in the order of the subgraph, which is that of a run, with their names in the signature, whose
    /// order may be another.
    ///
    /// # Safety
    ///
    /// Subgraph and signature are valid.
    unsafe fn ports(
        &self,
        (number, tensor_at, subgraph): (
            Count<RawSubgraph>,
            At<RawSubgraph, *mut RawTensor>,
            *mut RawSubgraph,
        ),
        named: Count<RawSignature>,
        named_at: At<RawSignature, *mut RawTensor>,
        name_of: At<RawSignature, *const c_char>,
        signature: *mut RawSignature,
    ) -> Result<Vec<Port>> {
        // SAFETY: the caller says that both are valid.
        unsafe {
            let mut names = Vec::new();
            for index in 0..count(named, signature)? {
                let tensor = at(named_at, signature, index)?;
                names.push((tensor, name_at(name_of, signature, index)?));
            }
            (0..count(number, subgraph)?)
                .map(|index| {
                    let tensor = at(tensor_at, subgraph, index)?;
                    let name = names.iter().find(|(other, _)| *other == tensor);
                    self.port(tensor, name.map(|(_, name)| name.clone()))
                })
                .collect()
        }
    }

    /// # Safety
    ///
    /// The tensor is valid.
    unsafe fn port(&self, tensor: *mut RawTensor, name: Option<String>) -> Result<Port> {
        let mut ty = RawTensorType {
            element: 0,
            layout: RawLayout::EMPTY,
        };
        let mut own_name = std::ptr::null();
        // SAFETY: the caller says that the tensor is valid; both can be written to, and the text is the model's.
        let own_name = unsafe {
            let status = (self.functions.LiteRtGetRankedTensorType)(tensor, &raw mut ty);
            if status != OK {
                return Err(Error::unsupported(
                    "the model has an input or an output without a number of dimensions",
                ));
            }
            checked((self.functions.LiteRtGetTensorName)(
                tensor,
                &raw mut own_name,
            ))?;
            foreign::text(own_name)
        };
        let name = name.unwrap_or(own_name);
        let element = type_of(ty.element).ok_or_else(|| {
            Error::unsupported(format!(
                "the model's tensor `{}` has a type that guests cannot have",
                name.escape_debug()
            ))
        })?;
        Ok(Port {
            name,
            ty: element,
            dimensions: ty
                .layout
                .sizes()?
                .iter()
                .map(|size| dimension(*size))
                .collect(),
        })
    }
}

fn dimension(size: i32) -> Dimension {
    u32::try_from(size).map_or(Dimension::Free(None), Dimension::Fixed)
}

impl RawLayout {
    const EMPTY: Self = Self {
        bits: 0,
        dimensions: [0; RANK],
        strides: [0; RANK],
    };

    fn of(dimensions: &[u32]) -> Result<Self> {
        let mut layout = Self::EMPTY;
        if dimensions.len() > RANK {
            return Err(Error::invalid_argument(format!(
                "a tensor has {} dimensions, but LiteRT has at most {RANK}",
                dimensions.len()
            )));
        }
        layout.bits = u32::try_from(dimensions.len()).unwrap_or(0);
        for (to, size) in layout.dimensions.iter_mut().zip(dimensions) {
            *to = i32::try_from(*size)
                .map_err(|_| Error::too_large(format!("a dimension of {size}")))?;
        }
        Ok(layout)
    }

    /// The dimensions, those below zero not known.
    fn sizes(&self) -> Result<&[i32]> {
        let rank = usize::try_from(self.bits & 0x7f).unwrap_or(usize::MAX);
        self.dimensions.get(..rank).ok_or_else(|| {
            Error::unsupported(format!("the model has a tensor of {rank} dimensions"))
        })
    }
}

/// A model that can be run by one thread at a time.
pub(super) struct Compiled {
    model: Arc<Model>,
    raw: Owned<RawCompiled>,
}

// SAFETY: a compiled model may go from thread to thread.
unsafe impl Send for Compiled {}

unsafe extern "C" fn free_text(text: *mut c_void) {
    // SAFETY: the pointer comes from `CString::into_raw`, and the library calls this once.
    drop(unsafe { CString::from_raw(text.cast()) });
}

impl Compiled {
    pub(super) fn new(model: &Arc<Model>, threads: u16) -> Result<Self> {
        let library = model.library;
        let options = library.options(threads)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: environment, model and options are valid, and `raw` can be written to.
        let status = unsafe {
            (library.functions.LiteRtCreateCompiledModel)(
                library.environment.as_ptr(),
                model.raw.as_ptr(),
                options.as_ptr(),
                &raw mut raw,
            )
        };
        // SAFETY: what the function gives is freed once.
        let raw = unsafe { Owned::new(raw, library.functions.LiteRtDestroyCompiledModel) };
        match (status, raw) {
            (OK, Some(raw)) => Ok(Self {
                model: Arc::clone(model),
                raw,
            }),
            _ => Err(failed(
                "LiteRT cannot prepare the model",
                Code::InvalidEncoding,
                status,
            )),
        }
    }

    /// Gives an input other dimensions, which must be free in the model.
    pub(super) fn resize(&mut self, input: usize, dimensions: &[u32]) -> Result<()> {
        let layout = RawLayout::of(dimensions)?;
        let functions = &self.model.library.functions;
        // SAFETY: the compiled model is valid, and there are as many dimensions.
        let status = unsafe {
            (functions.LiteRtCompiledModelResizeInputTensor)(
                self.raw.as_ptr(),
                self.model.signature,
                input,
                layout.dimensions.as_ptr(),
                dimensions.len(),
            )
        };
        match status {
            OK => Ok(()),
            status => Err(failed(
                &format!("LiteRT refuses the dimensions {dimensions:?}"),
                Code::InvalidArgument,
                status,
            )),
        }
    }

    /// The dimensions of the outputs for the dimensions that the inputs have now.
    pub(super) fn output_dimensions(&mut self) -> Result<Vec<Vec<u32>>> {
        let count = self.model.outputs.len();
        // The library writes as many dimensions as an output has, without regard to how many there is room for: at most
        // 127, so eight layouts more are room enough.
        let mut layouts = vec![RawLayout::EMPTY; count + 8];
        let functions = &self.model.library.functions;
        // SAFETY: the compiled model is valid, and there are at least as many layouts.
        let status = unsafe {
            (functions.LiteRtGetCompiledModelOutputTensorLayouts)(
                self.raw.as_ptr(),
                self.model.signature,
                count,
                layouts.as_mut_ptr(),
                true,
            )
        };
        if status != OK {
            return Err(failed(
                "LiteRT cannot run the model on tensors of these dimensions",
                Code::InvalidArgument,
                status,
            ));
        }
        layouts
            .iter()
            .take(count)
            .map(|layout| {
                layout
                    .sizes()?
                    .iter()
                    .map(|size| {
                        u32::try_from(*size).map_err(|_| {
                            Error::unsupported("the model has an output whose size depends on data")
                        })
                    })
                    .collect()
            })
            .collect()
    }

    /// Runs the model. The tensors are those of its signature, of the dimensions that are set.
    pub(super) fn run(
        &mut self,
        inputs: &[TensorMemory],
        outputs: &[TensorMemory],
        cancel: &Cancel,
    ) -> Result<()> {
        let functions = &self.model.library.functions;
        let pointers = |tensors: &[TensorMemory]| -> Vec<*mut RawBuffer> {
            tensors.iter().map(|tensor| tensor.raw.as_ptr()).collect()
        };
        let (ins, outs) = (pointers(inputs), pointers(outputs));
        if ins.len() != self.model.inputs.len() || outs.len() != self.model.outputs.len() {
            return Err(Error::invalid_argument("a tensor is missing"));
        }
        let data = std::ptr::from_ref(cancel).cast_mut().cast();
        // SAFETY: the compiled model is valid; `cancel` lives until the run is over, and the next run sets another.
        let status = unsafe {
            (functions.LiteRtSetCompiledModelCancellationFunction)(
                self.raw.as_ptr(),
                data,
                is_cancelled,
            )
        };
        checked(status)?;
        // SAFETY: the compiled model and all tensors are valid, there are as many as is said, and no other thread uses
        // them.
        let status = unsafe {
            (functions.LiteRtRunCompiledModel)(
                self.raw.as_ptr(),
                self.model.signature,
                ins.len(),
                ins.as_ptr(),
                outs.len(),
                outs.as_ptr(),
            )
        };
        match status {
            OK => Ok(()),
            status => {
                cancel.check()?;
                let what = if status == CANCELLED {
                    return Err(Error::runtime("the inference was cancelled"));
                } else {
                    "LiteRT failed"
                };
                Err(failed(what, Code::RuntimeError, status))
            }
        }
    }
}

unsafe extern "C" fn is_cancelled(cancel: *mut c_void) -> bool {
    // SAFETY: it is the pointer that `run` has given for this run, which is under way.
    unsafe { &*cancel.cast::<Cancel>() }.is_cancelled()
}

impl Library {
    /// For the processor, with so many threads.
    fn options(&self, threads: u16) -> Result<Owned<RawOptions>> {
        let functions = &self.functions;
        let mut raw = std::ptr::null_mut();
        // SAFETY: `raw` can be written to.
        checked(unsafe { (functions.LiteRtCreateOptions)(&raw mut raw) })?;
        // SAFETY: what the function gives is freed once.
        let options = unsafe { Owned::new(raw, functions.LiteRtDestroyOptions) }
            .ok_or_else(|| Error::runtime("LiteRT gave nothing"))?;
        // SAFETY: the options are valid.
        checked(unsafe {
            (functions.LiteRtSetOptionsHardwareAccelerators)(options.as_ptr(), PROCESSOR)
        })?;
        let text = CString::new(format!("num_threads = {threads}\n"))
            .map_err(|_| Error::runtime("a zero byte in a number"))?
            .into_raw();
        let mut opaque = std::ptr::null_mut();
        let identifier: &CStr = c"xnnpack";
        // SAFETY: both texts end with a zero, the second is the library's from now on, and `opaque` can be written to.
        let status = unsafe {
            (functions.LiteRtCreateOpaqueOptions)(
                identifier.as_ptr(),
                text.cast(),
                free_text,
                &raw mut opaque,
            )
        };
        if status != OK || opaque.is_null() {
            // SAFETY: the library has not taken the text.
            unsafe { free_text(text.cast()) };
            checked(status)?;
            return Err(Error::runtime("LiteRT gave nothing"));
        }
        // SAFETY: both are valid, and what is added is the options' from now on.
        let status = unsafe { (functions.LiteRtAddOpaqueOptions)(options.as_ptr(), opaque) };
        if status != OK {
            // SAFETY: it was not added, so it is freed here, once.
            unsafe { (functions.LiteRtDestroyOpaqueOptions)(opaque) };
        }
        checked(status)?;
        Ok(options)
    }
}

/// A tensor's memory, and the library's view of it.
pub(super) struct TensorMemory {
    /// Before the memory: it is freed first.
    raw: Owned<RawBuffer>,
    memory: Memory,
    pub(super) dimensions: Vec<u32>,
}

// SAFETY: a tensor may go from thread to thread.
unsafe impl Send for TensorMemory {}

impl TensorMemory {
    pub(super) fn new(model: &Model, ty: NativeType, dimensions: &[u32]) -> Result<Self> {
        let library = model.library;
        let element = TYPES
            .iter()
            .find(|(_, known)| *known == ty)
            .map(|(number, _)| *number)
            .ok_or_else(|| Error::unsupported("LiteRT has no such type of tensors"))?;
        let tensor_type = RawTensorType {
            element,
            layout: RawLayout::of(dimensions)?,
        };
        let mut memory = Memory::new(ty.byte_size(dimensions)?);
        let mut raw = std::ptr::null_mut();
        // SAFETY: the type is only read; the memory is aligned as the header wants it, has as many bytes, stays where
        // it is, and is freed by nobody else; `raw` can be written to.
        let status = unsafe {
            (library.functions.LiteRtCreateTensorBufferFromHostMemory)(
                &raw const tensor_type,
                memory.as_mut_ptr().cast(),
                memory.size(),
                None,
                &raw mut raw,
            )
        };
        checked(status)?;
        // SAFETY: what the function gives is freed once.
        let raw = unsafe { Owned::new(raw, library.functions.LiteRtDestroyTensorBuffer) }
            .ok_or_else(|| Error::runtime("LiteRT gave nothing"))?;
        Ok(Self {
            raw,
            memory,
            dimensions: dimensions.to_vec(),
        })
    }

    pub(super) fn fill(&mut self, bytes: &[u8]) {
        self.memory.fill(bytes);
    }

    pub(super) fn to_vec(&self) -> Vec<u8> {
        self.memory.to_vec()
    }
}
