//! The data that crosses the boundary, as `wasmedge.h` of WasmEdge 0.14 lays it out on 64-bit machines.
//!
//! Layouts are the same for plugin API versions 3, 4 and 5, except for [`Limit`], which version 5 does not have.

pub(crate) mod codes;
pub(crate) mod guard;
pub(crate) mod live;

use std::ffi::{c_char, c_void};

use crate::frame::CallingFrame;
use crate::instances::ModuleInstance;

/// `WasmEdge_ValType`. Byte 0 is padding of unknown content; 1 marks externalised references; 2 is the type's
/// code; 3 the code of the heap type; 4 to 7 an index of a defined type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValType(pub(crate) [u8; 8]);

/// `WasmEdge_Value`. Numbers are in the low bytes; a reference has its type in the low and its pointer in the high half.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) bits: u128,
    pub(crate) ty: ValType,
}

/// `WasmEdge_String`: bytes that need not be UTF-8 and need not end with a zero byte.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) length: u32,
    pub(crate) buffer: *const c_char,
}

/// `WasmEdge_Bytes`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes {
    pub(crate) length: u32,
    pub(crate) buffer: *const u8,
}

/// `WasmEdge_Result`: the category in the high byte, the code below.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) u32);

/// `WasmEdge_Limit`. The first two members are C's `bool`, read as bytes because nothing vouches for their content.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) has_max: u8,
    pub(crate) shared: u8,
    pub(crate) min: u32,
    pub(crate) max: u32,
}

// What a plugin defines may throw. It is called through `frame::barrier` alone.

/// `WasmEdge_HostFunc_t`: data, frame, parameters, results.
pub(crate) type HostFunction =
    unsafe extern "C-unwind" fn(*mut c_void, *const CallingFrame, *const Value, *mut Value) -> Code;

/// `WasmEdge_WrapFunc_t`: binding, data, frame, parameters with their number, results with theirs.
pub(crate) type WrapFunction = unsafe extern "C-unwind" fn(
    *mut c_void,
    *mut c_void,
    *const CallingFrame,
    *const Value,
    u32,
    *mut Value,
    u32,
) -> Code;

/// The finaliser of a module instance's host data.
pub(crate) type Finalizer = unsafe extern "C-unwind" fn(*mut c_void);

/// `WasmEdge_ProgramOption`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProgramOption {
    pub(crate) name: *const c_char,
    pub(crate) description: *const c_char,
    pub(crate) ty: u32,
    pub(crate) storage: *mut c_void,
    pub(crate) default_value: *const c_void,
}

/// `WasmEdge_ModuleDescriptor`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModuleDescriptor {
    pub(crate) name: *const c_char,
    pub(crate) description: *const c_char,
    pub(crate) create: Option<CreateModule>,
}

/// Makes a new module instance; it is given its own descriptor.
pub(crate) type CreateModule = unsafe extern "C" fn(*const ModuleDescriptor) -> *mut ModuleInstance;

/// `WasmEdge_PluginVersionData`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct PluginVersion {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) patch: u32,
    pub(crate) build: u32,
}

/// `WasmEdge_PluginDescriptor`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct PluginDescriptor {
    pub(crate) name: *const c_char,
    pub(crate) description: *const c_char,
    pub(crate) api_version: u32,
    pub(crate) version: PluginVersion,
    pub(crate) module_count: u32,
    pub(crate) option_count: u32,
    pub(crate) modules: *const ModuleDescriptor,
    pub(crate) options: *const ProgramOption,
}

/// The function that every plugin exports.
pub(crate) type GetDescriptor = unsafe extern "C-unwind" fn() -> *const PluginDescriptor;

const _: () = {
    assert!(size_of::<ValType>() == 8 && align_of::<ValType>() == 1);
    assert!(size_of::<Value>() == 32 && align_of::<Value>() == 16);
    assert!(size_of::<Text>() == 16 && align_of::<Text>() == 8);
    assert!(size_of::<Bytes>() == 16 && align_of::<Bytes>() == 8);
    assert!(size_of::<Code>() == 4 && align_of::<Code>() == 4);
    assert!(size_of::<Limit>() == 12 && align_of::<Limit>() == 4);
    assert!(size_of::<ProgramOption>() == 40);
    assert!(size_of::<ModuleDescriptor>() == 24);
    assert!(size_of::<PluginVersion>() == 16);
    assert!(size_of::<PluginDescriptor>() == 64);
    assert!(std::mem::offset_of!(PluginDescriptor, module_count) == 36);
    assert!(std::mem::offset_of!(PluginDescriptor, modules) == 48);
};

impl Text {
    /// No text.
    pub(crate) const EMPTY: Text = Text {
        length: 0,
        buffer: std::ptr::null(),
    };

    /// A view of bytes that are followed by a zero byte, which is not counted: callers of the API read names
    /// both ways.
    pub(crate) fn terminated(bytes: &[u8]) -> Text {
        Text {
            // Names are made from a length of 32 bits.
            length: u32::try_from(bytes.len().saturating_sub(1)).unwrap_or(u32::MAX),
            buffer: bytes.as_ptr().cast(),
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Text::EMPTY
    }
}

impl Default for Code {
    /// What a function of the API that C12 does not have answers.
    fn default() -> Self {
        Code::WRONG_WORKFLOW
    }
}

impl Value {
    /// A number, or the null reference of a type.
    pub(crate) fn new(ty: ValType, bits: u128) -> Self {
        Value { bits, ty }
    }

    /// A reference.
    pub(crate) fn reference(ty: ValType, pointer: usize) -> Self {
        let bits = u128::from(u64::from_le_bytes(ty.0)) | (pointer as u128) << 64;
        Value { bits, ty }
    }

    /// The pointer of a reference.
    pub(crate) fn pointer(&self) -> usize {
        (self.bits >> 64) as usize
    }
}
