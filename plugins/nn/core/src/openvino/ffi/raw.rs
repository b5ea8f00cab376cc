//! Names, types and numbers of OpenVINO's headers.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};

use crate::foreign::{functions, opaque};
use crate::native_type::NativeType;
use crate::{Error, Result};

opaque!(
    RawCore,
    RawModel,
    RawCompiled,
    RawRequest,
    RawTensor,
    RawPort
);

/// `ov_status_e`, a number since libraries may know more of them.
pub(super) type Status = i32;

pub(super) const OK: Status = 0;
pub(super) const CANCELLED: Status = -13;
pub(super) const NOT_FOUND: Status = -5;

#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawDimension {
    pub(super) min: i64,
    pub(super) max: i64,
}

#[repr(C)]
pub(super) struct RawPartialShape {
    pub(super) rank: RawDimension,
    pub(super) dimensions: *mut RawDimension,
}

#[repr(C)]
pub(super) struct RawShape {
    pub(super) rank: i64,
    pub(super) dimensions: *mut i64,
}

#[repr(C)]
pub(super) struct RawVersion {
    pub(super) build: *const c_char,
    pub(super) description: *const c_char,
}

#[repr(C)]
pub(super) struct RawDevices {
    pub(super) devices: *mut *mut c_char,
    pub(super) count: usize,
}

functions! {
    Functions {
        ov_get_openvino_version: unsafe extern "C" fn(*mut RawVersion) -> Status;
        ov_version_free: unsafe extern "C" fn(*mut RawVersion);
        ov_get_last_err_msg: unsafe extern "C" fn() -> *const c_char;
        ov_free: unsafe extern "C" fn(*const c_char);
        ov_core_create: unsafe extern "C" fn(*mut *mut RawCore) -> Status;
        ov_core_free: unsafe extern "C" fn(*mut RawCore);
        ov_core_get_available_devices: unsafe extern "C" fn(*const RawCore, *mut RawDevices) -> Status;
        ov_available_devices_free: unsafe extern "C" fn(*mut RawDevices);
        ov_core_read_model:
            unsafe extern "C" fn(*const RawCore, *const c_char, *const c_char, *mut *mut RawModel) -> Status;
        ov_core_read_model_from_memory_buffer: unsafe extern "C" fn(
            *const RawCore, *const c_char, usize, *const RawTensor, *mut *mut RawModel,
        ) -> Status;
        ov_model_free: unsafe extern "C" fn(*mut RawModel);
        ov_core_compile_model: unsafe extern "C" fn(
            *const RawCore, *const RawModel, *const c_char, usize, *mut *mut RawCompiled, ...
        ) -> Status;
        ov_compiled_model_free: unsafe extern "C" fn(*mut RawCompiled);
        ov_compiled_model_inputs_size: unsafe extern "C" fn(*const RawCompiled, *mut usize) -> Status;
        ov_compiled_model_outputs_size: unsafe extern "C" fn(*const RawCompiled, *mut usize) -> Status;
        ov_compiled_model_input_by_index:
            unsafe extern "C" fn(*const RawCompiled, usize, *mut *mut RawPort) -> Status;
        ov_compiled_model_output_by_index:
            unsafe extern "C" fn(*const RawCompiled, usize, *mut *mut RawPort) -> Status;
        ov_output_const_port_free: unsafe extern "C" fn(*mut RawPort);
        ov_port_get_any_name: unsafe extern "C" fn(*const RawPort, *mut *mut c_char) -> Status;
        ov_port_get_element_type: unsafe extern "C" fn(*const RawPort, *mut u32) -> Status;
        ov_port_get_partial_shape: unsafe extern "C" fn(*const RawPort, *mut RawPartialShape) -> Status;
        ov_partial_shape_free: unsafe extern "C" fn(*mut RawPartialShape);
        ov_compiled_model_create_infer_request:
            unsafe extern "C" fn(*const RawCompiled, *mut *mut RawRequest) -> Status;
        ov_infer_request_free: unsafe extern "C" fn(*mut RawRequest);
        ov_infer_request_set_input_tensor_by_index:
            unsafe extern "C" fn(*mut RawRequest, usize, *const RawTensor) -> Status;
        ov_infer_request_get_output_tensor_by_index:
            unsafe extern "C" fn(*const RawRequest, usize, *mut *mut RawTensor) -> Status;
        ov_infer_request_start_async: unsafe extern "C" fn(*mut RawRequest) -> Status;
        ov_infer_request_wait: unsafe extern "C" fn(*mut RawRequest) -> Status;
        ov_infer_request_cancel: unsafe extern "C" fn(*mut RawRequest) -> Status;
        ov_tensor_create: unsafe extern "C" fn(u32, RawShape, *mut *mut RawTensor) -> Status;
        ov_tensor_free: unsafe extern "C" fn(*mut RawTensor);
        ov_tensor_data: unsafe extern "C" fn(*const RawTensor, *mut *mut c_void) -> Status;
        ov_tensor_get_byte_size: unsafe extern "C" fn(*const RawTensor, *mut usize) -> Status;
        ov_tensor_get_element_type: unsafe extern "C" fn(*const RawTensor, *mut u32) -> Status;
        ov_tensor_get_shape: unsafe extern "C" fn(*const RawTensor, *mut RawShape) -> Status;
        ov_shape_free: unsafe extern "C" fn(*mut RawShape) -> Status;
    }
}

/// `ov_element_type_e`, as it has been since 2025.
pub(super) const TYPES: [(u32, NativeType); 13] = [
    (1, NativeType::Bool),
    (2, NativeType::Bf16),
    (3, NativeType::F16),
    (4, NativeType::F32),
    (5, NativeType::F64),
    (7, NativeType::I8),
    (8, NativeType::I16),
    (9, NativeType::I32),
    (10, NativeType::I64),
    (16, NativeType::U8),
    (17, NativeType::U16),
    (18, NativeType::U32),
    (19, NativeType::U64),
];

pub(super) fn number_of(ty: NativeType) -> Result<u32> {
    TYPES
        .iter()
        .find(|(_, known)| *known == ty)
        .map(|(number, _)| *number)
        .ok_or_else(|| Error::unsupported("OpenVINO has no such type of tensors"))
}

pub(super) fn type_of(number: u32) -> Option<NativeType> {
    TYPES
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, ty)| *ty)
}
