//! Names, types and numbers of LiteRT's headers.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};

use crate::foreign::{functions, opaque};
use crate::native_type::NativeType;
use crate::{Code, Error, Result};

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
pub(super) type Status = c_int;

pub(super) const OK: Status = 0;
pub(super) const OUT_OF_MEMORY: Status = 2;
pub(super) const CANCELLED: Status = 100;

/// `LiteRtHwAcceleratorCpu`.
pub(super) const PROCESSOR: c_int = 1;

/// `LITERT_TENSOR_MAX_RANK`.
pub(super) const RANK: usize = 8;

/// `LiteRtLayout`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawLayout {
    /// The rank in the lower seven bits, and whether there are strides in the eighth.
    pub(super) bits: u32,
    pub(super) dimensions: [i32; RANK],
    strides: [u32; RANK],
}

/// `LiteRtRankedTensorType`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawTensorType {
    pub(super) element: c_int,
    pub(super) layout: RawLayout,
}

const _: () = assert!(size_of::<RawLayout>() == 68 && size_of::<RawTensorType>() == 72);

/// `LiteRtEnvOption`, with a value that is an integer.
#[repr(C)]
pub(super) struct RawEnvironmentOption {
    pub(super) tag: c_int,
    /// The value is aligned as its largest form is.
    pub(super) _gap: c_int,
    pub(super) kind: c_int,
    pub(super) value: i64,
}

const _: () = assert!(
    size_of::<RawEnvironmentOption>() == 24
        && std::mem::offset_of!(RawEnvironmentOption, kind) == 8
        && std::mem::offset_of!(RawEnvironmentOption, value) == 16
);

/// `kLiteRtAnyTypeInt`.
pub(super) const INTEGER: c_int = 2;
/// `kLiteRtEnvOptionTagAutoRegisterAccelerators`: only the processor's, since others are looked for in files.
pub(super) const ACCELERATORS: c_int = 24;
/// `kLiteRtEnvOptionTagMinLoggerSeverity`.
pub(super) const SEVERITY: c_int = 25;
/// `kLiteRtLogSeveritySilent`: standard error is the user's and the guest's.
pub(super) const SILENT: i64 = 4;

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
pub(super) const TYPES: [(c_int, NativeType); 13] = [
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

pub(super) fn type_of(number: c_int) -> Option<NativeType> {
    TYPES
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, ty)| *ty)
}

/// `LiteRtStatus` in words.
pub(super) fn reason(status: Status) -> String {
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

pub(super) fn failed(what: &str, code: Code, status: Status) -> Error {
    let code = if status == OUT_OF_MEMORY {
        Code::TooLarge
    } else {
        code
    };
    Error::new(code, format!("{what}: {}", reason(status)))
}

pub(super) fn checked(status: Status) -> Result<()> {
    match status {
        OK => Ok(()),
        status => Err(failed("LiteRT failed", Code::RuntimeError, status)),
    }
}

impl RawLayout {
    pub(super) const EMPTY: Self = Self {
        bits: 0,
        dimensions: [0; RANK],
        strides: [0; RANK],
    };

    /// The bytes of a layout whose dimensions nobody has written: the lowest number is no size.
    pub(super) fn unwritten() -> Vec<u8> {
        let bits = std::iter::once(0);
        let numbers = bits.chain([i32::MIN; RANK]).chain([0; RANK]);
        numbers.flat_map(i32::to_ne_bytes).collect()
    }

    /// The dimensions in the bytes of a layout that was as above, as many as it says, if there are no more of them.
    pub(super) fn written(bytes: &[u8]) -> Result<Vec<i32>> {
        let numbers: Vec<i32> = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| i32::from_ne_bytes(*bytes))
            .collect();
        let refused = || Error::unsupported("the model has an output of too many dimensions");
        let (bits, numbers) = numbers.split_first().ok_or_else(refused)?;
        let rank = usize::try_from(bits & 0x7f).map_err(|_| refused())?;
        let dimensions = numbers.get(..RANK).ok_or_else(refused)?;
        match dimensions.split_at_checked(rank) {
            Some((sizes, rest)) if rest.iter().all(|size| *size == i32::MIN) => Ok(sizes.to_vec()),
            _ => Err(refused()),
        }
    }

    pub(super) fn of(dimensions: &[u32]) -> Result<Self> {
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
    pub(super) fn sizes(&self) -> Result<&[i32]> {
        let rank = usize::try_from(self.bits & 0x7f).unwrap_or(usize::MAX);
        self.dimensions.get(..rank).ok_or_else(|| {
            Error::unsupported(format!("the model has a tensor of {rank} dimensions"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_dimensions_than_a_layout_says_are_noticed() {
        let layout = |rank: u8, sizes: &[i32]| {
            let mut bytes = RawLayout::unwritten();
            assert_eq!(bytes.len(), size_of::<RawLayout>());
            bytes[0] = rank;
            for (at, size) in sizes.iter().enumerate() {
                bytes[4 + 4 * at..8 + 4 * at].copy_from_slice(&size.to_ne_bytes());
            }
            RawLayout::written(&bytes)
        };
        assert!(layout(0, &[]).unwrap().is_empty());
        assert_eq!(layout(3, &[1, -1, 7]).unwrap(), [1, -1, 7]);
        assert_eq!(layout(8, &[0; 8]).unwrap(), [0; 8]);
        // 128 and more are said to be none and more.
        assert!(layout(0, &[1; 8]).is_err());
        assert!(layout(2, &[1; 8]).is_err());
        assert!(layout(9, &[1; 16]).is_err());
        assert!(layout(127, &[1; 16]).is_err());
    }
}
